# SPDX-License-Identifier: Apache-2.0
"""Photographs without what the camera wrote beside the picture: place, time, device, owner.

The picture itself is not touched, bit for bit: of a JPEG (ISO/IEC 10918-1, JFIF and Exif) the
application and comment segments go, of a PNG (ISO/IEC 15948) and of a WebP (RFC 9649) every chunk
that does not make the picture. Which way is up stands in Exif too, so it is written back by itself.
Bytes after the end of the picture go: telephones keep a whole second photograph or a film there.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from comity.errors import Malformed

SIZE_LIMIT: Final = 64 << 20
_JPEG: Final = b"\xff\xd8"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"bKGD"}
)
_WEBP: Final = b"WEBP"
_WEBP_KEPT: Final = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"})
_WEBP_TOLD: Final = 0x20 | 0x08 | 0x04
"""Flags that say that a colour profile, Exif and XMP follow (RFC 9649 §2.7.1)."""
_WEBP_EXIF: Final = 0x08
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""JPEG markers without a length."""
_APP0, _APP14, _COM = 0xE0, 0xEE, 0xFE
_SOS, _EOI = 0xDA, 0xD9
_EXIF: Final = b"Exif\x00\x00"
_ORIENTATION: Final = 0x0112


def is_photograph(data: bytes) -> bool:
    """Return whether *data* begins like a JPEG, a PNG or a WebP; twelve bytes of it tell."""
    return data.startswith((_JPEG, _PNG)) or _is_webp(data)


def _is_webp(data: bytes) -> bool:
    return data.startswith(b"RIFF") and data[8:12] == _WEBP


def cleaned(data: bytes) -> bytes:
    """Return the photograph *data* without what was written beside it.

    Raise Malformed for what is no whole JPEG, PNG or WebP.
    """
    if len(data) > SIZE_LIMIT:
        raise Malformed("size", limit=SIZE_LIMIT)
    if data.startswith(_JPEG):
        return _jpeg(data)
    if data.startswith(_PNG):
        return _png(data)
    if _is_webp(data):
        return _webp(data)
    raise Malformed("photograph")


def _jpeg(data: bytes) -> bytes:
    kept, turned = [_JPEG], b""
    for marker, segment in _segments(data):
        if marker == 0xE1 and segment[4:].startswith(_EXIF):
            turned = turned or _turned(segment[4 + len(_EXIF) :])
        if _stays(marker, segment):
            kept.append(segment)
    if turned:
        kept.insert(1, turned)
    return b"".join(kept)


def _stays(marker: int, segment: bytes) -> bool:
    """Return whether a segment makes the picture: APP0 and APP14 say how its colours are read."""
    if marker == _APP0:
        return segment[4:9] == b"JFIF\x00"
    if marker == _APP14:
        return segment[4:9] == b"Adobe"
    return not (0xE0 <= marker <= 0xEF or marker == _COM)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each marker with its bytes, the scans with what they hold, up to the end marker."""
    at = 2
    while True:
        if data[at : at + 1] != b"\xff" or at + 2 > len(data):
            raise Malformed("photograph")
        marker = data[at + 1]
        if marker == 0xFF:  # padding before a marker
            at += 1
            continue
        if marker == _EOI:
            yield marker, data[at : at + 2]
            return
        if marker in _BARE:
            yield marker, data[at : at + 2]
            at += 2
            continue
        end = at + 2 + _length(data, at + 2)
        if marker == _SOS:
            end = _scan_end(data, end)
        if end > len(data):
            raise Malformed("photograph")
        yield marker, data[at:end]
        at = end


def _length(data: bytes, at: int) -> int:
    if at + 2 > len(data):
        raise Malformed("photograph")
    (length,) = struct.unpack_from(">H", data, at)
    if length < 2:
        raise Malformed("photograph")
    return int(length)


def _scan_end(data: bytes, at: int) -> int:
    """Return where the coded picture ends: at a marker that is neither stuffing nor a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise Malformed("photograph")
        if data[at + 1] == 0x00 or data[at + 1] in _BARE:
            at += 2
        else:
            return at


def _turned(tiff: bytes) -> bytes:
    """Return an Exif segment that says which way is up and no more; empty if it need not."""
    way = _way(tiff)
    return _exif(way) if way else b""


def _way(tiff: bytes) -> int:
    """Return which way is up, as Exif says it; 0 if it need not."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return 0
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    if first + 2 > len(tiff):
        return 0
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for entry in range(first + 2, min(first + 2 + 12 * count, len(tiff) - 11), 12):
        tag, kind = struct.unpack_from(f"{order}HH", tiff, entry)
        if (tag, kind) == (_ORIENTATION, 3):
            (way,) = struct.unpack_from(f"{order}H", tiff, entry + 8)
            return int(way) if 2 <= way <= 8 else 0
    return 0


def _exif(way: int) -> bytes:
    body = _EXIF + _tiff(way)
    return b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body


def _tiff(way: int) -> bytes:
    return b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, way, 0, 0)


def _webp(data: bytes) -> bytes:
    kept, way = [], 0
    for name, body in _chunks(data):
        if name == b"EXIF":
            way = _way(body.removeprefix(_EXIF))
        elif name == b"VP8X":
            kept.append((name, bytes([body[0] & ~_WEBP_TOLD]) + body[1:]))
        elif name in _WEBP_KEPT:
            kept.append((name, body))
    if way and kept and kept[0][0] == b"VP8X":
        head = kept[0][1]
        kept[0] = (b"VP8X", bytes([head[0] | _WEBP_EXIF]) + head[1:])
        kept.append((b"EXIF", _tiff(way)))
    packed = b"".join(
        name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2) for name, body in kept
    )
    return b"RIFF" + struct.pack("<I", 4 + len(packed)) + _WEBP + packed


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each chunk of a RIFF file, by its own word of its size, with its name."""
    (told,) = struct.unpack_from("<I", data, 4)
    end, at = 8 + told, 12
    if end > len(data) or end <= at:
        raise Malformed("photograph")
    while at < end:
        if at + 8 > end:
            raise Malformed("photograph")
        (length,) = struct.unpack_from("<I", data, at + 4)
        if at + 8 + length > end or (data[at : at + 4] == b"VP8X" and length != 10):
            raise Malformed("photograph")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _png(data: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while True:
        if at + 12 > len(data):
            raise Malformed("photograph")
        (length,) = struct.unpack_from(">I", data, at)
        name, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            raise Malformed("photograph")
        chunk = data[at:end]
        if zlib.crc32(chunk[4:-4]) != struct.unpack(">I", chunk[-4:])[0]:
            raise Malformed("photograph")
        if name in _PNG_KEPT:
            kept.append(chunk)
        elif not name[0] & 0x20:
            # A critical chunk that we do not know: without it there is no picture.
            raise Malformed("photograph")
        if name == b"IEND":
            return b"".join(kept)
        at = end
