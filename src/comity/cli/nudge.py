# SPDX-License-Identifier: Apache-2.0
"""``comity nudge`` for officers, and ``comity node nudge`` for whoever runs the server."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from comity.carriers.nudges import outlets_of
from comity.cli.call import Call, acting, shared
from comity.cli.files import read_bytes
from comity.cli.secrets import secret
from comity.cli.session import opened, seated
from comity.cli.values import VALUE
from comity.domain.nudging import Quiet
from comity.errors import Malformed, Misused
from comity.language.marks import marked
from comity.language.nudges import NUDGES
from comity.services import nudge as nudging
from comity.services.address_book import read_book
from comity.services.nudge import Outlets
from comity.services.nudge_settings import (
    Gateway,
    Security,
    Settings,
    Smtp,
    read_settings,
    set_gateway,
    set_mail,
)
from comity.services.seat import Seat

SECRET: Final = "COMITY_NUDGE_SECRET"  # noqa: S105  # where it is, not what it is
AUTHORITY_MOST: Final = 128 * 1024
_SET = marked("You are nudged from now on, with: {sentence}")
_ENDED = marked("You are not nudged any more, and your address is forgotten.")
_NOT = marked("You are not nudged.")
_TRIED = marked("It was handed over.")
_WITH = marked("You are nudged at {to}, with: {sentence}")
_QUIET = marked("Not from {begins} to {ends} ({zone}), unless something is urgent.")
_SENTENCES = marked("Sentences to choose from")
_PROVIDER = marked("Your mail or telephone company learns that a sentence came, and when.")
_MAIL_ON = marked("Mail: on")
_MAIL_OFF = marked("Mail: off")
_SHORT_ON = marked("Short messages: on")
_SHORT_OFF = marked("Short messages: off")
_SECRET = marked("Password or token of the mail server or gateway (empty for none): ")


@click.group()
def nudge() -> None:
    """Be told outside Comity that something waits."""


@nudge.command(name="set")
@click.option("--mail", type=VALUE, default="", help="Where: a mail address.")
@click.option("--telephone", type=VALUE, default="", help="Or a number for short messages.")
@click.option("--sentence", type=int, metavar="N", help="Which sentence of the list.")
@click.option("--words", type=VALUE, default="", help="Or your own: no name, number or link.")
@click.option("--quiet", metavar="FROM-TO", default="21:00-07:00", show_default=True)
@click.option("--zone", default="", metavar="NAME", help="Of these hours. Default: your desk's.")
@acting
def set_(
    call: Call,
    *,
    mail: str,
    telephone: str,
    sentence: int | None,
    words: str,
    quiet: str,
    zone: str,
) -> None:
    """Say where you are told that something waits, and in which words.

    At most once an hour, and not in your quiet hours unless something is urgent. The sentence is
    all that is ever said: it holds no name, country, case or link.
    """
    begins, _, ends = quiet.partition("-")
    text = words or _sentence(call, sentence)
    with seated(call) as seat:
        made = nudging.wish(
            seat.unlocked,
            seat.house,
            mail=mail,
            telephone=telephone,
            sentence=text,
            is_own=bool(words),
            quiet=Quiet(begins=begins, ends=ends, zone=zone or _zone(seat)),
        )
    call.out.say(_SET, sentence=made.sentence)
    call.out.say(_PROVIDER)
    call.out.give(sentence=made.sentence, by="mail" if made.mail else "telephone")


@nudge.command(name="off")
@acting
def off(call: Call) -> None:
    """Be nudged no more; where you are reached is forgotten."""
    with seated(call) as seat:
        was = nudging.end(seat.unlocked, seat.house)
    call.out.say(_ENDED if was else _NOT)
    call.out.give(was=was)


@nudge.command(name="show")
@acting
def show(call: Call) -> None:
    """Show how you are nudged, and the sentences to choose from."""
    with seated(call) as seat:
        found = nudging.wish_of(seat.unlocked, seat.house)
    out = call.out
    if found is None:
        out.say(_NOT)
    else:
        out.say(_WITH, to=found.to, sentence=found.sentence)
        quiet = found.quiet
        out.say(_QUIET, begins=quiet.begins, ends=quiet.ends, zone=quiet.zone)
    sentences = [out.say_in.of(each) for each in NUDGES]
    out.heading(_SENTENCES)
    out.table(("", ""), [(str(at), each) for at, each in enumerate(sentences, 1)])
    out.give(
        by="" if found is None else "mail" if found.mail else "telephone",
        to=found.to if found else "",
        sentence=found.sentence if found else "",
        quiet=f"{found.quiet.begins}-{found.quiet.ends}" if found else "",
        items=sentences,
    )


@nudge.command(name="try")
@acting
def try_(call: Call) -> None:
    """Be nudged now, to see that it works."""
    with seated(call) as seat:
        nudging.try_out(seat.unlocked, seat.house, _outlets(seat))
    call.out.say(_TRIED)
    call.out.give()


@click.command(name="nudge")
@click.option("--smtp", metavar="HOST:PORT", default="", help="A mail server.")
@click.option("--from", "sender", type=VALUE, default="", help="The address that mail comes from.")
@click.option("--user", type=VALUE, default="", help="As whom this server signs in there.")
@click.option(
    "--security",
    type=click.Choice([each.value for each in Security]),
    default=Security.STARTTLS.value,
    show_default=True,
    help="plain: to a relay on this machine alone.",
)
@click.option("--gateway", "url", type=VALUE, default="", help="A gateway: https://…")
@click.option("--command", default="", metavar="PATH", help="Or a program on this machine.")
@click.option(
    "--authority",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Who certifies it, as PEM, where the system does not know him.",
)
@click.option("--no-mail", is_flag=True, help="Nudge by mail no more.")
@click.option("--no-gateway", is_flag=True, help="Nudge by short messages no more.")
@shared
def nudge_server(
    call: Call,
    *,
    smtp: str,
    sender: str,
    user: str,
    security: str,
    url: str,
    command: str,
    authority: Path | None,
    no_mail: bool,
    no_gateway: bool,
) -> None:
    """Show or set by what this server nudges its officers. Off by default.

    The password of a mail server or the token of a gateway is taken from COMITY_NUDGE_SECRET, else
    a prompt. Everything is kept locked.
    """
    pem = _authority(authority)
    with opened(call) as house:
        if smtp:
            host, port = _place(smtp)
            word = secret(call, SECRET, _SECRET) if user else ""
            made = Smtp(
                host=host,
                port=port,
                security=Security(security),
                sender=sender,
                user=user,
                password=word,
                authority=pem,
            )
            set_mail(house, made)
        if url or command:
            word = secret(call, SECRET, _SECRET) if url else ""
            set_gateway(house, Gateway(url=url, token=word, authority=pem, command=command))
        if no_mail:
            set_mail(house, None)
        if no_gateway:
            set_gateway(house, None)
        settings = read_settings(house)
    _say(call, settings)


def _say(call: Call, settings: Settings) -> None:
    call.out.say(_MAIL_ON if settings.mail else _MAIL_OFF)
    call.out.say(_SHORT_ON if settings.short else _SHORT_OFF)
    call.out.give(mail=bool(settings.mail), short=bool(settings.short))


def _sentence(call: Call, number: int | None) -> str:
    if number is None:
        number = 1
    if not 1 <= number <= len(NUDGES):
        raise Misused("nudge-sentence", count=len(NUDGES))
    return call.out.say_in.of(NUDGES[number - 1])


def _outlets(seat: Seat) -> Outlets:
    return outlets_of(read_settings(seat.house), seat.house.clock)


def _zone(seat: Seat) -> str:
    """Return the zone of his desk."""
    card = read_book(seat.house).agency(seat.unlocked.agency)
    zones: Sequence[str] = [e.zone for e in card.desks if e.id in seat.unlocked.entry.desks]
    return next((each for each in zones if each != "UTC"), "UTC")


def _place(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (colon and port.isascii() and port.isdigit() and len(port) <= len("65535")):
        raise Misused("nudge-server")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _authority(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return read_bytes(path, AUTHORITY_MOST).decode("ascii")
    except UnicodeDecodeError:
        raise Malformed("text") from None
