# SPDX-License-Identifier: Apache-2.0
"""Admit a peer: who nominated it, who was called, which two of ours decided, until when.

An admission is a recorded act of two people. Comparing the fingerprint by voice is another: a key
checked by voice says nothing about honesty, and nothing with a name in it goes to a peer that is
neither checked nor vouched for by one that is (design §5 *Mandate and admission*). Who decided is
housed, because it names people. A body of states admits nobody alone: after its first peer it takes
an agency that it knows to introduce another.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from comity.crypto import fingerprint as fingerprint_digits
from comity.domain.ids import AgencyId, NodeId
from comity.domain.roster import AgencyType, NodeEntry
from comity.domain.time import written
from comity.errors import (
    Differs,
    Misused,
    NotAdmitted,
    NotChecked,
    NotCompetent,
    Refused,
    Untrusted,
)
from comity.services.address_book import Book, mark, read_book
from comity.services.agency_card import AgencyCard, keys_of
from comity.services.fields import line
from comity.services.house import House
from comity.services.rosters_in import check_addresses, check_same, write_peer
from comity.services.stand import INTRODUCED, SUSPENSIONS, WITNESS_ONLY
from comity.services.suspend import hear_another_key, hear_the_key, record
from comity.storage import agencies, housed, peers
from comity.storage.reading import Writing
from comity.wire import canonical
from comity.wire import invite as invite_wire
from comity.wire.invite import Invited
from comity.wire.roster import RosterState

ROOM: Final = "admission"
CHECKS: Final = "voice-check"
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
    introduction: str = ""
    """The id of the introduction on which it was let in; then nobody was called before."""

    def __post_init__(self) -> None:
        told = (self.nominated_by, self.letter, self.called, self.number_from)
        if not (self.introduction or all(each.strip() for each in told)):
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


def accept(house: House, text: str, admission: Admission) -> AgencyCard:
    """Admit the agency whose invitation *text* is; its key is not checked by that."""
    return admit(house, invite_wire.read(text), admission)


def admit(
    house: House,
    invited: Invited,
    admission: Admission,
    *,
    vouched_by: str = "",
    also: Callable[[Writing], None] | None = None,
) -> AgencyCard:
    """Admit *invited*; who was introduced before is now admitted without a scope or an end.

    *also* writes what belongs to it in the same write, before anything else.
    """
    book = read_book(house)
    agency = invited.state.agency
    if invited.invitation.practice != house.practice:
        raise Refused("practice")
    if book.is_own(agency) or node_of(invited.state).node == house.keys.node:
        raise Misused("agency-own")
    if date.fromisoformat(admission.review) <= house.now().date():
        raise Misused("admission-review")
    known = book.cards.get(agency)
    _check_not_alone(book, known, vouched_by)
    if known is not None:
        _admit_fully(house, known, invited, admission)
        return read_book(house).agency(agency)
    check_addresses(house, invited.state.entries.values())
    check_node(book, node_of(invited.state))

    def work(writing: Writing) -> None:
        if also is not None:
            also(writing)
        enter(writing, house, book, invited, vouched_by=vouched_by)
        body = canonical.encode(admission)
        housed.put(writing, [_housed(house, ROOM, agency, body)])

    house.store.write(work)
    return read_book(house).agency(agency)


def _check_not_alone(book: Book, known: AgencyCard | None, introducer: str) -> None:
    """Raise NotCompetent if a body of states would let an agency in on its own word alone.

    Whoever lets in its first peer knows nobody yet. Where a server is an agency's too, that
    agency's people decide. *introducer* is whose introduction is being accepted.
    """
    if introducer or any(each.kind is not AgencyType.BODY for each in book.own):
        return
    if known is None:
        alone = any(not each.own for each in book.cards.values())
    else:
        introduced = known.standing.introduced
        other = book.cards.get(introduced.by) if introduced else None
        alone = introduced is not None and (other is None or other.suspended)
    if alone:
        raise NotCompetent("body-alone")


def _admit_fully(house: House, known: AgencyCard, invited: Invited, admission: Admission) -> None:
    """Admit in the ordinary way one that was let in on an introduction, or only as a witness."""
    let_in = known.standing.introduced is not None or known.standing.witness_only
    if not let_in or admission.introduction:
        raise Refused("admitted-already")
    if invited.state.root != known.root:
        raise Differs("id-taken", agency=known.id)

    def work(writing: Writing) -> None:
        row = agencies.by_ids(writing, [known.id])[0]
        told = known.standing.suspension
        by_clock = told is not None and not told.by
        agencies.put(
            writing, [replace(row, suspended=row.suspended and not by_clock, vouched_by="")]
        )
        housed.discard(writing, INTRODUCED, [known.id])
        housed.discard(writing, WITNESS_ONLY, [known.id])
        if by_clock:
            housed.discard(writing, SUSPENSIONS, [known.id])
        housed.put(writing, [_housed(house, ROOM, known.id, canonical.encode(admission))])
        mark(writing, house)

    house.store.write(work)


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
    try:
        fingerprint_digits.matches(spoken, card.root.root)
    except Untrusted:
        if card.standing.introduced is not None:
            hear_another_key(house, card.id, NodeId(card.node.node), card.standing.introduced)
        raise
    said = canonical.encode(VoiceCheck(by=by.strip(), at=written(house.now())))

    def work(writing: Writing) -> None:
        row = agencies.by_ids(writing, [agency])[0]
        agencies.put(writing, [replace(row, checked_at=house.millis())])
        housed.put(writing, [_housed(house, CHECKS, agency, said)])
        hear_the_key(writing, house, agency)
        mark(writing, house)

    house.store.write(work)


def vouch(house: House, agency: AgencyId, voucher: AgencyId, *, by: str, reason: str) -> None:
    """Record that *voucher*, whose key was checked by voice, knows *agency*'s key to be good."""
    book = read_book(house)
    known = book.agency(voucher)
    counts = (known.own or known.checked_at) and not known.standing.witness_only
    if voucher == agency or not counts or known.suspended:
        raise NotChecked("voucher")
    card = book.agency(agency)
    if card.standing.witness_only:
        raise NotAdmitted("witness-only")
    if card.own:
        raise Misused("agency-own")
    told, why = line(by, "by"), line(reason, "reason", limit=_FIELD_LIMIT)

    def work(writing: Writing) -> None:
        row = agencies.by_ids(writing, [card.id])[0]
        agencies.put(writing, [replace(row, vouched_by=voucher)])
        record(writing, house, card.id, told, why)

    house.store.write(work)


