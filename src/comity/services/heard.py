# SPDX-License-Identifier: Apache-2.0
"""Receipts as a reader may rely on them: verified again, with both nodes' times where they part.

(1) It is the receipt that its row names, about a copy of this thread as we know it.
(2) Who says it may: the recipient agency for what it received, opened or returned, and our own for
    what it returned to its author or heard nothing of; who opened it, and in whose name,
    ``read_by.py`` says.
(3) He signed it, with a key that was good when the receipt came here: never at its own date, which
    a thief chooses.
(4) The leaf that *delivered* speaks of stands in the checkpoint that it names, as that ledger
    showed it to us.

*Submitted* is our own leaf, made when it is asked for (ADR 5).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from comity.crypto import dsse
from comity.crypto.signing import verifying_key
from comity.domain.docket import OF_NODE, OF_PEOPLE, OF_SENDER, Proven, Receipt, ReceiptStage
from comity.domain.ids import ActId, AgencyId, CopyId, Digest, EnvelopeId, ThreadId
from comity.domain.roster import NodeEntry
from comity.domain.time import from_millis
from comity.errors import BadProof, BadSignature, Differs, Refused, Untrusted
from comity.ledger import checkpoint, note
from comity.ledger.checkpoint import Checkpoint, Origin
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.ledger.note import NOTE_LIMIT
from comity.ledger.proof import verify_inclusion
from comity.ledger.tree import HASH_SIZE
from comity.services.address_book import Book
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.judge import SKEW, card_of, check_carrier
from comity.services.read_by import check_read_by
from comity.services.remembered import Remembered
from comity.storage import logs, receipts, witness
from comity.storage.copies import Copy, CopyState
from comity.storage.reading import Reading
from comity.wire import docket as docket_wire
from comity.wire.docket import DOCKET_LIMIT, Released
from comity.wire.parcel import ReceiptItem

_UNSENT: Final = frozenset({CopyState.HELD, CopyState.STOPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """One fact to which two nodes put times more than five minutes apart: both are shown."""

    act: ActId
    copy: CopyId
    agency: AgencyId
    """The other node's."""
    ours: datetime
    theirs: datetime
    skewed: bool
    """True where what came later has the earlier time: the clocks differ, not only the way."""


class Ear:
    """Verifies receipts against one snapshot, for one officer's session."""

    def __init__(self, reading: Reading, book: Book, remembered: Remembered) -> None:
        self._reading = reading
        self._book = book
        self._remembered = remembered
        self._checkpoints: dict[tuple[str, int], Checkpoint] = {}
        self._proofs: dict[tuple[str, int], Proven | None] = {}

    def hear(self, kept: receipts.Receipt, row: Copy) -> Receipt:
        """Return the receipt *kept* about the copy *row*; raise Untrusted."""
        released: Released[Receipt] = docket_wire.read(kept.body, Receipt)
        said = released.said
        if (kept.receipt, kept.stage) != (released.digest, said.stage):  # (1)
            raise Differs("receipt")
        named = (said.act, said.copy, said.envelope, said.thread, said.docket)
        if named != (row.act, row.copy, row.envelope, row.thread, row.docket):
            raise Differs("receipt")
        card = card_of(self._book, said.agency)
        if said.stage in OF_PEOPLE:
            self._check_person(released, kept, row, card)
        else:
            self._check_node(released, kept, row, card)
        if said.stage is ReceiptStage.DELIVERED:
            self._find_leaf(kept, said, row)  # (4)
        return said

    def proofs(self, heard: Iterable[Receipt]) -> tuple[Proven, ...]:
        """Return the notices that make *heard* proven, verified; the first that covers each."""
        found = [self._proof(each) for each in heard if each.origin]
        return tuple(dict.fromkeys(each for each in found if each is not None))

    def _check_person(
        self, released: Released[Receipt], kept: receipts.Receipt, row: Copy, card: AgencyCard
    ) -> None:
        said = released.said
        if (said.agency, said.to) != (row.to, row.agency):  # (2)
            raise BadSignature("not-his")
        arrived = from_millis(kept.stored_at)
        check_read_by(released, row, card, arrived=arrived, remembered=self._remembered)  # (3)

    def _check_node(
        self, released: Released[Receipt], kept: receipts.Receipt, row: Copy, card: AgencyCard
    ) -> None:
        said = released.said
        of_sender = said.stage in (ReceiptStage.RETURNED, *OF_SENDER)
        returned = of_sender and said.agency == row.agency
        delivered = said.stage in OF_NODE
        if not returned and not (delivered and said.agency == row.to):  # (2)
            raise BadSignature("not-his")
        arrived = from_millis(kept.stored_at)
        entry = check_carrier(released, card, arrived, self._remembered)  # (3)
        if said.node != entry.node:
            raise BadSignature("not-his")

    def _find_leaf(self, kept: receipts.Receipt, said: Receipt, row: Copy) -> None:
        if len(said.salt) != SALT_SIZE or len(kept.proof) % HASH_SIZE:
            raise BadProof("opening")
        shown = self._checkpoint(said)
        payload = dsse.read(row.release, DOCKET_LIMIT).payload
        leaf = Opening(LeafType.DOCKET, said.salt, payload)
        verify_inclusion(said.index, shown.size, leaf.hash, kept.hashes, shown.root)

    def _checkpoint(self, said: Receipt) -> Checkpoint:
        """Return the checkpoint that *said* names, by that ledger's own word."""
        key = (said.origin, said.size)
        if key not in self._checkpoints:
            self._checkpoints[key] = self._read_checkpoint(said)
        return self._checkpoints[key]

    def _read_checkpoint(self, said: Receipt) -> Checkpoint:
        if Origin.parse(said.origin).node != said.node:
            raise BadProof("origin")
        found = witness.shown(self._reading, said.origin, [said.size])
        if said.size not in found:
            raise BadProof("checkpoint")
        signed = note.read(found[said.size], NOTE_LIMIT)
        card = card_of(self._book, said.agency)
        failure: Untrusted = BadSignature("unknown")
        for entry in card.history.values():
            if isinstance(entry, NodeEntry) and entry.node == said.node:
                try:
                    return checkpoint.verify(signed, said.origin, verifying_key(entry.ledger))
                except BadSignature as error:
                    failure = error
        raise failure

    def _proof(self, said: Receipt) -> Proven | None:
        key = (said.origin, said.size)
        if key not in self._proofs:
            self._proofs[key] = self._read_proof(said)
        return self._proofs[key]

    def _read_proof(self, said: Receipt) -> Proven | None:
        kept = receipts.proof_covering(self._reading, said.origin, said.size)
        if kept is None:
            return None
        released: Released[Proven] = docket_wire.read(kept.body, Proven)
        notice = released.said
        try:
            card = card_of(self._book, notice.agency)
            entry = check_carrier(released, card, notice.at, self._remembered)
        except Untrusted:
            return None  # the receipt stands without it; ``comity verify`` names the row
        same = (notice.origin, notice.size) == (kept.origin, kept.size)
        return notice if same and entry.node == notice.node == said.node else None


