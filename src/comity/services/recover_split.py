# SPDX-License-Identifier: Apache-2.0
"""Split: a recovery identity that exists as shares only, each sealed to its holder.

(1) The seed is made here, split, and each share sealed to its holder; neither is ever written in
clear, and nothing keeps them when this returns. (2) The sealed shares are durable before anything
depends on them, (3) then the house key's escrow, (4) then, in one write, the roster names the new
identity and everything that is escrowed is sealed to it.

To change holders is to split again, with another seed: what is escrowed is opened once with enough
old shares, in memory, and sealed anew. Where too few are left to do that, the escrow begins anew
with each officer's next unlock. Old shares then open nothing that is here; what they opened in an
old backup they still open there.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from comity.crypto import sharing
from comity.crypto.age import HybridIdentity, HybridRecipient, armour, encrypt
from comity.domain.ids import AgencyId, digest
from comity.domain.recovery import Arrangement, Event, Happened
from comity.domain.roster import OfficerEntry, RecoveryEntry
from comity.errors import DiskFull, Malformed, Misused, Refused
from comity.services import arrangements, escrow, house_escrow
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.enrol import find_officer, names, own_card
from comity.services.fields import line
from comity.services.house import House
from comity.services.recover_join import joined
from comity.services.rosters import Change, amend
from comity.storage import housed
from comity.storage.folder import settle_folder
from comity.storage.housed import Housed
from comity.storage.reading import Writing
from comity.wire.recovery import HeldShare, write_share
from comity.wire.roster import entry_hash

VALIDITY: Final = timedelta(days=3650)
SEED: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    name: str
    """As the agency knows him; peers are told no holder's name."""
    recipient: str
    """The age recipient line to which his share is sealed."""
    here: bool = False
    """His key lies in this home: while it is closed he cannot open his share with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOut:
    """A sealed share, to be handed to its holder."""

    share: int
    holder: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    entry: RecoveryEntry
    handed_out: tuple[HandOut, ...]
    escrowed: int
    """Keys that were sealed anew to these holders."""
    elsewhere: int
    """Holders whose keys are not in this home: who could reopen it."""
    missing: tuple[OfficerEntry, ...]
    """Officers whose keys are not escrowed yet: they are at their next unlock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """The new arrangement, and its shares until they are sealed."""

    kept: Arrangement
    words: tuple[str, ...] = field(repr=False)
    rehearsal: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    agency: AgencyId
    number: int
    needed: int
    events: tuple[Event, ...]


def holder(house: House, text: str) -> Holder:
    """Return the holder that *text* means: ``NAME=age1pq…``, an officer here, or ``VN/officer 2``.

    An officer's share is sealed to his storage key: it outlives the epochs of his reading keys.
    """
    name, equals, recipient = text.rpartition("=")
    if equals:
        try:
            HybridRecipient.parse(recipient.strip())
        except Malformed:
            raise Misused("recovery.recipient") from None
        return Holder(name=line(name, "holder"), recipient=recipient.strip())
    with suppress(Misused):
        _, entry = find_officer(house, text)
        return Holder(
            name=names(house).get(entry.id, entry.label), recipient=entry.storage, here=True
        )
    card, found = read_book(house).find_reader(text)
    if not isinstance(found, OfficerEntry):
        raise Misused("recovery.holder-desk")
    return Holder(name=f"{card.country}/{found.name or found.label}", recipient=found.storage)


def split(
    house: House,
    agency: AgencyId,
    *,
    needed: int,
    holders: Sequence[Holder],
    folder: Path,
    decided_by: Sequence[str],
    old: Sequence[str] = (),
    start_over: bool = False,
) -> Split:
    """Make *needed* of *holders* the recovery of *agency*; their sealed shares go to *folder*.

    Where there are holders already, *old* are enough of their shares, or *start_over* says that
    what was escrowed is given up.
    """
    card = own_card(house, agency)
    people = arrangements.deciders(decided_by)
    _check_holders(holders)
    before = _before(house, card, start_over=start_over)
    if before and not old and not start_over:
        raise Refused("recovery.old-holders", needed=before.needed)
    identity = joined(before, old)[0] if before and not start_over else None
    number = max(before.number if before else 0, card.recovery.number if card.recovery else 0) + 1
    happened = arrangements.event(house, Happened.SPLIT, decided_by=people)
    events = (*(before.events if before else ()), happened)
    made = _make(
        house, _Wanted(agency=agency, number=number, needed=needed, events=events), holders
    )
    entry = _entry(house, made.kept)
    keys = escrow.opened(house, card, identity)[0] if identity else ()
    rows = escrow.sealed(house, entry, keys)
    handed = _hand_out(made, holders, folder)
    with house_escrow.held(house, made.kept):  # (3)
        try:
            _certify(house, made.kept, entry, rows, before)
        except BaseException:
            for each in handed:
                each.path.unlink(missing_ok=True)
            raise
    now = read_book(house).agency(agency)
    return Split(
        entry=entry,
        handed_out=handed,
        escrowed=len(rows),
        elsewhere=sum(not each.here for each in holders),
        missing=escrow.missing(house, now),
    )


