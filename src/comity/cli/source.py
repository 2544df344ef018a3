# SPDX-License-Identifier: Apache-2.0
"""``comity source``: who a source is, kept apart; everywhere else he is a number."""

import click

from comity.cli.call import Call, acting
from comity.cli.session import seated
from comity.cli.values import VALUE, need
from comity.language.marks import marked
from comity.services import sources

_KEPT = marked("Kept as {number}. Use this number, and never the name, in all that you tell.")
_NAME = marked("Who it is")
_COLUMNS = (marked("Number"), marked("Since"), marked("Told on this word"))
_NONE = marked("There is no source that you can read.")
_LABELS = (marked("Name"), marked("How to reach"), marked("Risk"), marked("Remark"))
_REMOVED = marked("{number} is removed. Nobody can say any more who it was.")
_SURE = marked("Type the number again to remove it for ever")


@click.group()
def source() -> None:
    """Keep who a source is, apart from all else.

    Only you and the deputy whom you name can read it: no desk, no supervisor, no recovery.
    """


@source.command(name="add")
@click.option("--name", type=VALUE, default="", help="Who it is; better -, @file or ?.")
@click.option("--contact", type=VALUE, default="", help="How to reach the source.")
@click.option("--risk", type=VALUE, default="", help="What could happen, and what was promised.")
@click.option("--remark", type=VALUE, default="", help="Anything else.")
@click.option(
    "--deputy", type=VALUE, default="", metavar="WHO", help="A colleague who can read it."
)
@acting
def add(call: Call, *, name: str, contact: str, risk: str, remark: str, deputy: str) -> None:
    """Keep a new source and print the number."""
    with seated(call) as seat:
        number = sources.add_source(
            seat.unlocked,
            seat.house,
            name=need(call, name, _NAME),
            contact=contact,
            risk=risk,
            remark=remark,
            deputy=deputy,
        )
    call.out.say(_KEPT, number=number)
    call.out.give(id=number)


@source.command(name="list")
@acting
def list_(call: Call) -> None:
    """List your sources by number: no name is shown."""
    with seated(call) as seat:
        found = sources.sources(seat.unlocked, seat.house)
    if not found:
        call.out.say(_NONE)
    else:
        rows = [(each.number, call.out.when(each.at), str(len(each.used))) for each in found]
        call.out.table(_COLUMNS, rows)
    call.out.give(items=[{"id": each.number, "acts": list(each.used)} for each in found])


@source.command(name="show")
@click.argument("number")
@acting
def show(call: Call, *, number: str) -> None:
    """Show who the source NUMBER is."""
    with seated(call) as seat:
        kept = sources.source(seat.unlocked, seat.house, number)
    told = (kept.name, kept.contact, kept.risk, kept.remark)
    for label, text in zip(_LABELS, told, strict=True):
        if text:
            call.out.line(f"{call.out.say_in.of(label)}: {text}")
    call.out.give(
        id=kept.number,
        name=kept.name,
        contact=kept.contact,
        risk=kept.risk,
        remark=kept.remark,
        items=[{"act": each} for each in kept.used],
    )


@source.command(name="remove")
@click.argument("number")
@click.option(
    "--sure", default="", metavar="NUMBER", help="The number again, where nobody is asked."
)
@acting
def remove(call: Call, *, number: str, sure: str) -> None:
    """Remove the source NUMBER for ever."""
    with seated(call) as seat:
        again = need(call, sure, _SURE)
        sources.remove_source(seat.unlocked, seat.house, sources.confirmed(number, again))
    call.out.say(_REMOVED, number=sources.parse(number))
    call.out.give(id=sources.parse(number))
