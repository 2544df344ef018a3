# SPDX-License-Identifier: Apache-2.0
"""New keys for this node: made, certified by every agency housed here, and in use, in one write.

Peers follow with the next roster. For ``OVERLAP`` after that the keys before stay known: here to
open what is still sealed to them and to answer as whom peers know; in the rosters, so that what is
on its way is believed. Then a duty destroys them. Where they were stolen nothing that they signed
since is believed, by whoever has heard of it; they are kept here all the same, to tell the others.

A ledger's keys have no overlap: its log is closed, and the next one opened under the new keys.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import SEED_SIZE, SigningKey
from comity.crypto.tls import TlsKey
from comity.domain import time
from comity.domain.ids import CertificateHash
from comity.domain.roster import Entry, NodeEntry, RevocationEntry
from comity.domain.time import whole
from comity.errors import Busy, Misused, Refused
from comity.ledger.checkpoint import Checkpoint, Origin
from comity.services import node_keys, reopen
from comity.services.address_book import read_book
from comity.services.agencies import certified
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.node_keys import Former, Purpose, Seeds
from comity.services.roster_rows import Numbered, check_newest, write_number
from comity.services.rosters import next_number, roster_key
from comity.services.tls_certificate import certificate
from comity.storage.reading import Writing

OVERLAP: Final = timedelta(days=30)
EVERY: Final = frozenset(Purpose)
_TRIES: Final = 8
_BUSY: Final = "refused.log-busy"


def rotate(
    house: House, purposes: Collection[Purpose], *, stolen_since: datetime | None = None
) -> datetime:
    """Give this node new keys for *purposes*; return until when those before are kept.

    With *stolen_since*, all keys change, and what the ones before signed since then is refused.
    """
    if stolen_since is not None:
        purposes = EVERY
        _check_since(house, stolen_since)
    until = house.now() + OVERLAP
    for _ in range(_TRIES):
        with house.store.read() as reading:
            seeds, version = node_keys.read(reading, house.vault)
        fresh = _renewed(house, seeds, frozenset(purposes), until, stolen=stolen_since is not None)
        try:
            _install(house, fresh, version, until, stolen_since)
        except Busy:
            continue  # another process changed keys or rosters first
        except Refused as refused:
            if refused.cause != _BUSY:
                raise
            continue  # others' leaves were waiting in the same transaction
        return until
    raise Busy("roster")


def forget_former(house: House) -> bool:
    """Destroy the keys whose time is over, here and in our rosters; return whether there were any.

    A duty: it does nothing when nothing is due.
    """
    with house.store.read() as reading:
        seeds, version = node_keys.read(reading, house.vault)
    left = tuple(each for each in seeds.former if each.until > house.now())
    if len(left) == len(seeds.former):
        return False
    made = [_without_former(house, card) for card in read_book(house).own]
    fresh = replace(seeds, former=left)
    _write_all(house, fresh, version, [each for each in made if each])
    return True


def _renewed(
    house: House, seeds: Seeds, purposes: Collection[Purpose], until: datetime, *, stolen: bool
) -> Seeds:
    """Return *seeds* with other secrets for *purposes*, and those before kept beside them."""
    random = house.random
    former = list(seeds.former)
    for purpose, secret in (
        (Purpose.CARRIER, seeds.carrier),
        (Purpose.PARCEL, seeds.parcel.encode()),
        (Purpose.TLS, seeds.tls),
        (Purpose.WITNESS, seeds.witness),
    ):
        if purpose in purposes:
            former.append(Former(purpose=purpose, secret=secret, until=until))
    fresh = replace(seeds, former=tuple(former))
    if Purpose.CARRIER in purposes:
        fresh = replace(fresh, carrier=random(SEED_SIZE))
    if Purpose.PARCEL in purposes:
        fresh = replace(fresh, parcel=str(HybridIdentity.generate(random)))
    if Purpose.TLS in purposes:
        key = TlsKey.generate(random)
        made = certificate(key, seeds.node, house.clock(), random)
        fresh = replace(fresh, tls=key.bundle(made))
    if Purpose.WITNESS in purposes:
        fresh = replace(fresh, witness=random(SEED_SIZE))
    if Purpose.LEDGER in purposes:
        fresh = replace(fresh, ledger=random(SEED_SIZE), ledger_quantum=random(SEED_SIZE))
    return replace(fresh, matching=random(SEED_SIZE)) if stolen else fresh


def _install(
    house: House, fresh: Seeds, version: int, until: datetime, stolen_since: datetime | None
) -> None:
    """Write *fresh* with what certifies them; raise Busy if something changed meanwhile."""
    with house.store.read() as reading:
        head = reading.head()
        if head is None:
            raise Busy("log")
        opens = fresh.ledger != node_keys.read(reading, house.vault)[0].ledger
    origin = Origin.parse(head.origin)
    if opens:
        origin = Origin(origin.node, origin.number + 1)
    made = [
        _certify(house, card, fresh, origin=origin, until=until, stolen_since=stolen_since)
        for card in read_book(house).own
    ]
    if not opens:
        _write_all(house, fresh, version, made)
        return
    try:
        _write_all(house, fresh, version, made, opens=origin)
    finally:
        house.shelf.settle()


def _certify(
    house: House,
    card: AgencyCard,
    fresh: Seeds,
    *,
    origin: Origin,
    until: datetime,
    stolen_since: datetime | None,
) -> Numbered:
    """Return the number by which the agency of *card* certifies *fresh* and ends what was."""
    own = {k: v for k, v in card.history.items() if _is_own(house, v)}
    begins = max(house.now(), card.node.begins + timedelta(seconds=1))
    keys = node_keys.keys_of(fresh)
    entry = certified(keys, card.id, card.node.address, origin=str(origin), begins=begins)
    if stolen_since is None:
        ended = [each for each in own if each not in card.revoked]
        said = [_ends(card, each, until, "superseded") for each in ended]
        gone: list[CertificateHash] = []
    else:
        since = time.written(whole(stolen_since))
        said = [_ends(card, each, house.now(), "stolen", since) for each in own]
        gone = [each for each in own if each in card.current]
    add: list[Entry] = [entry, *said]
    return next_number(house, card.root, card.state, roster_key(house, card.id), add=add, end=gone)


def _without_former(house: House, card: AgencyCard) -> Numbered | None:
    """Return the number in which entries of this node are gone that count no more, if any are."""
    now = house.now()
    over = {
        named
        for named, each in card.told_nodes.items()
        if each != card.node and card.revoked.get(named, now) <= now
    }
    if not over:
        return None
    # Who knew the entry knows how it ended; nobody else needs to be told.
    ends = {
        named
        for named, each in card.current.items()
        if isinstance(each, RevocationEntry)
        and isinstance(card.history.get(each.certificate), NodeEntry)
        and each.at <= now
        and not each.compromised_since
    }
    gone = sorted(over | ends)
    key = roster_key(house, card.id)
    return next_number(house, card.root, card.state, key, end=gone)


def _write_all(
    house: House,
    fresh: Seeds,
    version: int,
    made: Sequence[Numbered],
    *,
    opens: Origin | None = None,
) -> None:
    work = partial(_write, house=house, fresh=fresh, version=version, made=made, opens=opens)
    house.store.write(work)
    house.shelf.settle()


def _write(
    writing: Writing,
    *,
    house: House,
    fresh: Seeds,
    version: int,
    made: Sequence[Numbered],
    opens: Origin | None,
) -> None:
    for each in made:
        check_newest(writing, each.agency, each.before)
    if node_keys.read(writing, house.vault)[1] != version:
        raise Busy("node-keys")
    if opens is not None:
        head = writing.head(writing.log)
        if head is None or Origin.parse(head.origin).number + 1 != opens.number:
            raise Busy("log")
        house.shelf.stage(opens, SigningKey(fresh.ledger))
        reopen.start(writing, house, opens, Checkpoint(head.origin, head.size, head.root))
    node_keys.put(writing, house.vault, fresh, house.millis())
    for each in made:
        write_number(writing, house, each)


def _is_own(house: House, entry: object) -> bool:
    return isinstance(entry, NodeEntry) and entry.node == house.keys.node


def _ends(
    card: AgencyCard, named: CertificateHash, at: datetime, reason: str, since: str = ""
) -> RevocationEntry:
    return RevocationEntry(
        agency=card.id, certificate=named, at=at, compromised_since=since, reason=reason
    )


def _check_since(house: House, at: datetime) -> None:
    if at.utcoffset() is None or at > house.clock():
        raise Misused("compromised-since")
