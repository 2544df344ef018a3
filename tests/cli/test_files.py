# SPDX-License-Identifier: Apache-2.0
"""A file that somebody names is read whole or not at all, and what is wrong with it is told."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from comity.cli.files import read_bytes
from comity.errors import Misused


def test_a_file_is_read_up_to_its_limit_and_never_cut(tmp_path: Path) -> None:
    path = tmp_path / "four"
    path.write_bytes(b"1234")

    assert read_bytes(path, 4) == b"1234"
    with pytest.raises(Misused) as refused:
        read_bytes(path, 3)
    assert (refused.value.cause, refused.value.values) == ("usage.file-long", {"limit": 3})


def test_no_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(Misused, match=r"usage\.file-missing"):
        read_bytes(tmp_path / "nothing", 1)
    with pytest.raises(Misused, match=r"usage\.file-missing"):
        read_bytes(tmp_path / ("n" * 300), 1)
    with pytest.raises(Misused, match=r"usage\.file-folder"):
        read_bytes(tmp_path, 1)


@contextmanager
def nobody() -> Iterator[None]:
    """Be somebody who may not read every file."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_file_that_he_may_not_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "closed"
    path.write_bytes(b"secret")
    path.chmod(0)

    with nobody(), pytest.raises(Misused, match=r"usage\.file-closed"):
        read_bytes(path, 10)
