# SPDX-License-Identifier: Apache-2.0
"""``comity node``: a home with its first agency, and how this server nudges its officers."""

import shutil
from pathlib import Path
from typing import Final

import click

from comity.cli.agency import by_agency, say_founded
from comity.cli.call import Call, shared
from comity.cli.nudge import nudge_server
from comity.cli.secrets import new_house_passphrase, new_passphrase
from comity.domain.roster import AgencyType
from comity.language.marks import marked
from comity.services.admit import fingerprint
from comity.services.agencies import found_agency
from comity.services.home import close, create

KEY_HOMES: Final = ("prompt", "tpm", "credential", "file")
BARE_KEY = marked(
    "The key of this server lies beside its records in a plain file: whoever copies the disk can "
    "read everything but what is sealed to people. Keep it so for practice only."
)
_MADE = marked("The home is ready: {path}")
_PRACTICE = marked("This is a practice server: it never exchanges with a real one.")


@click.group()
def node() -> None:
    """Create the home of a server, and set how it nudges."""


node.add_command(nudge_server)


@node.command(name="create")
@by_agency
@click.option(
    "--address",
    default="",
    metavar="URL",
    help="Where others reach this server: https://host:port; http:// only on this machine.",
)
@click.option("--practice", is_flag=True, help="For exercises: never exchanges with a real one.")
@click.option(
    "--key-home",
    type=click.Choice(KEY_HOMES),
    help="Where the key of this server lives. Default: prompt; for practice, file.",
)
@click.option("--database", default="", metavar="URL", help="PostgreSQL instead of a file.")
@shared
def create_(
    call: Call,
    *,
    name: str,
    country: str,
    kind: str,
    root_file: Path | None,
    address: str,
    practice: bool,
    key_home: str | None,
    database: str,
) -> None:
    """Create a home at --home with its first agency.

    The agency's first key is sealed with a new passphrase (COMITY_NEW_PASSPHRASE) in a file of its
    own: take it off this machine. A server whose key lives with the operator asks for the
    passphrase of this server (COMITY_HOUSE_PASSPHRASE) at every start.
    """
    root_passphrase = new_passphrase(call)
    place = root_file or call.place.with_name(f"{call.place.name}.root.age")
    where = key_home or ("file" if practice else "prompt")
    house = create(
        call.place,
        key_home=where,
        ask_house=lambda: new_house_passphrase(call),
        clock=call.clock,
        random=call.random,
        url=database,
        practice=practice,
    )
    try:
        card = found_agency(
            house,
            name=name,
            country=country,
            kind=AgencyType(kind),
            address=address,
            root_file=place,
            root_passphrase=root_passphrase,
        )
    except BaseException:
        # A home without an agency is of no use, and would be in the way of the next try.
        close(house)
        shutil.rmtree(call.place, ignore_errors=True)
        raise
    close(house)
    call.out.say(_MADE, path=str(call.place))
    if practice:
        call.out.say(_PRACTICE)
    if where == "file":
        call.out.warn(BARE_KEY)
    say_founded(call, card, place)
    call.out.give(
        id=card.id,
        agency=card.id,
        node=house.keys.node,
        fingerprint=fingerprint(card),
        root_file=str(place),
        practice=practice,
    )
