# SPDX-License-Identifier: Apache-2.0
"""The database itself refuses to forget: not only our code."""

import pytest

from comity.errors import Refused
from comity.ledger.leaf import LeafType, Opening
from comity.storage import agencies, logs, receipts, witness
from comity.storage.agencies import Roster
from comity.storage.reading import Writing
from comity.storage.receipts import Evidence, Receipt
from comity.storage.store import Store
from comity.storage.witness import Witnessed


@pytest.fixture
def full(store: Store) -> Store:
    """Return a store with a row in every table that is only added to."""

    def fill(writing: Writing) -> None:
        logs.start(writing, "log/1", 1)
        writing.append([Opening(LeafType.DOCKET, b"s" * 16, b"e")])
        agencies.add_rosters(writing, [Roster(agency="a", number=1, head="h", body=b"b", at=1)])
        receipts.add(
            writing,
            [
                Receipt(
                    receipt="r",
                    copy="c",
                    stage="delivered",
                    agency="a",
                    at=1,
                    stored_at=1,
                    body=b"b",
                )
            ],
        )
        receipts.add_evidence(writing, [Evidence(kind="fork", subject="s", at=1, body=b"b")])
        witness.seen(writing, [Witnessed(origin="o", size=5, root=b"r", note=b"n", at=1)])

    store.write(fill)
    return store


def run(store: Store, statement: str) -> int:
    return store.write(lambda w: w.connection.exec_driver_sql(statement).rowcount)


FORBIDDEN = (
    "UPDATE checkpoints SET note = root",
    "DELETE FROM checkpoints",
    "UPDATE receipts SET at = 2",
    "DELETE FROM receipts",
    "UPDATE rosters SET head = 'x'",
    "DELETE FROM rosters",
    "UPDATE evidence SET at = 2",
    "DELETE FROM evidence",
    "DELETE FROM leaves",
    "UPDATE leaves SET type = 2",
    "UPDATE leaves SET idx = 7",
    "UPDATE leaves SET entry = salt",
    "DELETE FROM tiles",
    "UPDATE tiles SET hashes = substr(hashes, 2)",
    "UPDATE tiles SET idx = 9",
    "DELETE FROM logs",
    "UPDATE logs SET size = 0",
    "UPDATE logs SET origin = 'x'",
    "UPDATE witnessed SET size = 4",
    "UPDATE witnessed SET root = note",
    "UPDATE shown SET at = 2",
    "DELETE FROM shown",
)


def test_history_cannot_be_changed(full: Store) -> None:
    for forbidden in FORBIDDEN:
        with pytest.raises(Refused, match="append-only"):
            run(full, forbidden)


ALLOWED = (
    "UPDATE leaves SET entry = NULL, salt = NULL",
    "UPDATE tiles SET hashes = hashes",
    "UPDATE logs SET size = 2",
    "UPDATE logs SET closed_at = 5",
    "UPDATE witnessed SET size = 6, root = note",
)


def test_growing_closing_and_erasing_stay_possible(full: Store) -> None:
    assert [run(full, allowed) for allowed in ALLOWED] == [1] * len(ALLOWED)


def test_a_closed_log_stays_closed_and_as_it_is(full: Store) -> None:
    run(full, "UPDATE logs SET closed_at = 5")

    for forbidden in ("UPDATE logs SET closed_at = 0", "UPDATE logs SET size = 9"):
        with pytest.raises(Refused, match="append-only"):
            run(full, forbidden)


def test_a_row_is_not_replaced_behind_the_triggers_back(full: Store) -> None:
    with full.read() as reading:
        sqlite = reading.connection.dialect.name == "sqlite"
    if not sqlite:
        forbidden = "TRUNCATE receipts"
    else:
        forbidden = "REPLACE INTO receipts SELECT * FROM receipts"

    with pytest.raises(Refused, match="append-only"):
        run(full, forbidden)
