# SPDX-License-Identifier: Apache-2.0
"""``comity officer``: enrol, renew, revoke, hand out an officer's own keys."""

from datetime import datetime
from pathlib import Path

import click

from comity.cli.call import Call, shared
from comity.cli.files import sink
from comity.cli.keys import keys, period
from comity.cli.output import time
from comity.cli.secrets import new_passphrase, passphrase
from comity.cli.session import opened
from comity.cli.sign_in import codes, factors, let_in, lock_phrase_, phone, without
from comity.cli.values import MOMENT, VALUE, utc
from comity.domain.roster import Role
from comity.language.marks import marked
from comity.services import enrol, revoke
from comity.services.address_book import read_book
from comity.services.agencies import own_agency
from comity.services.enrol import Person, find_officer
from comity.services.export import export
from comity.services.renew import renew, renew_keys
from comity.services.successor import find_leaver, name_successor
from comity.services.unlock import change_passphrase

_ENROLLED = marked("{officer} is enrolled. Others see: {shown}.")
REVOKED = marked("{officer} may no longer sign, and reads nothing that is sealed from now on.")
DESK_KEY = marked("The desk “{desk}” needs a new key: comity desk change --desk “{desk}”")
_RENEWED = marked("{officer} may sign until {when}.")
_NEW_KEYS = marked("{officer} has new keys, and may sign until {when}.")
_PASSPHRASE = marked("{officer} has a new passphrase. A key file handed out before keeps the old.")
_FOLLOWS = marked("{successor} goes on with what {officer} had in person. Others are told.")
_BEFORE = marked(
    "What lies sealed to {officer} alone stays so, unless the officer hands it over while still "
    "there: comity hand-over --all"
)
_EXPORTED = marked("The key file is written: {path}. It opens with the officer's passphrase.")


@click.group()
def officer() -> None:
    """Enrol officers, renew and revoke them."""


officer.add_command(keys)
officer.add_command(period)
for _each in (phone, codes, factors, without, lock_phrase_, let_in):
    officer.add_command(_each)


@officer.command(name="add")
@click.option("--name", type=VALUE, required=True, help="His or her name, for your agency alone.")
@click.option("--label", type=VALUE, default="", help="What others see. Default: officer 3.")
@click.option("--named-abroad", is_flag=True, help="Let other agencies see the name.")
@click.option("--home-only", is_flag=True, help="Other agencies are not told; cannot sign abroad.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([each.value for each in Role]),
    help="Default: investigator.",
)
@click.option("--language", "languages", multiple=True, metavar="TAG", help="Default: en.")
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def add(
    call: Call,
    *,
    name: str,
    label: str,
    named_abroad: bool,
    home_only: bool,
    roles: tuple[str, ...],
    languages: tuple[str, ...],
    agency: str,
) -> None:
    """Enrol an officer, who chooses a passphrase (COMITY_NEW_PASSPHRASE)."""
    person = Person(
        name=name,
        label=label,
        named_abroad=named_abroad,
        abroad=not home_only,
        roles=tuple(Role(each) for each in roles) or (Role.INVESTIGATOR,),
        languages=languages or ("en",),
    )
    with opened(call) as house:
        card = own_agency(house, agency)
        entry = enrol.enrol(house, card.id, person, new_passphrase(call))
    call.out.say(_ENROLLED, officer=name, shown=entry.name or entry.label)
    call.out.give(id=entry.id, agency=entry.agency, label=entry.label)


@officer.command(name="revoke")
@click.argument("who", type=VALUE)
@click.option(
    "--reason", required=True, type=click.Choice(revoke.REASONS), help="Why, as others are told."
)
@click.option(
    "--since", type=MOMENT, metavar="TIME", help="If the keys were stolen: since when, UTC."
)
@shared
def revoke_(call: Call, *, who: str, reason: str, since: datetime | None) -> None:
    """Revoke an officer: WHO may no longer sign."""
    with opened(call) as house:
        _, entry = find_officer(house, who)
        done = revoke.revoke(
            house, entry.id, reason=reason, compromised_since=utc(since) if since else None
        )
        book = read_book(house)
        desks = [book.reader(each)[1].name for each in done.desks]
    call.out.say(REVOKED, officer=entry.name or entry.label)
    for each in desks:
        call.out.warn(DESK_KEY, desk=each)
    call.out.give(id=entry.id, items=[{"id": each} for each in done.desks])


@officer.command(name="export")
@click.argument("who", type=VALUE)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="Where it goes."
)
@shared
def export_(call: Call, *, who: str, output: Path) -> None:
    """Write WHO's own key file, which the age command opens too."""
    with opened(call) as house:
        _, entry = find_officer(house, who)
        data = export(house, entry.id)
    with sink(output) as file:
        file.write(data)
    call.out.say(_EXPORTED, path=str(output))
    call.out.give(id=entry.id, path=str(output))


@officer.command(name="renew")
@click.argument("who", type=VALUE)
@click.option("--new-keys", is_flag=True, help="With new keys. Needs the officer's passphrase.")
@shared
def renew_(call: Call, *, who: str, new_keys: bool) -> None:
    """Let WHO sign for two more years."""
    with opened(call) as house:
        card, entry = find_officer(house, who)
        if new_keys:
            entry = renew_keys(house, entry.id, passphrase(call)).entry
        else:
            entry = renew(house, card.id, entry.id)
    told = {"officer": entry.name or entry.label, "when": call.out.when(entry.ends)}
    call.out.say(_NEW_KEYS if new_keys else _RENEWED, **told)
    call.out.give(id=entry.id, until=time(entry.ends), new_keys=new_keys)


@officer.command(name="passphrase")
@click.argument("who", type=VALUE)
@shared
def passphrase_(call: Call, *, who: str) -> None:
    """Change WHO's passphrase (COMITY_PASSPHRASE) to a new one (COMITY_NEW_PASSPHRASE)."""
    with opened(call) as house:
        _, entry = find_officer(house, who)
        change_passphrase(house, entry.id, passphrase(call), new_passphrase(call))
    call.out.say(_PASSPHRASE, officer=entry.name or entry.label)
    call.out.give(id=entry.id)


@officer.command(name="successor")
@click.argument("who", type=VALUE)
@click.option("--to", "to", type=VALUE, required=True, metavar="WHO", help="Who goes on.")
@shared
def successor(call: Call, *, who: str, to: str) -> None:
    """Let somebody go on with the personal threads of WHO, who leaves or has left.

    Whoever has left is named as others see him: officer 3.
    """
    with opened(call) as house:
        card, leaver = find_leaver(house, who)
        _, following = find_officer(house, to)
        name_successor(house, card.id, leaver, following.id)
    told = {"officer": who, "successor": following.name or following.label}
    call.out.say(_FOLLOWS, **told)
    call.out.warn(_BEFORE, **told)
    call.out.give(id=leaver, successor=following.id)
