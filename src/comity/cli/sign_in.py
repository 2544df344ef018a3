# SPDX-License-Identifier: Apache-2.0
"""``comity officer`` codes, phone, factors, without, lock-phrase, let-in: by what one signs in."""

from typing import Final

import click

from comity.cli.call import Call, acting, shared
from comity.cli.secrets import lock_phrase, passphrase, secret
from comity.cli.session import opened, seated
from comity.cli.values import VALUE
from comity.domain.ids import OfficerId, mint
from comity.domain.roster import OfficerEntry
from comity.language.marks import counted, marked
from comity.services import second_factor
from comity.services.agencies import own_agency
from comity.services.enrol import find_officer
from comity.services.lock_phrase import choose_lock_phrase, drop_lock_phrase
from comity.services.locked import lift
from comity.services.second_factor import Part, Rule, Stands
from comity.services.unlock import unlock

CODE: Final = "COMITY_CODE"
_ASK_CODE: Final = marked("The code that the phone shows now: ")
_KEY: Final = marked("The key for the phone: {key}")
_ADDRESS: Final = marked("The same as an address, for a picture: {address}")
_PHONE: Final = marked("{officer} signs in with the code of a phone from now on.")
_SHEET: Final = marked(
    "The codes of {officer}. Each opens once. They are shown this once: print them."
)
_REMOVED: Final = marked("{officer} signs in without it from now on.")
_RULE: Final = {
    Rule.FREE: marked("Officers of {agency} choose for themselves."),
    Rule.REQUIRED: marked("Officers of {agency} sign in with a code or a passkey besides."),
}
_COLUMNS: Final = (marked("Officer"), marked("Phone"), marked("Sheet"), marked("Passkeys"))
_YES: Final = marked("yes")
_LEFT: Final = counted("{count} code is left.", "{count} codes are left.")
_LOCKING: Final = marked(
    "The lock phrase of {officer} is set, and two colleagues are told of its use."
)
_DROPPED: Final = marked("{officer} has no lock phrase.")
_LIFTED: Final = marked("{officer} can sign in again, and should choose new phrases.")
_FOUR: Final = 4


@click.command(name="phone")
@click.argument("who", type=VALUE)
@shared
def phone(call: Call, *, who: str) -> None:
    """Let WHO sign in with the codes of a phone, besides the passphrase.

    The phone is given the key that is shown; the code that it then shows is typed here
    (COMITY_CODE). The pages ask for one from then on; the command line does not.
    """
    with opened(call) as house:
        _, entry = find_officer(house, who)
        typed = passphrase(call)
        offered = second_factor.offer(unlock(house, entry.id, typed), house, mint(house.random))
        call.out.say(_KEY, key=_fours(offered.secret))
        call.out.say(_ADDRESS, address=offered.address)
        second_factor.set_phone(house, offered, typed, secret(call, CODE, _ASK_CODE))
    call.out.say(_PHONE, officer=_named(entry))
    call.out.give(id=entry.id)


@click.command(name="codes")
@click.argument("who", type=VALUE)
@shared
def codes(call: Call, *, who: str) -> None:
    """Make and show a sheet of twenty codes by which WHO signs in, besides the passphrase.

    Each counts once. A new sheet voids the one before.
    """
    with opened(call) as house:
        _, entry = find_officer(house, who)
        made = second_factor.set_sheet(house, entry.id, passphrase(call))
    call.out.say(_SHEET, officer=_named(entry))
    for number, each in enumerate(made, start=1):
        call.out.line(f"{number:>3}  {_fours(each)}")
    call.out.give(id=entry.id, items=[{"code": each} for each in made])


@click.command(name="factors")
@click.option(
    "--rule", type=click.Choice([each.value for each in Rule]), help="Set what is wanted."
)
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def factors(call: Call, *, rule: str | None, agency: str) -> None:
    """Show who signs in with what besides a passphrase, and whether the agency wants it."""
    with opened(call) as house:
        card = own_agency(house, agency)
        if rule is not None:
            second_factor.set_rule(house, card.id, Rule(rule))
        now = second_factor.read_rule(house, card.id)
        found = [(each, second_factor.stands(house, OfficerId(each.id))) for each in card.officers]
    call.out.say(_RULE[now], agency=card.name)
    call.out.table(_COLUMNS, [_row(call, each, has) for each, has in found])
    call.out.give(
        id=card.id,
        rule=now.value,
        items=[
            {"id": e.id, "phone": bool(h.phone), "codes": h.left, "passkeys": h.passkeys}
            for e, h in found
        ],
    )


@click.command(name="without")
@click.argument("who", type=VALUE)
@click.argument("part", type=click.Choice([each.value for each in Part]))
@shared
def without(call: Call, *, who: str, part: str) -> None:
    """Let WHO sign in without PART from now on."""
    with opened(call) as house:
        _, entry = find_officer(house, who)
        second_factor.remove(house, entry.id, passphrase(call), Part(part))
    call.out.say(_REMOVED, officer=_named(entry))
    call.out.give(id=entry.id)


@click.command(name="lock-phrase")
@click.argument("who", type=VALUE)
@click.option("--tell", "people", multiple=True, type=VALUE, metavar="WHO", help="Of two; repeat.")
@click.option("--drop", is_flag=True, help="Have none any more.")
@shared
def lock_phrase_(call: Call, *, who: str, people: tuple[str, ...], drop: bool) -> None:
    """Set a phrase that locks everything of WHO (COMITY_LOCK_PHRASE).

    Typed in place of the passphrase it locks his keys, ends his sessions, looks like too many
    attempts, and alerts the two colleagues named with --tell.
    """
    with opened(call) as house:
        _, entry = find_officer(house, who)
        typed = passphrase(call)
        if drop:
            drop_lock_phrase(house, entry.id, typed)
        else:
            choose_lock_phrase(house, entry.id, typed, lock_phrase(call), people)
    call.out.say(_DROPPED if drop else _LOCKING, officer=_named(entry))
    call.out.give(id=entry.id)


@click.command(name="let-in")
@click.argument("whom", metavar="WHO", type=VALUE)
@acting
def let_in(call: Call, *, whom: str) -> None:
    """Let WHO, who used the lock phrase, sign in again.

    Whoever acts is one of the two people whom he chose; an administrator of this server sits
    beside him.
    """
    with seated(call) as seat:
        _, entry = find_officer(seat.house, whom)
        lift(seat.house, seat.unlocked, OfficerId(entry.id))
    call.out.say(_LIFTED, officer=_named(entry))
    call.out.give(id=entry.id)


def _row(call: Call, entry: OfficerEntry, has: Stands) -> tuple[str, ...]:
    out = call.out.say_in
    left = out.count(_LEFT.one, _LEFT.many, has.left) if has.sheet else ""
    return (
        _named(entry),
        out.of(_YES) if has.phone else "",
        left,
        str(has.passkeys) if has.passkeys else "",
    )


def _named(entry: OfficerEntry) -> str:
    return entry.name or entry.label


def _fours(code: str) -> str:
    return " ".join(code[at : at + _FOUR] for at in range(0, len(code), _FOUR))
