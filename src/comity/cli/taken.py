# SPDX-License-Identifier: Apache-2.0
"""What was taken back in a thread, as officers and programs are shown it, with the tally.

A correction stands above everything else: who reads nothing but the first line reads that.
"""

from collections.abc import Sequence
from typing import Final

from comity.cli.call import Call
from comity.cli.output import Json, Output, time
from comity.cli.said import Names
from comity.domain.ids import ActId
from comity.domain.taking_back import Correction, Taking
from comity.domain.tally import Held, HolderAnswer, Tally
from comity.domain.thread import TakenBack
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.recalled_onward import onward_in
from comity.services.seat import Seat
from comity.services.tally import tally_of
from comity.services.thread import OpenThread

_CORRECTIONS: Final = {
    Correction.WRONG_PERSON.value: marked("WRONG PERSON: {who} says so, {when}."),
    Correction.CLEARED.value: marked("CLEARED: {who} says so, {when}."),
}
_TAKEN: Final = {
    Taking.RECALL: marked("{who} asks to delete it, {when}."),
    Taking.NARROW: marked("{who} lets less be done with it, {when}."),
    Taking.CORRECT: marked("{who} corrects it, {when}."),
}
_HELD: Final = {
    Held.REMOVED: marked("deleted"),
    Held.KEPT: marked("kept"),
    Held.PENDING: marked("somebody there is asked"),
    Held.MARKED: marked("they have the correction"),
    Held.ABSENT: marked("it never came there"),
    Held.NOT_REACHED: marked("not reached"),
}
_NOTED = marked("they know that less may be done with it")
_BACKUPS = "backups-until-"
_UNTIL = marked("backups hold it until {day}")
_COLUMNS = (marked("Who"), marked("What"), marked("When"), "")
_TALLY = marked("What those who have it answered")
_NONE = marked("Nothing was taken back here.")
_VIA = marked("{who}, who has it from {via}")
_ORIGINATOR: Final = {
    Taking.RECALL: marked("{who}, who told it first, asks to delete it, {when}."),
    Taking.NARROW: marked("{who}, who told it first, lets less be done with it, {when}."),
    Taking.CORRECT: marked("{who}, who told it first, corrects it, {when}."),
}
_ASK = marked("Ask {agency}, who passed it on, for what is said before you use it.")


def warn_first(out: Output, names: Names, taken: Sequence[TakenBack]) -> None:
    """Say what is wrong, above all else."""
    for each in taken:
        if each.correction:
            out.line(_said(out, names, each, _CORRECTIONS[each.correction]), style="bold red")


def say_of(out: Output, names: Names, taken: Sequence[TakenBack], act: ActId) -> None:
    """Say beside *act* what its author took back of it, or by it: the other may be deleted."""
    for each in taken:
        if act in (each.act, each.by):
            sentence = _CORRECTIONS.get(each.correction, _TAKEN[each.what])
            out.line(_said(out, names, each, sentence), style="bold")
            if each.text and act == each.act:
                out.block(each.text)


def say_onward(out: Output, names: Names, seat: Seat, opened: OpenThread) -> None:
    """Say what the originator of what was passed on here has taken back since."""
    for each, order in onward_in(seat.house, opened):
        said = _ORIGINATOR[order.what]
        who, when = names.agency(order.agency), out.when(order.at)
        out.line(out.say_in.of(said, who=who, when=when), style="bold red")
        if order.what is not Taking.RECALL:
            out.say(_ASK, agency=names.agency(each.agency))


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
            [_row(out, names, told, each.what) for told in tally_of(seat.house, each).answers],
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


def _said(out: Output, names: Names, taken: TakenBack, sentence: str) -> str:
    who = f"{names.of(taken.officer)}, {names.agency(taken.agency)}"
    return out.say_in.of(sentence, who=who, when=out.when(taken.at))


def _row(out: Output, names: Names, told: HolderAnswer, what: Taking) -> tuple[str, str, str, str]:
    when = out.exact(told.at) if told.at else ""
    narrowed = told.held is Held.MARKED and what is Taking.NARROW
    said = out.coded(_NOTED if narrowed else _HELD[told.held], told.held)
    who = names.agency(told.agency)
    if told.via:
        who = out.say_in.of(_VIA, who=who, via=names.agency(told.via))
    return who, said, when, _reason(out, told.reason)


def _reason(out: Output, reason: str) -> str:
    """Return in words until when backups hold what is deleted; a ground stays the code it is."""
    if not reason.startswith(_BACKUPS):
        return reason
    return out.say_in.of(_UNTIL, day=reason.removeprefix(_BACKUPS))


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
