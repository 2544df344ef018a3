# SPDX-License-Identifier: Apache-2.0
"""Copies, envelopes and blobs, verified without opening any of them.

A copy's row must say what its docket says, the docket must be the leaf of our log that the row
names and be signed by the carrier key that the releasing agency certified; an envelope or a blob
must have the hash by which it is called.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.crypto import dsse
from comity.domain.docket import Docket, OrderedDocket
from comity.domain.ids import digest
from comity.domain.time import to_millis
from comity.errors import ComityError, Damaged
from comity.services.verify_removed import check_order
from comity.services.verify_report import Tally, cause_of, first_difference
from comity.storage import blobs, copies, envelopes, logs, removed, whole
from comity.storage.copies import Copy, CopyState
from comity.storage.edge import LeafRow
from comity.storage.envelopes import LARGEST_ROW
from comity.storage.reading import Reading
from comity.wire import docket as docket_wire
from comity.wire.docket import DOCKET_LIMIT, Released
from comity.wire.keyring import Keyring

ENVELOPES: Final = 100
"""In a page: each may have 64 KiB."""
_UNRELEASED: Final = frozenset({CopyState.HELD, CopyState.STOPPED, CopyState.RETURNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What other tables hold of a page of copies."""

    leaves: Mapping[tuple[int, int], LeafRow]
    readers: Mapping[str, set[tuple[str, str, int]]]
    blobs: Mapping[str, set[str]]
    envelopes: frozenset[str]
    removed: frozenset[str]
    """Copies that are remembered as removed; ``verify_removed`` holds that against the leaves."""


def check_copies(reading: Reading, keys: Keyring, tally: Tally) -> None:
    for page in whole.pages(reading, whole.COPIES):
        beside = _beside(reading, page)
        for row in page:
            _check(row, beside, keys, tally)
        tally.done("copies", len(page))


def check_envelopes(reading: Reading, tally: Tally) -> None:
    for page in whole.pages(reading, whole.ENVELOPES, limit=ENVELOPES):
        for row in page:
            if row.size <= LARGEST_ROW:
                found = (digest(row.sealed), len(row.sealed))
                if found != (row.envelope, row.size):
                    tally.fault("envelopes", row.envelope, "digest", column="sealed")
            else:
                _check_file(reading, row.envelope, row.size, "envelopes", tally)
        tally.done("envelopes", len(page))


def check_blobs(reading: Reading, tally: Tally) -> None:
    """Verify the files that are whole; of those still coming nothing is promised yet."""
    for page in whole.pages(reading, whole.BLOBS):
        for row in page:
            if row.completed_at:
                _check_file(reading, row.blob, row.size, "blobs", tally)
            tally.done("blobs")


def _check_file(reading: Reading, id_: str, size: int, table: str, tally: Tally) -> None:
    try:
        reading.folder.check(id_)
    except Damaged:
        tally.fault(table, id_, "digest" if reading.folder.has(id_) else "gone", column="file")
        return
    if reading.folder.of(id_).stat().st_size != size:
        tally.fault(table, id_, "differs", column="size")


def _beside(reading: Reading, page: Sequence[Copy]) -> _Beside:
    ids = [row.copy for row in page]
    leaves = {
        (each.log, each.idx): each
        for log in sorted({row.log for row in page if row.log})
        for each in logs.leaves(reading, log, [row.leaf for row in page if row.log == log])
    }
    readers: dict[str, set[tuple[str, str, int]]] = {}
    for reader in copies.readers_of(reading, ids):
        readers.setdefault(reader.copy, set()).add((reader.reader, reader.kind, reader.epoch))
    named: dict[str, set[str]] = {}
    for each in blobs.of_copies(reading, ids):
        named.setdefault(each.copy, set()).add(each.blob)
    known = envelopes.known(reading, [row.envelope for row in page])
    gone = frozenset(each.copy for each in removed.by_copies(reading, ids))
    return _Beside(leaves=leaves, readers=readers, blobs=named, envelopes=known, removed=gone)


def _check(row: Copy, beside: _Beside, keys: Keyring, tally: Tally) -> None:
    if row.state == CopyState.REMOVED:
        if row.copy not in beside.removed:
            tally.fault("copies", row.copy, "gone", column="state")
    elif row.envelope not in beside.envelopes:
        tally.fault("envelopes", row.envelope, "gone")
    if not row.docket and row.state in _UNRELEASED:
        return
    try:
        released = docket_wire.read(row.release, Docket)
        _verify(released, keys)
    except ComityError as error:
        tally.fault(
            "copies", row.copy, cause_of(error), column="release", position=_where(row, beside)
        )
        return
    for column in _differing(row, released):
        tally.fault("copies", row.copy, "differs", column=column)
    _check_leaf(row, released, beside, tally)
    _check_named(row, released.said, beside, tally)


def _verify(released: Released[Docket], keys: Keyring) -> None:
    """Raise unless a carrier key that the releasing agency certified signed the docket.

    That of a recall has its officer's order in it, which must bear his own signature.
    """
    signed = dsse.read(released.dsse, DOCKET_LIMIT)
    key = keys.carrier(released.said.agency, signed.signatures[0].key_id)
    docket_wire.verify(released, key)
    if isinstance(released.said, OrderedDocket):
        check_order(released.said, keys)


def _where(row: Copy, beside: _Beside) -> int | None:
    """Return the first byte at which a damaged docket differs from its leaf, if it can be read."""
    leaf = beside.leaves.get((row.log, row.leaf))
    if leaf is None or leaf.entry is None:
        return None
    try:
        payload = dsse.read(row.release, DOCKET_LIMIT).payload
    except ComityError:
        return None
    return first_difference(payload, leaf.entry) if payload != leaf.entry else None


def _differing(row: Copy, released: Released[Docket]) -> Iterator[str]:
    """Yield the columns that do not say what the docket says."""
    said = released.said
    signed = {
        "docket": released.digest,
        "copy": said.copy,
        "act": said.act,
        "thread": said.thread,
        "agency": said.agency,
        "to": said.to,
        "envelope": said.envelope,
        "size": said.size,
        "stage": said.stage,
        "clock": said.clock,
        "at": to_millis(said.at),
        "expires": said.expires,
    }
    for column, value in signed.items():
        if getattr(row, column) != value:
            yield column


def _check_leaf(row: Copy, released: Released[Docket], beside: _Beside, tally: Tally) -> None:
    leaf = beside.leaves.get((row.log, row.leaf))
    if leaf is None:
        tally.fault("copies", row.copy, "leaf", column="leaf")
    elif leaf.entry is not None and leaf.entry != released.payload:
        position = first_difference(leaf.entry, released.payload)
        place = f"{row.log}/{row.leaf}"
        tally.fault("leaves", place, "differs", column="entry", position=position)


def _check_named(row: Copy, said: Docket, beside: _Beside, tally: Tally) -> None:
    """Check that the readers and blobs that the docket names are found under this copy."""
    named = set() if row.state == CopyState.REMOVED else {ref.id for ref in said.blobs}
    if beside.blobs.get(row.copy, set()) != named:
        tally.fault("copy_blobs", row.copy, "differs")
    if row.state not in (CopyState.RECEIVED, CopyState.MISTRUSTED):
        return
    readers = {(each.id, str(each.kind), each.epoch) for each in said.readers}
    if not readers <= beside.readers.get(row.copy, set()):
        tally.fault("readers", row.copy, "differs")
