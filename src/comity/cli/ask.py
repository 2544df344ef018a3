# SPDX-License-Identifier: Apache-2.0
"""``comity ask``: a question of one kind to a desk in another country."""

import click

from comity.cli.attached import attach_all
from comity.cli.call import Call, acting
from comity.cli.case import REF, TO, Case, language_of, with_case
from comity.cli.done import say_done
from comity.cli.handling import with_handling
from comity.cli.readers import say_readers
from comity.cli.session import seated
from comity.cli.typed import TYPED_FOR
from comity.cli.values import VALUE, fields, need
from comity.domain.handling import Handling
from comity.domain.statement import Urgency
from comity.knowledge.codes import purposes
from comity.language.marks import marked
from comity.services.ask import Question, known_kind

_ASKED = marked("Your question is signed, sealed and kept.")


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
@TYPED_FOR
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
    typed_for: str,
    dry_run: bool,
) -> None:
    """Ask a desk in another country a question.

    The value of a field is best kept off the command line: --set number=- reads it from standard
    input, --set number=@numbers.txt from a file, one a line, and --set number asks for it.
    """
    with seated(call) as seat:
        kind = known_kind(seat.house, case.kind)
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
            attachments=attach_all(call, seat, case.attachments, clean=case.clean),
            language=case.language or language_of(seat),
            desk=case.desk,
            bars=bars,
            roster_reason=case.roster_reason,
            spoken=spoken,
            typed_for=typed_for,
        )
        if dry_run:
            say_readers(call, seat, seat.who_will_see(question))
        else:
            say_done(call, seat, seat.ask(question), _ASKED)
