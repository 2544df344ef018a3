# SPDX-License-Identifier: Apache-2.0
"""Silence, for people and for programs: what was not heard, what is overdue, what is coming."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from comity.cli.call import Call
from comity.cli.output import Json, Output, time
from comity.domain.docket import OF_SENDER
from comity.domain.limits import read_reason
from comity.domain.reminders import Raised, Rung
from comity.domain.thread import Thread
from comity.language.marks import marked
from comity.language.pressing import LIMITS, RUNGS, SILENCES
from comity.services.coming import Coming, Matter
from comity.services.escalate import Brought
from comity.services.owed import Owed
from comity.services.said import Names

_OVERDUE = marked("Overdue")
_COLUMNS = (
    marked("Number"),
    marked("With"),
    marked("Desk"),
    marked("What"),
    marked("Brought"),
    marked("Due"),
)
_RING = marked("Whom to ring, the time there, and what to say: comity call {thread}")
_COMING = marked("To be looked at")
_REVIEW = marked("How {name} was admitted is to be reviewed: {when}")
_MANDATE = marked("The mandate “{name}” ends: {when}")
_REMINDED = marked("Brought {who}, {when}: {what}.")
_OWED = marked("On paper, owed since {when}: comity owed")


def say_silences(out: Output, thread: Thread) -> None:
    """Say of which messages of this thread nothing was heard in time."""
    for each in thread.receipts:
        read = read_reason(each.reason) if each.stage in OF_SENDER else None
        if read is not None:
            silence, within = read
            said = out.say_in.of(SILENCES[silence], time=out.say_in.span(within))
            out.line(f"{out.exact(each.at)} · {said}")


def say_raised(out: Output, raised: Sequence[tuple[str, datetime]]) -> None:
    """Say of what somebody was reminded in this thread, and when."""
    for code, at in raised:
        one = Raised.read(code)
        what, who = out.say_in.of(LIMITS[one.limit]), out.say_in.of(RUNGS[one.rung])
        out.say(_REMINDED, who=who, when=out.exact(at), what=what)


def told_raised(raised: Sequence[tuple[str, datetime]]) -> Json:
    return [{"what": code, "at": time(at)} for code, at in raised]


def say_brought(
    call: Call, found: Sequence[Brought], names: Names, shorts: Mapping[str, str]
) -> None:
    """Say what is brought before somebody, the longest overdue first."""
    out = call.out
    if not found:
        return
    out.heading(_OVERDUE)
    out.table(
        _COLUMNS,
        [
            (
                shorts.get(each.thread) or each.thread[:8],
                names.agency(each.peer),
                names.of(each.desk) if each.desk else "",
                out.coded(LIMITS[each.limit], each.limit),
                out.say_in.of(RUNGS[each.rung]),
                out.left(each.due),
            )
            for each in found
        ],
    )
    for each in found:
        if each.rung is Rung.ASKER:
            out.say(_RING, thread=shorts.get(each.thread) or each.thread[:8])


def told_brought(found: Sequence[Brought], shorts: Mapping[str, str]) -> Json:
    return [
        {
            "thread": each.thread,
            "short": shorts.get(each.thread, ""),
            "peer": each.peer,
            "desk": each.desk,
            "clock": each.clock.value,
            "limit": each.limit.value,
            "to": each.rung.value,
            "due": time(each.due),
            "since": time(each.since),
        }
        for each in found
    ]


def say_coming(call: Call, found: Sequence[Coming]) -> None:
    """Say what is to be looked at by a date."""
    out = call.out
    if found:
        out.heading(_COMING)
    for each in found:
        text = _REVIEW if each.matter is Matter.REVIEW else _MANDATE
        out.say(text, name=each.name, when=out.when(each.at))


def told_coming(found: Sequence[Coming]) -> Json:
    return [
        {
            "what": each.matter.value,
            "subject": each.subject,
            "name": each.name,
            "at": time(each.at),
        }
        for each in found
    ]


def say_owed(call: Call, owed: Sequence[tuple[Owed, datetime]]) -> None:
    """Say since when something is owed on paper: it is said until it was handed in."""
    if owed:
        call.out.warn(_OWED, when=call.out.when(min(at for _, at in owed)))


def owed_since(owed: Sequence[tuple[Owed, datetime]]) -> str:
    return time(min(at for _, at in owed)) if owed else ""
