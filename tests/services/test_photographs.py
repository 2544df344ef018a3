# SPDX-License-Identifier: Apache-2.0
"""What travels of a file is small and bare; the original stays at home, his alone."""

import io

import pytest
from tests.formats.test_apart import CANARY, document, office, picture
from tests.services.settle import Settled

from comity.domain.ids import BlobId
from comity.domain.statement import Attachment
from comity.errors import Refused
from comity.formats import apart, photograph
from comity.services.attach import attach, clear_bytes
from comity.services.photographs import LIGHT, original_of, travelling
from comity.storage import blobs
from comity.storage.blobs import CopyBlob

MARK = CANARY.encode()


def sealed(kenya: Settled, content: bytes, name: str, media: str = "image/jpeg") -> Attachment:
    return attach(kenya.house, io.BytesIO(content), name, media)


def clear(kenya: Settled, attachment: Attachment) -> bytes:
    return clear_bytes(kenya.house, attachment, 1 << 30)


def test_a_photograph_travels_small_and_bare_and_its_original_stays(kenya: Settled) -> None:
    officer, data = kenya.unlocked(), picture()
    original = sealed(kenya, data, "tusks.png", "image/png")

    (sent,) = travelling(officer, kenya.house, original)

    assert sent.length <= LIGHT
    assert (sent.name, sent.media) == ("tusks.jpg", "image/jpeg")
    assert MARK not in clear(kenya, sent)
    kept = original_of(officer, kenya.house, sent.blob)
    assert kept == original
    assert clear(kenya, original) == data


def test_nobody_else_is_told_of_the_original(kenya: Settled) -> None:
    original = sealed(kenya, picture(), "tusks.jpg")

    (sent,) = travelling(kenya.unlocked(), kenya.house, original)

    assert original_of(kenya.unlocked("colleague"), kenya.house, sent.blob) is None
    assert original_of(kenya.unlocked(), kenya.house, BlobId(original.blob)) is None


def test_both_travel_where_he_says_so(kenya: Settled) -> None:
    original = sealed(kenya, picture(), "tusks.jpg")

    sent, also = travelling(kenya.unlocked(), kenya.house, original, as_it_is=True)

    assert sent.length <= LIGHT
    assert also == original


def test_a_small_photograph_keeps_its_picture_and_a_clean_one_travels_as_it_is(
    kenya: Settled,
) -> None:
    data = picture(60, 40)

    (sent,) = travelling(kenya.unlocked(), kenya.house, sealed(kenya, data, "tusks.jpg"))
    (again,) = travelling(kenya.unlocked(), kenya.house, sent)

    assert clear(kenya, sent) == photograph.cleaned(data)
    assert again == sent


@pytest.mark.parametrize(
    ("content", "name", "media"),
    [
        (document(), "report.pdf", "application/pdf"),
        (office(), "report.docx", "application/octet-stream"),
    ],
)
def test_a_document_travels_without_its_authors_traces(
    kenya: Settled, content: bytes, name: str, media: str
) -> None:
    (sent,) = travelling(kenya.unlocked(), kenya.house, sealed(kenya, content, name, media))

    assert (sent.name, sent.media) == (name, media)
    assert MARK not in clear(kenya, sent)


HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(100)
CUT = picture()[:3000]


@pytest.mark.parametrize("content", [HEIC, CUT, b"%PDF-1.7 and no more"])
def test_what_cannot_be_cleaned_goes_only_where_he_says_that_it_may(
    kenya: Settled, content: bytes
) -> None:
    officer, original = kenya.unlocked(), sealed(kenya, content, "file")

    with pytest.raises(Refused) as caught:
        travelling(officer, kenya.house, original)

    assert (caught.value.cause, caught.value.values["field"]) == ("refused.not-cleaned", "file")
    assert travelling(officer, kenya.house, original, as_it_is=True) == (original,)


@pytest.mark.parametrize("content", [b"a voice", b"PK\x03\x04 a list of numbers", b""])
def test_any_other_file_goes_as_it_is(kenya: Settled, content: bytes) -> None:
    original = sealed(kenya, content, "file.bin", "application/octet-stream")

    assert travelling(kenya.unlocked(), kenya.house, original) == (original,)


def test_what_is_too_large_to_be_cleaned_is_not_sent_unsaid(
    kenya: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photograph, "SIZE_LIMIT", 1000)
    large = sealed(kenya, picture(), "tusks.jpg")
    other = sealed(kenya, b"no photograph" * 1000, "list.txt", "text/plain")

    with pytest.raises(Refused):
        travelling(kenya.unlocked(), kenya.house, large)
    assert travelling(kenya.unlocked(), kenya.house, other) == (other,)


def test_without_the_libraries_a_photograph_is_cleaned_and_a_pdf_is_not_sent_unsaid(
    kenya: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "can", lambda _: False)
    data = picture()

    (sent,) = travelling(kenya.unlocked(), kenya.house, sealed(kenya, data, "tusks.jpg"))

    assert clear(kenya, sent) == photograph.cleaned(data)
    with pytest.raises(Refused):
        travelling(kenya.unlocked(), kenya.house, sealed(kenya, document(), "report.pdf"))


def test_an_original_stays_as_long_as_what_was_sent_of_it(kenya: Settled) -> None:
    store = kenya.house.store
    original = sealed(kenya, picture(), "tusks.jpg")
    (sent,) = travelling(kenya.unlocked(), kenya.house, original)
    store.write(lambda w: blobs.name(w, [CopyBlob(copy="c" * 64, blob=sent.blob)]))
    later = kenya.house.millis() + 1000

    assert store.write(lambda w: blobs.discard_unnamed(w, later)) == ()
    assert original_of(kenya.unlocked(), kenya.house, sent.blob) == original
    assert store.write(lambda w: blobs.unname(w, ["c" * 64])) == (sent.blob,)

    assert original_of(kenya.unlocked(), kenya.house, sent.blob) is None
    assert not store.folder.has(original.blob)


def test_an_original_of_what_was_never_sent_goes_in_time(kenya: Settled) -> None:
    store = kenya.house.store
    original = sealed(kenya, picture(), "tusks.jpg")
    (sent,) = travelling(kenya.unlocked(), kenya.house, original)

    gone = store.write(lambda w: blobs.discard_unnamed(w, kenya.house.millis() + 1000))

    assert set(gone) == {original.blob, sent.blob}
    assert original_of(kenya.unlocked(), kenya.house, sent.blob) is None
