# SPDX-License-Identifier: Apache-2.0
"""What was taken back, and what its holders answered, in words for whichever face shows it."""

from datetime import datetime
from typing import Final, Protocol

from comity.domain.taking_back import Correction, Taking
from comity.domain.tally import Held, HolderAnswer
from comity.domain.thread import TakenBack
from comity.language.marks import marked
from comity.services.house import House
from comity.services.recalled_onward import onward_in
from comity.services.said import Names, Speaker
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
_VIA = marked("{who}, who has it from {via}")
_ORIGINATOR: Final = {
    Taking.RECALL: marked("{who}, who told it first, asks to delete it, {when}."),
    Taking.NARROW: marked("{who}, who told it first, lets less be done with it, {when}."),
    Taking.CORRECT: marked("{who}, who told it first, corrects it, {when}."),
}
_ASK = marked("Ask {agency}, who passed it on, for what is said before you use it.")


class Exact(Speaker, Protocol):
    """A face that says times as people do, and exactly."""

    def when(self, at: datetime) -> str: ...

    def exact(self, at: datetime) -> str: ...


def taken_said(out: Exact, names: Names, taken: TakenBack) -> str:
    """Return who took back what, and when; a correction says what is wrong."""
    sentence = _CORRECTIONS.get(taken.correction, _TAKEN[taken.what])
    who = f"{names.of(taken.officer)}, {names.agency(taken.agency)}"
    return out.say_in.of(sentence, who=who, when=out.when(taken.at))


def tally_row(
    out: Exact, names: Names, told: HolderAnswer, what: Taking
) -> tuple[str, str, str, str]:
    """Return who answered what to it, when, and what stands beside that."""
    when = out.exact(told.at) if told.at else ""
    narrowed = told.held is Held.MARKED and what is Taking.NARROW
    said = out.coded(_NOTED if narrowed else _HELD[told.held], told.held)
    who = names.agency(told.agency)
    if told.via:
        who = out.say_in.of(_VIA, who=who, via=names.agency(told.via))
    return who, said, when, _reason(out, told.reason)


def onward_said(out: Exact, names: Names, house: House, opened: OpenThread) -> list[str]:
    """Return what the originators of what was passed on here have taken back since."""
    said = []
    for each, order in onward_in(house, opened):
        who, when = names.agency(order.agency), out.when(order.at)
        said.append(out.say_in.of(_ORIGINATOR[order.what], who=who, when=when))
        if order.what is not Taking.RECALL:
            said.append(out.say_in.of(_ASK, agency=names.agency(each.agency)))
    return said


def _reason(out: Exact, reason: str) -> str:
    """Return in words until when backups hold what is deleted; a ground stays the code it is."""
    if not reason.startswith(_BACKUPS):
        return reason
    return out.say_in.of(_UNTIL, day=reason.removeprefix(_BACKUPS))