def admission_of(house: House, agency: AgencyId) -> Admission | None:
    """Return the record of how *agency* was admitted."""
    with house.store.read() as reading:
        rows = housed.get(reading, ROOM, [agency])
    if not rows:
        return None
    opened = house.vault.open(rows[0].body, f"{ROOM}/{agency}")
    return canonical.decode(opened, Admission, limit=_LIMIT)


def voice_check_of(house: House, agency: AgencyId) -> VoiceCheck | None:
    """Return who heard the digits of *agency* read aloud, and when; None if nobody did."""
    with house.store.read() as reading:
        rows = housed.get(reading, CHECKS, [agency])
    if not rows:
        return None
    opened = house.vault.open(rows[0].body, f"{CHECKS}/{agency}")
    return canonical.decode(opened, VoiceCheck, limit=_LIMIT)


def check_node(book: Book, node: NodeEntry) -> None:
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


def enter(
    writing: Writing,
    house: House,
    book: Book,
    invited: Invited,
    *,
    vouched_by: str = "",
    checked_at: int = 0,
) -> None:
    """Write down who *invited* is; how it was let in is the caller's to say."""
    check_same(writing, book)
    root, node = invited.state.root, node_of(invited.state)
    row = agencies.Agency(
        id=root.agency,
        country=root.country,
        type=root.kind,
        own=False,
        node=node.node,
        vouched_by=vouched_by,
        checked_at=checked_at,
        admitted_at=house.millis(),
    )
    agencies.put(writing, [row])
    write_peer(writing, house, book, invited.invitation.roster, invited.state)
    peers.add_new(writing, [peers.Peer(node=node.node, address=node.address)])


def _housed(house: House, room: str, name: str, body: bytes, owner: str = "") -> housed.Housed:
    locked = house.vault.lock(body, f"{room}/{name}")
    return housed.Housed(room=room, name=name, owner=owner, body=locked, at=house.millis())


def node_of(state: RosterState) -> NodeEntry:
    """Return the node that houses the agency: no roster was ever taken without one."""
    nodes = (each for each in state.entries.values() if isinstance(each, NodeEntry))
    return max(nodes, key=lambda each: (each.begins, each.carrier))
