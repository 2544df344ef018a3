# SPDX-License-Identifier: Apache-2.0
"""``comity officer keys`` and ``period``: under which keys somebody reads, and for how long."""

from collections.abc import Mapping
from datetime import datetime

import click

from comity.cli.call import Call, acting, shared
from comity.cli.output import Json, time
from comity.cli.session import opened, seated
from comity.domain.epochs import DAYS_LEAST, DAYS_MOST
from comity.domain.ids import DeskId
from comity.language.marks import counted, marked
from comity.services.address_book import read_book
from comity.services.agencies import own_agency
from comity.services.epochs import Standing, going, set_period, standing
from comity.services.wraps import check_own

_COLUMNS = (
    marked("Whose"),
    marked("Key"),
    marked("Since"),
    marked("Until"),
    marked("Destroyed"),
    marked("Not opened"),
)
_OWN = marked("yours")
_GONE = marked("destroyed")
GOING = counted(
    "{count} old key is destroyed soon, with messages that you have not opened. Open them first.",
    "{count} old keys are destroyed soon, with messages that you have not opened. Open them first.",
)
_DAMAGED = counted(
    "{count} message that you had opened can no longer be opened here.",
    "{count} messages that you had opened can no longer be opened here.",
)
_PERIOD = marked("Officers of {agency} read under one key for {days} days.")


@click.command(name="keys")
@click.option("--check", is_flag=True, help="Open again all that you have opened before.")
@acting
def keys(call: Call, *, check: bool) -> None:
    """List the keys under which you read, and what waits unopened under each.

    A key is destroyed 180 days after the next one began. What was opened by then stays readable;
    what was not can only be sent again.
    """
    with seated(call) as seat:
        found = standing(seat.house, seat.unlocked)
        wrong = check_own(seat.house, seat.unlocked) if check else ()
        names = {
            each.id: each.name for each in read_book(seat.house).agency(seat.unlocked.agency).desks
        }
        soon = going(seat.house, seat.unlocked)
    out = call.out
    out.table(_COLUMNS, [_row(call, each, names) for each in found])
    for said, count in ((GOING, len(soon)), (_DAMAGED, len(wrong))):
        if count:
            out.warn(out.say_in.count(said.one, said.many, count))
    out.give(items=[_told(each) for each in found], damaged=list(wrong))


@click.command(name="period")
@click.argument("days", type=click.IntRange(DAYS_LEAST, DAYS_MOST))
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def period(call: Call, *, days: int, agency: str) -> None:
    """Let officers read under one key for so many DAYS; then they get the next one."""
    with opened(call) as house:
        card = own_agency(house, agency)
        set_period(house, card.id, days)
    call.out.say(_PERIOD, agency=card.name, days=days)
    call.out.give(id=card.id, days=days)


def _row(call: Call, each: Standing, desks: Mapping[DeskId, str]) -> tuple[str, ...]:
    out, epoch = call.out, each.epoch
    gone = "" if each.held else out.say_in.of(_GONE)
    return (
        desks.get(DeskId(epoch.reader)) or out.say_in.of(_OWN),
        str(epoch.number),
        _day(epoch.begins),
        _day(epoch.ended),
        gone or _day(epoch.destroyed_at),
        str(each.unopened),
    )


def _day(at: datetime | None) -> str:
    return at.date().isoformat() if at else ""


def _told(each: Standing) -> Json:
    epoch = each.epoch
    return {
        "reader": epoch.reader,
        "epoch": epoch.number,
        "begins": time(epoch.begins),
        "ended": time(epoch.ended) if epoch.ended else "",
        "destroyed_at": time(epoch.destroyed_at) if epoch.destroyed_at else "",
        "held": each.held,
        "unopened": each.unopened,
    }
