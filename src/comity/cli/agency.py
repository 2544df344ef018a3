# SPDX-License-Identifier: Apache-2.0
"""``comity agency add``: another agency on this server, for States that share one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from comity.cli.call import Call, shared
from comity.cli.secrets import new_passphrase
from comity.cli.session import opened
from comity.cli.values import VALUE
from comity.domain.roster import AgencyType
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.admit import fingerprint
from comity.services.agencies import found_agency, own_agency
from comity.services.agencies import move as move_to
from comity.services.agency_card import AgencyCard

_FOUNDED = marked("{agency} is founded ({country}).")
_DIGITS = marked("Its digits, to be read aloud to others: {digits}")
_MOVED = marked("Others are told that this server is at {address}.")
_ROOT = marked("Its first key lies in {path}. Take it off this machine and keep it apart.")

_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    click.option("--agency", "name", type=VALUE, required=True, metavar="NAME", help="Its name."),
    click.option("--country", required=True, metavar="CODE", help="Two letters: KE, VN."),
    click.option(
        "--type",
        "kind",
        type=click.Choice([each.value for each in AgencyType]),
        default=AgencyType.AGENCY.value,
        show_default=True,
        help="What it is.",
    ),
    click.option(
        "--root-file",
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="Where its first key goes. Default: beside the home.",
    ),
)


def by_agency(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that describe a new agency."""
    for each in reversed(_OPTIONS):
        function = each(function)
    return function


@click.group()
def agency() -> None:
    """Add another agency to this server, or move it."""


@agency.command(name="add")
@by_agency
@click.option("--address", default="", metavar="URL", help="Default: that of the first agency.")
@shared
def add(
    call: Call, *, name: str, country: str, kind: str, root_file: Path | None, address: str
) -> None:
    """Found another agency in this home.

    Its first key is sealed with a new passphrase (COMITY_NEW_PASSPHRASE) in a file of its own: take
    it off this machine.
    """
    with opened(call) as house:
        own = read_book(house).own
        place = root_file or _beside(call.place, country)
        card = found_agency(
            house,
            name=name,
            country=country,
            kind=AgencyType(kind),
            address=address or (own[0].node.address if own else ""),
            root_file=place,
            root_passphrase=new_passphrase(call),
        )
    say_founded(call, card, place)
    call.out.give(id=card.id, agency=card.id, fingerprint=fingerprint(card), root_file=str(place))


@agency.command()
@click.option("--address", required=True, metavar="URL", help="https://host:port.")
@click.option("--agency", "named", default="", metavar="NAME", help="Which one. Default: all.")
@shared
def move(call: Call, *, address: str, named: str) -> None:
    """Tell others that this server is reached at another address from now on."""
    with opened(call) as house:
        cards = [own_agency(house, named)] if named else read_book(house).own
        for each in cards:
            move_to(house, each.id, address)
    call.out.say(_MOVED, address=address)
    call.out.give(items=[{"id": each.id, "address": address} for each in cards])


def say_founded(call: Call, card: AgencyCard, root_file: Path) -> None:
    out = call.out
    out.say(_FOUNDED, agency=card.name, country=out.say_in.country(card.country))
    out.say(_DIGITS, digits=fingerprint(card))
    out.say(_ROOT, path=str(root_file))


def _beside(home: Path, country: str) -> Path:
    count, place = 2, home.with_name(f"{home.name}.{country.lower()}.root.age")
    while place.exists():
        place = home.with_name(f"{home.name}.{country.lower()}-{count}.root.age")
        count += 1
    return place
