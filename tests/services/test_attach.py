# SPDX-License-Identifier: Apache-2.0
"""A file is sealed as it is read, kept sealed, and comes out as it went in."""

import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
from tests.services.settle import Settled

from comity.domain.ids import BlobId, digest
from comity.domain.statement import Attachment
from comity.errors import Damaged, DiskFull, Misused, Unavailable, Untrusted
from comity.services.attach import (
    NAME_LIMIT,
    Arriving,
    attach,
    clear_bytes,
    detach,
    file_name,
)
from comity.services.house import House
from comity.storage import blobs
from comity.storage.blobs import Blob

CONTENT = b"canary:8f14e45f" * 10_000


@pytest.fixture
def house(kenya: Settled) -> House:
    return kenya.house


def out(house: House, attachment: Attachment) -> bytes:
    sink = io.BytesIO()
    detach(house, attachment, sink)
    return sink.getvalue()


def files(house: House) -> list[Path]:
    return [each for each in house.store.folder.path.rglob("*") if each.is_file()]


def test_a_file_comes_out_as_it_went_in(house: House) -> None:
    attached = attach(house, io.BytesIO(CONTENT), "tusks.jpg", "image/jpeg")

    assert out(house, attached) == CONTENT
    assert (attached.name, attached.media) == ("tusks.jpg", "image/jpeg")
    with house.store.read() as reading:
        row = blobs.by_ids(reading, [attached.blob])[0]
    assert (row.size, row.have) == (attached.size, attached.size)
    assert row.completed_at


def test_no_clear_byte_and_no_name_is_on_the_disk(house: House) -> None:
    attach(house, io.BytesIO(CONTENT), "tusks-of-mombasa.jpg")

    for each in house.home.rglob("*"):
        assert "mombasa" not in each.name
        if each.is_file():
            held = each.read_bytes()
            assert b"canary" not in held
            assert b"mombasa" not in held


def test_a_type_that_is_none_is_refused_before_anything_is_read(house: House) -> None:
    source = io.BytesIO(CONTENT)

    for media in ("", "image", "image/", "Image/JPEG", "text/html; charset=utf-8", "a/b\n", "a/é"):
        with pytest.raises(Misused, match=r"usage\.media"):
            attach(house, source, "x", media)

    assert source.tell() == 0
    assert files(house) == []


def test_a_source_that_fails_leaves_nothing(house: House) -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 100_000:
                raise OSError("the stick was pulled out")
            return super().read(size)

    with pytest.raises(OSError, match="pulled out"):
        attach(house, Torn(CONTENT), "x")

    assert files(house) == []


def test_a_full_disk_is_told_and_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(DiskFull):
        attach(house, io.BytesIO(CONTENT), "x")

    assert files(house) == []


def test_a_file_that_has_not_arrived_whole_is_waited_for(house: House) -> None:
    attached = attach(house, io.BytesIO(CONTENT), "x")
    arriving = replace(attached, blob=BlobId(digest(b"other")))
    house.store.write(lambda w: blobs.register(w, [Blob(blob=arriving.blob, size=9)]))

    with pytest.raises(Unavailable, match="file-arriving"):
        out(house, arriving)
    with pytest.raises(Unavailable, match="file-arriving"):
        out(house, replace(attached, blob=BlobId(digest(b"unheard of"))))


def test_our_disk_is_blamed_for_its_faults_and_the_sender_for_his(house: House) -> None:
    attached = attach(house, io.BytesIO(CONTENT), "x")

    with pytest.raises(Untrusted, match=r"differs\.file\.clear"):
        out(house, replace(attached, clear=digest(b"")))

    file = house.store.folder.of(attached.blob)
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(Damaged):
        out(house, attached)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("photo.jpg", "photo.jpg"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("../..", "file"),
        (".ssh", "ssh"),
        ("", "file"),
        ("a\x00b\nc", "a_b_c"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("C:report?.pdf", "C_report_.pdf"),
        ("ngà voi số 4.pdf", "ngà voi số 4.pdf"),
        ("\u0645\u06cc\u200c\u062f\u0627.txt", "\u0645\u06cc\u200c\u062f\u0627.txt"),
        ("x" * 300 + ".jpeg", "x" * (NAME_LIMIT - 5) + ".jpeg"),
        ("x." + "y" * 300, "x." + "y" * (NAME_LIMIT - 2)),
        ("x" * 300, "x" * NAME_LIMIT),
    ],
)
def test_a_name_is_one_to_save_under(told: str, kept: str) -> None:
    assert file_name(told) == kept
    assert file_name(kept) == kept


def test_what_comes_piece_by_piece_is_sealed_before_it_is_on_the_disk(house: House) -> None:
    arriving = Arriving(house)
    for at in range(0, len(CONTENT), 999):
        arriving.write(CONTENT[at : at + 999])

    on_disk = b"".join(each.read_bytes() for each in files(house))
    attached = arriving.attached("tusks.jpg", "image/jpeg")
    arriving.close()

    assert b"canary" not in on_disk
    assert len(on_disk) > len(CONTENT) // 2
    assert out(house, attached) == CONTENT
    assert (attached.clear, attached.length) == (digest(CONTENT), len(CONTENT))


def test_it_can_be_read_before_and_after_it_is_attached(house: House) -> None:
    arriving = Arriving(house)
    arriving.write(CONTENT)

    arriving.seek(0)
    before = arriving.read()
    attached = arriving.attached("tusks.jpg", "image/jpeg")
    again = arriving.attached("another name", "image/jpeg")
    arriving.seek(0)

    assert before == arriving.read() == CONTENT
    assert attached == again
    assert (arriving.readable(), arriving.writable(), arriving.seekable()) == (True, False, True)


def test_it_goes_back_to_its_beginning_and_nowhere_else(house: House) -> None:
    arriving = Arriving(house)

    with pytest.raises(io.UnsupportedOperation):
        arriving.seek(5)
    arriving.close()


def test_what_is_not_attached_leaves_nothing_behind(house: House) -> None:
    arriving = Arriving(house)
    arriving.write(CONTENT)
    arriving.seek(0)

    arriving.close()

    assert files(house) == []


def test_it_may_not_grow_without_end(house: House) -> None:
    arriving = Arriving(house, limit=1000)

    with pytest.raises(Misused) as caught:
        arriving.write(CONTENT)
    arriving.close()

    assert caught.value.cause == "usage.file-large"
    assert files(house) == []


def test_a_file_is_not_taken_into_memory_beyond_a_limit(house: House) -> None:
    attached = attach(house, io.BytesIO(CONTENT), "tusks.jpg", "image/jpeg")

    with pytest.raises(Misused) as caught:
        clear_bytes(house, attached, len(CONTENT) - 1)

    assert caught.value.cause == "usage.file-long"
    assert clear_bytes(house, attached, len(CONTENT)) == CONTENT
