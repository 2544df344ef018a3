# SPDX-License-Identifier: Apache-2.0
"""``comity typed``: what a colleague typed for whoever acts, and his word on it."""

from typing import Final

import click

from comity.cli.call import Call, acting
from comity.cli.output import time
from comity.cli.session import seated
from comity.cli.values import VALUE
from comity.domain.ids import ActId
from comity.language.marks import marked
from comity.services import typed_for as typed_acts
from comity.services.address_book import read_book
from comity.services.said import Names

TYPED_FOR: Final = click.option(
    "--typed-for", type=VALUE, default="", metavar="WHO", help="A colleague who dictates it."
)
_COLUMNS: Final = (marked("Who"), marked("Thread"), marked("Message"), marked("When"))
_NONE: Final = marked("You need do nothing.")
_SAID: Final = marked("Your decision is recorded.")


@click.group()
def typed() -> None:
    """Say whether you dictated what a colleague typed for you."""


@typed.command("list")
@acting
def list_(call: Call) -> None:
    """List what was typed for you and waits for your word."""
    with seated(call) as seat:
        found = typed_acts.to_confirm(seat.unlocked, seat.house)
        names = Names(read_book(seat.house))
    out = call.out
    if found:
        rows = [(names.of(e.by), e.thread[:8], e.act, out.when(e.at)) for e in found]
        out.table(_COLUMNS, rows)
    else:
        out.say(_NONE)
    out.give(
        items=[{"id": e.act, "thread": e.thread, "by": e.by, "since": time(e.at)} for e in found]
    )


@typed.command()
@click.argument("message")
@acting
def confirm(call: Call, *, message: str) -> None:
    """Say that MESSAGE is what you dictated; both names stand."""
    with seated(call) as seat:
        done = typed_acts.confirm(seat.unlocked, seat.house, ActId(message))
    call.out.say(_SAID)
    call.out.give(id=done.act, to=message, thread=done.thread)


@typed.command()
@click.argument("message")
@click.option("--text", type=VALUE, default="", help="What is wrong with it.")
@acting
def deny(call: Call, *, message: str, text: str) -> None:
    """Say that you did not dictate MESSAGE."""
    with seated(call) as seat:
        typed_acts.deny(seat.unlocked, seat.house, ActId(message), text=text)
    call.out.say(_SAID)
    call.out.give(id=message)
