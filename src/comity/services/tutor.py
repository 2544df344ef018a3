# SPDX-License-Identifier: Apache-2.0
"""The tutor: answers practice questions by himself, so that an officer sees the whole course.

A question is acknowledged after a moment, something is asked back, and it is answered when that was
given, or a while later anyhow. He asks one question himself, for something to be answered.
"""

from datetime import datetime, timedelta
from typing import Final

from comity.domain.roster import AgencyType
from comity.domain.statement import Outcome
from comity.domain.thread import Side, Stage, Thread
from comity.errors import ComityError
from comity.language.marks import marked
from comity.language.translator import Translator
from comity.services.answer import Reply
from comity.services.ask import Question
from comity.services.practice import Practice
from comity.services.replies import Manner
from comity.services.seat import Seat
from comity.services.thread import OpenThread

ACKNOWLEDGES: Final = timedelta(seconds=10)
ASKS_BACK: Final = timedelta(seconds=20)
ANSWERS: Final = timedelta(seconds=20)
ANYHOW: Final = timedelta(minutes=5)
"""So long after he asked back he answers although nothing was given."""
NUMBER: Final = "+254700000000"
_ACKNOWLEDGED: Final = marked("Practice: I have it, and look into it.")
_ASKED_BACK: Final = marked("Practice: please give the first and the last day.")
_ANSWERED: Final = marked("Practice: this is an invented answer. Nothing in it is true.")
_QUESTION: Final = marked("Practice: an invented number, found in an invented notebook.")
_MOVED: Final = frozenset({Stage.ASKED, Stage.ACKNOWLEDGED, Stage.SUPPLIED, Stage.ASKED_BACK})
"""Stages in which he has something to do."""


def go_on(practice: Practice) -> int:
    """Carry what waits, do what is due over there, and carry that; return how much was done."""
    if not practice.lock.acquire(blocking=False):
        return 0  # another call does it just now
    try:
        practice.carry()
        seat = Seat(unlocked=practice.tutor(), house=practice.theirs)
        done = sum(_step(practice, seat, each.thread) for each in seat.inbox())
        if done:
            practice.carry()
        return done
    finally:
        practice.lock.release()


def ask_first(practice: Practice, language: str) -> None:
    """Let the tutor ask who sat down just now; an NGO or a body answers no questions."""
    if practice.here.kind not in (AgencyType.AGENCY, AgencyType.CENTRAL_AUTHORITY):
        return
    with practice.lock:
        desk = next(each for each in practice.here.desks if not each.oversight)
        say_in = Translator(language)
        seat = Seat(unlocked=practice.tutor(), house=practice.theirs)
        seat.ask(
            Question(
                to=desk.id,
                kind="phone",
                ref="P-1",
                fields={"number": (NUMBER,), "found": ("device",)},
                facts=say_in.of(_QUESTION),
                language=say_in.tag,
            )
        )
        practice.carry()


def _step(practice: Practice, seat: Seat, thread: str) -> int:
    """Do what is due in *thread*; what the rules do not allow him he leaves."""
    opened = seat.thread(thread)
    found = opened.thread
    if found.side_of(seat.unlocked.agency) is not Side.ASKED or found.stage not in _MOVED:
        return 0
    try:
        return _moved(seat, opened, practice.theirs.now())
    except ComityError:
        return 0


def _moved(seat: Seat, opened: OpenThread, now: datetime) -> int:
    found = opened.thread
    since = now - max(each.at for each in found.acts)
    say_in = Translator(_language(found))
    manner = Manner(language=say_in.tag)
    match found.stage:
        case Stage.ASKED if since >= ACKNOWLEDGES:
            seat.acknowledge(found.id, remark=say_in.of(_ACKNOWLEDGED), manner=manner)
        case Stage.ACKNOWLEDGED if since >= ASKS_BACK:
            seat.ask_back(found.id, ["period"], text=say_in.of(_ASKED_BACK), manner=manner)
        case Stage.SUPPLIED if since >= ANSWERS:
            seat.answer(found.id, _reply(say_in), manner=manner)
        case Stage.ASKED_BACK if since >= ANYHOW:
            seat.answer(found.id, _reply(say_in), manner=manner)
        case _:
            return 0
    return 1


def _reply(say_in: Translator) -> Reply:
    return Reply(outcome=Outcome.INFORMATION, text=say_in.of(_ANSWERED), ref="P-1")


def _language(thread: Thread) -> str:
    """Return the language of who asked."""
    opening = thread.opening
    return opening.statement.language if opening else "en"
