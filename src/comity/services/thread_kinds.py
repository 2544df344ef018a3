# SPDX-License-Identifier: Apache-2.0
"""Of what kind a thread is, as somebody here who opened its question once could tell.

No docket says it, so the node learns it when the question is written here, or first opened here,
and keeps it under the house key for the agency's own retention. A thread that nobody has opened has
no kind. It goes with the last of the thread, and when the question is recalled.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from comity.domain.ids import thread_of
from comity.domain.statement import Note, Request, Statement
from comity.services.house import House
from comity.storage import housed
from comity.storage.copies import Copy
from comity.storage.reading import Reading, Writing

ROOM: Final = "thread-kinds"


def note(writing: Writing, house: House, agency: str, told: Iterable[Statement]) -> None:
    """Keep for *agency* of what kind the threads are that one of *told* opens."""
    for each in told:
        if not isinstance(each.body, Request | Note):
            continue
        if each.thread != thread_of(each.author.agency, each.act):
            continue
        name = _name(agency, each.thread)
        body = house.vault.lock(each.body.kind.encode(), f"{ROOM}/{name}")
        row = housed.Housed(room=ROOM, name=name, owner=agency, body=body, at=house.millis())
        housed.put(writing, [row])


def of(reading: Reading, house: House, agency: str, threads: Sequence[str]) -> Mapping[str, str]:
    """Return the kinds of those of *threads* that are known."""
    rows = housed.get(reading, ROOM, [_name(agency, each) for each in threads])
    return {
        row.name.partition("/")[2]: house.vault.open(row.body, f"{ROOM}/{row.name}").decode()
        for row in rows
    }


def forget(writing: Writing, rows: Iterable[Copy]) -> None:
    """Forget of what kind the threads of *rows* are, for whichever agency here."""
    names = {_name(agency, row.thread) for row in rows for agency in (row.agency, row.to)}
    housed.discard(writing, ROOM, sorted(names))


def _name(agency: str, thread: str) -> str:
    return f"{agency}/{thread}"
