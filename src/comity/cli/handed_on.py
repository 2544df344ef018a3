# SPDX-License-Identifier: Apache-2.0
"""What is said when an officer hands all his own threads on: who gains sight, and what stays."""

from comity.cli.call import Call
from comity.cli.output import Json
from comity.cli.readers import NOT_SENT
from comity.domain.readers import display_of
from comity.language import words
from comity.language.marks import counted, marked
from comity.services.hand_on import HandedOver, Line

_GOES = counted("{count} thread goes to {officer}.", "{count} threads go to {officer}.")
_WOULD = counted("{count} thread would go to {officer}.", "{count} threads would go to {officer}.")
_STAYS = counted("{count} thread stays with you.", "{count} threads stay with you.")
_SHUT = counted(
    "{count} message you cannot open yourself, so nobody gains it.",
    "{count} messages you cannot open yourself, so nobody gains them.",
)
_COLUMNS = (marked("Thread"), marked("Opened to your colleague"), marked("Who reads of it"))
_STAYING = (marked("Thread"), marked("Why it stays"))
_LATER = marked(
    "What still comes for you in person comes to you: hand over again, and when you leave let your "
    "agency name who goes on: comity officer successor"
)


def say_handed_on(call: Call, done: HandedOver, *, dry_run: bool) -> None:
    """Say what went to whom, or would go; what stays, and why."""
    out = call.out
    who = display_of(done.taker)
    told = _WOULD if dry_run else _GOES
    out.line(out.say_in.count(told.one, told.many, len(done.gone), officer=who))
    if done.gone:
        out.table(_COLUMNS, [_row(each) for each in done.gone])
    if done.stay:
        out.warn(out.say_in.count(_STAYS.one, _STAYS.many, len(done.stay)))
        out.table(
            _STAYING,
            [
                (each.short or each.thread, out.coded(words.STAYS[each.why], each.why))
                for each in done.stay
                if each.why is not None
            ],
        )
    shut = sum(each.shut for each in done.gone)
    if shut:
        out.warn(out.say_in.count(_SHUT.one, _SHUT.many, shut))
    if dry_run:
        out.say(NOT_SENT)
    elif done.gone:
        out.say(_LATER)
    out.give(id=done.taker.id, items=[_told(each) for each in done.lines])


def _row(line: Line) -> tuple[str, str, str]:
    readers = dict.fromkeys(each.display for each in line.readers)
    return (line.short or line.thread, str(line.letters), ", ".join(readers))


def _told(line: Line) -> Json:
    return {
        "thread": line.thread,
        "short": line.short,
        "letters": line.letters,
        "shut": line.shut,
        "why": line.why.value if line.why else "",
        "readers": [
            {"agency": each.agency, "id": each.id, "why": each.why.value} for each in line.readers
        ],
    }
