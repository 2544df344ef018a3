# SPDX-License-Identifier: Apache-2.0
"""Keep, or let go: a holder's answer where a person is asked before what was recalled is removed.

A ground may also be recorded before anything is recalled. It holds for the thread, in this agency,
until it is lifted; the author of a recall is told the ground and nothing else.
"""

from collections.abc import Sequence

from comity.domain.ids import ActId, AgencyId, ThreadId
from comity.domain.removal import Why
from comity.errors import Misused
from comity.services import recall_onward, recall_rules
from comity.services.address_book import read_book
from comity.services.compose import author_of
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.recall_rules import Ground
from comity.services.recalls_in import decide
from comity.services.thread_rows import refresh
from comity.services.unseal import readers_of
from comity.storage import copies, removed
from comity.storage.reading import Reading, Writing
from comity.storage.removed import Answer, Removed


def keep(unlocked: Unlocked, house: House, thread: ThreadId, ground: Ground) -> int:
    """Keep *thread* on *ground*; return how many recalls that answers."""
    author_of(unlocked, read_book(house))  # only who still has his key may say so
    who = unlocked.entry.id

    def work(writing: Writing) -> int:
        _ = writing.log
        recall_rules.put_ground(writing, house, unlocked.agency, thread, ground=ground, by=who)
        rows = _asked(writing, unlocked.agency, thread)
        decide(writing, house, unlocked.agency, rows, Answer.KEPT)
        return len(rows)

    return house.store.write(work)


def let_go(unlocked: Unlocked, house: House, thread: ThreadId) -> int:
    """Lift the ground on which *thread* is kept, and remove what is recalled in it; return it."""
    book = read_book(house)
    author_of(unlocked, book)

    def work(writing: Writing) -> int:
        _ = writing.log
        lifted = recall_rules.lift_ground(writing, unlocked.agency, thread)
        rows = _asked(writing, unlocked.agency, thread, kept=True)
        if not lifted and not rows:
            raise Misused("nothing-recalled")
        decide(writing, house, unlocked.agency, rows, Answer.REMOVED)
        recall_onward.drop(writing, house, [ActId(row.act) for row in rows])
        refresh(writing, book.own_ids, [thread])
        return len(rows)

    return house.store.write(work)


def pending(unlocked: Unlocked, house: House) -> tuple[Removed, ...]:
    """Return the recalls about which *unlocked* may decide: in threads that he can read."""
    mine = readers_of(unlocked)
    with house.store.read() as reading:
        rows = removed.pending(reading, unlocked.agency)
        ids = [row.copy for row in copies.by_threads(reading, sorted({r.thread for r in rows}))]
        read = {each.copy for each in copies.readers_of(reading, ids) if each.reader in mine}
        threads = {row.thread for row in copies.by_ids(reading, sorted(read))}
    return tuple(row for row in rows if row.thread in threads)


def _asked(
    reading: Reading, agency: AgencyId, thread: ThreadId, *, kept: bool = False
) -> Sequence[Removed]:
    """Return the recalls in *thread* that *agency* has not carried out: also those *kept*."""
    wanted = (Answer.PENDING, Answer.KEPT) if kept else (Answer.PENDING,)
    return [
        row
        for row in removed.by_threads(reading, [thread])
        if not row.copy
        and row.to == agency != row.agency
        and (row.why, row.answer) in {(Why.RECALL, each) for each in wanted}
    ]
