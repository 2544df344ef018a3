# SPDX-License-Identifier: Apache-2.0
"""What was passed on, shown: who told it first, through whose hands it went, how sure that is."""

from typing import Final

from comity.cli.output import Json, Output, time
from comity.domain.consents import askings
from comity.domain.statement import PassOn, Statement
from comity.domain.thread import Act, Thread
from comity.language import words
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.passed_on_in import Passed, passed
from comity.services.said import Names, Sayer
from comity.services.seat import Seat
from comity.services.thread import OpenThread

WAITS: Final = "waits"
_FIRST = marked("{agency} told this first, {when}")
_HAND = marked("Passed on by {agency} to {recipient}")
_BY = marked("{hand}, with consent")
_SURE = marked("How sure that is: {backing}")


def passed_on_of(seat: Seat, act: Act) -> Passed:
    """Return what *act*, which was verified when it was opened, passes on."""
    return passed(act.statement, read_book(seat.house), act.at)


def say_passed_on(out: Output, names: Names, sayer: Sayer, found: Passed) -> None:
    """Say the original, as its own agency signed it, and every hand since."""
    for hand in found.chain.hands:
        said = out.say_in.of(
            _HAND,
            agency=names.agency(hand.said.author.agency),
            recipient=names.agency(hand.body.recipient),
        )
        out.line(out.say_in.of(_BY, hand=said) if hand.consent else said)
    original = found.chain.original
    when = out.when(original.at)
    out.say(_FIRST, agency=names.agency(original.author.agency), when=when)
    out.say(_SURE, backing=out.coded(words.BACKINGS[found.backing], found.backing))
    out.pairs(sayer.lines(original.body))


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
