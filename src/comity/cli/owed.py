# SPDX-License-Identifier: Apache-2.0
"""``comity owed``: copies on paper for offices that cannot be reached from here."""

import click

from comity.cli.call import Call, acting
from comity.cli.output import time
from comity.cli.session import seated
from comity.cli.values import VALUE
from comity.language.marks import counted, marked
from comity.services.address_book import read_book
from comity.services.said import Names

_NOTHING = marked("Nothing is owed on paper.")
_COLUMNS = (marked("Office"), marked("Thread"), marked("Message"), marked("Since"))
_HANDED = counted("{count} copy is noted as handed in.", "{count} copies are noted as handed in.")


@click.command()
@click.option("--handed-in", "message", default="", metavar="ID", help="A message handed in now.")
@click.option("--office", type=VALUE, default="", help="To which office. Default: to all.")
@acting
def owed(call: Call, *, message: str, office: str) -> None:
    """List what is owed on paper, or note that it was handed in."""
    out = call.out
    with seated(call) as seat:
        if message:
            count = seat.hand_in(message, office)
            out.line(out.say_in.count(_HANDED.one, _HANDED.many, count))
            out.give(id=message, handed_in=count)
            return
        rows = seat.owed()
        names = Names(read_book(seat.house))
    if rows:
        out.table(
            _COLUMNS,
            [(names.of(each.office), each.thread[:8], each.act, out.when(at)) for each, at in rows],
        )
    else:
        out.say(_NOTHING)
    out.give(
        items=[
            {"id": each.act, "thread": each.thread, "office": each.office, "since": time(at)}
            for each, at in rows
        ]
    )
