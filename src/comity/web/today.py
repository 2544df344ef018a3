# SPDX-License-Identifier: Apache-2.0
"""Today: what waits for the officer, by the clock; the first thing he sees.

Each line says in words what is wanted of him. What is empty is not shown. Looking at it tells
nobody anything.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.domain.clocks import Standing
from comity.domain.ids import OfficerId
from comity.domain.reminders import Rung
from comity.language import words
from comity.language.marks import marked
from comity.language.pressing import LIMITS, RUNGS
from comity.services.coming import Matter
from comity.services.enrol import names
from comity.services.epochs import going
from comity.services.inbox import Line
from comity.services.keep import pending
from comity.services.marked_identifiers import marked_alerts_for
from comity.services.renew import REMIND
from comity.services.typed_for import DENIED, to_confirm, unconfirmed
from comity.web.acting import colleague
from comity.web.answers import Result, get, page
from comity.web.drafts import begun
from comity.web.owed import office
from comity.web.visit import Visit

_TOLD: Final = marked("told: {about}")
_REVIEW: Final = marked("How {name} was admitted is to be reviewed: {when}")
_MANDATE: Final = marked("The mandate “{name}” ends: {when}")
_OWED: Final = marked("{office}, owed since {when}")
_WANTS: Final = {
    "decide": marked("sign for the oversight desk"),
    "spoken": marked("confirm what was said by telephone, {when}"),
    "consent": marked("consent asked"),
    "take": marked("to take"),
    "answer": marked("answer it"),
    "supply": marked("give what is missing"),
    "acknowledge": marked("acknowledge it"),
    "read": marked("read it"),
}
_NOTHING: Final = dict.fromkeys(
    (
        *("alerts", "marked", "brought", "owed", "deletions", "typed", "unconfirmed"),
        *("coming", "ends", "going", "drafts"),
    ),
    (),
)
"""Where a part of the list is shown, nothing stands beside it."""
SHOWS: Final = ("mine", "desk", "done")
"""What can be shown alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thread as a line of two."""

    line: Line
    what: str
    peer: str
    stands: str
    wants: str
    """What is wanted of the officer; empty where nothing is."""
    has: str
    """Who else has it."""

    @property
    def chip(self) -> str:
        """How its clock stands: ``late``, ``due-soon``, ``fine``; empty where none runs."""
        return self.line.standing.value if self.line.due else ""


def today(visit: Visit) -> Result:
    wanted = visit.query.get("show", "")
    show = wanted if wanted in SHOWS else ""
    found = visit.seat.inbox(over=show == "done")
    lines = [shown(visit, each) for each in found if _is_shown(each, show)]
    waiting = [each for each in lines if each.line.waits and show != "done"]
    return page(
        "today.html",
        show=show,
        waiting=waiting,
        others=[each for each in lines if each not in waiting],
        late=sum(each.line.standing is Standing.LATE for each in waiting),
        mistrusted=sum(each.mistrusted for each in found),
        **(_NOTHING if show else _besides(visit, found)),
    )


def _name(visit: Visit, officer: OfficerId) -> str:
    return names(visit.house).get(officer) or visit.people.of(officer)


def _is_shown(line: Line, show: str) -> bool:
    if show == "mine":
        return line.mine
    return not line.mine if show == "desk" else True


def _besides(visit: Visit, found: tuple[Line, ...]) -> dict[str, object]:
    """Return what waits for him besides threads."""
    seat = visit.seat
    shorts: dict[str, str] = {each.thread: each.short for each in found if each.short}
    ends = seat.unlocked.entry.ends
    return {
        "brought": [
            {
                "thread": each.thread,
                "short": shorts.get(each.thread) or each.thread[:8],
                "peer": visit.agency(each.peer),
                "limit": visit.say(LIMITS[each.limit]),
                "rung": visit.say(RUNGS[each.rung]),
                "due": each.due,
                "rings": each.rung is Rung.ASKER,
            }
            for each in seat.brought()
        ],
        "owed": [
            (each, visit.say(_OWED, office=office(visit, each.office), when=visit.when(at)))
            for each, at in seat.owed()
        ],
        "deletions": [
            (row.thread, shorts.get(row.thread) or row.thread[:8], visit.agency(row.agency))
            for row in {each.thread: each for each in pending(seat.unlocked, seat.house)}.values()
        ],
        "typed": [
            (each, colleague(visit, each.by)) for each in to_confirm(seat.unlocked, seat.house)
        ],
        "unconfirmed": [
            (each, colleague(visit, each.by), colleague(visit, each.colleague), each.word == DENIED)
            for each in unconfirmed(seat.unlocked, seat.house)
        ],
        "alerts": [(each, _name(visit, each.officer)) for each in seat.alerts()],
        "marked": len(marked_alerts_for(seat.unlocked, seat.house)),
        "drafts": begun(visit, "ask", "tell"),
        "coming": _coming(visit),
        "ends": ends if ends - visit.now <= REMIND else None,
        "going": len(going(visit.house, seat.unlocked)),
    }


def _coming(visit: Visit) -> list[str]:
    said = {Matter.REVIEW: _REVIEW, Matter.MANDATE: _MANDATE}
    return [
        visit.say(said[each.matter], name=each.name, when=visit.when(each.at))
        for each in visit.seat.coming()
    ]


def shown(visit: Visit, line: Line) -> Shown:
    """Return *line* in words."""
    kind = visit.house.kinds.get(line.kind)
    about = visit.say_in.label(kind.question) if kind else line.kind
    holder = line.holder
    return Shown(
        line=line,
        what=visit.say(_TOLD, about=about) if line.is_note else about,
        peer=visit.agency(line.peer),
        stands=visit.say(words.EVENTS[line.silence or line.stage]),
        wants=_wants(visit, line) if line.waits else "",
        # A name stands inside a thread alone.
        has=visit.people.of(holder.id) if holder and not line.mine else "",
    )


def _wants(visit: Visit, line: Line) -> str:
    """Return in words what is wanted of the officer."""
    spoken: datetime | None = line.spoken
    if line.decides:
        when = visit.left(spoken) if spoken else ""
        return visit.say(_WANTS["spoken"], when=when) if spoken else visit.say(_WANTS["decide"])
    return visit.say(_WANTS[_want(line)])


def _want(line: Line) -> str:
    steps = line.next
    if "consent" in steps:
        return "consent"
    if "take" in steps or ("hand-over" in steps and not line.mine):  # or given back to the desk
        return "take"
    if "answer" in steps:
        return "supply" if steps[:1] == ("answer",) and len(steps) == 1 else "answer"
    return "acknowledge" if "acknowledge" in steps and "ask-back" not in steps else "read"


ROUTES = (get("/today", today),)