def apart(
    rows: Mapping[str, Copy], heard: Iterable[Receipt], *, own: Collection[AgencyId]
) -> tuple[Apart, ...]:
    """Return the facts to which another node and ours put times too far apart."""
    came = [
        _came(row)
        for row in rows.values()
        if row.state in (CopyState.RECEIVED, CopyState.MISTRUSTED) and row.agency not in own
    ]
    told = [
        _told(each, rows[each.copy])
        for each in heard
        if each.stage is ReceiptStage.DELIVERED and each.agency not in own
    ]
    return tuple(each for each in (*came, *told) if abs(each.ours - each.theirs) > SKEW)


def submitted(row: Copy, house: House) -> Receipt | None:
    """Return the receipt for handing *row* over to our node; None if it has not been handed over.

    Unsigned and without its proof: it is for showing at home (``submitted_proof`` for others).
    """
    if not row.log or row.state in _UNSENT:
        return None
    return Receipt(
        stage=ReceiptStage.SUBMITTED,
        agency=AgencyId(row.agency),
        to=AgencyId(row.to),
        node=house.keys.node,
        act=ActId(row.act),
        copy=CopyId(row.copy),
        envelope=EnvelopeId(row.envelope),
        thread=ThreadId(row.thread),
        docket=Digest(row.docket),
        at=from_millis(row.at),
    )


def submitted_proof(reading: Reading, house: House, row: Copy) -> ReceiptItem:
    """Return our signed *submitted* receipt for *row*, proved up to our newest checkpoint.

    Raise Refused where our log has no such leaf, or its opening was erased by law.
    """
    receipt = submitted(row, house)
    head = reading.head(row.log) if row.log else None
    if receipt is None or head is None:
        raise Refused("not-submitted")
    leaves = logs.leaves(reading, row.log, [row.leaf])
    if not leaves or leaves[0].salt is None:
        raise Refused("erased")
    said = replace(receipt, origin=head.origin, index=row.leaf, size=head.size, salt=leaves[0].salt)
    [proof] = reading.inclusions([row.leaf], head.size, row.log)
    signed = docket_wire.sign(said, house.keys.carrier)
    return ReceiptItem(receipt=signed.dsse, proof=tuple(proof))


def _came(row: Copy) -> Apart:
    """Return when *row* was released there, and when it came here."""
    ours, theirs = from_millis(row.stored_at), from_millis(row.at)
    return Apart(
        act=ActId(row.act),
        copy=CopyId(row.copy),
        agency=AgencyId(row.agency),
        ours=ours,
        theirs=theirs,
        skewed=theirs > ours + SKEW,
    )


def _told(said: Receipt, row: Copy) -> Apart:
    """Return when *row* was released here, and when it came there."""
    ours = from_millis(row.at)
    return Apart(
        act=said.act,
        copy=said.copy,
        agency=said.agency,
        ours=ours,
        theirs=said.at,
        skewed=said.at < ours - SKEW,
    )
