# SPDX-License-Identifier: Apache-2.0
"""A new roster key: the root, brought back for a moment, names another one.

The root signs itself again, later; peers follow, because the key that they checked by voice has
signed it. Heads that stand were judged by the key before. From then on nothing that this key signs
is believed by who has heard of it, which is the cure where it was stolen: numbers that a thief
issued with it end there, and the next of ours is above all that peers say they were told.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from comity.crypto.signing import SEED_SIZE, SigningKey
from comity.domain.ids import AgencyId, digest
from comity.domain.roster import RestartEntry, Root
from comity.domain.time import to_millis, whole
from comity.errors import Busy, Misused
from comity.services import root_file
from comity.services.address_book import read_book
from comity.services.agencies import VALIDITY, keep_roots
from comity.services.agency_card import AgencyCard
from comity.services.enrol import own_card
from comity.services.house import House
from comity.services.root_file import RootKeys
from comity.services.roster_ahead import told_ahead
from comity.services.roster_rows import Numbered, check_newest, write_number, write_root
from comity.services.rosters import ECHO, next_number, store_key
from comity.storage import agencies, housed
from comity.storage.reading import Writing
from comity.wire.roster import sign_root

LEAP: Final = 1000
"""How far above what we know of: a thief may have told some peer of numbers that we never saw."""
_TRIES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signed:
    """A root about to take the place of another, and the roster key that it names."""

    root: Root
    dsse: bytes
    key: SigningKey


def rotate_roster_key(
    house: House,
    agency: AgencyId,
    path: Path,
    passphrase: str,
    *,
    stolen: bool = False,
    stolen_since: datetime | None = None,
) -> AgencyCard:
    """Give *agency* a new roster key, signed with the root in the file at *path*.

    Where the key before was *stolen*, the next number is above whatever peers say they hold; and
    with *stolen_since*, what was listed since then and is not listed by us is void everywhere.
    """
    card = own_card(house, agency)
    keys = root_file.read(path, passphrase)
    if keys.root.public.raw != card.root.root:
        raise Misused("root-file-other")
    roster = SigningKey(house.random(SEED_SIZE))
    root = replace(card.root, roster=roster.public.raw, at=_later(house, card))
    signed = _Signed(root=root, dsse=sign_root(root, keys.root), key=roster)
    restart = _restart(house, card, stolen_since) if stolen_since is not None else None
    return _install(
        house, agency, card.root, signed, stolen=stolen or restart is not None, restart=restart
    )


def succeed_root(
    house: House,
    agency: AgencyId,
    path: Path,
    passphrase: str,
    *,
    new_path: Path,
    new_passphrase: str,
) -> AgencyCard:
    """Let the successor that *agency*'s root named take over, and name the next, in *new_path*.

    The roster key changes too: whoever had the root before may have named it.
    """
    card = own_card(house, agency)
    keys = root_file.read(path, passphrase)
    if keys.following.public.raw == card.root.root:
        raise Misused("root-succeeded")
    following = SigningKey(house.random(SEED_SIZE))
    roster = SigningKey(house.random(SEED_SIZE))
    root = succession(card.root, keys.following, following, roster, at=_later(house, card))
    signed = _Signed(root=root, dsse=sign_root(root, keys.following), key=roster)
    # The file first: an agency whose root nobody has could never change its roster key again.
    keep_roots(house, new_path, RootKeys(root=keys.following, following=following), new_passphrase)
    try:
        return _install(house, agency, card.root, signed, stolen=True)
    except BaseException:
        new_path.unlink(missing_ok=True)
        raise


def succession(
    before: Root, key: SigningKey, following: SigningKey, roster: SigningKey, *, at: datetime
) -> Root:
    """Return the root of *key* that takes the place of *before*; raise Misused if it may not."""
    if digest(key.public.raw) != before.successor:
        raise Misused("root-file-other")
    return replace(
        before,
        root=key.public.raw,
        successor=digest(following.public.raw),
        roster=roster.public.raw,
        at=at,
    )


def _install(
    house: House,
    agency: AgencyId,
    before: Root,
    signed: _Signed,
    *,
    stolen: bool,
    restart: RestartEntry | None = None,
) -> AgencyCard:
    """Write the root, its roster key and the first number under it, all at once."""
    for _ in range(_TRIES):
        card = read_book(house).agency(agency)
        if card.root != before:
            raise Misused("root-changed")
        above = max(card.number, told_ahead(house, agency)) + LEAP if stolen else 0
        add = [restart] if restart else []
        made = next_number(house, signed.root, card.state, signed.key, add=add, above=above)
        try:
            house.store.write(partial(_write, house=house, signed=signed, made=made))
        except Busy:
            continue  # another process issued a number first
        return read_book(house).agency(agency)
    raise Busy("roster")


def _restart(house: House, card: AgencyCard, since: datetime) -> RestartEntry:
    """Return what says which number of *card*'s was the last before the key was stolen."""
    if since.utcoffset() is None or since > house.clock():
        raise Misused("compromised-since")
    with house.store.read() as reading:
        rows = agencies.rosters_since(reading, card.id, 0)
    numbers = [row.number for row in rows if row.at < to_millis(since)]
    begins = whole(since)
    return RestartEntry(
        agency=card.id, number=max(numbers, default=0), begins=begins, ends=begins + VALIDITY
    )


def _write(writing: Writing, *, house: House, signed: _Signed, made: Numbered) -> None:
    check_newest(writing, made.agency, made.before)
    held = [row for row in agencies.roots(writing) if row.agency == made.agency]
    write_root(writing, house, signed.root, signed.dsse, len(held) + 1)
    write_number(writing, house, made)
    store_key(writing, house, made.agency, signed.key)
    housed.discard(writing, ECHO, [made.agency])


def _later(house: House, card: AgencyCard) -> datetime:
    """Return now, or right after the root that stands: of two of one key the later one counts."""
    return max(house.now(), card.root.at + timedelta(seconds=1))
