# SPDX-License-Identifier: Apache-2.0
"""A thread on a page: where it stands, what was said, what may be done next, and the timeline."""

from dataclasses import dataclass

from comity.domain.statement import Opener
from comity.domain.thread import Act, Event
from comity.language import words
from comity.services.said import is_shown, what
from comity.services.thread import OpenThread
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One act in words."""

    act: Act
    who: str
    agency: str
    what: str
    code: str
    pairs: tuple[tuple[str, str], ...]
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One line of the timeline."""

    event: Event
    what: str
    who: str


def thread_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    return page("thread.html", **told(visit, opened))


def told(visit: Visit, opened: OpenThread) -> dict[str, object]:
    """Return what a page of the thread says, whatever else it is for."""
    thread = opened.thread
    body = thread.opening.body if thread.opening else None
    kind = visit.house.kinds.get(body.kind) if isinstance(body, Opener) else None
    mine = opened.viewer
    peers = [each for each in (thread.asker, *thread.asked) if each and each != mine]
    return {
        "opened": opened,
        "thread": thread,
        "kind": kind,
        "question": visit.say_in.label(kind.question) if kind else "",
        "peer": visit.agency(peers[0]) if peers else "",
        "stands": visit.say(words.STAGES[thread.stage]),
        "holder": thread.holder_in(mine),
        "said": [_said(visit, opened, each) for each in thread.acts],
        "happened": [_happened(visit, each) for each in thread.events],
        "can": opened.next,
    }


def _said(visit: Visit, opened: OpenThread, act: Act) -> Said:
    code = what(act, opened.thread)
    author = opened.author_of(act.id)
    body = opened.thread.opening.body if opened.thread.opening else None
    sayer = visit.sayer(body.kind if isinstance(body, Opener) else "")
    pairs = tuple(each for each in sayer.lines(act.body) if each[1]) if is_shown(act) else ()
    return Said(
        act=act,
        who=visit.people.of(act.officer) if author is None else author.name or author.label,
        agency=visit.agency(act.agency),
        what=visit.say(words.EVENTS.get(code, code)),
        code=code,
        pairs=pairs,
        ours=act.agency == opened.viewer,
    )


def _happened(visit: Visit, event: Event) -> Happened:
    return Happened(
        event=event,
        what=visit.say(words.EVENTS.get(event.what, event.what)),
        who=visit.people.of(event.who) if event.who else visit.agency(event.agency),
    )


def take(visit: Visit, thread: str) -> Result:
    visit.seat.take(thread, anyway=visit.form.flag("anyway"))
    return SeeOther(f"/t/{thread}")


ROUTES = (
    get("/t/<thread>", thread_page),
    post("/t/<thread>/take", take, again=thread_page),
)
