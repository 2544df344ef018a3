# SPDX-License-Identifier: Apache-2.0
"""Recalls that came: judged by what a node may know, carried out, remembered.

The node cannot open the recall. Beside its docket lies the officer's signed order, and that is
acted on when:

(1) It says what the docket says: agency, thread, acts.
(2) An officer of the agency that releases the docket signed it, with a key that is good now.
(3) By its own word he is the author of the acts, or signs for the desk for which they were done.
    Whoever opens the recall holds that word against the statements.
(4) No act that it names is known here as another agency's: a stranger's recall does nothing, and is
    evidence.

What is recalled is remembered by agency, act and holder, so that nobody recalls another's act by
its id; a copy that comes later, or again, is not taken in any more and its sender is told so.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from comity.crypto.signing import verifying_key
from comity.domain.docket import DocketStage, OrderedDocket, Receipt, ReceiptStage
from comity.domain.ids import (
    ActId,
    AgencyId,
    CopyId,
    Digest,
    EnvelopeId,
    NodeId,
    OfficerId,
    ThreadId,
)
from comity.domain.recall import speaks_for
from comity.domain.removal import Why
from comity.domain.taking_back import Taking
from comity.domain.tally import PENDING
from comity.domain.time import from_millis, to_millis
from comity.errors import BadSignature, Malformed
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services import recall_rules
from comity.services.address_book import Book
from comity.services.dockets_in import Arrived
from comity.services.house import House
from comity.services.judge import officer_at
from comity.services.removal import note, remove
from comity.storage import copies, outbox, receipts, removed
from comity.storage.copies import Copy, CopyState
from comity.storage.outbox import Waiting
from comity.storage.reading import Reading, Writing
from comity.storage.removed import Answer, Removed
from comity.wire import docket as docket_wire
from comity.wire import order as order_wire

_HERE: Final = (CopyState.RECEIVED, CopyState.MISTRUSTED)


def check(arrived: Arrived, book: Book, house: House) -> None:
    """Raise Untrusted unless what *arrived* takes back only what its officer may."""
    docket = arrived.docket
    if not isinstance(docket, OrderedDocket):
        if docket.stage is DocketStage.TAKEN_BACK:
            raise Malformed("order")
        return
    order = order_wire.check_docket(docket)  # (1)
    said = order.said
    card = book.agency(docket.agency)
    officer = officer_at(card, said.certificate, said=said.at, arrived=house.now())
    order_wire.verify(order, verifying_key(officer.signing))  # (2)
    follower = card.followers.get(OfficerId(said.author))
    if not speaks_for(  # (3)
        officer.id,
        author=said.author,
        desk=said.desk,
        desks=officer.desks,
        successors=[follower] if follower else [],
    ):
        raise BadSignature("not-his")
    with house.store.read() as reading:
        rows = copies.by_acts(reading, docket.recalls)
    ours = {row.act for row in rows if row.agency == docket.agency}
    if {row.act for row in rows if row.to == docket.to} - ours:  # (4)
        raise BadSignature("not-his")


def part(house: House, arrived: Sequence[Arrived]) -> tuple[list[Arrived], list[Arrived]]:
    """Return those of *arrived* that may be taken in, and those that were removed before."""
    if not arrived:
        return [], []
    with house.store.read() as reading:
        gone = _gone(reading, arrived)
    return (
        [each for each in arrived if each.docket.copy not in gone],
        [each for each in arrived if each.docket.copy in gone],
    )


def pass_over(writing: Writing, house: House, arrived: Sequence[Arrived]) -> Sequence[Arrived]:
    """Return those of *arrived* that may be stored; remember the others, each a leaf, once."""
    if not arrived:
        return ()
    _ = writing.log  # its lock, before we look what was removed
    gone = _gone(writing, arrived)
    if not gone:
        return arrived
    known = copies.known(writing, sorted(gone))
    told = {row.copy for row in removed.by_copies(writing, sorted(gone))}
    late = [
        each
        for each in arrived
        if each.docket.copy in gone and each.docket.copy not in known | told
    ]
    note(writing, house, [_late(each, house) for each in late])
    return [each for each in arrived if each.docket.copy not in gone]


def carry_out(writing: Writing, house: House, dockets: Iterable[OrderedDocket]) -> None:
    """Do what *dockets*, which were checked, recall; what was decided before stays decided."""
    for each in dockets:
        order = order_wire.read(each.order).said
        if order.what is Taking.RECALL:
            take_back(
                writing,
                house,
                agency=each.agency,
                to=each.to,
                thread=each.thread,
                acts=each.recalls,
            )


def decide(
    writing: Writing, house: House, agency: AgencyId, rows: Sequence[Removed], answer: Answer
) -> None:
    """Answer the recalls *rows*, of which somebody of *agency* was asked."""
    now = house.millis()
    for row in rows:
        kept = recall_rules.ground_of(writing, house, agency, row.thread)
        ground = kept.ground if kept and answer is Answer.KEPT else ""
        told = Removed(
            agency=row.agency,
            act=row.act,
            to=row.to,
            thread=row.thread,
            why=row.why,
            answer=answer,
            ground=ground,
            at=now,
        )
        removed.answer(writing, [told])
        _answer(writing, house, told)


def take_back(
    writing: Writing,
    house: House,
    *,
    agency: AgencyId,
    to: AgencyId,
    thread: ThreadId,
    acts: Iterable[ActId],
) -> None:
    """Do about *acts* of *agency* what *to*, ours, does about what is recalled."""
    _ = writing.log  # its lock: two processes that took the same parcel see one another
    kept = recall_rules.ground_of(writing, house, to, thread)
    rules = recall_rules.rules_of(writing, house, to)
    answer = Answer.KEPT if kept else Answer.PENDING if rules.ask else Answer.REMOVED
    for act in acts:
        row = Removed(
            agency=agency,
            act=act,
            to=to,
            thread=thread,
            why=Why.RECALL,
            answer=answer,
            ground=kept.ground if kept else "",
            at=house.millis(),
        )
        if removed.add_new(writing, [row]):
            _answer(writing, house, row)


def _answer(writing: Writing, house: House, row: Removed) -> None:
    """Do and say what the holder of *row* answers, of each copy that he has."""
    found = [
        each
        for each in copies.by_acts(writing, [row.act])
        if (each.agency, each.to) == (row.agency, row.to) and each.state in _HERE
    ]
    if row.answer == Answer.REMOVED:
        gone = remove(writing, house, found, Why.RECALL, at=row.at)
        tell(writing, house, [removed_receipt(writing, house, each) for each in gone], found)
        return
    said = [_kept(each, house, row) for each in found]
    tell(writing, house, said, found)


def tell(writing: Writing, house: House, said: Sequence[Receipt], rows: Sequence[Copy]) -> None:
    """Sign what we *said* of *rows*, make it a leaf, and send it to whoever recalled them."""
    if not said:
        return
    signed = [docket_wire.sign(each, house.keys.carrier) for each in said]
    writing.append(
        [Opening(LeafType.RECEIPT, house.random(SALT_SIZE), each.payload) for each in signed]
    )
    receipts.add(
        writing,
        [
            receipts.Receipt(
                receipt=each.digest,
                copy=each.said.copy,
                stage=each.said.stage,
                agency=each.said.agency,
                at=to_millis(each.said.at),
                stored_at=house.millis(),
                body=each.dsse,
            )
            for each in signed
        ],
    )
    nodes = {row.copy: row.node for row in rows}
    outbox.add(
        writing,
        [
            Waiting(
                to_node=nodes[each.said.copy],
                kind=outbox.Item.RECEIPT,
                ref=each.digest,
                not_before=house.millis(),
            )
            for each in signed
            if nodes[each.said.copy] != house.keys.node
        ],
    )


def removed_receipt(reading: Reading, house: House, row: Removed) -> Receipt:
    """Return our word that the copy of *row* is removed, and until when backups may hold it."""
    days = recall_rules.rules_of(reading, house, row.to).backups
    until = from_millis(row.at) + timedelta(days=days)
    return Receipt(
        stage=ReceiptStage.REMOVED,
        agency=AgencyId(row.to),
        to=AgencyId(row.agency),
        node=house.keys.node,
        act=ActId(row.act),
        copy=CopyId(row.copy),
        envelope=EnvelopeId(row.envelope),
        thread=ThreadId(row.thread),
        docket=Digest(row.docket),
        at=from_millis(row.at),
        reason=f"backups-until-{until:%Y-%m-%d}",
    )


def _kept(row: Copy, house: House, told: Removed) -> Receipt:
    return Receipt(
        stage=ReceiptStage.KEPT,
        agency=AgencyId(row.to),
        to=AgencyId(row.agency),
        node=house.keys.node,
        act=ActId(row.act),
        copy=CopyId(row.copy),
        envelope=EnvelopeId(row.envelope),
        thread=ThreadId(row.thread),
        docket=Digest(row.docket),
        at=from_millis(told.at),
        reason=told.ground or PENDING,
    )


def _gone(reading: Reading, arrived: Sequence[Arrived]) -> frozenset[str]:
    """Return the copies of *arrived* that were removed here, or whose act was recalled."""
    dockets = [each.docket for each in arrived]
    rows = removed.by_acts(reading, sorted({each.act for each in dockets}))
    acts = {
        (row.agency, row.act, row.to)
        for row in rows
        if not row.copy and (row.why, row.answer) == (Why.RECALL, Answer.REMOVED)
    }
    gone = {row.copy for row in rows if row.copy}
    return frozenset(
        each.copy
        for each in dockets
        if each.copy in gone or (each.agency, each.act, each.to) in acts
    )


def was_removed(reading: Reading, agency: AgencyId, act: ActId) -> bool:
    """Return whether *act* of *agency* was recalled and removed by anybody here."""
    return any(
        (row.agency, row.why, row.answer) == (agency, Why.RECALL, Answer.REMOVED)
        for row in removed.by_acts(reading, [act])
    )


def _late(arrived: Arrived, house: House) -> Removed:
    """Return what is remembered of a copy that came after it was recalled."""
    docket = arrived.docket
    return Removed(
        agency=docket.agency,
        act=docket.act,
        to=docket.to,
        copy=docket.copy,
        thread=docket.thread,
        envelope=docket.envelope,
        docket=arrived.released.digest,
        node=NodeId(""),
        why=Why.RECALL,
        answer=Answer.REMOVED,
        at=house.millis(),
    )
