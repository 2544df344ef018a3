# SPDX-License-Identifier: Apache-2.0
"""Photographs without what the camera wrote beside the picture: place, time, device, owner.

The picture itself is not touched, bit for bit: of a JPEG (ISO/IEC 10918-1, JFIF and Exif) the
application and comment segments go, of a PNG (ISO/IEC 15948) every chunk that does not make the
picture. Which way is up stands in Exif too, so it is written back by itself. Bytes after the end of
the picture go: telephones keep a whole second photograph or a film there.
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
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""JPEG markers without a length."""
_APP0, _APP14, _COM = 0xE0, 0xEE, 0xFE
_SOS, _EOI = 0xDA, 0xD9
_EXIF: Final = b"Exif\x00\x00"
_ORIENTATION: Final = 0x0112


def is_photograph(data: bytes) -> bool:
    """Return whether *data* begins like a JPEG or a PNG."""
    return data.startswith((_JPEG, _PNG))


def cleaned(data: bytes) -> bytes:
    """Return the photograph *data* without what was written beside it.

    Raise Malformed for what is neither a whole JPEG nor a whole PNG.
    """
    if len(data) > SIZE_LIMIT:
        raise Malformed("size", limit=SIZE_LIMIT)
    if data.startswith(_JPEG):
        return _jpeg(data)
    if data.startswith(_PNG):
        return _png(data)
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
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return b""
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    if first + 2 > len(tiff):
        return b""
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for entry in range(first + 2, min(first + 2 + 12 * count, len(tiff) - 11), 12):
        tag, kind = struct.unpack_from(f"{order}HH", tiff, entry)
        if (tag, kind) == (_ORIENTATION, 3):
            (way,) = struct.unpack_from(f"{order}H", tiff, entry + 8)
            return _exif(way) if 2 <= way <= 8 else b""
    return b""


def _exif(way: int) -> bytes:
    body = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, way, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + len(_EXIF) + len(body)) + _EXIF + body


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
