# SPDX-License-Identifier: Apache-2.0
"""Verify a whole home: ``fsck`` for what a court may ask about.

From the agencies' ids down: (1) roots, rosters and entries, which give the keys; (2) every log,
leaf by leaf and tile by tile, against every checkpoint that it signed; (3) copies, their dockets,
envelopes and blobs; (4) receipts, what ledgers said to
each other, and of what somebody was reminded; (5) evidence; (6) what is
locked. One snapshot, a page in memory, nothing written and nobody's passphrase needed.

It finds what somebody with the database in his hands changed, but not a home put back whole to what
it was: of that only peers and witnesses know. Compare the sizes of the logs with what they saw.
"""

from typing import Final

from comity.domain.ids import digest
from comity.errors import BadSignature, Untrusted
from comity.ledger import cosignature, note
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.note import Signature
from comity.services.duties import place_of_line
from comity.services.house import House
from comity.services.verify_copies import check_blobs, check_copies, check_envelopes
from comity.services.verify_deposits import check_deposits
from comity.services.verify_locked import check_locked
from comity.services.verify_log import check_log
from comity.services.verify_openings import Openings
from comity.services.verify_receipts import (
    check_cosignatures,
    check_proven,
    check_receipts,
    check_witnessed,
)
from comity.services.verify_reminders import check_reminders
from comity.services.verify_removed import check_removed
from comity.services.verify_report import LogFound, Progress, Report, Tally, cause_of
from comity.services.verify_rosters import check_roster_leaves, check_rosters
from comity.storage import logs, whole
from comity.storage.reading import Reading
from comity.wire.keyring import Keyring

TABLES: Final = (
    "agencies",
    "roots",
    "rosters",
    "entries",
    "leaves",
    "checkpoints",
    "tiles",
    "copies",
    "removed",
    "envelopes",
    "blobs",
    "receipts",
    "shown",
    "witnessed",
    "cosignatures",
    "proven",
    "reminders",
    "evidence",
    "meta",
    "secrets",
    "identities",
    "housed",
    "desk_keys",
    "wraps",
    "deposits",
)
"""What is walked row by row; ``readers`` and ``copy_blobs`` are looked at under their copies."""


def quiet(part: str, done: int, total: int) -> None:
    """Tell nobody how far it is."""


def verify(house: House, progress: Progress = quiet) -> Report:
    """Return what is wrong with the home of *house*, telling *progress* on the way."""
    with house.store.read() as reading:
        counted = whole.counts(reading)
        tally = Tally({table: counted[table] for table in TABLES}, progress)
        keys, heads = check_rosters(reading, house, tally)  # (1)
        openings = Openings(reading, tally)
        found = _check_logs(reading, house, keys, openings, tally)  # (2)
        check_roster_leaves(heads, openings, tally)
        check_copies(reading, keys, tally)  # (3)
        check_removed(reading, house, keys, tally)
        check_envelopes(reading, tally)
        check_blobs(reading, tally)
        check_deposits(reading, tally)
        check_receipts(reading, keys, openings, tally)  # (4)
        check_witnessed(reading, keys, tally)
        check_cosignatures(reading, keys, tally)
        check_proven(reading, keys, tally)
        check_reminders(reading, house, tally)
        _check_evidence(reading, openings, tally)  # (5)
        _check_meta(reading, house, keys, tally)
        check_locked(reading, house.vault, tally)  # (6)
    return tally.report(found)


def _check_logs(
    reading: Reading, house: House, keys: Keyring, openings: Openings, tally: Tally
) -> tuple[LogFound, ...]:
    found: list[LogFound] = []
    signers = tuple(dict.fromkeys((house.keys.ledger.public, *keys.ledgers(house.keys.node))))
    for log in logs.every(reading):
        before = found[-1] if found else None
        found.append(
            check_log(reading, log, before=before, keys=signers, openings=openings, tally=tally)
        )
    openings.finish()
    return tuple(found)


def _check_quantum(line: Signature, own: Checkpoint, house: House, keys: Keyring) -> None:
    """Raise Untrusted unless one of the keys that our log has had signed *line*."""
    known = dict.fromkeys((house.keys.ledger_quantum.public, *keys.quantum(house.keys.node)))
    failure = BadSignature("absent")
    for each in known:
        try:
            cosignature.verify(line, own, cosignature.Witness(own.origin, each))
        except BadSignature as error:
            failure = error
        else:
            return
    raise failure


def _check_evidence(reading: Reading, openings: Openings, tally: Tally) -> None:
    """Check that each finding is in a leaf, itself or by its digest, and that none is gone."""
    logged = {(kind, subject, each) for kind, subject, ids in openings.evidence for each in ids}
    kept = set[str]()
    for row in whole.rows(reading, whole.EVIDENCE):
        tally.done("evidence")
        named = digest(row.body)
        kept.add(named)
        if openings.complete and (row.kind, row.subject, named) not in logged:
            tally.fault("evidence", row.id, "leaf", column="body")
    for *_, each in openings.evidence:
        if kept.isdisjoint(each):
            tally.fault("evidence", min(each), "gone")


_DIGITS: Final = 19
"""No size in the database has as many."""


def _check_meta(reading: Reading, house: House, keys: Keyring, tally: Tally) -> None:
    """Check our own ML-DSA-44 lines; the other facts are small and say nothing to anybody."""
    lines = {}
    for row in whole.rows(reading, whole.META):
        tally.done("meta")
        lines[row.name] = row.value
    for log in logs.every(reading):
        prefix = place_of_line(log.origin, 0)[:-1]
        for name, value in lines.items():
            if not name.startswith(prefix):
                continue
            told = name.removeprefix(prefix)
            is_size = told.isascii() and told.isdecimal() and len(told) < _DIGITS
            kept = logs.checkpoint(reading, log.log, int(told)) if is_size else None
            if kept is None:
                tally.fault("checkpoints", f"{log.log}/{told}", "gone")
                continue
            own = Checkpoint(log.origin, kept.size, kept.root)
            try:
                _check_quantum(note.read_line(value), own, house, keys)
            except Untrusted as error:
                tally.fault("meta", name, cause_of(error), column="value")
