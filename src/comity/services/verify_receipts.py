# SPDX-License-Identifier: Apache-2.0
"""Receipts, and what was said between ledgers, verified again as if they came in now.

A receipt must be about a copy as we released it and be signed by who may say it; a *delivered* one
must lead to a checkpoint that its ledger showed us. Cosignatures, notices and peers' checkpoints
stand under keys that their agencies certified.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from comity.crypto import dsse
from comity.crypto.signing import verifying_key
from comity.domain.docket import OF_NODE, OF_SENDER, Proven, Receipt, ReceiptStage
from comity.domain.ids import digest
from comity.domain.removal import told_by
from comity.domain.time import to_millis
from comity.errors import BadProof, BadSignature, ComityError, Differs, Untrusted
from comity.ledger import cosignature, note
from comity.ledger.checkpoint import Checkpoint, Origin
from comity.ledger.cosignature import Witness
from comity.ledger.leaf import LeafType, Opening
from comity.ledger.note import NOTE_LIMIT, Note
from comity.ledger.proof import verify_inclusion
from comity.services.verify_log import verified
from comity.services.verify_openings import BUCKET, Openings
from comity.services.verify_report import Tally, cause_of
from comity.services.witness import WITNESSES
from comity.storage import copies, logs, receipts, whole, witness
from comity.storage.copies import Copy
from comity.storage.reading import Reading
from comity.wire import canonical
from comity.wire import docket as docket_wire
from comity.wire.docket import DOCKET_LIMIT, Released
from comity.wire.keyring import Keyring


def check_receipts(reading: Reading, keys: Keyring, openings: Openings, tally: Tally) -> None:
    shown = _Shown(reading, keys)
    found: Counter[str] = Counter()
    for page in whole.pages(reading, whole.RECEIPTS):
        rows = {row.copy: row for row in copies.by_ids(reading, [each.copy for each in page])}
        for each in page:
            found[each.receipt[:BUCKET]] += 1
            try:
                _check(each, rows.get(each.copy), keys, shown)
            except ComityError as error:
                column = "proof" if isinstance(error, BadProof) else "body"
                tally.fault("receipts", each.receipt, cause_of(error), column=column)
        tally.done("receipts", len(page))
    if openings.complete:
        _find_unlogged(reading, found - openings.receipts, tally)


def check_witnessed(reading: Reading, keys: Keyring, tally: Tally) -> None:
    """Verify what peers' ledgers showed us, and that the newest of each is among it."""
    for row in whole.rows(reading, whole.SHOWN):
        tally.done("shown")
        try:
            if _read_peer(row.note, row.origin, keys).size != row.size:
                raise Differs("size")
        except ComityError as error:
            tally.fault("shown", f"{row.origin}/{row.size}", cause_of(error), column="note")
    for newest in whole.rows(reading, whole.WITNESSED):
        tally.done("witnessed")
        try:
            seen = _read_peer(newest.note, newest.origin, keys)
        except ComityError as error:
            tally.fault("witnessed", newest.origin, cause_of(error), column="note")
            continue
        if (seen.size, seen.root) != (newest.size, newest.root):
            tally.fault("witnessed", newest.origin, "differs", column="root")


def check_cosignatures(reading: Reading, keys: Keyring, tally: Tally) -> None:
    """Verify what others say of our checkpoints; one of a size that we lack shows a lost tail."""
    ours = {each.origin: each.log for each in logs.every(reading)}
    named = {each.key.key_id: each for each in keys.witnesses()}
    for row in whole.rows(reading, whole.COSIGNATURES):
        tally.done("cosignatures")
        place = f"{row.origin}/{row.size}/{row.key}"
        log = ours.get(row.origin)
        kept = logs.checkpoint(reading, log, row.size) if log else None
        if kept is None:
            tally.fault("checkpoints", f"{log or row.origin}/{row.size}", "gone")
            continue
        try:
            own = Checkpoint(row.origin, kept.size, kept.root)
            if row.key not in named:
                raise BadSignature("unknown", key=row.key)
            said = cosignature.verify(note.read_line(row.line), own, named[row.key])
            # Of a witness whose clock is far ahead an earlier time is kept than it says.
            if not 0 < row.at <= to_millis(said.at):
                raise Differs("time")
        except ComityError as error:
            tally.fault("cosignatures", place, cause_of(error), column="line")


def check_proven(reading: Reading, keys: Keyring, tally: Tally) -> None:
    for row in whole.rows(reading, whole.PROVEN):
        tally.done("proven")
        try:
            _check_notice(row, keys)
        except ComityError as error:
            tally.fault("proven", f"{row.origin}/{row.size}", cause_of(error), column="body")


@dataclass(slots=True)
class _Shown:
    """Checkpoints of peers, each read and verified once as long as receipts lead to it."""

    reading: Reading
    keys: Keyring
    _held: dict[tuple[str, int], Checkpoint] = field(default_factory=dict)

    def at(self, origin: str, size: int) -> Checkpoint:
        held = self._held.get((origin, size))
        if held is None:
            data = witness.shown(self.reading, origin, [size]).get(size)
            if data is None:
                raise BadProof("checkpoint")
            if len(self._held) > whole.PAGE:
                self._held.clear()
            held = self._held[origin, size] = _read_peer(data, origin, self.keys)
        return held


def _read_peer(data: bytes, origin: str, keys: Keyring) -> Checkpoint:
    return verified(note.read(data), origin, keys.ledgers(Origin.parse(origin).node))


