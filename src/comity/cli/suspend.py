# SPDX-License-Identifier: Apache-2.0
"""``comity suspend``: nothing passes between an agency and yours, until two of yours lift it."""

from datetime import datetime

import click

from comity.cli.call import Call, shared
from comity.cli.session import opened
from comity.cli.values import DAY, VALUE, utc
from comity.domain.standing import SuspendCode
from comity.errors import Misused
from comity.language.marks import marked
from comity.services import suspend as suspending
from comity.services.address_book import read_book

SUSPENDED = marked("Nothing goes to {agency} or comes from it until it is taken back.")
LIFTED = marked("You exchange with {agency} again.")


@click.command()
@click.argument("peer", type=VALUE)
@click.option("--reason", type=VALUE, required=True, help="A code; with --lift why, in words.")
@click.option("--remark", type=VALUE, default="", help="In your words; it stays here.")
@click.option("--until", type=DAY, metavar="DATE", help="It lifts itself then.")
@click.option("--by", type=VALUE, multiple=True, required=True, help="Who decided; two to lift.")
@click.option("--lift", is_flag=True, help="Take it back.")
@shared
def suspend(
    call: Call,
    *,
    peer: str,
    reason: str,
    remark: str,
    until: datetime | None,
    by: tuple[str, ...],
    lift: bool,
) -> None:
    """Send PEER nothing and take nothing from it, or lift that.

    One of you suspends, two lift. Codes: forked, replayed, key-differs, compromised, policy, other.
    """
    with opened(call) as house:
        card = read_book(house).find_agency(peer)
        if lift:
            suspending.lift(house, card.id, decided_by=by, reason=reason)
        else:
            suspending.suspend(
                house,
                card.id,
                code=_code(reason),
                by=" / ".join(by),
                remark=remark,
                until=utc(until) if until else None,
            )
    call.out.say(LIFTED if lift else SUSPENDED, agency=card.name)
    call.out.give(id=card.id, agency=card.id, suspended=not lift)


def _code(text: str) -> SuspendCode:
    try:
        code = SuspendCode(text)
    except ValueError:
        raise Misused("suspend-code") from None
    if code in (SuspendCode.INTRODUCTION_ENDED, SuspendCode.INTRODUCTION_UNCOMPARED):
        raise Misused("suspend-code")  # the clock's own
    return code
