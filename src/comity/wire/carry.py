# SPDX-License-Identifier: Apache-2.0
"""Carry files: parcels for one node, one after another, as a stick takes them (spec/carriers.md).

``comity-carry/1`` and a newline, the length of the cover (u32, big-endian), the cover in canonical
JSON, then frames: a length, a signature, that many bytes. A frame is one sealed parcel; an empty
one ends the file. Over HTTP a parcel is believed to come from whoever signed the request; here each
frame is signed by the same carrier key, over the cover, its place and its bytes, so that frames
cannot be dropped from the middle, moved, or put under another cover without it being seen. Who
reads holds one parcel at a time, and each that verifies is whole in itself.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from comity.crypto.signing import SIGNATURE_SIZE, SigningKey, VerifyingKey
from comity.domain.ids import NodeId, check_random
from comity.domain.time import check_instant
from comity.errors import BadSignature, Malformed
from comity.wire import canonical
from comity.wire.parcel import PARCEL_LIMIT

MAGIC: Final = b"comity-carry/1\n"
COVER_LIMIT: Final = 1024
FRAME: Final = 4 + SIGNATURE_SIZE
"""Bytes of a frame beside its parcel."""
_LENGTH: Final = struct.Struct(">I")
_PLACE: Final = struct.Struct(">II")
Read = Callable[[int], bytes]
"""Return up to so many bytes, fewer only where the source has no more just now; none at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What whoever finds the file sees: from whom, for whom, when; and how large it is."""

    id: str
    from_node: NodeId
    to_node: NodeId
    at: datetime

    def __post_init__(self) -> None:
        check_random("id", self.id)
        check_random("from", self.from_node)
        check_random("to", self.to_node)
        check_instant("at", self.at)


class Packer:
    """Makes the bytes of one carry file: ``begin``, a ``frame`` for each parcel, ``end``."""

    def __init__(self, cover: Cover, key: SigningKey) -> None:
        self._cover = canonical.encode(cover)
        self._named = sha256(self._cover).digest()
        self._key = key
        self._count = 0

    def begin(self) -> bytes:
        return MAGIC + _LENGTH.pack(len(self._cover)) + self._cover

    def frame(self, sealed: bytes) -> bytes:
        """Return the next frame, which holds the parcel *sealed*."""
        if not 0 < len(sealed) <= PARCEL_LIMIT:
            raise Malformed("size", limit=PARCEL_LIMIT)
        return self._framed(sealed)

    def end(self) -> bytes:
        return self._framed(b"")

    def _framed(self, sealed: bytes) -> bytes:
        signature = self._key.sign(_signed(self._named, self._count, sealed))
        self._count += 1
        return _LENGTH.pack(len(sealed)) + signature + sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A parcel as it came, at its place in the file, not yet verified."""

    cover: bytes
    """SHA-256 of the cover."""
    place: int
    signature: bytes
    sealed: bytes

    def check(self, *keys: VerifyingKey) -> None:
        """Raise BadSignature unless one of *keys* signed this parcel at its place of this file."""
        signed = _signed(self.cover, self.place, self.sealed)
        for key in keys:
            with suppress(BadSignature):
                key.verify(self.signature, signed)
                return
        raise BadSignature("carry", part=self.place + 1)


class Unpacker:
    """Reads a carry file from a source that may be larger than memory."""

    def __init__(self, read: Read) -> None:
        """Read the cover; raise Malformed if there is none."""
        self._read = read
        start = self._exactly(len(MAGIC) + _LENGTH.size, "carry")
        if not start.startswith(MAGIC):
            raise Malformed("carry")
        (length,) = _LENGTH.unpack_from(start, len(MAGIC))
        if length > COVER_LIMIT:
            raise Malformed("carry")
        cover = self._exactly(length, "carry")
        self.cover: Final = canonical.decode(cover, Cover, limit=COVER_LIMIT)
        self._named = sha256(cover).digest()

    def frames(self, *keys: VerifyingKey) -> Iterator[Frame]:
        """Yield the frames, each still to be checked; raise Malformed where the file is cut.

        The end is part of what one of *keys* signed, and nothing may stand behind it.
        """
        place = 0
        while True:
            head = self._exactly(FRAME, "carry-cut")
            (length,) = _LENGTH.unpack_from(head)
            if length > PARCEL_LIMIT:
                raise Malformed("carry-cut")
            frame = Frame(
                cover=self._named,
                place=place,
                signature=head[_LENGTH.size :],
                sealed=self._exactly(length, "carry-cut"),
            )
            if not length:
                self._finish(frame, keys)
                return
            yield frame
            place += 1

    def _finish(self, last: Frame, keys: Sequence[VerifyingKey]) -> None:
        try:
            last.check(*keys)
        except BadSignature:
            raise Malformed("carry-cut") from None
        if self._read(1):
            raise Malformed("carry-cut")

    def _exactly(self, size: int, cause: str) -> bytes:
        pieces, left = [], size
        while left:
            piece = self._read(left)
            if not piece:
                raise Malformed(cause)
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)


def single(cover: Cover, sealed: bytes, key: SigningKey) -> bytes:
    """Return the whole carry file that holds one parcel: what is left at a mailbox."""
    packer = Packer(cover, key)
    return packer.begin() + packer.frame(sealed) + packer.end()


def _signed(cover: bytes, place: int, sealed: bytes) -> bytes:
    return MAGIC + cover + _PLACE.pack(place, len(sealed)) + sha256(sealed).digest()
