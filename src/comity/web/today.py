# SPDX-License-Identifier: Apache-2.0
"""Today: what waits for the officer, by the clock; the first thing he sees."""

from dataclasses import dataclass

from comity.domain.ids import OfficerId
from comity.language import words
from comity.language.marks import marked
from comity.services.enrol import names
from comity.services.inbox import Line
from comity.web.answers import Result, get, page
from comity.web.drafts import begun
from comity.web.visit import Visit

_TOLD = marked("told: {about}")
_LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thread as a line of two."""

    line: Line
    what: str
    peer: str
    stands: str
    can: tuple[str, ...]

    @property
    def chip(self) -> str:
        """How its clock stands: ``late``, ``soon``, ``fine``; empty where none runs."""
        return self.line.standing.value if self.line.due else ""


def today(visit: Visit) -> Result:
    lines = [shown(visit, each) for each in visit.seat.inbox()]
    return page(
        "today.html",
        waiting=[each for each in lines if each.line.waits],
        others=[each for each in lines if not each.line.waits],
        owed=visit.seat.owed(),
        brought=visit.seat.brought(),
        coming=visit.seat.coming(),
        drafts=begun(visit, "ask", "tell"),
        alerts=[(each, _name(visit, each.officer)) for each in visit.seat.alerts()],
    )


def _name(visit: Visit, officer: OfficerId) -> str:
    return names(visit.house).get(officer) or visit.people.of(officer)


def shown(visit: Visit, line: Line) -> Shown:
    """Return *line* in words."""
    kind = visit.house.kinds.get(line.kind)
    about = visit.say_in.label(kind.question) if kind else line.kind
    return Shown(
        line=line,
        what=visit.say(_TOLD, about=about) if line.is_note else about,
        peer=visit.agency(line.peer),
        stands=visit.say(words.EVENTS[line.silence or line.stage]),
        can=tuple(visit.say(words.STEPS.get(each, each)) for each in line.next),
    )


ROUTES = (get("/today", today),)
