# SPDX-License-Identifier: Apache-2.0
"""Kenya's and Viet Nam's homes for every test of the command line."""

from pathlib import Path

import pytest
from tests.cli.desk_top import Countries, copy_of, make_two_homes


@pytest.fixture(scope="session")
def two_homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """Make both homes, once a worker."""
    folder = tmp_path_factory.mktemp("homes")
    return folder, make_two_homes(folder)


@pytest.fixture
def countries(
    two_homes: tuple[Path, dict[str, int]], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Countries:
    template, ports = two_homes
    return copy_of(template, ports, tmp_path, capfd)
