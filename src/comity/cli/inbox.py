# SPDX-License-Identifier: Apache-2.0
"""``comity inbox``: what waits for somebody, the most pressing first."""

from collections.abc import Mapping

import click

from comity.cli.call import Call, acting
from comity.cli.keys import GOING
from comity.cli.output import Json, time
from comity.cli.session import seated
from comity.cli.silence import (
    owed_since,
    say_brought,
    say_coming,
    say_owed,
    told_brought,
    told_coming,
)
from comity.domain.clocks import Standing
from comity.knowledge.request_kind import RequestKind
from comity.language import words
from comity.language.marks import counted, marked
from comity.services.address_book import Book, read_book
from comity.services.epochs import going
from comity.services.inbox import LIMIT, Line
from comity.services.renew import REMIND
from comity.services.said import Names

_EMPTY = marked("Nothing is here yet. To ask somebody: comity ask")
_COLUMNS = (
    "",
    marked("Number"),
    marked("What"),
    marked("With"),
    marked("Where it stands"),
    marked("Due"),
    marked("You can"),
)
_NOTE = marked("told: {about}")
_MISTRUSTED = counted(
    "{count} message did not pass its checks and is not shown.",
    "{count} messages did not pass their checks and are not shown.",
)
_OWED = counted(
    "{count} copy is owed on paper: comity owed", "{count} copies are owed on paper: comity owed"
)
_ENDS = marked("You may sign until {when}. Ask your administrator to renew you.")
_WAITS = "●"


@click.command()
@click.option("--limit", type=click.IntRange(1, 500), default=LIMIT, show_default=True)
@acting
def inbox(call: Call, *, limit: int) -> None:
    """List what waits for you, the most pressing first.

    Looking at the list tells nobody anything: opening a thread does (comity show).
    """
    with seated(call) as seat:
        lines = seat.inbox(limit=limit)
        book = read_book(seat.house)
        kinds = seat.house.kinds
        owed = seat.owed()
        ends = seat.unlocked.entry.ends
        is_soon = ends - seat.house.now() <= REMIND
        brought, coming = seat.brought(), seat.coming()
        soon = going(seat.house, seat.unlocked)
    out = call.out
    if lines:
        out.table(_COLUMNS, [_row(call, each, book, kinds) for each in lines])
    else:
        out.say(_EMPTY)
    bad = sum(each.mistrusted for each in lines)
    if bad:
        out.warn(out.say_in.count(_MISTRUSTED.one, _MISTRUSTED.many, bad))
    shorts: dict[str, str] = {each.thread: each.short for each in lines}
    say_brought(call, brought, Names(book), shorts)
    say_coming(call, coming)
    if owed:
        out.warn(out.say_in.count(_OWED.one, _OWED.many, len(owed)))
    if is_soon:
        out.warn(_ENDS, when=out.when(ends))
    if soon:
        out.warn(out.say_in.count(GOING.one, GOING.many, len(soon)))
    say_owed(call, owed)
    out.give(
        items=[_told(each) for each in lines],
        owed=len(owed),
        owed_since=owed_since(owed),
        overdue=told_brought(brought, shorts),
        coming=told_coming(coming),
    )


def _row(call: Call, line: Line, book: Book, kinds: Mapping[str, RequestKind]) -> tuple[str, ...]:
    out = call.out
    steps = [words.STEPS.get(each, each) for each in line.next]
    return (
        _WAITS if line.waits else "",
        line.short or line.thread[:8],
        _what(call, line, kinds),
        _peer(line, book),
        _stands(call, line),
        _due(call, line),
        ", ".join(map(out.say_in.of, steps)),
    )


def _stands(call: Call, line: Line) -> str:
    """Return where it stands, and what nothing was heard of."""
    said = call.out.coded(words.STAGES[line.stage], line.stage)
    return f"{said}; {call.out.say_in.of(words.EVENTS[line.silence])}" if line.silence else said


def _what(call: Call, line: Line, kinds: Mapping[str, RequestKind]) -> str:
    kind = kinds.get(line.kind)
    about = call.out.say_in.label(kind.question) if kind else line.kind
    return call.out.say_in.of(_NOTE, about=about) if line.is_note else about


def _peer(line: Line, book: Book) -> str:
    card = book.cards.get(line.peer) if line.peer else None
    return card.name if card else ""


def _due(call: Call, line: Line) -> str:
    if line.due is None:
        return ""
    said = call.out.left(line.due.answer)
    if line.standing is Standing.FINE:
        return said
    return f"{call.out.say_in.of(words.STANDINGS[line.standing])}: {said}"


def _told(line: Line) -> Json:
    return {
        "thread": line.thread,
        "short": line.short,
        "kind": line.kind,
        "note": line.is_note,
        "peer": line.peer or "",
        "stage": line.stage.value,
        "due": time(line.due.answer) if line.due else "",
        "standing": line.standing.value,
        "holder": line.holder.id if line.holder else "",
        "next": list(line.next),
        "waits": line.waits,
        "silence": line.silence,
        "mistrusted": line.mistrusted,
        "at": time(line.at),
    }
