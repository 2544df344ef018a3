# SPDX-License-Identifier: Apache-2.0
"""``comity limits``: how soon an agency's server says that nothing was heard."""

from dataclasses import replace

import click

from comity.cli.call import Call, shared
from comity.cli.session import opened
from comity.domain.docket import ClockClass
from comity.domain.limits import Limits, minutes_of
from comity.errors import Misused
from comity.language.marks import marked
from comity.services.agencies import own_agency
from comity.services.limits import read_limits, set_limits

_COLUMNS = (marked("How soon"), marked("Delivered within"), marked("Opened within"))


@click.command()
@click.option(
    "--clock", type=click.Choice([each.value for each in ClockClass]), help="Which to shorten."
)
@click.option("--delivered", type=int, metavar="MINUTES", help="Said as not delivered after.")
@click.option("--opened", "read", type=int, metavar="MINUTES", help="Said as not opened after.")
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def limits(
    call: Call, *, clock: str | None, delivered: int | None, read: int | None, agency: str
) -> None:
    """Show or shorten the time after which silence is recorded.

    Nothing is sent to the other side: it is your own proof that you heard nothing in time.
    """
    if clock is None and (delivered, read) != (None, None):
        raise Misused("field-missing", field="clock")
    with opened(call) as house:
        card = own_agency(house, agency)
        now = read_limits(house, card.id)
        if clock is not None:
            now = _shortened(now, clock, delivered, read)
            set_limits(house, card.id, now)
    out = call.out
    rows = [(each, now.until_delivered(each), now.until_opened(each)) for each in ClockClass]
    span = out.say_in.span
    out.table(_COLUMNS, [(each.value, span(one), span(two)) for each, one, two in rows])
    out.give(
        id=card.id,
        agency=card.id,
        items=[
            {"clock": each.value, "delivered": minutes_of(one), "opened": minutes_of(two)}
            for each, one, two in rows
        ],
    )


def _shortened(now: Limits, clock: str, delivered: int | None, read: int | None) -> Limits:
    if delivered is not None:
        now = replace(now, delivered={**now.delivered, clock: delivered})
    return now if read is None else replace(now, opened={**now.opened, clock: read})
