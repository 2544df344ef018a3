# SPDX-License-Identifier: Apache-2.0
"""What was taken back, and what its holders answered, in words for whichever face shows it."""

from datetime import datetime
from typing import Final, Protocol

from comity.domain.taking_back import Correction, Taking
from comity.domain.tally import Held, HolderAnswer
from comity.domain.thread import TakenBack
from comity.language.marks import marked
from comity.services.said import Names, Speaker

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
    return names.agency(told.agency), said, when, _reason(out, told.reason)


def _reason(out: Exact, reason: str) -> str:
    """Return in words until when backups hold what is deleted; a ground stays the code it is."""
    if not reason.startswith(_BACKUPS):
        return reason
    return out.say_in.of(_UNTIL, day=reason.removeprefix(_BACKUPS))
