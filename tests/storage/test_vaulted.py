# SPDX-License-Identifier: Apache-2.0
"""Small locked files apart from the database: the old one or the new, never half of one."""

from pathlib import Path

import pytest

from comity.errors import Damaged
from comity.storage.vaulted import FILE_LIMIT, Vaulted


def test_a_file_is_added_once_replaced_and_removed(tmp_path: Path) -> None:
    vaulted = Vaulted(tmp_path / "sources")

    first, second = vaulted.add("S-1", b"one"), vaulted.add("S-1", b"two")

    assert (first, second) == (True, False)
    assert vaulted.get("S-1") == b"one"
    vaulted.put("S-1", b"three")
    assert vaulted.get("S-1") == b"three"
    assert vaulted.names() == ("S-1",)
    vaulted.remove("S-1")
    assert (vaulted.get("S-1"), vaulted.names()) == (None, ())
    assert list((tmp_path / "sources").iterdir()) == []


def test_nothing_is_there_before_anything_was_kept(tmp_path: Path) -> None:
    vaulted = Vaulted(tmp_path / "none")

    vaulted.remove("S-1")

    assert (vaulted.names(), vaulted.get("S-1")) == ((), None)


@pytest.mark.parametrize("name", ["", "../house", "a/b", "x" * 65])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    vaulted = Vaulted(tmp_path)

    with pytest.raises(Damaged):
        vaulted.get(name)
    with pytest.raises(Damaged):
        vaulted.put(name, b"")


def test_a_file_that_is_not_ours_is_not_read_whole(tmp_path: Path) -> None:
    (tmp_path / "S-1.locked").write_bytes(b"x" * (FILE_LIMIT + 1))

    with pytest.raises(Damaged):
        Vaulted(tmp_path).get("S-1")


def test_what_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "no space")

    vaulted = Vaulted(tmp_path / "sources")
    vaulted.put("S-1", b"one")
    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(Exception, match="unavailable"):
        vaulted.put("S-1", b"two")

    assert vaulted.get("S-1") == b"one"
    assert len(list((tmp_path / "sources").iterdir())) == 1
