# SPDX-License-Identifier: Apache-2.0
"""Who will see this: shown before something is sent, from the very draft that would be sent."""

from comity.cli.call import Call
from comity.cli.done import HELD
from comity.cli.output import DONE, Json, time
from comity.domain.readers import Age
from comity.language import words
from comity.language.marks import marked
from comity.services.address_book import Book, read_book
from comity.services.said_of_agencies import against
from comity.services.seat import Seat
from comity.services.who_will_see import Shown

_WILL_SEE = marked("Who will see this")
_COLUMNS = (marked("Who"), marked("Agency"), marked("Why"), marked("People"))
_DEFENCE = marked("What you write may be disclosed to the defence.")
NOT_SENT = marked("Nothing was sent.")
_WAIT = marked("It could be stopped for {seconds} s.")
_HELD = marked("It would wait until the oversight desk has signed.")
_OLD = marked("The other side's list of keys is {age}: somebody may have left since.")
_PAPER = marked("A copy would be owed on paper: {office}")
_DUTY = marked("Somebody is there {when}.")
_THERE = marked("It is {time} there.")
_HOLIDAY = marked("Their next holiday: {day}")
_CALL = marked("In an urgent case, call {telephone}.")
_RESERVE = marked(
    "In an emergency, {needed} of {holders} holders named by {agency} could open it together."
)
_AGAINST = marked("{agency}: {what}")
_NOT_READ = marked("They read {languages}; you write in another language.")


def say_readers(call: Call, seat: Seat, shown: Shown) -> None:
    """Say who would read it, and what else its sender is to know; nothing is sent."""
    out = call.out
    book = read_book(seat.house)
    _say_table(call, book, shown)
    marks = _say_marks(call, book, shown)
    out.say(_DEFENCE)
    if shown.held:
        out.say(_HELD)
    elif shown.wait:
        out.say(_WAIT, seconds=shown.wait)
    if shown.age is not Age.FRESH:
        out.warn(_OLD, age=out.say_in.of(words.AGES[shown.age]))
    for office in shown.owed_on_paper:
        out.say(_PAPER, office=office)
    if not shown.is_read:
        told = ", ".join(map(out.say_in.language, shown.languages))
        out.warn(_NOT_READ, languages=told)
    _say_there(call, shown)
    out.say(NOT_SENT)
    out.give(
        code=HELD if shown.held else DONE,
        mandate=shown.mandate,
        wait=shown.wait,
        age=shown.age.value,
        duty=time(shown.duty) if shown.duty else "",
        there=shown.there.isoformat(timespec="minutes") if shown.there else "",
        holiday=shown.holiday,
        telephone=shown.telephone,
        is_read=shown.is_read,
        languages=list(shown.languages),
        owed_on_paper=list(shown.owed_on_paper),
        in_reserve=[
            {"agency": each.agency, "needed": each.needed, "holders": each.holders}
            for each in shown.in_reserve
        ],
        marks=marks,
        items=[
            {
                "agency": each.agency,
                "id": each.id,
                "display": each.display,
                "kind": each.kind.value,
                "why": each.why.value,
                "members": each.members,
            }
            for each in shown.readers
        ],
    )


def _say_table(call: Call, book: Book, shown: Shown) -> None:
    out = call.out
    out.heading(_WILL_SEE)
    out.table(
        _COLUMNS,
        [
            (
                each.display,
                book.agency(each.agency).name,
                out.coded(words.WHYS[each.why], each.why),
                str(each.members or ""),
            )
            for each in shown.readers
        ],
    )
    _say_in_reserve(call, book, shown)


def _say_in_reserve(call: Call, book: Book, shown: Shown) -> None:
    for each in shown.in_reserve:
        name = book.agency(each.agency).name
        call.out.say(_RESERVE, needed=each.needed, holders=each.holders, agency=name)


def _say_marks(call: Call, book: Book, shown: Shown) -> dict[str, Json]:
    """Say what is held against those who will read; return it by agency, in codes."""
    ids = dict.fromkeys(each.agency for each in shown.readers)
    cards = [card for each in ids if not (card := book.agency(each)).own]
    for card in cards:
        for each in against(call.out, card):
            call.out.warn(_AGAINST, agency=card.name, what=each)
    return {c.id: [m.code.value for m in c.standing.marks] for c in cards if c.standing.marks}


def _say_there(call: Call, shown: Shown) -> None:
    """Say what time it is at the desk, when somebody is there, and whom to ring."""
    out = call.out
    if shown.there:
        out.say(_THERE, time=shown.there.strftime("%H:%M"))
    if shown.duty:
        out.say(_DUTY, when=out.when(shown.duty))
    if shown.holiday:
        out.say(_HOLIDAY, day=shown.holiday)
    if shown.telephone:
        out.say(_CALL, telephone=shown.telephone)
