# SPDX-License-Identifier: Apache-2.0
"""Pace: in what time a desk usually answered, as far as this node saw it itself.

From the rows of threads that our agency opened and the dockets that we released, in clear and with
nobody signed in; never from what anybody says of himself. Fewer than five answers say nothing.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from statistics import median
from typing import Final

from comity.domain.docket import Docket, DocketStage
from comity.domain.ids import AgencyId
from comity.services.house import House
from comity.storage import copies, threads
from comity.wire import docket as docket_wire

ENOUGH: Final = 5
NEWEST: Final = 60
"""Answered threads of one agency that are looked at."""


def paces(house: House, own: AgencyId, peer: AgencyId) -> Mapping[str, timedelta]:
    """Return by desk in what time half of what *own* asked it of *peer* was answered."""
    with house.store.read() as reading:
        found = {each.thread: each for each in threads.answered(reading, own, peer, NEWEST)}
        rows = copies.by_threads(reading, sorted(found))
    times: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.agency == own and row.to == peer and row.stage == DocketStage.ASKED and row.release:
            thread = found[row.thread]
            docket = docket_wire.read(row.release, Docket).said
            for reader in docket.readers:
                times[reader.id].append(thread.answered_at - thread.opened_at)
    return {
        desk: timedelta(milliseconds=median(each))
        for desk, each in times.items()
        if len(each) >= ENOUGH
    }
