# SPDX-License-Identifier: Apache-2.0
"""What somebody here was reminded of, held against the threads that it is of.

A reminder is our own note and in no ledger: what can be told of it is that its thread is here and
is its agency's, that it names a limit and a rung that there are, and that it was not raised before
anything of the thread was here.
"""

from collections.abc import Sequence

from comity.domain.ids import AgencyId
from comity.domain.reminders import Raised
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.verify_report import Tally
from comity.storage import copies, whole
from comity.storage.copies import Copy
from comity.storage.reading import Reading
from comity.storage.silences import Reminder


def check_reminders(reading: Reading, house: House, tally: Tally) -> None:
    book = read_book(house)
    for page in whole.pages(reading, whole.REMINDERS):
        found: dict[str, list[Copy]] = {}
        for each in copies.by_threads(reading, sorted({row.thread for row in page})):
            found.setdefault(each.thread, []).append(each)
        for row in page:
            column = (
                _wrong(row, found.get(row.thread, ())) if book.is_own(AgencyId(row.own)) else "own"
            )
            if column:
                place = f"{row.thread}/{row.own}/{row.what}"
                cause = "gone" if column == "thread" else "differs"
                tally.fault("reminders", place, cause, column=column)
        tally.done("reminders", len(page))


def _wrong(row: Reminder, thread: Sequence[Copy]) -> str:
    """Return the column of *row* that cannot be so; empty if none."""
    mine = [each for each in thread if row.own in (each.agency, each.to)]
    if not mine:
        return "thread"
    try:
        Raised.read(row.what)
    except ValueError:
        return "what"
    return "at" if row.at < min(each.stored_at for each in mine) else ""
