# SPDX-License-Identifier: Apache-2.0
"""Stop: the author takes back an act that has not left yet. It is logged; the peer sees nothing."""

from comity.domain.ids import ActId, ThreadId
from comity.domain.statement import Stop
from comity.errors import Misused, NotCompetent, TooLate
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.release import HELD, Done, record
from comity.services.replies import Manner, compose_home
from comity.services.thread import open_thread
from comity.storage import copies, housed, outbox
from comity.storage.copies import CopyState
from comity.storage.reading import Writing


def stop(unlocked: Unlocked, house: House, act: ActId) -> Done:
    """Stop *act*; raise TooLate if any copy of it may have left, and then stop nothing."""
    with house.store.read() as reading:
        rows = copies.by_acts(reading, [act])
    if not rows:
        raise Misused("act-unknown")
    opened = open_thread(unlocked, house, ThreadId(rows[0].thread), receipt=False)
    target = next((each for each in opened.thread.acts if each.id == act), None)
    if target is None:
        raise Misused("act-unknown")
    if (target.agency, target.officer) != (unlocked.agency, unlocked.entry.id):
        raise NotCompetent("not-author")
    leaving = [row for row in rows if row.to != row.agency]
    if not leaving:
        raise Misused("act-stays")
    said = compose_home(unlocked, house, opened, Stop(to=act), Manner())

    def work(writing: Writing) -> None:
        now = {row.copy: row.state for row in copies.by_acts(writing, [act])}
        ids = [row.copy for row in leaving]
        held = [each for each in ids if now[each] == CopyState.HELD]
        queued = [each for each in ids if now[each] == CopyState.QUEUED]
        if len(held) + len(queued) != len(ids) or outbox.withdraw(writing, queued) != len(queued):
            raise TooLate("left-already")
        copies.set_state(writing, ids, CopyState.STOPPED)
        housed.discard(writing, HELD, held)

    return record(house, read_book(house), said, also=work)
