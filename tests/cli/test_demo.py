# SPDX-License-Identifier: Apache-2.0
"""The demonstration ends well only if every claim that it prints was checked and held."""

from pathlib import Path

import pytest
from tests.cli.desk_top import Typist


@pytest.mark.slow
def test_the_demonstration_holds_what_it_claims_and_leaves_the_homes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"

    done = Typist(tmp_path, capture=capfd).type("demo", "--keep", kept, "--json")

    assert done.code == 0, done.err
    assert done.told["ok"]
    assert done.told["claims"] >= 60
    assert done.told["steps"] == 21
    assert len(done.told["roads"]) == 7
    assert {each.name for each in kept.iterdir()} >= {"ke", "vn", "et", "ngo"}
