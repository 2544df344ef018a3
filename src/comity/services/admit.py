# SPDX-License-Identifier: Apache-2.0
"""Admit a peer: who nominated it, who was called, which two of ours decided, until when.

An admission is a recorded act of two people. Comparing the fingerprint by voice is another: a key
checked by voice says nothing about honesty, and nothing with a name in it goes to a peer that is
neither checked nor vouched for by one that is (design §5 *Mandate and admission*). Who decided is
housed, because it names people.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from comity.crypto import fingerprint as fingerprint_digits
from comity.domain.ids import AgencyId, mint
from comity.domain.roster import NodeEntry
from comity.domain.time import written
from comity.errors import Differs, Misused, NotChecked, Refused
from comity.services.address_book import Book, mark, read_book
from comity.services.agency_card import AgencyCard, keys_of
from comity.services.house import House
from comity.services.rosters_in import check_addresses, check_same, write_peer
from comity.storage import agencies, housed, peers
from comity.storage.reading import Writing
from comity.wire import canonical
from comity.wire import invite as invite_wire
from comity.wire.invite import Invited
from comity.wire.roster import RosterState

ROOM: Final = "admission"
CHECKS: Final = "voice-check"
STANDING: Final = "standing"
_LIMIT: Final = 16 * 1024
_FIELD_LIMIT: Final = 1000
_DECIDERS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Why a peer was let in: for whoever asks in five years."""

    nominated_by: str
    """The authority that named this agency as its state's."""
    letter: str
    """Its reference."""
    called: str
    """The number that was called to confirm it."""
    number_from: str
    """Where that number came from: never from the invitation itself."""
    decided_by: tuple[str, ...]
    """Two of our people."""
    review: str
    """When it is looked at again, ``2027-11-24``."""

    def __post_init__(self) -> None:
        told = (self.nominated_by, self.letter, self.called, self.number_from)
        if not all(each.strip() for each in told):
            raise Misused("admission-missing")
        if any(len(each) > _FIELD_LIMIT for each in (*told, *self.decided_by)):
            raise Misused("field-long", field="admission", limit=_FIELD_LIMIT)
        deciders = {" ".join(each.split()).casefold() for each in self.decided_by} - {""}
        if len(deciders) < _DECIDERS or len(self.decided_by) > len(deciders):
            raise Misused("admission-deciders")
        try:
            date.fromisoformat(self.review)
        except ValueError:
            raise Misused("admission-review") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceCheck:
    """Who compared the digits, and when."""

    by: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who vouched for a peer, suspended it or took it back, and why."""

    by: str
    at: str
    reason: str


def accept(house: House, text: str, admission: Admission) -> AgencyCard:
    """Admit the agency whose invitation *text* is; its key is not checked by that."""
    invited = invite_wire.read(text)
    book = read_book(house)
    agency = invited.state.agency
    if invited.invitation.practice != house.practice:
        raise Refused("practice")
    if book.is_own(agency) or _node(invited.state).node == house.keys.node:
        raise Misused("agency-own")
    if agency in book.cards:
        raise Refused("admitted-already")
    if date.fromisoformat(admission.review) <= house.now().date():
        raise Misused("admission-review")
    check_addresses(house, invited.state.entries.values())
    _check_node(book, _node(invited.state))
    house.store.write(lambda w: _write(w, house, book, invited, admission))
    return read_book(house).agency(agency)


def fingerprint(card: AgencyCard) -> str:
    """Return the 40 digits of *card*'s root key, to be read aloud by that agency itself."""
    return fingerprint_digits.digits(card.root.root)


def check(house: House, agency: AgencyId, spoken: str, *, by: str) -> None:
    """Record that *by* heard *spoken* from the peer; raise Untrusted if it is another key."""
    card = read_book(house).agency(agency)
    if card.own:
        raise Misused("agency-own")
    if not by.strip():
        raise Misused("field-missing", field="by")
    fingerprint_digits.matches(spoken, card.root.root)
    said = canonical.encode(VoiceCheck(by=by.strip(), at=written(house.now())))

    def work(writing: Writing) -> None:
        row = agencies.by_ids(writing, [agency])[0]
        agencies.put(writing, [replace(row, checked_at=house.millis())])
        housed.put(writing, [_housed(house, CHECKS, agency, said)])
        mark(writing, house)

    house.store.write(work)


