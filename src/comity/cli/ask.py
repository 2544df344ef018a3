# SPDX-License-Identifier: Apache-2.0
"""``comity ask``: a question of one kind to a desk in another country."""

import click

from comity.cli.attached import attach_all
from comity.cli.call import Call, acting
from comity.cli.case import REF, TO, Case, language_of, with_case
from comity.cli.done import HELD, say_done
from comity.cli.handling import with_handling
from comity.cli.output import DONE, time
from comity.cli.session import seated
from comity.cli.values import VALUE, fields, need
from comity.domain.handling import Handling
from comity.domain.readers import Age
from comity.domain.statement import Urgency
from comity.errors import Misused
from comity.knowledge.codes import purposes
from comity.language import words
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.ask import Question
from comity.services.seat import Seat
from comity.services.who_will_see import Shown

_ASKED = marked("Your question is signed, sealed and kept.")
_WILL_SEE = marked("Who will see this")
_COLUMNS = (marked("Who"), marked("Agency"), marked("Why"), marked("People"))
_DEFENCE = marked("What you write may be disclosed to the defence.")
_NOT_SENT = marked("Nothing was sent.")
_WAIT = marked("It could be stopped for {seconds} s.")
_HELD = marked("It would wait until the oversight desk has signed.")
_OLD = marked("The other side's list of keys is {age}: somebody may have left since.")
_PAPER = marked("A copy would be owed on paper: {office}")
_DUTY = marked("Somebody is there {when}.")
_CALL = marked("In an urgent case, call {telephone}.")
_NOT_READ = marked("They read {languages}; you write in another language.")


@click.command()
@with_case(basis="untoc-27-1")
@click.option("--link", type=VALUE, default="", help="How the question hangs on the facts.")
@click.option(
    "--use",
    type=click.Choice(tuple(purposes())),
    default="intelligence",
    show_default=True,
    help="What the answer will be used for.",
)
@click.option(
    "--urgency",
    type=click.Choice([each.value for each in Urgency]),
    help="Default: that of the kind.",
)
@click.option("--urgency-reason", type=VALUE, default="", help="Why it is urgent.")
@with_handling
@click.option("--bar", "bars", multiple=True, type=VALUE, help="Who may never see it; repeat.")
@click.option("--spoken", type=VALUE, default="", help="Who countersigned by telephone.")
@click.option("--dry-run", is_flag=True, help="Show who will see it, and send nothing.")
@acting
def ask(
    call: Call,
    *,
    case: Case,
    link: str,
    use: str,
    urgency: str | None,
    urgency_reason: str,
    handling: Handling,
    bars: tuple[str, ...],
    spoken: str,
    dry_run: bool,
) -> None:
    """Ask a desk in another country a question.

    The value of a field is best kept off the command line: --set number=- reads it from standard
    input, --set number=@numbers.txt from a file, one a line, and --set number asks for it.
    """
    with seated(call) as seat:
        kind = seat.house.kinds.get(case.kind)
        if kind is None:
            raise Misused("kind-unknown")
        question = Question(
            to=need(call, case.to, TO),
            kind=kind.id,
            ref=need(call, case.ref, REF),
            fields=fields(call, kind.fields, case.given),
            facts=case.facts,
            offence=case.offence,
            why_you=case.why_you,
            link=link,
            use=use,
            handling=handling,
            urgency=Urgency(urgency) if urgency else None,
            urgency_reason=urgency_reason,
            basis=case.basis,
            mandate=case.mandate,
            attachments=attach_all(seat, case.attachments),
            language=case.language or language_of(seat),
            desk=case.desk,
            bars=bars,
            roster_reason=case.roster_reason,
            spoken=spoken,
        )
        if dry_run:
            _say_readers(call, seat, seat.who_will_see(question))
        else:
            say_done(call, seat, seat.ask(question), _ASKED)


def _say_readers(call: Call, seat: Seat, shown: Shown) -> None:
    out = call.out
    book = read_book(seat.house)
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
    out.say(_DEFENCE)
    if shown.held:
        out.say(_HELD)
    elif shown.wait:
        out.say(_WAIT, seconds=shown.wait)
    if shown.age is not Age.FRESH:
        out.warn(_OLD, age=out.say_in.of(words.AGES[shown.age]))
    for each in shown.owed_on_paper:
        out.say(_PAPER, office=each)
    if not shown.is_read:
        told = ", ".join(map(out.say_in.language, shown.languages))
        out.warn(_NOT_READ, languages=told)
    if shown.duty:
        out.say(_DUTY, when=out.when(shown.duty))
    if shown.telephone:
        out.say(_CALL, telephone=shown.telephone)
    out.say(_NOT_SENT)
    out.give(
        code=HELD if shown.held else DONE,
        mandate=shown.mandate,
        wait=shown.wait,
        age=shown.age.value,
        duty=time(shown.duty) if shown.duty else "",
        is_read=shown.is_read,
        languages=list(shown.languages),
        owed_on_paper=list(shown.owed_on_paper),
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
