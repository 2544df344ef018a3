# SPDX-License-Identifier: Apache-2.0
"""What was taken back in a thread, as officers and programs are shown it, with the tally.

A correction stands above everything else: who reads nothing but the first line reads that.
"""

from collections.abc import Sequence

from comity.cli.call import Call
from comity.cli.output import Json, Output, time
from comity.domain.ids import ActId
from comity.domain.tally import Tally
from comity.domain.thread import TakenBack
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.recalled_onward import onward_in
from comity.services.said import Names
from comity.services.said_taken_back import onward_said, taken_said, tally_row
from comity.services.seat import Seat
from comity.services.tally import tally_of
from comity.services.thread import OpenThread

_COLUMNS = (marked("Who"), marked("What"), marked("When"), "")
_TALLY = marked("What those who have it answered")
_NONE = marked("Nothing was taken back here.")


def warn_first(out: Output, names: Names, taken: Sequence[TakenBack]) -> None:
    """Say what is wrong, above all else."""
    for each in taken:
        if each.correction:
            out.line(taken_said(out, names, each), style="bold red")


def say_of(out: Output, names: Names, taken: Sequence[TakenBack], act: ActId) -> None:
    """Say beside *act* what its author took back of it, or by it: the other may be deleted."""
    for each in taken:
        if act in (each.act, each.by):
            out.line(taken_said(out, names, each), style="bold")
            if each.text and act == each.act:
                out.block(each.text)


def say_onward(out: Output, names: Names, seat: Seat, opened: OpenThread) -> None:
    """Say what the originator of what was passed on here has taken back since."""
    for each in onward_said(out, names, seat.house, opened):
        out.line(each, style="bold red")


def onward_given(seat: Seat, opened: OpenThread) -> list[Json]:
    """Return the same for programs."""
    return [
        {
            "act": each.act,
            "original": each.original,
            "what": order.what.value,
            "agency": order.agency,
            "by": each.agency,
            "at": time(order.at),
        }
        for each, order in onward_in(seat.house, opened)
    ]


def say_tallies(out: Output, names: Names, seat: Seat, opened: OpenThread) -> None:
    """Say what the holders answered to what the viewer's agency took back."""
    for each in _mine(opened):
        out.heading(_TALLY)
        out.table(
            _COLUMNS,
            [tally_row(out, names, told, each.what) for told in tally_of(seat.house, each).answers],
        )


def tally_of_thread(call: Call, seat: Seat, opened: OpenThread) -> None:
    names = Names(read_book(seat.house))
    if not _mine(opened):
        call.out.say(_NONE)
    say_tallies(call.out, names, seat, opened)
    call.out.give(
        thread=opened.id, stage=opened.thread.stage.value, items=given(seat, opened, mine=True)
    )


def given(seat: Seat, opened: OpenThread, *, mine: bool = False) -> list[Json]:
    """Return what was taken back, for programs; with its tally where it was our own agency."""
    return [
        {
            "act": each.act,
            "by": each.by,
            "what": each.what.value,
            "correction": each.correction,
            "agency": each.agency,
            "officer": each.officer,
            "at": time(each.at),
            "text": each.text,
            "readers": list(each.readers),
            "tally": _told(tally_of(seat.house, each)) if each in _mine(opened) else [],
        }
        for each in (_mine(opened) if mine else opened.thread.taken_back)
    ]


def _mine(opened: OpenThread) -> list[TakenBack]:
    return [each for each in opened.thread.taken_back if each.agency == opened.viewer]


def _told(tally: Tally) -> list[Json]:
    return [
        {
            "agency": each.agency,
            "held": each.held.value,
            "reason": each.reason,
            "via": each.via or "",
            "at": time(each.at) if each.at else "",
        }
        for each in tally.answers
    ]