def vouch(house: House, agency: AgencyId, voucher: AgencyId, *, by: str, reason: str) -> None:
    """Record that *voucher*, whose key was checked by voice, knows *agency*'s key to be good."""
    book = read_book(house)
    known = book.agency(voucher)
    if voucher == agency or not (known.own or known.checked_at) or known.suspended:
        raise NotChecked("voucher")
    _change(house, book.agency(agency), by, reason, vouched_by=voucher)


def suspend(house: House, agency: AgencyId, *, by: str, reason: str) -> None:
    """Take nothing more from *agency* and send it nothing, until it is taken back."""
    _change(house, read_book(house).agency(agency), by, reason, suspended=True)


def resume(house: House, agency: AgencyId, *, by: str, reason: str) -> None:
    """Deal again with an *agency* that was suspended."""
    _change(house, read_book(house).agency(agency), by, reason, suspended=False)


def admission_of(house: House, agency: AgencyId) -> Admission | None:
    """Return the record of how *agency* was admitted."""
    with house.store.read() as reading:
        rows = housed.get(reading, ROOM, [agency])
    if not rows:
        return None
    opened = house.vault.open(rows[0].body, f"{ROOM}/{agency}")
    return canonical.decode(opened, Admission, limit=_LIMIT)


def _change(
    house: House,
    card: AgencyCard,
    by: str,
    reason: str,
    *,
    vouched_by: str | None = None,
    suspended: bool | None = None,
) -> None:
    """Change how we stand to a peer, and house who said so and why."""
    if card.own:
        raise Misused("agency-own")
    if not (by.strip() and reason.strip()):
        raise Misused("field-missing", field="reason" if by.strip() else "by")
    now = written(house.now())
    said = canonical.encode(Standing(by=by.strip(), at=now, reason=reason.strip()))

    def work(writing: Writing) -> None:
        row = agencies.by_ids(writing, [card.id])[0]
        changed = replace(
            row,
            vouched_by=row.vouched_by if vouched_by is None else vouched_by,
            suspended=row.suspended if suspended is None else suspended,
        )
        agencies.put(writing, [changed])
        place = f"{card.id}/{mint(house.random)}"
        housed.put(writing, [_housed(house, STANDING, place, said, owner=card.id)])
        mark(writing, house)

    house.store.write(work)


def _check_node(book: Book, node: NodeEntry) -> None:
    """Raise Differs if another agency says that a node of this id is another one than *node*.

    Two people stand here who can ask both agencies. What the liar claims counts no longer as soon
    as it is suspended.
    """
    for card in book.cards.values():
        if card.suspended or not card.nodes or card.node.node != node.node:
            continue
        told = (*keys_of(node), node.address, node.tls)
        if (*keys_of(card.node), card.node.address, card.node.tls) != told:
            raise Differs("id-taken", agency=card.id)


def _write(
    writing: Writing, house: House, book: Book, invited: Invited, admission: Admission
) -> None:
    check_same(writing, book)
    root, node = invited.state.root, _node(invited.state)
    row = agencies.Agency(
        id=root.agency,
        country=root.country,
        type=root.kind,
        own=False,
        node=node.node,
        admitted_at=house.millis(),
    )
    agencies.put(writing, [row])
    write_peer(writing, house, book, invited.invitation.roster, invited.state)
    peers.add_new(writing, [peers.Peer(node=node.node, address=node.address)])
    body = canonical.encode(admission)
    housed.put(writing, [_housed(house, ROOM, root.agency, body)])


def _housed(house: House, room: str, name: str, body: bytes, owner: str = "") -> housed.Housed:
    locked = house.vault.lock(body, f"{room}/{name}")
    return housed.Housed(room=room, name=name, owner=owner, body=locked, at=house.millis())


def _node(state: RosterState) -> NodeEntry:
    """Return the node that houses the agency: no roster was ever taken without one."""
    nodes = (each for each in state.entries.values() if isinstance(each, NodeEntry))
    return max(nodes, key=lambda each: (each.begins, each.carrier))
