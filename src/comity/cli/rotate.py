# SPDX-License-Identifier: Apache-2.0
"""``comity rotate``: new keys for this server, its agency, or the home itself."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from comity.cli.call import Call, shared
from comity.cli.output import time
from comity.cli.secrets import house_passphrase, new_passphrase, root_passphrase
from comity.cli.session import opened
from comity.cli.values import MOMENT, utc
from comity.language.marks import marked
from comity.services.admit import fingerprint
from comity.services.agencies import own_agency
from comity.services.node_keys import Purpose
from comity.services.rotate_house import change_house_passphrase, rotate_house
from comity.services.rotate_node import rotate as rotate_node
from comity.services.rotate_roster import rotate_roster_key, succeed_root

_ROSTER = marked("The key that signs your list of people and desks is new: list {number}.")
_ROOT = marked("Your second first key has taken over. The new file is {path}: keep it apart.")
_DIGITS = marked("Its digits, to be read aloud to others: {digits}")
_AWAY = marked("Take the file {path} off this machine again.")
_NODE = marked("The key is new. Until {when} what is on its way to the old one still arrives.")
_LOG = marked("The record of proof goes on under its next number, with new keys.")
_BACKUP = marked("Make a backup now: one from before today cannot be used to go on.")

_HOUSE = marked("The key of this home is new: {count} records are locked with it.")
_OLD_BACKUPS = marked("Backups from before open with the old key only: destroy them, or keep both.")
_PASSPHRASE = marked("The passphrase of this server is new.")

_AGENCY = click.option(
    "--agency", default="", metavar="NAME", help="Which of this server's agencies."
)
_ROOT_FILE = click.option(
    "--root-file",
    type=click.Path(path_type=Path),
    required=True,
    metavar="PATH",
    help="The file with the agency's first key.",
)


@click.group()
def rotate() -> None:
    """Change the keys of this server or of an agency."""


@rotate.command()
@_AGENCY
@_ROOT_FILE
@click.option(
    "--stolen", is_flag=True, help="Somebody else may have the old key: pass over what he listed."
)
@click.option(
    "--since",
    type=MOMENT,
    metavar="TIME",
    help="If it was stolen: since when, UTC. What was listed since then and not by you is void.",
)
@shared
def roster(
    call: Call, *, agency: str, root_file: Path, stolen: bool, since: datetime | None
) -> None:
    """Change the key that signs an agency's list; others follow.

    Needs the agency's first key, whose passphrase is asked for (COMITY_ROOT_PASSPHRASE).
    """
    with opened(call) as house:
        card = own_agency(house, agency)
        card = rotate_roster_key(
            house,
            card.id,
            root_file,
            root_passphrase(call),
            stolen=stolen,
            stolen_since=utc(since) if since else None,
        )
    call.out.say(_ROSTER, number=card.number)
    call.out.warn(_AWAY, path=str(root_file))
    call.out.warn(_BACKUP)
    call.out.give(id=card.id, agency=card.id, number=card.number)


@rotate.command()
@_AGENCY
@_ROOT_FILE
@click.option(
    "--new-root-file",
    type=click.Path(path_type=Path),
    required=True,
    metavar="PATH",
    help="Where the key that takes over goes, and the one after it.",
)
@shared
def root(call: Call, *, agency: str, root_file: Path, new_root_file: Path) -> None:
    """Let an agency's second first key take over, and name the next.

    Its passphrase is asked for (COMITY_ROOT_PASSPHRASE), and a new one (COMITY_NEW_PASSPHRASE).
    """
    with opened(call) as house:
        card = own_agency(house, agency)
        card = succeed_root(
            house,
            card.id,
            root_file,
            root_passphrase(call),
            new_path=new_root_file,
            new_passphrase=new_passphrase(call),
        )
    call.out.say(_ROOT, path=str(new_root_file))
    call.out.say(_DIGITS, digits=fingerprint(card))
    call.out.warn(_BACKUP)
    call.out.give(
        id=card.id,
        agency=card.id,
        number=card.number,
        fingerprint=fingerprint(card),
        root_file=str(new_root_file),
    )


@rotate.command()
@click.option("--passphrase-only", is_flag=True, help="Keep the key; change its passphrase.")
@shared
def house(call: Call, *, passphrase_only: bool) -> None:
    """Change the key that locks this home. Nobody else may have it open: stop the server first.

    Where the key lives with the operator, asks for its passphrase (COMITY_HOUSE_PASSPHRASE) and for
    a new one (COMITY_NEW_PASSPHRASE). Of a systemd credential the next one is expected beside it.
    """
    change = change_house_passphrase if passphrase_only else rotate_house
    count = change(
        call.place,
        ask_house=lambda: house_passphrase(call),
        ask_new=lambda: new_passphrase(call),
        clock=call.clock,
        random=call.random,
    )
    if passphrase_only:
        call.out.say(_PASSPHRASE)
    else:
        call.out.say(_HOUSE, count=count)
        call.out.warn(_OLD_BACKUPS)
    call.out.give(path=str(call.place), locked=count)


def _change(call: Call, purpose: Purpose) -> None:
    with opened(call) as house:
        until = rotate_node(house, [purpose])
        node = house.keys.node
    if purpose is Purpose.LEDGER:
        call.out.say(_LOG)
    else:
        call.out.say(_NODE, when=call.out.when(until))
    call.out.warn(_BACKUP)
    call.out.give(id=node, purpose=purpose.value, until=time(until))


def _command(purpose: Purpose, about: str) -> Callable[..., None]:
    """Return the command that changes the node's key for *purpose*."""

    @rotate.command(name=purpose.value, help=about)
    @shared
    def change(call: Call) -> None:
        _change(call, purpose)

    return change


_command(Purpose.CARRIER, "Change the key that signs what this server hands over.")
_command(Purpose.PARCEL, "Change the key that opens what is handed to this server.")
_command(Purpose.TLS, "Change the key of this server's encrypted connections.")
_command(Purpose.LEDGER, "Change the keys of the record of proof, and begin its next number.")
_command(Purpose.WITNESS, "Change the key with which this server vouches for others' records.")
