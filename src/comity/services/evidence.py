# SPDX-License-Identifier: Apache-2.0
"""Evidence: what failed verification when it was opened, kept once and never shown as content.

The bytes themselves are kept already, sealed or signed as they came; what is added here says which
they are and why they are not believed: ids and a code, never text. It is a leaf of our log too, so
that nobody can take it back. A finding is one of its kind against its subject: opening a thread a
second time adds nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.domain.ids import NodeId, digest
from comity.errors import BadSignature, Differs, TwoBodies, Untrusted
from comity.ledger.leaf import SALT_SIZE, LeafType, Opening
from comity.services.house import House
from comity.storage import meta, receipts
from comity.storage.copies import Copy
from comity.storage.reading import Reading, Writing
from comity.wire import canonical

BY_HAND: Final = "by-hand"
DIFFERS: Final = "differs"
DOCKET: Final = "docket"
FORK: Final = "fork"
RECEIPT: Final = "receipt"
STATEMENT: Final = "statement"
STRANGER: Final = "stranger"
TWO_BODIES: Final = "two-bodies"

A_DAY: Final = 200
"""Pieces of evidence that are kept against one node in a day: more would be its weapon."""
WHOLE: Final = 64 * 1024
"""Bytes up to which a piece is kept whole; of a larger one its digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that failed, by ids: the entry of its leaf, to the byte."""

    type: str = "comity/evidence@1"
    kind: str
    subject: str
    """The id of a copy, an act, a receipt or an envelope."""
    code: str
    """Why: an error's."""
    agency: str
    """Whose it is, by its docket."""
    concerns: tuple[str, ...]
    """Ids of the copies, envelopes and dockets by which the bytes are found."""

    @property
    def key(self) -> tuple[str, str]:
        return (self.kind, self.subject)

    @property
    def entry(self) -> bytes:
        return canonical.encode(self)


def against_copy(row: Copy, error: Untrusted, *, kind: str = "") -> Finding:
    """Return what is kept of a copy that failed."""
    return Finding(
        kind=kind or _kind(error),
        subject=row.copy,
        code=error.cause,
        agency=row.agency,
        concerns=(row.copy, row.envelope, row.docket),
    )


def against_receipt(row: receipts.Receipt, error: Untrusted) -> Finding:
    return Finding(
        kind=RECEIPT,
        subject=row.receipt,
        code=error.cause,
        agency=row.agency,
        concerns=(row.receipt, row.copy),
    )


def two_bodies(rows: Sequence[Copy]) -> Finding:
    """Return what is kept of an act whose copies *rows* say different things."""
    ids = sorted({each for row in rows for each in (row.copy, row.envelope, row.docket) if each})
    return Finding(
        kind=TWO_BODIES,
        subject=rows[0].act,
        code=TwoBodies.code,
        agency=rows[0].agency,
        concerns=tuple(ids),
    )


def unrecorded(reading: Reading, findings: Collection[Finding]) -> tuple[Finding, ...]:
    """Return those of *findings* that are not kept yet, each once."""
    fresh = {each.key: each for each in findings}
    if not fresh:
        return ()
    subjects = sorted({subject for _, subject in fresh})
    known = {(row.kind, row.subject) for row in receipts.evidence(reading, subjects)}
    return tuple(each for key, each in fresh.items() if key not in known)


def record(writing: Writing, house: House, findings: Collection[Finding]) -> None:
    """Keep those of *findings* that nobody has kept meanwhile."""
    if not findings:
        return
    _ = writing.log  # its lock: two processes that opened the same thread see one another
    fresh = unrecorded(writing, findings)
    _add(writing, house, [(each, each.entry) for each in fresh])


def _add(writing: Writing, house: House, found: Sequence[tuple[Finding, bytes]]) -> None:
    """Add each finding as a leaf, and a row with what is kept of its bytes."""
    if not found:
        return
    writing.append(
        [Opening(LeafType.EVIDENCE, house.random(SALT_SIZE), each.entry) for each, _ in found]
    )
    now = house.millis()
    receipts.add_evidence(
        writing,
        [
            receipts.Evidence(kind=each.kind, subject=each.subject, at=now, body=body)
            for each, body in found
        ],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """Bytes of a parcel that failed, kept whole: they say more than any account of them."""

    kind: str
    node: NodeId
    """Who handed them over."""
    code: str
    body: bytes = field(repr=False)

    @property
    def finding(self) -> Finding:
        """Return what the leaf says: the bytes by their digest, so that the same come in once."""
        named = digest(self.body)
        return Finding(
            kind=self.kind,
            subject=named,
            code=self.code,
            agency="",
            concerns=(named, self.node),
        )


def keep_bytes(writing: Writing, house: House, against: Sequence[Against]) -> None:
    """Keep those of *against* that are not kept yet, each a leaf."""
    bodies = {each.finding.key: each.body for each in against}
    fresh = unrecorded(writing, [each.finding for each in against])
    if not fresh:
        return
    kept = _within_bounds(writing, house, against[0].node, fresh)
    found = [(each, bodies[each.key]) for each in kept]
    _add(writing, house, [(e, body if len(body) <= WHOLE else e.entry) for e, body in found])


def _within_bounds(
    writing: Writing, house: House, node: NodeId, fresh: Sequence[Finding]
) -> Sequence[Finding]:
    """Return as many of *fresh* as the evidence against *node* may still grow by today.

    Forks are always kept, and count for nothing: there is one, and it matters.
    """
    name = f"evidence/{node}/{house.now():%Y-%m-%d}"
    held = int(meta.get(writing, [name]).get(name, b"0"))
    bounded = [each for each in fresh if each.kind != FORK][: max(0, A_DAY - held)]
    if bounded:
        meta.put(writing, [meta.Meta(name=name, value=str(held + len(bounded)).encode())])
    return [*(each for each in fresh if each.kind == FORK), *bounded]


def _kind(error: Untrusted) -> str:
    match error:
        case Differs():
            return DIFFERS
        case BadSignature() if error.cause == f"{BadSignature.code}.unknown":
            return STRANGER
        case _:
            return STATEMENT
