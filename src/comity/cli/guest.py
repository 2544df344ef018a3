# SPDX-License-Identifier: Apache-2.0
"""``comity guest``: an official without a server, who reads one thread here and answers it."""

import click

from comity.cli.call import Call, acting
from comity.cli.output import time
from comity.cli.session import seated
from comity.cli.values import VALUE, resolve
from comity.language.marks import marked
from comity.services.guests import (
    DAYS,
    DAYS_LEAST,
    DAYS_MOST,
    NewGuest,
    end_guest,
    guests,
    invite_guest,
    is_open,
)

_MADE = marked("{name} is invited until {when}.")
_LINK = marked("The link, after the address of your desk: {link}")
_VOICE = marked("The passphrase, by voice alone: {passphrase}")
_ASK = marked("Put the question to him: comity ask --to {guest}")
_ENDED = marked("The visit is ended.")
_NONE = marked("Nobody has been invited yet.")
_COLUMNS = (marked("Who"), marked("Office"), marked("Country"), marked("Until"), "")
_CLOSED = marked("ended")


@click.group()
def guest() -> None:
    """Invite an official without a server, and end his visit."""


@guest.command()
@click.option("--name", type=VALUE, required=True, help="Who he is.")
@click.option("--office", type=VALUE, required=True, help="Where he works.")
@click.option("--country", metavar="CC", required=True, help="His country, by its two letters.")
@click.option("--telephone", type=VALUE, required=True, help="At which he was called back.")
@click.option("--number-from", type=VALUE, required=True, help="Where the number comes from.")
@click.option("--checked", type=VALUE, required=True, help="How you know who he is.")
@click.option("--language", metavar="TAG", default="en", show_default=True)
@click.option("--days", type=click.IntRange(DAYS_LEAST, DAYS_MOST), default=DAYS, show_default=True)
@acting
def invite(
    call: Call,
    *,
    name: str,
    office: str,
    country: str,
    telephone: str,
    number_from: str,
    checked: str,
    language: str,
    days: int,
) -> None:
    """Invite somebody: a link by any messenger, a passphrase by voice.

    Both are shown this once. Then put a question to him, as to anybody.
    """
    with seated(call) as seat:
        made = invite_guest(
            seat.unlocked,
            seat.house,
            NewGuest(
                name=resolve(call, name, "name"),
                office=resolve(call, office, "office"),
                country=country,
                telephone=resolve(call, telephone, "telephone"),
                number_from=resolve(call, number_from, "number-from"),
                checked=resolve(call, checked, "checked"),
                language=language,
                days=days,
            ),
        )
    told, link = made.guest, f"/g/{made.token}"
    call.out.say(_MADE, name=told.name, when=call.out.exact(told.ends))
    call.out.say(_LINK, link=link)
    call.out.say(_VOICE, passphrase=made.passphrase)
    call.out.say(_ASK, guest=told.officer)
    call.out.give(id=told.officer, link=link, passphrase=made.passphrase, ends=time(told.ends))


@guest.command(name="list")
@acting
def list_(call: Call) -> None:
    """List the guests of your agency."""
    with seated(call) as seat:
        found = guests(seat.house, seat.unlocked.agency)
        open_ = {each.officer: is_open(seat.house, each) for each in found}
    out = call.out
    if found:
        rows = [
            (
                each.name,
                each.office,
                out.say_in.country(each.country),
                out.exact(each.ends),
                "" if open_[each.officer] else out.say_in.of(_CLOSED),
            )
            for each in found
        ]
        out.table(_COLUMNS, rows)
    else:
        out.say(_NONE)
    out.give(
        items=[
            {
                "id": each.officer,
                "name": each.name,
                "office": each.office,
                "country": each.country,
                "checked": each.checked,
                "ends": time(each.ends),
                "open": open_[each.officer],
            }
            for each in found
        ]
    )


@guest.command()
@click.argument("which", metavar="GUEST")
@acting
def end(call: Call, *, which: str) -> None:
    """End a visit now. GUEST is his id, as the list gives it in --json."""
    with seated(call) as seat:
        ended = end_guest(seat.unlocked, seat.house, which)
    call.out.say(_ENDED)
    call.out.give(id=ended.officer, ends=time(ended.ends))
