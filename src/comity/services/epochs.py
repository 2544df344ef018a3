# SPDX-License-Identifier: Apache-2.0
"""Reading epochs: a new key from time to time, and the end of the old one (ADR 19).

(1) Who signs in and has read under one key for as long as his agency says begins the next: the node
    never does it alone, for whoever makes a key can read. His new identity file, which still holds
    the old keys, and the roster that names the new one become durable together.
(2) What his agency released and is sealed to an epoch that has ended, of him or of a desk of his,
    is wrapped for his storage key: those are his own files, opened or not.
(3) 180 days after an epoch's end its secret is destroyed wherever it lies here: an officer's at his
    next sign-in, when the passphrase is there to write his identity file without it; a desk's by
    the clock. Its escrow goes in the same write, and a leaf says so.

What nobody opened by then can only be sent again (``send_again.py``).
"""

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

from comity.crypto import passphrase as passphrases
from comity.crypto.age import HybridIdentity, Passphrase, beside, encrypt
from comity.domain.epochs import (
    DAYS_LEAST,
    DAYS_MOST,
    EARLY,
    EVERY_DAYS,
    Epoch,
    KeyDestroyed,
    Part,
    epochs_of,
)
from comity.domain.ids import AgencyId, OfficerId, digest
from comity.domain.recovery import KeyKind, name_of
from comity.domain.roster import DeskEntry, OfficerEntry
from comity.errors import Misused, NotCompetent, TooLate, Unavailable, Untrusted
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services import escrow
from comity.services.address_book import read_book
from comity.services.agencies import factor_of
from comity.services.agency_card import AgencyCard
from comity.services.enrol import officer_of, own_card
from comity.services.export import exchange, kept
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.rosters import Change, amend
from comity.services.unlock import Judge, passphrase_alone, renewed, unlock
from comity.services.unseal import readers_of
from comity.services.wraps import sealed_for, sealed_of
from comity.storage import housed, keys, meta, wraps
from comity.storage.reading import Reading, Writing
from comity.storage.wraps import Wrap
from comity.wire import canonical, identity
from comity.wire.identity import IdentityFile

PERIOD: Final = "reading-period"
"""The room of how long each agency's officers read under one key."""
SOON: Final = timedelta(days=30)
LOOK_EVERY: Final = timedelta(hours=1)
_LOOKED_AT: Final = "keys-looked-at"
AT_ONCE: Final = 500
"""Envelopes that are wrapped at one sign-in: it must not be slow. The next one goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one reading key of an officer, or of a desk of his, stands."""

    epoch: Epoch
    held: bool
    """Whether its secret is in his hands now."""
    unopened: int
    """Copies sealed to it that he has not opened; with its secret they are gone for him."""


def sign_in(
    house: House,
    who: str,
    passphrase: str,
    *,
    address: str = "",
    second: Judge = passphrase_alone,
) -> Unlocked:
    """Unlock *who*, and do what is due with his reading keys while his passphrase is there.

    Where the disk is full or the database held he is let in all the same; it is due next time too.
    """
    unlocked = unlock(house, who, passphrase, address=address, second=second)
    with contextlib.suppress(Unavailable, NotCompetent):
        try:
            unlocked = _kept_up(house, unlocked, passphrase)
        except TooLate:  # in another session, at the same moment: its keys are the ones
            # Its code was shown, and counts once: this is the same attempt.
            unlocked = unlock(house, unlocked.entry.id, passphrase, address=address)
    return unlocked


def set_period(house: House, agency: AgencyId, days: int) -> None:
    """Let officers of *agency* read under one key for so many days."""
    own_card(house, agency)
    if not DAYS_LEAST <= days <= DAYS_MOST:
        raise Misused("period", least=DAYS_LEAST, most=DAYS_MOST)
    body = house.vault.lock(str(days).encode(), f"{PERIOD}/{agency}")
    row = housed.Housed(room=PERIOD, name=agency, owner=agency, body=body, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))


def read_period(house: House, agency: AgencyId) -> timedelta:
    with house.store.read() as reading:
        rows = housed.get(reading, PERIOD, [agency])
    told = house.vault.open(rows[0].body, f"{PERIOD}/{agency}") if rows else b""
    return timedelta(days=int(told) if told else EVERY_DAYS)


def standing(house: House, unlocked: Unlocked) -> tuple[Standing, ...]:
    """Return how the keys of *unlocked* stand, his own first, the oldest of each first."""
    return _standing(house, unlocked, lambda _: True)


def going(house: House, unlocked: Unlocked) -> tuple[Standing, ...]:
    """Return the keys of his that are destroyed soon, with letters that he has not opened."""
    by = house.now() + SOON
    held = set(unlocked.remembered.by_lines(unlocked.identities))
    if len(held) <= 2 + len(unlocked.desks):
        return ()  # nothing of his has ended
    found = _standing(
        house,
        unlocked,
        lambda each: (
            each.line in held and each.destroyed_at is not None and each.destroyed_at <= by
        ),
    )
    return tuple(each for each in found if each.unopened)


