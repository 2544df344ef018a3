# SPDX-License-Identifier: Apache-2.0
"""A photograph that was cleaned shows the same picture and tells nothing besides."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from comity.errors import Malformed
from comity.formats.photograph import cleaned, is_photograph

CANARY = "Mombasa-canary"


def _picture() -> Image.Image:
    picture = Image.new("RGB", (40, 24))
    picture.putdata([(x * 6 % 256, x * 3 % 256, x % 256) for x in range(40 * 24)])
    return picture


def _jpeg(way: int = 1, **more: object) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = way
    exif[0x010F] = CANARY  # the maker of the camera
    exif.get_ifd(0x8825)[2] = (4.0, 3.0, 0.0)  # the latitude
    sink = io.BytesIO()
    _picture().save(sink, "JPEG", exif=exif, comment=CANARY.encode(), **more)
    return sink.getvalue()


def _png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", CANARY)
    sink = io.BytesIO()
    _picture().save(sink, "PNG", pnginfo=info, exif=_exif_of(_jpeg(6)))
    return sink.getvalue()


def _exif_of(data: bytes) -> bytes:
    told: bytes = Image.open(io.BytesIO(data)).info["exif"]
    return told


def _pixels(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).convert("RGB").tobytes()


@pytest.mark.parametrize("way", range(1, 9))
@pytest.mark.parametrize("more", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_a_jpeg_keeps_its_picture_and_which_way_is_up(way: int, more: dict[str, object]) -> None:
    before = _jpeg(way, **more)

    after = cleaned(before)

    assert CANARY.encode() in before
    assert CANARY.encode() not in after
    assert _pixels(after) == _pixels(before)
    told = Image.open(io.BytesIO(after)).getexif()
    assert dict(told) == ({0x0112: way} if way > 1 else {})
    assert cleaned(after) == after


def test_exif_in_the_other_byte_order_is_read() -> None:
    tiff = b"II*\x00" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, 8, 0, 0)
    segment = b"\xff\xe1" + struct.pack(">H", 8 + len(tiff)) + b"Exif\x00\x00" + tiff
    plain = cleaned(_jpeg())

    after = cleaned(plain[:2] + segment + plain[2:])

    assert Image.open(io.BytesIO(after)).getexif()[0x0112] == 8


@pytest.mark.parametrize(
    "tiff",
    [
        b"",
        b"XX*\x00\x00\x00\x00\x08",
        b"MM\x00*\x00\x00\xff\xff",
        b"MM\x00*\x00\x00\x00\x08\x00\x05",
    ],
)
def test_exif_that_cannot_be_read_goes_like_the_rest(tiff: bytes) -> None:
    segment = b"\xff\xe1" + struct.pack(">H", 8 + len(tiff)) + b"Exif\x00\x00" + tiff
    plain = cleaned(_jpeg())

    assert cleaned(plain[:2] + segment + plain[2:]) == plain


def test_a_second_picture_after_the_end_goes() -> None:
    plain = cleaned(_jpeg())

    assert cleaned(_jpeg() + _jpeg() + CANARY.encode()) == plain


def test_a_png_keeps_its_picture_alone() -> None:
    before = _png()

    after = cleaned(before + CANARY.encode())

    assert CANARY.encode() in before
    assert CANARY.encode() not in after
    assert _pixels(after) == _pixels(before)
    assert Image.open(io.BytesIO(after)).info == {}


def test_a_png_with_a_part_that_we_do_not_know_is_refused() -> None:
    body = b"ABCD" + b"odd"
    chunk = struct.pack(">I", 3) + body + struct.pack(">I", zlib.crc32(body))
    data = _png()

    with pytest.raises(Malformed, match="photograph"):
        cleaned(data[:8] + chunk + data[8:])


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"GIF89a", b"\xff\xd8", b"\xff\xd8\xff\xe1\x00\x01"]
)
def test_what_is_no_photograph_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed, match="photograph"):
        cleaned(data)


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.formats.photograph.SIZE_LIMIT", 100)

    with pytest.raises(Malformed, match="size"):
        cleaned(_jpeg())


@pytest.mark.parametrize("whole", [_jpeg(6), _png()])
def test_what_is_cut_short_is_refused(whole: bytes) -> None:
    end = whole.rindex(b"IEND") + 8 if whole[:1] == b"\x89" else len(whole)
    for at in range(0, end, 7):
        with pytest.raises(Malformed):
            cleaned(whole[:at])


@given(st.integers(0, 3000), st.integers(1, 255))
def test_one_wrong_byte_never_brings_the_words_back(at: int, by: int) -> None:
    data = bytearray(_jpeg(6))
    at %= len(data)
    data[at] ^= by
    try:
        after = cleaned(bytes(data))
    except Malformed:
        return

    assert cleaned(after) == after


def test_what_begins_like_one_is_told_from_what_does_not() -> None:
    assert is_photograph(_jpeg())
    assert is_photograph(_png())
    assert not is_photograph(b"%PDF-1.7")


def _webp(way: int = 6, *, lossless: bool = False) -> bytes:
    sink = io.BytesIO()
    info = _exif_of(_jpeg(way))
    _picture().save(sink, "WEBP", exif=info, xmp=CANARY.encode(), lossless=lossless)
    return sink.getvalue()


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("way", [1, 6])
def test_a_webp_keeps_its_picture_and_which_way_is_up(way: int, *, lossless: bool) -> None:
    data = _webp(way, lossless=lossless)

    clean = cleaned(data)

    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(clean))
    assert is_photograph(data[:12])
    assert CANARY.encode() in data
    assert CANARY.encode() not in clean
    assert before.tobytes() == after.tobytes()
    assert after.getexif().get(0x0112, 1) == way
    assert set(after.getexif()) <= {0x0112}
    assert cleaned(clean) == clean


def test_a_small_webp_without_anything_beside_stays_as_it_is() -> None:
    sink = io.BytesIO()
    _picture().save(sink, "WEBP")

    assert cleaned(sink.getvalue()) == sink.getvalue()


@pytest.mark.parametrize("cut", [9, 12, 15, 25, 40, 100])
def test_a_webp_that_is_cut_short_is_refused(cut: int) -> None:
    data = _webp()

    with pytest.raises(Malformed):
        cleaned(data[:8] + b"WEBP"[: max(0, cut - 8)] if cut < 12 else data[:cut])
    with pytest.raises(Malformed):
        cleaned(data[:4] + struct.pack("<I", cut - 8) + data[8:cut])


def test_a_webp_whose_head_is_not_of_its_size_is_refused() -> None:
    body = b"VP8X" + struct.pack("<I", 4) + bytes(4)

    with pytest.raises(Malformed):
        cleaned(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body)