def _check(row: receipts.Receipt, copy: Copy | None, keys: Keyring, shown: _Shown) -> None:
    """Raise unless *row* verifies.

    (1) The row says what was signed, (2) of a copy as it was released, (3) by who may say it. (4) A
    *delivered* receipt leads to a checkpoint of the ledger in which the copy is a leaf, a *removed*
    one that has a proof to one in which the removal is. (5) Our own word, that nothing was heard or
    that a copy did not leave, is the leaf of our log that its row names.
    """
    released: Released[Receipt] = docket_wire.read(row.body, Receipt)
    said = released.said
    own_word = said.stage in (ReceiptStage.RETURNED, *OF_SENDER) and row.origin and not said.origin
    _check_row(
        released, row, (row.origin, row.size) if own_word else (said.origin, said.size)
    )  # (1)
    if copy is None:  # (2)
        raise Differs("copy")
    if (said.act, said.thread, said.envelope, said.docket) != _named(copy):
        raise Differs("copy")
    # Who sent it says of his own only that it went no further, or that nothing was heard of it.
    own = said.stage in (ReceiptStage.RETURNED, *OF_SENDER) and said.agency == copy.agency
    other = said.stage not in OF_SENDER and said.agency == copy.to
    if said.to != copy.agency or not (own or other):
        raise Differs("copy")
    _check_signer(released, keys)  # (3)
    if own_word:
        _check_own_leaf(released, row, shown.reading)  # (5)
        return
    if said.stage is ReceiptStage.DELIVERED or (said.stage is ReceiptStage.REMOVED and said.size):
        _check_proof(said, row, copy, shown)  # (4)
    elif row.proof:
        raise BadProof("length")


def _check_row(released: Released[Receipt], row: receipts.Receipt, place: tuple[str, int]) -> None:
    said = released.said
    told = (released.digest, said.copy, said.stage, said.agency, to_millis(said.at), *place)
    held = (row.receipt, row.copy, row.stage, row.agency, row.at, row.origin, row.size)
    if told != held:
        raise Differs("receipt")


def _check_signer(released: Released[Receipt], keys: Keyring) -> None:
    said = released.said
    if said.stage in OF_NODE or not said.certificate:
        signed = dsse.read(released.dsse, DOCKET_LIMIT)
        docket_wire.verify(released, keys.carrier(said.agency, signed.signatures[0].key_id))
        return
    officer = keys.officer(said.certificate)
    if officer.agency != said.agency:
        raise BadSignature("not-an-officer")
    docket_wire.verify(released, verifying_key(officer.signing))


def _check_own_leaf(released: Released[Receipt], row: receipts.Receipt, reading: Reading) -> None:
    log = next((each.log for each in logs.every(reading) if each.origin == row.origin), None)
    found = logs.leaves(reading, log, [row.size - 1]) if log and row.size else ()
    if not found or found[0].type != LeafType.RECEIPT:
        raise BadProof("leaf")
    if found[0].entry not in (None, released.payload):  # erased by law, or this very receipt
        raise BadProof("leaf")


def _named(copy: Copy) -> tuple[str, str, str, str]:
    return (copy.act, copy.thread, copy.envelope, copy.docket)


def _check_proof(said: Receipt, row: receipts.Receipt, copy: Copy, shown: _Shown) -> None:
    if Origin.parse(said.origin).node != said.node:
        raise BadProof("origin")
    seen = shown.at(row.origin, row.size)
    if said.stage is ReceiptStage.REMOVED:
        leaf = Opening(LeafType.REMOVAL, said.salt, canonical.encode(told_by(said)))
    else:
        payload = dsse.read(copy.release, DOCKET_LIMIT).payload
        leaf = Opening(LeafType.DOCKET, said.salt, payload)
    verify_inclusion(said.index, seen.size, leaf.hash, row.hashes, seen.root)


def _find_unlogged(reading: Reading, surplus: Mapping[str, int], tally: Tally) -> None:
    """Say which receipts are in no log: only those are looked at whose beginning has too many."""
    for beginning in sorted(surplus):
        logged = _logged(reading, beginning)
        for row in whole.rows(reading, whole.RECEIPTS):
            if row.receipt.startswith(beginning) and row.receipt not in logged:
                tally.fault("receipts", row.receipt, "leaf")


def _logged(reading: Reading, beginning: str) -> set[str]:
    """Return the digests of all receipts in our logs that begin so."""
    found: set[str] = set()
    for log in logs.every(reading):
        start = 0
        while page := logs.leaves_from(reading, log.log, start):
            found.update(
                named
                for leaf in page
                if leaf.type == LeafType.RECEIPT and leaf.entry is not None
                if (named := digest(leaf.entry)).startswith(beginning)
            )
            start = page[-1].idx + 1
    return found


def _check_notice(row: receipts.Proven, keys: Keyring) -> None:
    """Raise unless the peer's node said that its checkpoint is cosigned, and it is."""
    released: Released[Proven] = docket_wire.read(row.body, Proven)
    said = released.said
    if (said.origin, said.size, to_millis(said.at)) != (row.origin, row.size, row.at):
        raise Differs("proven")
    signed = dsse.read(row.body, DOCKET_LIMIT)
    docket_wire.verify(released, keys.carrier(said.agency, signed.signatures[0].key_id))
    shown = note.read(said.checkpoint.encode(), NOTE_LIMIT)
    seen = verified(shown, said.origin, keys.ledgers(Origin.parse(said.origin).node))
    if seen.size != said.size:
        raise BadProof("size")
    # By us, or by as many as that agency named then: in any of its rosters that we hold.
    ways = ((keys.witnesses(), WITNESSES), *keys.namings(said.agency))
    if not any(_is_cosigned(shown, named, k) for named, k in ways):
        raise BadProof("cosignatures")


def _is_cosigned(shown: Note, named: Sequence[Witness], k: int) -> bool:
    try:
        cosignature.cosigned(shown, named, k)
    except Untrusted:
        return False
    return True