def _standing(
    house: House, unlocked: Unlocked, wanted: Callable[[Epoch], bool]
) -> tuple[Standing, ...]:
    card = read_book(house).agency(unlocked.agency)
    mine = sorted(readers_of(unlocked), key=lambda each: (each != unlocked.entry.id, each))
    found = epochs_of(card.history, mine, card.revoked)
    held = {str(each.recipient) for each in unlocked.identities}
    with house.store.read() as reading:
        return tuple(
            Standing(
                epoch=each,
                held=each.line in held,
                unopened=wraps.count_unwrapped(
                    reading, unlocked.entry.id, each.reader, each.number, to=card.id
                ),
            )
            for reader in mine
            for each in found[reader]
            if wanted(each)
        )


def destroy_if_due(house: House) -> int:
    """Destroy what the clock alone destroys, if it was not looked at within the hour."""
    with house.store.read() as reading:
        told = meta.get(reading, [_LOOKED_AT]).get(_LOOKED_AT, b"0")
    if house.millis() - int(told) < LOOK_EVERY.total_seconds() * 1000:
        return 0
    when = meta.Meta(name=_LOOKED_AT, value=str(house.millis()).encode())
    house.store.write(lambda w: meta.put(w, [when]))
    return destroy_retired(house)


def destroy_retired(house: House) -> int:
    """Destroy desks' secrets, and all escrow, of epochs that are over; return of how many."""
    now = house.now()
    done = 0
    for card in read_book(house).own:
        held = [e for e in card.history.values() if isinstance(e, OfficerEntry | DeskEntry)]
        found = epochs_of(card.history, {each.id for each in held}, card.revoked)
        over = [e for epochs in found.values() for e in epochs if e.is_retired(now)]
        desks = {each.id for each in held if isinstance(each, DeskEntry)}
        with house.store.read() as reading:
            over = _lying(reading, over, desks)
        if over:
            house.store.write(partial(_destroy_by_clock, house=house, over=over, desks=desks))
            done += len(over)
    if done:
        house.store.scrub()
    return done


def _destroy_by_clock(
    writing: Writing, *, house: House, over: Sequence[Epoch], desks: Collection[str]
) -> None:
    _ = writing.log  # its lock: another process may do the same
    left = _lying(writing, over, desks)
    by_part = {
        Part.WHOLE: [each for each in left if each.reader in desks],
        Part.ESCROW: [each for each in left if each.reader not in desks],
    }
    for part, epochs in by_part.items():
        destroy(writing, house, epochs, part)


def destroy(writing: Writing, house: House, epochs: Sequence[Epoch], part: Part) -> None:
    """Destroy what lies here of the secrets of *epochs*, and say so in the ledger.

    An officer's own lies in his identity file alone, which the caller writes anew in this write.
    """
    keys.delete_desk_epochs(writing, [(each.reader, each.number) for each in epochs])
    escrow.forget(writing, [name for each in epochs for name in escrow_names(each)])
    writing.append([_leaf(house, each, part) for each in epochs])


def escrow_names(epoch: Epoch) -> tuple[str, ...]:
    """Return under which names the key of *epoch* may be escrowed: an officer's or a desk's."""
    kinds = (KeyKind.READING, KeyKind.DESK)
    return tuple(name_of(epoch.reader, kind, epoch.number) for kind in kinds)


def _leaf(house: House, epoch: Epoch, part: Part) -> Opening:
    said = KeyDestroyed(
        reader=epoch.reader,
        epoch=epoch.number,
        recipient=digest(epoch.line.encode()),
        part=part,
        at=house.now(),
    )
    return Opening(LeafType.KEY, house.random(SALT_SIZE), canonical.encode(said))


def _lying(reading: Reading, over: Sequence[Epoch], desks: Collection[str]) -> list[Epoch]:
    """Return those of *over* of which something lies here that needs no passphrase to destroy."""
    names = [name for each in over for name in escrow_names(each)]
    there = {row.name for row in housed.get(reading, escrow.ROOM, names)}
    shared = {each.reader for each in over if each.reader in desks}
    rows = {
        (row.desk, row.epoch) for desk in sorted(shared) for row in keys.desk_members(reading, desk)
    }
    return [
        each
        for each in over
        if not there.isdisjoint(escrow_names(each)) or (each.reader, each.number) in rows
    ]


