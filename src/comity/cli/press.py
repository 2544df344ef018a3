# SPDX-License-Identifier: Apache-2.0
"""``comity urgent``, ``remind`` and ``call``: when nobody answers."""

from collections.abc import Callable

import click

from comity.cli.call import Call, acting
from comity.cli.done import say_done
from comity.cli.manner import with_manner
from comity.cli.output import Json, time
from comity.cli.readers import say_readers
from comity.cli.session import seated
from comity.cli.values import VALUE
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.call import Sheet
from comity.services.replies import Manner
from comity.services.seat import Seat

_URGENT = marked("{thread} is urgent now. The clock runs by it from when the other side has it.")
_REMINDED = marked("The other side is reminded of {thread}.")
_RING = marked("To ring {desk}, {agency}")
_NUMBER = marked("Telephone in urgent cases: {telephone}")
_NO_NUMBER = marked("They publish no telephone number for urgent cases.")
_THERE = marked("It is {time} there.")
_ON_DUTY = marked("Somebody is there now.")
_NEXT = marked("Somebody is there next {when}.")
_UNKNOWN = marked("When somebody is there is not known.")
_HOLIDAY = marked("Their next holiday: {day}")
_ALOUD = marked("Read this aloud, in {language}:")
_NONE_OF_THEIRS = marked("We have no sentence in {languages}; this one is in {language}.")
_DRAFT = marked("Nobody whose language this is has read the sentence yet.")
_MEANS = marked("It means: {text}")
_SPELLED = marked("The number, sign by sign: {spelled}")
_CAUTION = marked("Say nothing of the case: a telephone is heard by others.")


@click.command()
@click.argument("thread")
@click.option("--reason", type=VALUE, required=True, help="Why it cannot wait.")
@with_manner
@click.option("--dry-run", is_flag=True, help="Show who will see it, and send nothing.")
@acting
def urgent(
    call: Call, *, thread: str, reason: str, manner: Callable[[Seat], Manner], dry_run: bool
) -> None:
    """Say that a question you have sent is urgent now.

    The reason goes to the other side and stays with the question. Afterwards you are shown whom to
    ring.
    """
    with seated(call) as seat:
        how = manner(seat)
        if dry_run:
            say_readers(call, seat, seat.who_will_see_urgent(thread, reason, manner=how))
            return
        done = seat.make_urgent(thread, reason, manner=how)
        sheet = seat.call(thread, language=call.out.say_in.tag)
        _say_sheet(call, seat, sheet)
        call.out.line("")
        say_done(call, seat, done, _URGENT, ring=told_sheet(sheet))


@click.command()
@click.argument("thread")
@with_manner
@click.option("--dry-run", is_flag=True, help="Show who will see it, and send nothing.")
@acting
def remind(call: Call, *, thread: str, manner: Callable[[Seat], Manner], dry_run: bool) -> None:
    """Remind the other side of a question that is overdue.

    Once for each limit that has passed: half of an urgent clock, the acknowledgement, the answer.
    """
    with seated(call) as seat:
        how = manner(seat)
        if dry_run:
            say_readers(call, seat, seat.who_will_see_reminder(thread, manner=how))
            return
        say_done(call, seat, seat.remind(thread, manner=how), _REMINDED)


@click.command()
@click.argument("thread")
@acting
def call_(call: Call, *, thread: str) -> None:
    """Show whom to ring, the time there, and what to say.

    One sentence to read aloud in their language, with its meaning in yours.
    """
    with seated(call) as seat:
        sheet = seat.call(thread, language=call.out.say_in.tag)
        _say_sheet(call, seat, sheet)
    call.out.give(thread=sheet.thread, short=sheet.short, ring=told_sheet(sheet))


def _say_sheet(call: Call, seat: Seat, sheet: Sheet) -> None:
    out = call.out
    agency = read_book(seat.house).agency(sheet.agency).name
    out.heading(_RING, desk=sheet.desk or sheet.short, agency=agency)
    if sheet.telephone:
        out.say(_NUMBER, telephone=sheet.telephone)
    else:
        out.say(_NO_NUMBER)
    _say_duty(call, sheet)
    language = out.say_in.language(sheet.sentence.language)
    if not sheet.is_theirs:
        told = ", ".join(map(out.say_in.language, sheet.languages))
        out.warn(_NONE_OF_THEIRS, languages=told, language=language)
    out.heading(_ALOUD, language=language)
    out.block(sheet.sentence.text)
    if sheet.meaning.language != sheet.sentence.language:
        out.say(_MEANS, text=sheet.meaning.text)
    out.say(_SPELLED, spelled=sheet.spelled)
    if sheet.sentence.draft:
        out.say(_DRAFT)
    out.say(_CAUTION)


def _say_duty(call: Call, sheet: Sheet) -> None:
    out = call.out
    if sheet.there is not None:
        out.say(_THERE, time=sheet.there.strftime("%H:%M"))
    if sheet.duty is None:
        out.say(_UNKNOWN)
    elif sheet.on_duty:
        out.say(_ON_DUTY)
    else:
        out.say(_NEXT, when=out.when(sheet.duty))
    if sheet.holiday:
        out.say(_HOLIDAY, day=sheet.holiday)


def told_sheet(sheet: Sheet) -> Json:
    """Return *sheet* as it stands in JSON."""
    return {
        "agency": sheet.agency,
        "desk": sheet.desk,
        "telephone": sheet.telephone,
        "languages": list(sheet.languages),
        "there": sheet.there.isoformat(timespec="minutes") if sheet.there else "",
        "duty": time(sheet.duty) if sheet.duty else "",
        "on_duty": sheet.on_duty,
        "holiday": sheet.holiday,
        "language": sheet.sentence.language,
        "is_theirs": sheet.is_theirs,
        "sentence": sheet.sentence.text,
        "draft": sheet.sentence.draft,
        "meaning": sheet.meaning.text,
        "spelled": sheet.spelled,
    }
