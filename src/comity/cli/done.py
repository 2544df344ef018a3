# SPDX-License-Identifier: Apache-2.0
"""What is said after an act: what it came to, whether it can still be stopped, what may follow."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from comity.cli.call import Call
from comity.cli.output import DONE, Json
from comity.domain.time import from_millis
from comity.language import words
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.release import Done
from comity.services.said import Names
from comity.services.seat import Seat
from comity.services.thread import OpenThread, open_thread

HELD: Final = "held"
_SHORT = marked("Its number, to be said by telephone: {short}")
_HELD = marked("It is held until the oversight desk has signed too.")
_STOP = marked("It leaves {when}; until then: comity stop {thread}")
_LEAVES = marked("It leaves as soon as this server is running, or with: comity sync")
_PAPER = marked("A copy is owed on paper: {office}")
_READABLE = marked("Readable by: {readers}")
_NEXT = marked("You can now: {steps}")


def say_done(call: Call, seat: Seat, done: Done, said: str, *, ring: Json | None = None) -> None:
    """Say the marked sentence *said*, what *done* came to, and to programs whom to *ring*."""
    opened = open_thread(seat.unlocked, seat.house, done.thread, receipt=False)
    name = done.short or opened.thread.short or done.thread
    waits = done.leaves_at > seat.house.millis()
    steps = (*(("stop",) if waits else ()), *opened.next)
    out = call.out
    out.say(said, thread=name)
    if done.short:
        out.say(_SHORT, short=done.short)
    if done.held:
        out.say(_HELD)
    elif waits:
        out.say(_STOP, when=out.when(from_millis(done.leaves_at)), thread=name)
    elif done.leaves_at:
        out.say(_LEAVES)
    readers = _readers(opened, done, Names(read_book(seat.house)))
    out.say(_READABLE, readers=", ".join(readers))
    for each in done.owed_on_paper:
        out.say(_PAPER, office=each)
    say_next(call, steps)
    give = partial(
        out.give,
        code=HELD if done.held else DONE,
        id=done.act,
        thread=done.thread,
        stage=opened.thread.stage.value,
        next=steps,
        short=done.short or opened.thread.short,
        leaves_at=done.leaves_at,
        owed_on_paper=list(done.owed_on_paper),
    )
    if ring is None:
        give()
    else:
        give(ring=ring)


def _readers(opened: OpenThread, done: Done, names: Names) -> list[str]:
    """Return who can open what was just done, each once."""
    read = [
        f"{names.of(each.id)} ({names.agency(each.agency)})"
        for copy in opened.copies_of(done.act)
        for each in (*copy.statement.readers, *copy.statement.shown)
    ]
    return list(dict.fromkeys(read))


def say_next(call: Call, steps: Sequence[str]) -> None:
    if steps:
        told = ", ".join(call.out.coded(words.STEPS.get(each, each), each) for each in steps)
        call.out.say(_NEXT, steps=told)