def _check_holders(holders: Sequence[Holder]) -> None:
    for each in ("recipient", "name"):
        told = [getattr(holder, each) for holder in holders]
        if len(set(told)) < len(told):
            raise Misused("recovery.holder-twice")


def _before(house: House, card: AgencyCard, *, start_over: bool) -> Arrangement | None:
    with house.store.read() as reading:
        before = arrangements.find(reading, house, card.id)
    if before is None and start_over:
        raise Misused("recovery.none")
    return before


def _make(house: House, wanted: _Wanted, holders: Sequence[Holder]) -> _Made:
    """Return a new arrangement and its shares (1)."""
    seed, practice, test = house.random(SEED), house.random(SEED), house.random(SEED)
    words = sharing.split(seed, needed=wanted.needed, holders=len(holders))
    rehearsal = sharing.split(practice, needed=wanted.needed, holders=len(holders))
    kept = Arrangement(
        agency=wanted.agency,
        number=wanted.number,
        needed=wanted.needed,
        recipient=str(HybridIdentity.from_seed(seed).recipient),
        shares=tuple(digest(each.encode()) for each in words),
        rehearsal=tuple(digest(each.encode()) for each in rehearsal),
        test=encrypt(test, [HybridIdentity.from_seed(practice).recipient]),
        answer=digest(test),
        holders=tuple(each.name for each in holders),
        events=wanted.events[-arrangements.EVENTS_KEPT :],
    )
    return _Made(kept=kept, words=words, rehearsal=rehearsal)


def _entry(house: House, kept: Arrangement) -> RecoveryEntry:
    now = house.now()
    return RecoveryEntry(
        agency=kept.agency,
        number=kept.number,
        recipient=kept.recipient,
        needed=kept.needed,
        holders=len(kept.holders),
        begins=now,
        ends=now + VALIDITY,
    )


def _hand_out(made: _Made, holders: Sequence[Holder], folder: Path) -> tuple[HandOut, ...]:
    """Write each holder's share, sealed to him, durably (2); all of them or none."""
    kept = made.kept
    done: list[HandOut] = []
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number, each in enumerate(holders, start=1):
            held = HeldShare(
                agency=kept.agency,
                number=kept.number,
                share=number,
                holders=len(holders),
                needed=kept.needed,
                words=made.words[number - 1],
                rehearsal=made.rehearsal[number - 1],
            )
            sealed = encrypt(write_share(held), [HybridRecipient.parse(each.recipient)])
            path = folder / f"recovery-{kept.agency[:6]}-{kept.number}-share-{number}.age"
            _write(path, armour(sealed))
            done.append(HandOut(share=number, holder=each.name, path=path))
        settle_folder(folder)
    except BaseException as error:
        for each_ in done:
            each_.path.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):
            raise Misused("recovery.share-exists") from None
        if isinstance(error, OSError):
            raise DiskFull("recovery-share") from None
        raise
    return tuple(done)


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _certify(
    house: House,
    kept: Arrangement,
    entry: RecoveryEntry,
    rows: Sequence[Housed],
    before: Arrangement | None,
) -> None:
    """Let the roster name the new identity, and everything escrowed be sealed to it (4)."""

    def also(writing: Writing) -> None:
        now = arrangements.find(writing, house, kept.agency)
        if (now.number if now else 0) != (before.number if before else 0):
            raise Refused("recovery.split-meanwhile")
        housed.put(writing, [arrangements.row_of(house, kept)])
        escrow.forget_all(writing, kept.agency)
        housed.put(writing, rows)

    def decide(card: AgencyCard) -> Change:
        ended = [] if card.recovery is None else [entry_hash(card.recovery)]
        return Change(add=[entry], end=ended, also=also)

    amend(house, kept.agency, decide)
