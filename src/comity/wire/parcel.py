# SPDX-License-Identifier: Apache-2.0
"""Parcels: all that one node has to say to another, in one age file sealed to it (spec/parcel.md).

``comity-parcel/1`` and a newline, the manifest's length (u32, big-endian), the manifest in
canonical JSON, then the raw sections in the order in which the manifest names their lengths, then
zeros up to a Padmé size. A parcel itself is not signed: everything in it that is to be believed
carries its own signature, and the rest (what is known, wanted, refused) can only make a node send
again. Every length is checked before it is read.
"""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.crypto import age
from comity.domain.ids import AgencyId, BlobId, Digest, NodeId, check_digest, check_random
from comity.domain.time import check_instant
from comity.errors import Malformed
from comity.wire import canonical
from comity.wire.padding import padme

MAGIC: Final = b"comity-parcel/1\n"
PARCEL_LIMIT: Final = 1 << 20
"""Of the sealed bytes (design §3 *Processes*)."""
ITEMS_LIMIT: Final = 512
"""Of each sort of thing."""
ROSTERS_LIMIT: Final = 64
NOTICES_LIMIT: Final = 64
MANIFEST_LIMIT: Final = 256 * 1024
NOTE_LIMIT: Final = 1024
"""Characters of a checkpoint with one signature."""
_LENGTH: Final = struct.Struct(">I")
_HASH: Final = 32
_CODE = re.compile(r"[a-z][a-z0-9.-]{0,63}")
_PROOF_LIMIT: Final = 64
"""Hashes in a proof: a tree has fewer than 2^63 leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A docket with its envelope."""

    docket: bytes
    envelope: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptItem:
    """A receipt, with the inclusion proof of its leaf beside it where the node says it."""

    receipt: bytes
    proof: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        _check_proof(self.proof)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """The sender's newest checkpoint, and the proof that it continues what the recipient saw."""

    note: bytes
    old: int
    """The size from which ``consistency`` leads; 0 without a proof."""
    consistency: tuple[bytes, ...] = ()
    salt: bytes = b""
    """With ``opening`` and ``inclusion``: the first leaf of a log that follows another."""
    opening: bytes = b""
    inclusion: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        _check_proof(self.consistency)
        _check_proof(self.inclusion)
        _check_number("old", self.old)


