# SPDX-License-Identifier: Apache-2.0
"""``comity peer``: invite, admit and check other agencies.

Admitting is a recorded decision of two people; comparing the digits by voice is another act, and
nothing with a name in it goes to an agency before it.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from comity.cli import trust
from comity.cli.call import Call, shared
from comity.cli.files import sink
from comity.cli.session import opened
from comity.cli.values import DAY, VALUE
from comity.errors import Misused
from comity.language.marks import marked
from comity.services import admit, introductions
from comity.services.address_book import read_book
from comity.services.admit import Admission
from comity.services.agencies import own_agency
from comity.services.invite import invite as invitation_of

_INVITED = marked("The invitation is written: {path}. It holds no secret.")
_ADMITTED = marked("{agency} ({country}) is admitted. Its key is not checked yet.")
_CHECK = marked(
    "Call a number that you know to be theirs; they read their digits aloud, and you type what you "
    "hear: comity peer check “{agency}”"
)
_DIGITS = marked("{agency}: {digits}")
_READ_OWN = marked("Read these digits aloud when the other agency calls you.")
_THEIRS = marked("Do not read these digits aloud: they read theirs, you compare.")
_CHECKED = marked("The key of {agency} is checked by voice. That says nothing about honesty.")


_VOUCHED = marked("{voucher} vouches for {agency}.")


def _decided(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a recorded decision."""
    told = click.option("--reason", type=VALUE, required=True, help="Why.")(function)
    return click.option("--by", type=VALUE, required=True, help="Who of yours decided.")(told)


@click.group()
def peer() -> None:
    """Invite, admit and check other agencies."""


@peer.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: standard output.")
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@click.option("--to-witness", is_flag=True, help="For one that only vouches: nobody is in it.")
@shared
def invite(call: Call, *, output: Path | None, agency: str, to_witness: bool) -> None:
    """Write what another server needs to know of your agency, to be sent by any means."""
    with opened(call) as house:
        card = own_agency(house, agency)
        text = invitation_of(house, card.id, to_witness=to_witness)
    if output is None:
        call.out.raw(text)
    else:
        with sink(output) as file:
            file.write(text.encode())
        call.out.say(_INVITED, path=str(output))
    call.out.give(id=card.id, agency=card.id, invitation=text)


@peer.command()
@click.argument("invitation", type=VALUE, default="")
@click.option("--introduction", type=VALUE, default="", metavar="ID", help="In its place.")
@click.option("--nominated-by", type=VALUE, default="", help="Who named it as its State's.")
@click.option("--letter", type=VALUE, default="", help="The reference of that letter.")
@click.option("--called", type=VALUE, default="", help="The number called to confirm it.")
@click.option("--number-from", type=VALUE, default="", help="Where that number came from.")
@click.option(
    "--decided-by", type=VALUE, multiple=True, required=True, help="Two of your people; repeat."
)
@click.option("--review", type=DAY, metavar="DATE", help="When it is looked at again.")
@shared
def accept(
    call: Call,
    *,
    invitation: str,
    introduction: str,
    nominated_by: str,
    letter: str,
    called: str,
    number_from: str,
    decided_by: tuple[str, ...],
    review: datetime | None,
) -> None:
    """Admit the agency of INVITATION (@file, or - for standard input).

    An agency that was introduced to you needs no letter and no call before: two of your people
    decide, its scope and end hold, and its key is to be compared by voice within 30 days.
    """
    if bool(invitation) == bool(introduction):
        raise Misused("admission-of")
    day = review.date().isoformat() if review else ""
    with opened(call) as house:
        if introduction:
            card = introductions.accept(house, introduction, decided_by=decided_by, review=day)
        else:
            admission = Admission(
                nominated_by=nominated_by,
                letter=letter,
                called=called,
                number_from=number_from,
                decided_by=decided_by,
                review=day,
            )
            card = admit.accept(house, invitation, admission)
    out = call.out
    out.say(_ADMITTED, agency=card.name, country=out.say_in.country(card.country))
    out.say(_CHECK, agency=card.name)
    out.give(id=card.id, agency=card.id, name=card.name, country=card.country)


@peer.command()
@click.argument("agency", type=VALUE, default="")
@shared
def fingerprint(call: Call, *, agency: str) -> None:
    """Show the 40 digits of AGENCY's key; without one, your own."""
    with opened(call) as house:
        card = read_book(house).find_agency(agency) if agency else own_agency(house)
    digits = admit.fingerprint(card)
    call.out.say(_DIGITS, agency=card.name, digits=digits)
    call.out.say(_READ_OWN if card.own else _THEIRS)
    call.out.give(id=card.id, agency=card.id, fingerprint=digits, own=card.own)


@peer.command()
@click.argument("agency", type=VALUE)
@click.option("--voucher", type=VALUE, required=True, help="Who knows it; itself checked by voice.")
@_decided
@shared
def vouch(call: Call, *, agency: str, voucher: str, by: str, reason: str) -> None:
    """Record that another agency, checked by voice, vouches for AGENCY."""
    with opened(call) as house:
        book = read_book(house)
        card, known = book.find_agency(agency), book.find_agency(voucher)
        admit.vouch(house, card.id, known.id, by=by, reason=reason)
    call.out.say(_VOUCHED, agency=card.name, voucher=known.name)
    call.out.give(id=card.id, agency=card.id)


@peer.command()
@click.argument("agency", type=VALUE)
@click.option("--digits", type=VALUE, default="?", help="As you hear them. Default: a prompt.")
@click.option("--by", type=VALUE, required=True, help="Who of yours heard them.")
@shared
def check(call: Call, *, agency: str, digits: str, by: str) -> None:
    """Compare the digits that AGENCY reads aloud with the key that you have."""
    with opened(call) as house:
        card = read_book(house).find_agency(agency)
        admit.check(house, card.id, digits, by=by)
    call.out.say(_CHECKED, agency=card.name)
    call.out.give(id=card.id, agency=card.id)


for _each in (
    trust.show,
    trust.introductions,
    trust.decline_,
    trust.compare,
    trust.witness,
    trust.rule,
):
    peer.add_command(_each)
