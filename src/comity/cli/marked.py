# SPDX-License-Identifier: Apache-2.0
"""``comity oversight mark``: invented identifiers that show who here asks about them."""

import click

from comity.cli.call import Call, shared
from comity.cli.output import time
from comity.cli.session import opened
from comity.cli.values import VALUE
from comity.knowledge.identifiers import identifier_kinds
from comity.language.marks import marked
from comity.services import marked_identifiers as marks
from comity.services.address_book import read_book
from comity.services.agencies import own_agency
from comity.services.enrol import names

_MARKED = marked("It is marked. Whoever here asks about it is shown to the integrity officer.")
_UNMARKED = marked("It is marked no more. Who asked about it before stays noted.")
_NONE = marked("Nothing is marked.")
_COLUMNS = (marked("Number or name"), marked("Where you left it"), marked("Since"))
_ASKED = marked("Who asked")
_ASKED_COLUMNS = (marked("When"), marked("Who"), marked("Agency"), marked("Number or name"))


@click.command()
@click.argument("value", type=VALUE)
@click.option(
    "--is",
    "kind",
    type=click.Choice(identifier_kinds()),
    help="What it is. Default: a name, or something else.",
)
@click.option("--remark", type=VALUE, default="", help="Where it was left.")
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def mark(call: Call, *, value: str, kind: str | None, remark: str, agency: str) -> None:
    """Mark VALUE, an invented identifier, to see who asks about it.

    It must belong to nobody. Leave it where only a leak would find it. Whoever asks is not told.
    """
    with opened(call) as house:
        card = own_agency(house, agency)
        told = marks.mark(house, card.id, value, kind=kind or "", remark=remark)
    call.out.say(_MARKED)
    call.out.give(id=told.id, agency=card.id)


@click.command()
@click.argument("value", type=VALUE)
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def unmark(call: Call, *, value: str, agency: str) -> None:
    """Mark VALUE, or what has this id, no more."""
    with opened(call) as house:
        card = own_agency(house, agency)
        marks.unmark(house, card.id, value)
    call.out.say(_UNMARKED)
    call.out.give(agency=card.id)


@click.command(name="marks")
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def marks_(call: Call, *, agency: str) -> None:
    """List what is marked, and who asked about it."""
    with opened(call) as house:
        card, book, people = own_agency(house, agency), read_book(house), names(house)
        with house.store.read() as reading:
            found = marks.marked(reading, house, card.id)
            asked = marks.alerts(reading, house, card.id)
    out = call.out
    if not found:
        out.say(_NONE)
    else:
        out.table(_COLUMNS, [(e.value, e.remark, out.exact(e.at)) for e in found])
    if asked:
        out.heading(_ASKED)
        out.table(
            _ASKED_COLUMNS,
            [
                (
                    out.exact(each.at),
                    people.get(each.officer, each.officer),
                    book.cards[each.to].name if each.to in book.cards else each.to,
                    each.value,
                )
                for each in asked
            ],
        )
    out.give(
        items=[{"id": e.id, "value": e.value, "remark": e.remark, "at": time(e.at)} for e in found],
        asked=[
            {
                "id": e.id,
                "officer": e.officer,
                "agency": e.to,
                "thread": e.thread,
                "value": e.value,
                "at": time(e.at),
                "seen": e.seen,
            }
            for e in asked
        ],
    )
