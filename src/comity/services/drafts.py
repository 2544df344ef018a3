# SPDX-License-Identifier: Apache-2.0
"""Drafts: what an officer typed and has not sent, kept so that no broken link takes it from him.

(1) What was typed is sealed to his storage key, padded, and locked once more under the house key:
    no colleague, no desk, no oversight and no thief of the disk with the house key reads it.
(2) Ids are random, and a row lies under a tag of its officer: another's is not told from none.
(3) Beside the sealed part, under the house key alone, stand the ids of its files, so that the clock
    can let go of both; a draft that nobody touched for thirty days is removed with its files.
(4) What is sent takes its draft away in the same write: pressed twice, it is sent once.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from comity.crypto.age import decrypt, encrypt
from comity.domain.ids import mint
from comity.domain.statement import Attachment
from comity.domain.time import from_millis, to_millis
from comity.errors import Malformed, Misused, Untrusted
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.storage import blobs, housed
from comity.storage.housed import Housed
from comity.storage.reading import Writing
from comity.wire import canonical
from comity.wire.padding import padme

ROOM: Final = "drafts"
MOST: Final = 40
"""Drafts of one officer."""
SIZE: Final = 44 * 1024
"""Bytes of one draft: sealed and locked it still fits beside the other rows."""
KEPT: Final = timedelta(days=30)
_SMALLEST: Final = 2048
_LIMIT: Final = 128 * 1024
_SECOND: Final = 1000
"""Pages say times by the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One draft, opened."""

    id: str
    purpose: str
    """For which page: ``ask``, ``tell`` …"""
    values: Mapping[str, tuple[str, ...]]
    """What was typed, by the names of the fields."""
    files: tuple[Attachment, ...] = ()
    at: datetime
    """When it was last kept."""

    def text(self, name: str, default: str = "") -> str:
        """Return what was typed in the field *name*, or *default* where nothing ever was."""
        given = self.values.get(name)
        return default if given is None else next(iter(given), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    name: str
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What is sealed."""

    type: str = "comity/draft@1"
    id: str
    purpose: str
    typed: tuple[_Typed, ...]
    files: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What is locked under the house key."""

    sealed: bytes
    blobs: tuple[str, ...] = field(default=())


def begin(
    unlocked: Unlocked,
    house: House,
    purpose: str,
    values: Mapping[str, Sequence[str]],
    files: tuple[Attachment, ...] = (),
) -> Kept:
    """Keep a new draft; raise Misused if the officer has as many as he may."""
    kept = _made(house, mint(house.random), purpose, values, files)
    row = _locked(unlocked, house, kept)

    def work(writing: Writing) -> None:
        _ = writing.log  # its lock: two begun at once see each other
        if len(housed.of_room(writing, ROOM, row.owner)) >= MOST:
            raise Misused("drafts-many", limit=MOST)
        housed.add(writing, [row])

    house.store.write(work)
    return kept


def drafts(unlocked: Unlocked, house: House) -> tuple[Kept, ...]:
    """Return every draft of *unlocked* that his key of today opens, the newest first."""
    with house.store.read() as reading:
        rows = housed.of_room(reading, ROOM, _owner(unlocked, house))
    kept = []
    for each in rows:
        with contextlib.suppress(Untrusted):  # of a key that he has no more
            kept.append(_opened(unlocked, house, each))
    return tuple(sorted(kept, key=lambda each: (each.at, each.id), reverse=True))


def draft(unlocked: Unlocked, house: House, id_: str) -> Kept:
    """Return the draft *id_*; raise Misused if it is none of this officer's."""
    with house.store.read() as reading:
        return _opened(unlocked, house, _mine(unlocked, house, housed.get(reading, ROOM, [id_])))


def save(
    unlocked: Unlocked,
    house: House,
    kept: Kept,
    values: Mapping[str, Sequence[str]],
    files: tuple[Attachment, ...] | None = None,
) -> Kept:
    """Keep *values* in place of what was typed in *kept*, and *files* if they are given."""
    now = kept.files if files is None else files
    saved = _made(house, kept.id, kept.purpose, values, now)
    row = _locked(unlocked, house, saved)
    gone = sorted({each.blob for each in kept.files} - {each.blob for each in now})

    def work(writing: Writing) -> int:
        was = _mine(unlocked, house, housed.get(writing, ROOM, [kept.id]))
        # Always a second later, as pages say it, whatever the clock says: by it a browser knows
        # that its own copy is old.
        at = max(row.at, was.at + _SECOND)
        housed.put(writing, [replace(row, at=at)])
        blobs.discard_unnamed_of(writing, gone)
        return at

    return replace(saved, at=from_millis(house.store.write(work)))


