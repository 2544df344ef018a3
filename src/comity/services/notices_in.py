# SPDX-License-Identifier: Apache-2.0
"""Notices that came: each verified by itself, taken in the parcel's one write, told back as taken.

One that fails verification is kept as evidence and told back as taken too: it will never be better,
and its sender would send it for ever. What the rules refuse is taken and answered by whatever the
notice is about.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from comity.crypto.signing import verifying_key
from comity.domain.compared import CommonTags, ConsistencyAsked, ConsistencyShown, SeenNotes
from comity.domain.docket import Proven
from comity.domain.ids import Digest, NodeId, digest
from comity.domain.introduction import Introduction, IntroductionOutcome
from comity.domain.recall_onward import OnwardHeld, RecallOnward
from comity.errors import BadSignature, NotForUs, Untrusted
from comity.services import compare, introductions_in, recall_onward_in, witness
from comity.services.address_book import Book
from comity.services.evidence import Against
from comity.services.house import House
from comity.services.node_signed import first_of
from comity.storage import receipts
from comity.storage.reading import Writing
from comity.wire import notice as notice_wire
from comity.wire.notice import Told

KIND: Final = "notice"
"""The kind of evidence."""
Store = Callable[[Writing], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """What is to be written of the notices in one parcel."""

    stores: tuple[Store, ...] = ()
    taken: tuple[Digest, ...] = ()
    against: tuple[Against, ...] = ()


def read(house: House, book: Book, node: NodeId, notices: Sequence[bytes]) -> Noticed:
    """Return what to do about *notices* that *node* handed over."""
    stores, taken, against = [], [], []
    for data in notices:
        taken.append(digest(data))
        try:
            stores.append(_read(house, book, node, notice_wire.read(data)))
        except Untrusted as error:
            against.append(Against(kind=KIND, node=node, code=error.cause, body=data))
    return Noticed(stores=tuple(stores), taken=tuple(taken), against=tuple(against))


def _read(house: House, book: Book, node: NodeId, told: Told) -> Store:
    """Return how to take in *told*.

    (1) The node that hands it over is the one that says it. (2) Its carrier key signed it.
    """
    said = told.said
    if said.node != node:  # (1)
        raise NotForUs("notice")
    if isinstance(said, Proven):
        row = witness.read_proven(house, told.dsse, book.signers(node))
        return lambda w: _store_proven(w, row)
    if book.is_witness_only(node):
        return _pass_over  # it vouches for our record, and has nothing else to tell us
    first_of(  # (2)
        book.signers(node), lambda each: notice_wire.verify(told, verifying_key(each.carrier))
    )
    if isinstance(said, Introduction):
        return introductions_in.take(house, book, told, said)
    if isinstance(said, IntroductionOutcome):
        _check_agency(book, node, said)
        return introductions_in.take_outcome(house, said)
    return _of_the_rest(house, book, said)


def _of_the_rest(
    house: House,
    book: Book,
    said: (
        RecallOnward | OnwardHeld | CommonTags | SeenNotes | ConsistencyAsked | ConsistencyShown
    ),
) -> Store:
    match said:
        case RecallOnward():
            return recall_onward_in.take(house, book, said)
        case OnwardHeld():
            return recall_onward_in.take_report(house, book, said)
        case _:
            return _of_ledgers(house, book, said)


def _of_ledgers(
    house: House, book: Book, said: CommonTags | SeenNotes | ConsistencyAsked | ConsistencyShown
) -> Store:
    match said:
        case CommonTags():
            return compare.answer(house, book, said)
        case SeenNotes():
            return compare.take(house, book, said)
        case ConsistencyAsked():
            return compare.show(house, said)
        case ConsistencyShown():
            return compare.settle(house, said)


def _check_agency(book: Book, node: NodeId, said: IntroductionOutcome) -> None:
    if said.agency not in book.agencies_of(node) or not book.is_own(said.to):
        raise BadSignature("agency")


def _pass_over(_writing: Writing) -> None:
    pass


def _store_proven(writing: Writing, row: receipts.Proven) -> None:
    receipts.add_proven(writing, [row])
