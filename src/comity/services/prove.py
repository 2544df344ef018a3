# SPDX-License-Identifier: Apache-2.0
"""Prove to whoever asks: an act, a copy or a thread, as one file that is checked offline.

What stands in it is explained in ``wire.proof``. Of our own ledger the smallest checkpoint that a
witness cosigned is taken, since its time dates the leaf; before it leaves it is signed with
ML-DSA-44 too and that line is durable (spec/ledger.md, *Checkpoints*).
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from comity.domain.docket import OF_PEOPLE, OF_SENDER, Proven, Receipt, ReceiptStage
from comity.domain.ids import AgencyId, CertificateHash
from comity.domain.roster import Audience, NodeEntry, OfficerEntry, entries_root
from comity.errors import Damaged, Misused
from comity.ledger import note, tlog_proof
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.note import Note
from comity.ledger.tlog_proof import TlogProof
from comity.services.address_book import Book, read_book, root_place
from comity.services.agency_card import AgencyCard
from comity.services.duties import quantum_line
from comity.services.history import entry_place
from comity.services.house import House
from comity.services.read_by import travels
from comity.storage import agencies, copies, logs, meta, receipts, witness
from comity.storage.copies import Copy
from comity.storage.edge import CheckpointRow, Log
from comity.storage.reading import Reading
from comity.wire import docket as docket_wire
from comity.wire import proof as proof_wire
from comity.wire import roster as roster_wire
from comity.wire.docket import Released
from comity.wire.proof import Certified, Logged, Proof, Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaf:
    """A leaf of our log, and the checkpoint under which it is shown."""

    log: Log
    index: int
    under: CheckpointRow

    @property
    def head(self) -> Checkpoint:
        return Checkpoint(self.log.origin, self.under.size, self.under.root)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chain:
    certified: Certified
    shows: frozenset[str]
    """The certificates in it."""


def prove(house: House, name: str) -> bytes:
    """Return the proof of all that is known of the copy, act or thread whose id is *name*.

    Raise Misused if nothing here has that id, or nothing of it was released.
    """
    book = read_book(house)
    with house.store.read() as reading:
        leaves = _leaves(reading, name)
        said = receipts.by_copies(reading, [row.copy for row, _ in leaves])
        own = _own_word(reading, said)
        heads = dict.fromkeys(each.head for each in (*(e for _, e in leaves), *own.values()))
        lines = {each: quantum_line(reading, house, each) for each in heads}
    house.store.write(lambda w: meta.put(w, list(lines.values())))
    with house.store.read() as reading:
        told = [released for row in said if (released := _told(row, book))]
        prover = _Prover(reading, {each: line.value for each, line in lines.items()})
        dockets = [prover.logged(row.release, leaf) for row, leaf in leaves]
        chains = _chains(reading, house, book, [row for row, _ in leaves], told)
        shown = frozenset[str]().union(*(each.shows for each in chains))
        proof = Proof(
            at=house.now(),
            agencies=tuple(each.certified for each in chains),
            dockets=tuple(each for each in dockets if each),
            receipts=tuple(
                logged
                for each in told
                if not each.said.certificate or each.said.certificate in shown
                if (
                    logged := prover.logged(each.dsse, own[each.digest])
                    if each.digest in own
                    else _receipt(reading, each, said)
                )
            ),
        )
    return proof_wire.write(proof)


def check_proof(data: bytes) -> Shown:
    """Return what the proof *data* shows, or raise Untrusted; nothing of ours is asked."""
    return proof_wire.check(proof_wire.read(data))


def _leaves(reading: Reading, name: str) -> list[tuple[Copy, _Leaf]]:
    rows = copies.by_ids(reading, [name]) or [
        # What stayed at home proves nothing to anybody else, and names our own desks.
        row
        for row in copies.by_acts(reading, [name]) or copies.by_threads(reading, [name])
        if row.to != row.agency
    ]
    own = {each.log: each for each in logs.every(reading)}
    leaves = [(row, _leaf(reading, own[row.log], row.leaf)) for row in rows if row.docket]
    if not leaves:
        raise Misused("proof-unknown")
    return leaves


def _own_word(reading: Reading, said: Sequence[receipts.Receipt]) -> dict[str, _Leaf]:
    """Return where those of *said* stand in our log in which we speak of what did not happen."""
    own = {each.origin: each for each in logs.every(reading)}
    return {
        row.receipt: _leaf(reading, own[row.origin], row.size - 1)
        for row in said
        if row.stage in (ReceiptStage.RETURNED, *OF_SENDER) and row.origin in own
    }


def _leaf(reading: Reading, log: Log, index: int) -> _Leaf:
    return _Leaf(log=log, index=index, under=_checkpoint(reading, log, index))


def _checkpoint(reading: Reading, log: Log, leaf: int) -> CheckpointRow:
    """Return the smallest cosigned checkpoint with *leaf* in it, or the newest if none is yet."""
    lines = witness.covering(reading, log.origin, leaf + 1, limit=1)
    head = reading.head(log.log)
    size = lines[0].size if lines else head.size if head else 0
    kept = logs.checkpoint(reading, log.log, size)
    if kept is None:
        raise Damaged("checkpoint", size=size)
    return kept


@dataclass(frozen=True, slots=True)
class _Prover:
    reading: Reading
    lines: Mapping[Checkpoint, bytes]
    """Our own ML-DSA-44 line on each checkpoint that is shown."""

    def logged(self, signed: bytes, leaf: _Leaf) -> Logged | None:
        """Return *signed* with the proof of its leaf; None if its opening was erased by law."""
        [opened] = logs.leaves(self.reading, leaf.log.log, [leaf.index])
        if opened.salt is None:
            return None
        origin, size = leaf.log.origin, leaf.under.size
        [hashes] = self.reading.inclusions([leaf.index], size, leaf.log.log)
        lines = [each.line for each in witness.cosignatures(self.reading, origin, size)]
        lines.append(self.lines[leaf.head])
        under = note.read(leaf.under.note).add(*map(note.read_line, lines))
        proof = tlog_proof.write(TlogProof(leaf.index, hashes, under))
        return Logged(signed=signed, salt=opened.salt, proof=proof.decode())


def _told(row: receipts.Receipt, book: Book) -> Released[Receipt] | None:
    """Return the receipt in *row*; None if it, or he whom it names, is not known abroad."""
    released: Released[Receipt] = docket_wire.read(row.body, Receipt)
    said = released.said
    if said.stage not in OF_PEOPLE:
        return released
    if not said.certificate:
        return released
    if not travels(said):
        return None
    entry = book.agency(said.agency).history.get(CertificateHash(said.certificate))
    known = isinstance(entry, OfficerEntry) and entry.audience is Audience.PEERS
    return released if known else None


def _receipt(
    reading: Reading, released: Released[Receipt], rows: Sequence[receipts.Receipt]
) -> Logged:
    said = released.said
    if said.stage is not ReceiptStage.DELIVERED:
        return Logged(signed=released.dsse)
    row = next(each for each in rows if each.receipt == released.digest)
    proof = TlogProof(said.index, row.hashes, _peer_note(reading, said))
    return Logged(signed=released.dsse, proof=tlog_proof.write(proof).decode())


def _peer_note(reading: Reading, said: Receipt) -> Note:
    """Return the checkpoint to which the receipt *said* leads, cosigned where that was told."""
    for each in receipts.proofs_of(reading, said.origin):
        if each.size == said.size:
            told = docket_wire.read(each.body, Proven).said
            return note.read(told.checkpoint.encode())
    shown = witness.shown(reading, said.origin, [said.size])
    if not shown:
        raise Damaged("checkpoint", size=said.size)
    return note.read(shown[said.size])


def _chains(
    reading: Reading,
    house: House,
    book: Book,
    rows: Sequence[Copy],
    told: Sequence[Released[Receipt]],
) -> list[_Chain]:
    """Return the chains of all who are spoken of, and of whoever houses their ledgers."""
    people = {each.said.certificate for each in told}
    ids = {row.agency for row in rows} | {row.to for row in rows}
    cards = [book.agency(AgencyId(each)) for each in sorted(ids)]
    if all(not card.own for card in cards):
        cards.append(book.own[0])
    return [each for card in cards for each in _chains_of(reading, house, card, people)]


def _chains_of(
    reading: Reading, house: House, card: AgencyCard, people: AbstractSet[str]
) -> Iterator[_Chain]:
    """Yield what shows the node of *card* and those of *people* that are of it."""
    rows = [row for row in agencies.entries(reading, [card.id]) if row.audience == Audience.PEERS]
    named = {
        row.hash
        for row in rows
        if row.hash in people or isinstance(card.history[CertificateHash(row.hash)], NodeEntry)
    }
    yield from _certify(reading, house, card, rows, named)


def certify(
    reading: Reading, house: House, card: AgencyCard, people: AbstractSet[str]
) -> tuple[Certified, ...]:
    """Return what shows a stranger whose certificates *people* of *card* are."""
    rows = [row for row in agencies.entries(reading, [card.id]) if row.audience == Audience.PEERS]
    named = {row.hash for row in rows if row.hash in people}
    return tuple(each.certified for each in _certify(reading, house, card, rows, named))


def _certify(
    reading: Reading,
    house: House,
    card: AgencyCard,
    rows: Sequence[agencies.Entry],
    missing: set[str],
) -> Iterator[_Chain]:
    """Yield as few numbers of *card*'s roster, the newest first, as show all that is *missing*.

    Certificates that never stood in one roster need several. Of a peer's numbers between those
    that we were told in full nothing can be shown.
    """
    roots = [each for each in agencies.roots(reading) if each.agency == card.id]
    signed = tuple(house.vault.open(r.body, root_place(r.agency, r.number)) for r in roots)
    chain = [roster_wire.read_root(each) for each in signed]
    for number in reversed(agencies.rosters_since(reading, card.id, 0)):
        standing = [row for row in rows if row.stands_at(number.number)]
        shown = [row for row in standing if row.hash in missing]
        named = [CertificateHash(row.hash) for row in standing]
        head, _, count = roster_wire.read_head_under(number.body, chain)
        if not shown or entries_root(named) != head.peers_root:
            continue
        missing -= {row.hash for row in shown}
        yield _Chain(
            certified=Certified(
                roots=signed[:count],
                head=number.body,
                hashes=roster_wire.write_hashes(named),
                entries=tuple(
                    house.vault.open(row.body, entry_place(row.agency, row.hash)) for row in shown
                ),
            ),
            shows=frozenset(row.hash for row in shown),
        )