def discard(unlocked: Unlocked, house: House, id_: str) -> None:
    """Remove a draft and its files."""

    def work(writing: Writing) -> None:
        row = _mine(unlocked, house, housed.get(writing, ROOM, [id_]))
        _remove(writing, house, [row])

    house.store.write(work)


def sending(unlocked: Unlocked, house: House, id_: str) -> Callable[[Writing], None]:
    """Return what takes the draft *id_* away in the write that sends it; its files go along.

    It raises Misused if the draft is gone: somebody pressed twice, and it is sent already.
    """

    def work(writing: Writing) -> None:
        _mine(unlocked, house, housed.get(writing, ROOM, [id_]))
        housed.discard(writing, ROOM, [id_])

    return work


def expire(house: House) -> int:
    """Remove what nobody touched for thirty days; return how many drafts that were."""
    before = to_millis(house.now() - KEPT)
    with house.store.read() as reading:
        over = housed.before(reading, ROOM, before)
    if not over:
        return 0
    # Looked at again in the write: what was kept meanwhile stays.
    return house.store.write(lambda w: _remove(w, house, housed.before(w, ROOM, before)))


def _made(
    house: House,
    id_: str,
    purpose: str,
    values: Mapping[str, Sequence[str]],
    files: tuple[Attachment, ...],
) -> Kept:
    return Kept(
        id=id_,
        purpose=purpose,
        values={name: tuple(given) for name, given in values.items()},
        files=files,
        at=house.now(),
    )


def _owner(unlocked: Unlocked, house: House) -> str:
    return house.vault.tag(unlocked.entry.id.encode(), ROOM).hex()


def _mine(unlocked: Unlocked, house: House, rows: Sequence[Housed]) -> Housed:
    owner = _owner(unlocked, house)
    found = [each for each in rows if each.owner == owner]
    if not found:
        raise Misused("draft-unknown")
    return found[0]


def _locked(unlocked: Unlocked, house: House, kept: Kept) -> Housed:
    typed = tuple(_Typed(name=name, given=given) for name, given in sorted(kept.values.items()))
    said = _Content(id=kept.id, purpose=kept.purpose, typed=typed, files=kept.files)
    content = canonical.encode(said)
    if len(content) > SIZE:
        raise Misused("draft-long", limit=SIZE // 1024)
    padded = content.ljust(max(_SMALLEST, padme(len(content))), b"\n")
    sealed = encrypt(padded, [unlocked.storage.recipient])
    row = _Row(sealed=sealed, blobs=tuple(sorted({each.blob for each in kept.files})))
    return Housed(
        room=ROOM,
        name=kept.id,
        owner=_owner(unlocked, house),
        body=house.vault.lock(canonical.encode(row), _place(kept.id)),
        at=to_millis(kept.at),
    )


def _opened(unlocked: Unlocked, house: House, row: Housed) -> Kept:
    sealed = _row(house, row).sealed
    content = decrypt(sealed, [unlocked.storage]).rstrip(b"\n")
    said = canonical.decode(content, _Content, limit=SIZE)
    if said.id != row.name:
        raise Malformed("draft")
    return Kept(
        id=said.id,
        purpose=said.purpose,
        values={each.name: each.given for each in said.typed},
        files=said.files,
        at=from_millis(row.at),
    )


def _row(house: House, row: Housed) -> _Row:
    return canonical.decode(house.vault.open(row.body, _place(row.name)), _Row, limit=_LIMIT)


def _remove(writing: Writing, house: House, rows: Sequence[Housed]) -> int:
    housed.discard(writing, ROOM, [each.name for each in rows])
    blobs.discard_unnamed_of(writing, sorted({b for each in rows for b in _row(house, each).blobs}))
    return len(rows)


def _place(id_: str) -> str:
    return f"{ROOM}/{id_}"
