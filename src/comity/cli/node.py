# SPDX-License-Identifier: Apache-2.0
"""``comity node``: a home with its first agency, how it nudges; closed in one act, and reopened."""

import os
import shutil
from pathlib import Path
from typing import Final

import click

from comity.cli.agency import by_agency, say_founded
from comity.cli.call import Call, shared
from comity.cli.engine import engine
from comity.cli.nudge import nudge_server
from comity.cli.secrets import HOUSE, new_house_passphrase, new_passphrase
from comity.cli.shares import brought, with_shares
from comity.cli.values import ask
from comity.domain.roster import AgencyType
from comity.errors import Misused, Unavailable
from comity.language.marks import marked
from comity.services.admit import fingerprint
from comity.services.agencies import found_agency
from comity.services.close_node import close_node
from comity.services.home import close, create
from comity.services.reopen_node import HOMES as REOPENED_IN
from comity.services.reopen_node import needed, reopen_node

KEY_HOMES: Final = ("prompt", "tpm", "credential", "file")
BARE_KEY = marked(
    "The key of this server lies beside its records in a plain file: whoever copies the disk can "
    "read everything but what is sealed to people. Keep it so for practice only."
)
_CLOSE: Final = "close"
_FOR_GOOD: Final = "lose everything"
_WILL_CLOSE = marked(
    "The key of this server is about to be destroyed here. Nobody opens anything then, until "
    "enough holders of its recovery reopen it."
)
_WILL_LOSE = marked(
    "The key of this server is about to be destroyed, and nobody will ever open it again."
)
_TYPE = marked("Type “{word}”")
_CLOSED = marked("This server is closed. Nothing opens here until enough holders reopen it.")
_LOST = marked("This server is closed for good.")
_REMAINS = marked("A copy of the key could not be destroyed: remove {path} as root, now.")
_REOPENED = marked("This server is open again. Start it as usual: what came due is delivered.")
_MADE = marked("The home is ready: {path}")
_PRACTICE = marked("This is a practice server: it never exchanges with a real one.")


@click.group()
def node() -> None:
    """Create the home of a server, close it, reopen it."""


node.add_command(nudge_server)
node.add_command(engine)


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


@node.command(name="close")
@click.option("--now", is_flag=True, help="Ask nothing.")
@click.option(
    "--without-recovery", is_flag=True, help="Close it for good: nobody will ever open it again."
)
@shared
def close_(call: Call, *, now: bool, without_recovery: bool) -> None:
    """Close this server at once: destroy every copy of its key here.

    Afterwards nothing opens, for anybody, until enough holders of its recovery have reopened it
    (comity recover split chooses them). What serves ends within a second.
    """
    if not now:
        wanted = _FOR_GOOD if without_recovery else _CLOSE
        call.out.warn(_WILL_CLOSE if wanted == _CLOSE else _WILL_LOSE)
        if _typed(call, wanted) != wanted:
            raise Misused("recovery.not-typed")
    done = close_node(
        call.place,
        # Who has to close it may not know its passphrase, and has no time to look for it.
        ask_house=lambda: os.environ.get(HOUSE, ""),
        clock=call.clock,
        random=call.random,
        without_recovery=without_recovery,
    )
    out = call.out
    out.say(_CLOSED if done.escrows else _LOST)
    for each in done.remains:
        out.warn(_REMAINS, path=str(each))
    out.give(
        ok=not done.remains,
        code="closed-in-part" if done.remains else "closed",
        agencies=done.escrows,
        fresh=done.fresh,
        items=[{"path": str(each)} for each in done.remains],
    )
    if done.remains:
        raise click.exceptions.Exit(Unavailable.exit)


@node.command()
@click.option(
    "--key-home",
    type=click.Choice(REOPENED_IN),
    default="prompt",
    show_default=True,
    help="Where the key of this server lives from now on.",
)
@with_shares
@shared
def reopen(call: Call, *, key_home: str, files: tuple[str, ...], shares_fd: int | None) -> None:
    """Reopen a closed server with enough holders' shares.

    For the key home prompt the operator chooses a new passphrase of this server
    (COMITY_HOUSE_PASSPHRASE).
    """
    given = brought(call, files, shares_fd, needed=needed(call.place))
    done = reopen_node(
        call.place,
        given,
        key_home=key_home,
        ask_house=lambda: new_house_passphrase(call),
        clock=call.clock,
        random=call.random,
    )
    call.out.say(_REOPENED)
    if key_home == "file":
        call.out.warn(BARE_KEY)
    call.out.give(id=done.agency, agency=done.agency, shares=list(done.shares))


def _typed(call: Call, wanted: str) -> str:
    """Return what is typed to confirm; nothing where nobody sits at a terminal."""
    try:
        return ask(call, call.out.say_in.of(_TYPE, word=wanted)).strip()
    except Misused:
        return ""
