# SPDX-License-Identifier: Apache-2.0
"""``comity introduce``: two agencies that you know are told of each other.

It opens a door and no more: each side decides by itself, and what passes between them is theirs.
"""

from datetime import datetime

import click

from comity.cli.call import Call, acting
from comity.cli.output import time
from comity.cli.session import seated
from comity.cli.values import DAY, VALUE, utc
from comity.domain.policy import Sensitivity
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.introduce import introduce as introduce_
from comity.services.introduce import scope_of

_DONE = marked("{one} and {other} are told of each other. Each side decides by itself.")
_NEXT = marked("See what they decided: comity peer introductions")


@click.command()
@click.argument("one", type=VALUE)
@click.option("--to", "other", type=VALUE, required=True, help="The other agency.")
@click.option(
    "--scope",
    type=VALUE,
    required=True,
    metavar="KINDS[/PURPOSES]",
    help="What may pass: phone,container/intelligence; * for all.",
)
@click.option(
    "--sensitivity",
    type=click.Choice([each.value for each in Sensitivity]),
    default=Sensitivity.NOMINAL.value,
    show_default=True,
    help="At most: nominal may name people.",
)
@click.option("--until", type=DAY, required=True, metavar="DATE", help="When it ends.")
@click.option("--reason", type=VALUE, default="", help="Why; both will read it.")
@acting
def introduce(
    call: Call,
    *,
    one: str,
    other: str,
    scope: str,
    sensitivity: str,
    until: datetime,
    reason: str,
) -> None:
    """Tell ONE and another agency of each other; both know you.

    You must have compared both keys by voice. Two people of each side decide, and each compares
    the other's digits within 30 days. You are told whether they accepted, never what follows.
    """
    with seated(call) as seat:
        book = read_book(seat.house)
        cards = (book.find_agency(one), book.find_agency(other))
        made = introduce_(
            seat.unlocked,
            seat.house,
            (cards[0].id, cards[1].id),
            scope_of(seat.house, scope, Sensitivity(sensitivity)),
            until=utc(until),
            reason=reason,
        )
    call.out.say(_DONE, one=cards[0].name, other=cards[1].name)
    call.out.say(_NEXT)
    call.out.give(
        id=made.id,
        kinds=list(made.scope.kinds),
        purposes=list(made.scope.purposes),
        sensitivity=made.scope.sensitivity.value,
        until=time(made.until),
        agencies=[each.agency for each in made.sides],
    )
