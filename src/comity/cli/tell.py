# SPDX-License-Identifier: Apache-2.0
"""``comity tell``: something that another agency should know, without being asked."""

import click

from comity.cli.attached import attach_all
from comity.cli.call import Call, acting
from comity.cli.case import REF, TO, Case, language_of, with_case
from comity.cli.done import say_done
from comity.cli.handling import with_handling
from comity.cli.readers import say_readers
from comity.cli.session import seated
from comity.cli.typed import TYPED_FOR
from comity.cli.values import fields, need
from comity.domain.handling import Handling
from comity.language.marks import marked
from comity.services.ask import known_kind
from comity.services.tell import News

_TOLD = marked("What you tell is signed, sealed and kept.")
_FACTS = marked("What they should know")


@click.command()
@with_case(basis="untoc-18-4")
@with_handling
@click.option("--source", default="", metavar="NUMBER", help="On whose word: see comity source.")
@TYPED_FOR
@click.option("--dry-run", is_flag=True, help="Show who will see it, and send nothing.")
@acting
def tell(
    call: Call, *, case: Case, handling: Handling, source: str, typed_for: str, dry_run: bool
) -> None:
    """Tell another agency something without being asked.

    Your restrictions bind whoever receives it. No clock runs, and nothing has to be answered.
    """
    with seated(call) as seat:
        kind = known_kind(seat.house, case.kind)
        news = News(
            to=need(call, case.to, TO),
            kind=kind.id,
            ref=need(call, case.ref, REF),
            fields=fields(call, kind.fields, case.given, required=bool(case.given)),
            facts=need(call, case.facts, _FACTS),
            offence=case.offence,
            why_you=case.why_you,
            handling=handling,
            basis=case.basis,
            mandate=case.mandate,
            attachments=attach_all(call, seat, case.attachments, clean=case.clean),
            language=case.language or language_of(seat),
            desk=case.desk,
            roster_reason=case.roster_reason,
            source=source,
            typed_for=typed_for,
        )
        if dry_run:
            say_readers(call, seat, seat.who_will_see(news))
        else:
            say_done(call, seat, seat.tell(news), _TOLD)
