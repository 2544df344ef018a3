# SPDX-License-Identifier: Apache-2.0
"""``comity revoke``: a person, a device with somebody's keys, or this server's own keys."""

from datetime import datetime

import click

from comity.cli.call import Call, shared
from comity.cli.officer import DESK_KEY, REVOKED
from comity.cli.output import time
from comity.cli.secrets import new_passphrase, passphrase
from comity.cli.session import opened
from comity.cli.values import MOMENT, VALUE, utc
from comity.language.marks import marked
from comity.services import revoke as revoking
from comity.services.address_book import read_book
from comity.services.enrol import find_officer
from comity.services.renew import renew_keys
from comity.services.rotate_node import EVERY, rotate
from comity.services.successor import name_successor

_DEVICE = marked("{officer} has new keys. What the stolen ones sign is refused.")
_DESK_NEW = marked("The desk “{desk}” has a new key.")
_NODE = marked("Every key of this server is new. What the stolen ones signed is refused.")
_ROSTER = marked(
    "If the thief can open the home, he also has the key that signs your list: comity rotate "
    "roster --stolen"
)

_SINCE = click.option(
    "--since",
    type=MOMENT,
    metavar="TIME",
    required=True,
    help="Since when others may have had the keys, UTC.",
)


@click.group()
def revoke() -> None:
    """End what a person, a device or this server may sign."""


@revoke.command()
@click.argument("who", type=VALUE)
@click.option(
    "--reason", required=True, type=click.Choice(revoking.REASONS), help="Why, as others are told."
)
@click.option(
    "--since", type=MOMENT, metavar="TIME", help="If the keys were stolen: since when, UTC."
)
@click.option("--successor", type=VALUE, metavar="WHO", help="Who goes on with personal threads.")
@shared
def person(
    call: Call, *, who: str, reason: str, since: datetime | None, successor: str | None
) -> None:
    """Revoke an officer: WHO may no longer sign, here or anywhere."""
    with opened(call) as house:
        card, entry = find_officer(house, who)
        if successor is not None:  # first: if that fails nothing is done
            name_successor(house, card.id, entry.id, find_officer(house, successor)[1].id)
        done = revoking.revoke(
            house, entry.id, reason=reason, compromised_since=utc(since) if since else None
        )
        book = read_book(house)
        desks = [book.reader(each)[1].name for each in done.desks]
    call.out.say(REVOKED, officer=entry.name or entry.label)
    for each in desks:
        call.out.warn(DESK_KEY, desk=each)
    call.out.give(id=entry.id, items=[{"id": each} for each in done.desks])


@revoke.command()
@click.argument("who", type=VALUE)
@_SINCE
@shared
def device(call: Call, *, who: str, since: datetime) -> None:
    """Revoke the keys on a lost device: WHO goes on with new ones.

    Needs his passphrase (COMITY_PASSPHRASE) and takes a new one (COMITY_NEW_PASSPHRASE). His desks
    get new keys too.
    """
    with opened(call) as house:
        _, entry = find_officer(house, who)
        done = renew_keys(
            house,
            entry.id,
            passphrase(call),
            new_passphrase=new_passphrase(call),
            stolen_since=utc(since),
        )
        book = read_book(house)
        desks = [book.reader(each)[1].name for each in done.desks]
    call.out.say(_DEVICE, officer=entry.name or entry.label)
    for each in desks:
        call.out.say(_DESK_NEW, desk=each)
    call.out.give(id=entry.id, items=[{"id": each} for each in done.desks])


@revoke.command()
@_SINCE
@shared
def node(call: Call, *, since: datetime) -> None:
    """Revoke this server's own keys after a theft, and go on with new ones.

    To be typed on the machine that goes on: in a home put back there from a backup.
    """
    with opened(call) as house:
        until = rotate(house, EVERY, stolen_since=utc(since))
        own = house.keys.node
    call.out.say(_NODE)
    call.out.warn(_ROSTER)
    call.out.give(id=own, since=time(utc(since)), until=time(until))
