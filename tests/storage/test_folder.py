# SPDX-License-Identifier: Apache-2.0
"""The folder of sealed files: a file is in its place whole, or not at all."""

import errno
import os
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.errors import Damaged, DiskFull, Malformed
from comity.storage.folder import Folder

SEALED = bytes(range(256)) * 20
ID = sha256(SEALED).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "blobs")


def test_what_is_written_is_read_whole_or_in_part(folder: Folder) -> None:
    folder.write(ID, SEALED)
    folder.write(ID, SEALED)

    assert folder.read(ID) == SEALED
    assert folder.slice(ID, 100, 7) == SEALED[100:107]
    assert folder.of(ID) == folder.path / ID[:2] / ID
    assert folder.ids() == [ID]
    with folder.open(ID) as source:
        assert source.read(3) == SEALED[:3]
    assert list((folder.path / "part").iterdir()) == []


@given(cuts=st.lists(st.integers(0, len(SEALED)), max_size=6), replays=st.integers(0, 3))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_chunks_in_any_size_and_repeated_make_the_file(
    folder: Folder, cuts: list[int], replays: int
) -> None:
    folder.discard([ID])
    edges = [0, *sorted(cuts), len(SEALED)]
    spans = list(pairwise(edges))

    for start, end in [*spans, *spans[:replays]]:
        folder.extend(ID, start, SEALED[start:end])
    folder.finish(ID, len(SEALED))
    folder.extend(ID, 0, SEALED)  # who did not hear that it came sends it again
    folder.finish(ID, len(SEALED))

    assert folder.read(ID) == SEALED
    assert folder.have(ID) == 0


def test_a_chunk_after_a_gap_is_passed_over(folder: Folder) -> None:
    folder.extend(ID, 0, SEALED[:100])

    have = folder.extend(ID, 200, SEALED[200:300])

    assert have == folder.have(ID) == 100


@pytest.mark.parametrize("wrong", [SEALED[:-1], SEALED + b"x", b"x" + SEALED[1:]])
def test_a_part_that_is_not_what_its_name_says_never_takes_its_place(
    folder: Folder, wrong: bytes
) -> None:
    folder.extend(ID, 0, wrong)

    with pytest.raises(Malformed, match="digest"):
        folder.finish(ID, len(SEALED))

    assert not folder.has(ID)
    assert folder.have(ID) == 0


def test_a_file_sealed_here_is_adopted(folder: Folder) -> None:
    scratch = folder.scratch("upload")
    scratch.write_bytes(SEALED)

    folder.adopt(scratch, ID)

    assert folder.read(ID) == SEALED
    assert not scratch.exists()


def test_a_file_that_was_not_sealed_to_its_end_is_gone(folder: Folder) -> None:
    def stop_early() -> None:
        with folder.sealing("upload") as (scratch, sink):
            seen.append(scratch)
            sink.write(SEALED)
            raise ValueError("enough")

    seen: list[Path] = []
    with pytest.raises(ValueError, match="enough"):
        stop_early()
    [scratch] = seen

    assert not scratch.exists()


def test_a_lost_or_changed_file_is_damage(folder: Folder) -> None:
    with pytest.raises(Damaged), folder.open(ID):
        pass
    with pytest.raises(Damaged):
        folder.read(ID)
    folder.write(ID, SEALED)
    folder.check(ID)

    folder.of(ID).write_bytes(SEALED[:-1])

    with pytest.raises(Damaged):
        folder.check(ID)


def test_an_empty_home_has_no_files(folder: Folder) -> None:
    assert folder.ids() == []


def test_a_full_disk_is_told_and_leaves_nothing(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(DiskFull):
        folder.write(ID, SEALED)

    assert not folder.has(ID)
    assert list((folder.path / "part").iterdir()) == []


def test_another_failure_stays_what_it_is(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(_descriptor: int) -> None:
        raise OSError(errno.EIO, "odd")

    monkeypatch.setattr(os, "fsync", odd)

    with pytest.raises(OSError, match="odd"):
        folder.write(ID, SEALED)