def _kept_up(house: House, unlocked: Unlocked, passphrase: str) -> Unlocked:
    card = read_book(house).agency(unlocked.agency)
    if _is_due(house, unlocked):
        unlocked = _renew(house, unlocked, passphrase)  # (1)
    if len(unlocked.reading) + sum(map(len, unlocked.desks.values())) == 1 + len(unlocked.desks):
        return unlocked  # nothing of his has ended
    found = epochs_of(card.history, readers_of(unlocked), card.revoked)
    ended = [each for epochs in found.values() for each in epochs if each.ended]
    whole = _wrap_own(house, unlocked, ended)  # (2)
    over = [
        each
        for each in ended
        if each.reader == unlocked.entry.id and each.is_retired(house.now()) and whole
    ]
    return _drop(house, unlocked, passphrase, over)  # (3)


def _is_due(house: House, unlocked: Unlocked) -> bool:
    entry = unlocked.entry
    began = entry.begins + EARLY if entry.epoch > 1 else entry.begins
    return house.now() - began >= read_period(house, unlocked.agency)


def _renew(house: House, unlocked: Unlocked, passphrase: str) -> Unlocked:
    """Begin the next epoch of *unlocked*; raise TooLate if his file changed meanwhile."""
    key = HybridIdentity.generate(house.random)
    reading = (key, *unlocked.reading)
    rewrite = _Rewrite(house, unlocked, passphrase, reading)

    def decide(card: AgencyCard) -> Change:
        before = officer_of(card, unlocked.entry.id)
        if before.epoch != unlocked.entry.epoch or before.signing != unlocked.entry.signing:
            raise TooLate("moved")
        entry = replace(
            before,
            reading=str(key.recipient),
            epoch=before.epoch + 1,
            begins=max(before.begins, house.now() - EARLY),
        )
        return Change(add=[entry], end=[card.certificate_of(before.id)], also=rewrite.write)

    amend(house, unlocked.agency, decide)
    return renewed(house, replace(unlocked, reading=reading))


def _drop(house: House, unlocked: Unlocked, passphrase: str, over: Sequence[Epoch]) -> Unlocked:
    """Write the identity file of *unlocked* without the secrets of the epochs *over*."""
    lines = {each.line for each in over if each.line != unlocked.entry.reading}
    left = tuple(each for each in unlocked.reading if str(each.recipient) not in lines)
    if len(left) == len(unlocked.reading):
        return unlocked
    gone = lines & {str(each.recipient) for each in unlocked.reading}
    rewrite = _Rewrite(house, unlocked, passphrase, left)

    def work(writing: Writing) -> None:
        rewrite.write(writing)
        destroy(writing, house, [e for e in over if e.line in gone], Part.WHOLE)

    house.store.write(work)
    house.store.scrub()
    return replace(unlocked, reading=left)


class _Rewrite:
    """An officer's identity file with other reading keys, to take the place of the one here."""

    def __init__(
        self,
        house: House,
        unlocked: Unlocked,
        passphrase: str,
        reading: tuple[HybridIdentity, ...],
    ) -> None:
        self._house = house
        self._entry = unlocked.entry
        with house.store.read() as here:
            self._before = kept(here, house, self._entry.id)
        made = IdentityFile(
            officer=OfficerId(self._entry.id),
            signing=unlocked.signing,
            factors=unlocked.factors,
            reading=reading,
            storage=unlocked.storage,
        )
        typed = passphrases.normalise(passphrase)
        self._sealed = encrypt(identity.write(made), [Passphrase(typed, factor=factor_of(house))])

    def write(self, writing: Writing) -> None:
        """Put it there; raise TooLate if another session, or a new passphrase, was first."""
        if self._before is None:
            raise TooLate("moved")
        exchange(
            writing,
            self._house,
            self._entry.agency,
            self._entry.id,
            before=self._before,
            sealed=self._sealed,
        )


def _wrap_own(house: House, unlocked: Unlocked, ended: Sequence[Epoch]) -> bool:
    """Wrap what his agency released under epochs that *ended*; return whether that is all."""
    held: Mapping[str, HybridIdentity] = unlocked.remembered.by_lines(unlocked.identities)
    made: dict[str, Wrap] = {}
    whole = True
    with house.store.read() as reading:
        for epoch in ended:
            if epoch.line not in held:
                continue
            rows = wraps.unwrapped(
                reading,
                unlocked.entry.id,
                epoch.reader,
                epoch.number,
                own=unlocked.agency,
                limit=AT_ONCE,
            )
            whole = whole and len(rows) < AT_ONCE
            sealed = sealed_of(reading, [row.envelope for row in rows])
            for envelope, data in sealed.items():
                with contextlib.suppress(Untrusted):  # damaged here, or never his to open
                    key = beside.key_of(data, [held[epoch.line]])
                    made[envelope] = sealed_for(house, unlocked, envelope, key)
    if made:
        house.store.write(lambda w: wraps.add(w, list(made.values())))
    return whole
