# SPDX-License-Identifier: Apache-2.0
"""What was passed on, shown: who told it first, through whose hands it went, how sure that is."""

from typing import Final

from comity.cli.output import Json, Output, time
from comity.domain.consents import askings
from comity.domain.statement import PassOn, Statement
from comity.domain.thread import Act, Thread
from comity.services.address_book import read_book
from comity.services.passed_on_in import Passed, passed
from comity.services.said import Names, Sayer
from comity.services.said_passed_on import passed_lines
from comity.services.seat import Seat
from comity.services.thread import OpenThread

WAITS: Final = "waits"


def passed_on_of(seat: Seat, act: Act) -> Passed:
    """Return what *act*, which was verified when it was opened, passes on."""
    return passed(act.statement, read_book(seat.house), act.at)


def say_passed_on(out: Output, names: Names, sayer: Sayer, found: Passed) -> None:
    """Say the original, as its own agency signed it, and every hand since."""
    for each in passed_lines(out, names, found):
        out.line(each)
    out.pairs(sayer.lines(found.chain.original.body))


def passed_on_told(seat: Seat, opened: OpenThread) -> Json:
    """Return what opens the thread as JSON, where that was passed on; else nothing."""
    opening = opened.thread.opening
    if opening is None or not isinstance(opening.body, PassOn):
        return {}
    found = passed_on_of(seat, opening)
    return {
        "backing": found.backing.value,
        "originator": found.chain.originator,
        "act": found.chain.original.act,
        "hands": [
            {
                "agency": hand.said.author.agency,
                "recipient": hand.body.recipient,
                "consent": _id_of(hand.consent),
            }
            for hand in found.chain.hands
        ],
    }


def consents_told(thread: Thread) -> list[Json]:
    """Return every consent that was asked for in *thread*, and what became of it."""
    return [
        {
            "request": each.act,
            "of": each.of,
            "by": each.by,
            "use": each.body.use.value,
            "holder": each.body.holder,
            "agencies": list(each.body.agencies),
            "stands": each.word.word.value if each.word else WAITS,
            "consent": each.given or "",
            "until": each.word.until if each.word else "",
            "due": time(each.due.answer) if each.due and each.open else "",
        }
        for each in askings(thread)
    ]


def _id_of(consent: Statement | None) -> str:
    return consent.act if consent else ""
