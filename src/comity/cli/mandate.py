# SPDX-License-Identifier: Apache-2.0
"""``comity mandate``: by which law or order an agency may share abroad."""

from datetime import datetime, timedelta

import click

from comity.cli.call import Call, shared
from comity.cli.desk import desk_named
from comity.cli.session import opened
from comity.cli.values import DAY, VALUE, utc
from comity.knowledge.codes import purposes
from comity.language.marks import marked
from comity.services import revoke
from comity.services.agencies import own_agency
from comity.services.mandates import NewMandate, add_mandate, find_mandate

_ADDED = marked("The mandate is recorded. It ends {when}.")
_REVOKED = marked("The mandate is withdrawn. What was sent under it stays.")


@click.group()
def mandate() -> None:
    """Record by which law an agency may share abroad."""


@mandate.command(name="add")
@click.option("--law", type=VALUE, required=True, help="The law or order, as it is cited.")
@click.option("--signed-by", type=VALUE, required=True, help="Name and office of who signed it.")
@click.option("--until", type=DAY, metavar="DATE", required=True, help="Its last day.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Default: every kind.")
@click.option("--country", "countries", multiple=True, metavar="CODE", help="Default: all.")
@click.option(
    "--use",
    "uses",
    multiple=True,
    type=click.Choice(tuple(purposes())),
    help="What answers may be used for. Default: every use.",
)
@click.option("--copy", "copies", multiple=True, metavar="DESK", help="A desk it makes us copy.")
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def add(
    call: Call,
    *,
    law: str,
    signed_by: str,
    until: datetime,
    kinds: tuple[str, ...],
    countries: tuple[str, ...],
    uses: tuple[str, ...],
    copies: tuple[str, ...],
    agency: str,
) -> None:
    """Record a mandate: without one nothing goes abroad."""
    with opened(call) as house:
        card = own_agency(house, agency)
        new = NewMandate(
            law=law,
            signed_by=signed_by,
            kinds=kinds or ("*",),
            countries=countries or ("*",),
            purposes=uses or ("*",),
            must_copy=tuple(desk_named(card, each) for each in copies),
            ends=utc(until) + timedelta(days=1),
        )
        entry = add_mandate(house, card.id, new)
    call.out.say(_ADDED, when=call.out.when(entry.ends))
    call.out.give(id=entry.id, agency=entry.agency)


@mandate.command(name="revoke")
@click.argument("which", type=VALUE, metavar="LAW")
@click.option(
    "--reason", required=True, type=click.Choice(revoke.REASONS), help="Why, as others are told."
)
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def revoke_(call: Call, *, which: str, reason: str, agency: str) -> None:
    """Withdraw a mandate before its end: nothing more goes abroad under it.

    LAW is its law or order as it was recorded, or its id.
    """
    with opened(call) as house:
        card = own_agency(house, agency)
        entry = find_mandate(card, which)
        revoke.revoke(house, entry.id, reason=reason)
    call.out.say(_REVOKED)
    call.out.give(id=entry.id, agency=entry.agency)
