# SPDX-License-Identifier: Apache-2.0
"""Admit a peer: who nominated it, who was called, which two of ours decided, until when.

An admission is a recorded act of two people. Comparing the fingerprint by voice is another: a key
checked by voice says nothing about honesty, and nothing with a name in it goes to a peer without
(design §5 *Mandate and admission*).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from comity.crypto import fingerprint as fingerprint_digits
from comity.domain.ids import AgencyId
from comity.domain.roster import NodeEntry
from comity.domain.time import to_millis
from comity.errors import Misused, Refused
from comity.services.address_book import AgencyCard, read_book
from comity.services.house import House
from comity.services.rosters import write_peer
from comity.storage import agencies, housed, peers
from comity.storage.reading import Writing
from comity.wire import canonical
from comity.wire import invite as invite_wire
from comity.wire.invite import Invited

ROOM: Final = "admission"
CHECKS: Final = "voice-check"
_LIMIT: Final = 16 * 1024


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
        if len({each.strip().casefold() for each in self.decided_by if each.strip()}) < 2:
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


def accept(house: House, text: str, admission: Admission) -> AgencyCard:
    """Admit the agency whose invitation *text* is; its key is not checked by that."""
    invited = invite_wire.read(text)
    book = read_book(house)
    agency = invited.state.agency
    if invited.invitation.practice != house.practice:
        raise Refused("practice")
    if agency in book.cards:
        raise Refused("admitted-already", agency=agency)
    node = _node(invited)
    if node.node == house.keys.node:
        raise Misused("agency-own")
    house.store.write(lambda w: _write(w, house, invited, node, admission))
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
    now = house.millis()
    said = VoiceCheck(by=by, at=house.now().isoformat())

    def work(writing: Writing) -> None:
        admitted = to_millis(card.admitted_at) if card.admitted_at else now
        agencies.checked(writing, [(agency, now, admitted)])
        housed.put(writing, [_housed(house, CHECKS, agency, canonical.encode(said))])

    house.store.write(work)


def admission_of(house: House, agency: AgencyId) -> Admission | None:
    """Return the record of how *agency* was admitted."""
    with house.store.read() as reading:
        rows = housed.get(reading, ROOM, [agency])
    if not rows:
        return None
    opened = house.vault.open(rows[0].body, f"{ROOM}/{agency}")
    return canonical.decode(opened, Admission, limit=_LIMIT)


def _write(
    writing: Writing, house: House, invited: Invited, node: NodeEntry, admission: Admission
) -> None:
    root = invited.state.root
    row = agencies.Agency(
        id=root.agency,
        country=root.country,
        type=root.kind,
        own=False,
        node=node.node,
        admitted_at=house.millis(),
    )
    agencies.put(writing, [row])
    write_peer(writing, house, invited.invitation.roster, invited.state)
    peers.add_new(writing, [peers.Peer(node=node.node, address=node.address)])
    body = canonical.encode(admission)
    housed.put(writing, [_housed(house, ROOM, root.agency, body)])


def _housed(house: House, room: str, name: str, body: bytes) -> housed.Housed:
    locked = house.vault.lock(body, f"{room}/{name}")
    return housed.Housed(room=room, name=name, owner="", body=locked, at=house.millis())


def _node(invited: Invited) -> NodeEntry:
    for each in invited.state.entries.values():
        if isinstance(each, NodeEntry):
            return each
    raise Misused("invitation-node")
