# SPDX-License-Identifier: Apache-2.0
"""Blobs: which large sealed files are here, how much of each, and which copies name them.

The bytes are in the folder (``folder.py``); a row is complete only once its file is in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import bindparam, delete, exists, select, update

from comity.storage import housed, tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Among, Change, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    blob: str
    size: int
    have: int = 0
    """How many bytes are here without a gap."""
    completed_at: int = 0
    at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyBlob:
    copy: str
    blob: str


_BLOB = Shape(tables.blobs, Blob)
_COPY_BLOB = Shape(tables.copy_blobs, CopyBlob)
_B = tables.blobs.c
_CB = tables.copy_blobs.c
_H = tables.housed.c
ORIGINAL: Final = "original"
"""The room of what is noted of an original: named after its blob, owned by what was sent of it."""
_BY_IDS = Among(_BLOB, "blob", ("blob",))
_OF_COPIES = Among(_COPY_BLOB, "copy", ("copy", "blob"))
_NAMING = Among(_COPY_BLOB, "blob", ("blob", "copy"))
_UNNAME = Change(delete(tables.copy_blobs).where(_CB.copy == bindparam("b_copy")), ("b_copy",))
_DISCARD = Change(delete(tables.blobs).where(_B.blob == bindparam("b_blob")), ("b_blob",))
_COMPLETE = Change(
    update(tables.blobs)
    .values(have=_B.size, completed_at=bindparam("now"))
    .where(_B.blob == bindparam("b_blob"), _B.completed_at == 0),
    ("now", "b_blob"),
)


def register(writing: Writing, rows: Sequence[Blob]) -> int:
    """Note blobs that are here or expected, passing over known ones."""
    return _BLOB.add_new(writing.connection, rows)


def name(writing: Writing, rows: Sequence[CopyBlob]) -> int:
    """Note which blobs a copy's docket names."""
    return _COPY_BLOB.add_new(writing.connection, rows)


def complete(writing: Writing, ids: Sequence[str], now: int) -> int:
    """Note that the files of *ids* are in their place."""
    return _COMPLETE(writing.connection, [(now, each) for each in ids])


def by_ids(reading: Reading, ids: Sequence[str]) -> tuple[Blob, ...]:
    return _BY_IDS(reading.connection, ids)


def unfinished(reading: Reading, *, limit: int = 100) -> tuple[Blob, ...]:
    """Return the blobs of which bytes are still wanted, the oldest first."""
    wanted = _BLOB.select().where(_B.completed_at == 0).order_by(_B.at, _B.blob).limit(limit)
    return _BLOB.fetch(reading.connection, wanted)


def of_copies(reading: Reading, copies: Sequence[str]) -> tuple[CopyBlob, ...]:
    return _OF_COPIES(reading.connection, copies)


def naming(reading: Reading, ids: Sequence[str]) -> tuple[CopyBlob, ...]:
    """Return the copies that name the blobs *ids*."""
    return _NAMING(reading.connection, ids)


def unname(writing: Writing, copies: Sequence[str]) -> tuple[str, ...]:
    """Forget which blobs *copies* name, and delete those that no copy names now; return which."""
    ids = sorted({each.blob for each in of_copies(writing, copies)})
    _UNNAME(writing.connection, [(each,) for each in copies])
    return discard_unnamed_of(writing, ids)


def discard_unnamed_of(writing: Writing, ids: Sequence[str]) -> tuple[str, ...]:
    """Delete those of the blobs *ids* that no docket names; return which.

    The originals of which they were made go with them.
    """
    named = {each.blob for each in naming(writing, ids)}
    gone = tuple(each for each in ids if each not in named)
    originals = _originals_of(writing, gone)
    kept = {each.blob for each in naming(writing, originals)}
    all_ = (*gone, *(each for each in originals if each not in kept))
    _DISCARD(writing.connection, [(each,) for each in all_])
    housed.discard(writing, ORIGINAL, originals)
    writing.after(partial(writing.folder.discard, all_))
    return gone


def _originals_of(reading: Reading, sent: Sequence[str]) -> list[str]:
    """Return the originals of which *sent* were made."""
    return [row.name for each in sent for row in housed.of_room(reading, ORIGINAL, owner=each)]


def discard_unnamed(writing: Writing, before: int) -> tuple[str, ...]:
    """Delete blobs that no live docket names and that came before *before*; return which.

    An original stays as long as what was sent of it is named. The files go once the rows are gone
    for good.
    """
    named = exists(select(_CB.blob).where(_CB.blob == _B.blob))
    sent = exists(select(_CB.blob).where(_CB.blob == _H.owner))
    kept = exists(select(_H.name).where(_H.room == ORIGINAL, _H.name == _B.blob, sent))
    gone = delete(tables.blobs).where(~named, ~kept, _B.at < before).returning(_B.blob)
    ids = tuple(sorted(writing.connection.scalars(gone)))
    housed.discard(writing, ORIGINAL, ids)
    writing.after(partial(writing.folder.discard, ids))
    return ids