@dataclass(frozen=True, slots=True, kw_only=True)
class CosignedNote:
    """The sender's word on a checkpoint of the recipient's log."""

    origin: str
    size: int
    line: bytes

    def __post_init__(self) -> None:
        _check_number("size", self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    blob: BlobId
    offset: int
    total: int
    data: bytes

    def __post_init__(self) -> None:
        check_digest("blob", self.blob)
        _check_number("offset", self.offset)
        if self.offset + len(self.data) > self.total:
            raise ValueError("chunk: goes beyond the end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """The sender lacks *blob* from *offset* on."""

    blob: BlobId
    offset: int

    def __post_init__(self) -> None:
        check_digest("blob", self.blob)
        _check_number("offset", self.offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The sender did not take a docket; unsigned, so a reason to send again and no more."""

    docket: Digest
    """SHA-256 of the docket's bytes as they came."""
    code: str
    """The cause, as in ``errors.py``."""

    def __post_init__(self) -> None:
        check_digest("docket", self.docket)
        if not _CODE.fullmatch(self.code):
            raise ValueError("code: not a cause")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The newest roster of one of the recipient's agencies that the sender holds."""

    agency: AgencyId
    number: int
    lacks: str = ""
    """The first entry of it, by hash, whose bytes have not come yet; empty if all have."""

    def __post_init__(self) -> None:
        check_random("agency", self.agency)
        _check_number("number", self.number)
        if self.lacks:
            check_digest("lacks", self.lacks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The newest checkpoint of one of the recipient's logs that the sender has witnessed."""

    origin: str
    size: int
    note: str = ""
    """The checkpoint, as the recipient itself signed it: its own word if it has lost it."""

    def __post_init__(self) -> None:
        _check_number("size", self.size)
        if len(self.note) > NOTE_LIMIT:
            raise ValueError("note: too long")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    id: str
    from_node: NodeId
    to_node: NodeId
    at: datetime
    known: tuple[Known, ...] = ()
    rosters: tuple[bytes, ...] = ()
    items: tuple[Item, ...] = ()
    receipts: tuple[ReceiptItem, ...] = ()
    logs: tuple[LogState, ...] = ()
    cosignatures: tuple[CosignedNote, ...] = ()
    proven: tuple[bytes, ...] = ()
    chunks: tuple[Chunk, ...] = ()
    wants: tuple[Want, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    seen: tuple[Seen, ...] = ()
    taken: tuple[Digest, ...] = ()
    """Persons' receipts and notices that came and were stored."""
    notices: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        check_random("id", self.id)
        check_random("from", self.from_node)
        check_random("to", self.to_node)
        check_instant("at", self.at)
        for each in self.taken:
            check_digest("taken", each)


# The manifest: the same things, with the length of a section where the bytes would stand.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Log:
    note: int
    old: int
    consistency: int
    salt: int
    opening: int
    inclusion: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    origin: str
    size: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    blob: BlobId
    offset: int
    total: int
    data: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manifest:
    id: str
    from_node: NodeId
    to_node: NodeId
    at: datetime
    known: tuple[Known, ...]
    rosters: tuple[int, ...]
    items: tuple[tuple[int, int], ...]
    """Of docket and envelope."""
    receipts: tuple[tuple[int, int], ...]
    """Of the receipt, and how many hashes its proof has."""
    logs: tuple[_Log, ...]
    cosignatures: tuple[_Line, ...]
    proven: tuple[int, ...]
    chunks: tuple[_Part, ...]
    wants: tuple[Want, ...]
    refusals: tuple[Refusal, ...]
    seen: tuple[Seen, ...]
    taken: tuple[Digest, ...]
    notices: tuple[int, ...]


def write(parcel: Parcel) -> bytes:
    """Return the bytes of *parcel*, padded; raise Malformed if ``read`` would not take them."""
    told = _manifest(parcel)
    _check_bounds(told)
    manifest = canonical.encode(told)
    if len(manifest) > MANIFEST_LIMIT:
        raise Malformed("size", limit=MANIFEST_LIMIT)
    content = b"".join((MAGIC, _LENGTH.pack(len(manifest)), manifest, *_sections(parcel)))
    size = padme(len(content))
    if size > PARCEL_LIMIT:
        raise Malformed("size", limit=PARCEL_LIMIT)
    return content.ljust(size, b"\0")


def read(data: bytes) -> Parcel:
    """Return the parcel that *data* is, or raise Malformed."""
    start = len(MAGIC) + _LENGTH.size
    if len(data) > PARCEL_LIMIT:
        raise Malformed("size", limit=PARCEL_LIMIT)
    if len(data) < start or not data.startswith(MAGIC):
        raise Malformed("parcel")
    (length,) = _LENGTH.unpack_from(data, len(MAGIC))
    if start + length > len(data):
        raise Malformed("section")
    manifest = canonical.decode(data[start : start + length], _Manifest, limit=MANIFEST_LIMIT)
    _check_bounds(manifest)
    reader = _Reader(data, start + length)
    try:
        parcel = _parcel(manifest, reader)
    except ValueError as error:
        raise Malformed("type") from error
    reader.finish()
    return parcel


def seal(parcel: Parcel, recipient: age.HybridRecipient) -> bytes:
    """Return *parcel* sealed to the node that *recipient* opens."""
    sealed = age.encrypt(write(parcel), [recipient])
    if len(sealed) > PARCEL_LIMIT:
        raise Malformed("size", limit=PARCEL_LIMIT)
    return sealed


def open_(sealed: bytes, *identities: age.HybridIdentity) -> Parcel:
    """Return the parcel in *sealed* to one of *identities*; raise Untrusted."""
    if len(sealed) > PARCEL_LIMIT:
        raise Malformed("size", limit=PARCEL_LIMIT)
    return read(age.decrypt(sealed, identities))


class _Reader:
    """Takes the sections one after the other, each of a length that is checked first."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data = data
        self._at = start

    def take(self, length: int) -> bytes:
        end = self._at + length
        if length < 0 or end > len(self._data):
            raise Malformed("section")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def hashes(self, count: int) -> tuple[bytes, ...]:
        if not 0 <= count <= _PROOF_LIMIT:
            raise Malformed("proof", limit=_PROOF_LIMIT)
        taken = self.take(count * _HASH)
        return tuple(taken[at : at + _HASH] for at in range(0, len(taken), _HASH))

    def finish(self) -> None:
        """Raise Malformed unless the rest is the padding and nothing else."""
        rest = self._data[self._at :]
        if len(self._data) != padme(self._at) or rest.count(0) != len(rest):
            raise Malformed("padding")


def _manifest(parcel: Parcel) -> _Manifest:
    return _Manifest(
        id=parcel.id,
        from_node=parcel.from_node,
        to_node=parcel.to_node,
        at=parcel.at,
        known=parcel.known,
        rosters=tuple(map(len, parcel.rosters)),
        items=tuple((len(each.docket), len(each.envelope)) for each in parcel.items),
        receipts=tuple((len(each.receipt), len(each.proof)) for each in parcel.receipts),
        logs=tuple(_log(each) for each in parcel.logs),
        cosignatures=tuple(
            _Line(origin=each.origin, size=each.size, line=len(each.line))
            for each in parcel.cosignatures
        ),
        proven=tuple(map(len, parcel.proven)),
        chunks=tuple(
            _Part(blob=each.blob, offset=each.offset, total=each.total, data=len(each.data))
            for each in parcel.chunks
        ),
        wants=parcel.wants,
        refusals=parcel.refusals,
        seen=parcel.seen,
        taken=parcel.taken,
        notices=tuple(map(len, parcel.notices)),
    )


def _log(state: LogState) -> _Log:
    return _Log(
        note=len(state.note),
        old=state.old,
        consistency=len(state.consistency),
        salt=len(state.salt),
        opening=len(state.opening),
        inclusion=len(state.inclusion),
    )


def _sections(parcel: Parcel) -> Iterator[bytes]:
    """Yield the raw bytes in the order in which ``_parcel`` takes them."""
    yield from parcel.rosters
    for item in parcel.items:
        yield item.docket
        yield item.envelope
    for receipt in parcel.receipts:
        yield receipt.receipt
        yield from receipt.proof
    for state in parcel.logs:
        yield state.note
        yield from state.consistency
        yield state.salt
        yield state.opening
        yield from state.inclusion
    yield from (each.line for each in parcel.cosignatures)
    yield from parcel.proven
    yield from (each.data for each in parcel.chunks)
    yield from parcel.notices


def _parcel(told: _Manifest, reader: _Reader) -> Parcel:
    take, hashes = reader.take, reader.hashes
    # The order of these lines is the order of the sections.
    rosters = tuple(take(each) for each in told.rosters)
    items = tuple(Item(docket=take(d), envelope=take(e)) for d, e in told.items)
    receipts = tuple(ReceiptItem(receipt=take(r), proof=hashes(n)) for r, n in told.receipts)
    logs = tuple(
        LogState(
            note=take(each.note),
            old=each.old,
            consistency=hashes(each.consistency),
            salt=take(each.salt),
            opening=take(each.opening),
            inclusion=hashes(each.inclusion),
        )
        for each in told.logs
    )
    lines = tuple(
        CosignedNote(origin=each.origin, size=each.size, line=take(each.line))
        for each in told.cosignatures
    )
    proven = tuple(take(each) for each in told.proven)
    chunks = tuple(
        Chunk(blob=each.blob, offset=each.offset, total=each.total, data=take(each.data))
        for each in told.chunks
    )
    notices = tuple(take(each) for each in told.notices)
    return Parcel(
        id=told.id,
        from_node=told.from_node,
        to_node=told.to_node,
        at=told.at,
        known=told.known,
        rosters=rosters,
        items=items,
        receipts=receipts,
        logs=logs,
        cosignatures=lines,
        proven=proven,
        chunks=chunks,
        wants=told.wants,
        refusals=told.refusals,
        seen=told.seen,
        taken=told.taken,
        notices=notices,
    )


def _check_bounds(told: _Manifest) -> None:
    many: tuple[Sequence[object], ...] = (
        told.known,
        told.items,
        told.receipts,
        told.logs,
        told.cosignatures,
        told.proven,
        told.chunks,
        told.wants,
        told.refusals,
        told.seen,
        told.taken,
    )
    if max(map(len, many)) > ITEMS_LIMIT:
        raise Malformed("size", limit=ITEMS_LIMIT)
    if len(told.rosters) > ROSTERS_LIMIT:
        raise Malformed("size", limit=ROSTERS_LIMIT)
    if len(told.notices) > NOTICES_LIMIT:
        raise Malformed("size", limit=NOTICES_LIMIT)


def _check_proof(hashes: Sequence[bytes]) -> None:
    if len(hashes) > _PROOF_LIMIT or set(map(len, hashes)) - {_HASH}:
        raise ValueError("proof: not hashes")


def _check_number(name: str, value: int) -> None:
    if value < 0:
        raise ValueError(f"{name}: less than nothing")
