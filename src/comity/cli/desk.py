# SPDX-License-Identifier: Apache-2.0
"""``comity desk``: what questions are addressed to, and who reads there."""

from collections.abc import Sequence

import click

from comity.cli.call import Call, acting, shared
from comity.cli.own_desk import serve_own
from comity.cli.session import opened, seated
from comity.cli.values import VALUE
from comity.domain.ids import DeskId, OfficerId
from comity.errors import Misused
from comity.language.marks import counted, marked
from comity.services import desks
from comity.services.address_book import read_book
from comity.services.agencies import own_agency
from comity.services.agency_card import AgencyCard
from comity.services.desk_duty import NewDuty, set_duty
from comity.services.desks import NewDesk
from comity.services.enrol import find_officer
from comity.services.house import House
from comity.services.rewrap import rewrap
from comity.services.stand_ins import name_stand_ins

_OPENED = marked("The desk “{desk}” is open.")
_DUTY = marked("The hours of the desk “{desk}” are published.")
_STAND_INS = marked("Who stands in at this desk is noted.")
_CHANGED = marked("The desk “{desk}” has a new key, which its members hold.")
_GIVEN = counted(
    "{count} message can be read by the new member now.",
    "{count} messages can be read by the new member now.",
)
_WITHHELD = counted(
    "{count} thread is kept from the new member: barred, or by its handling.",
    "{count} threads are kept from the new member: barred, or by their handling.",
)
_SHUT = counted(
    "{count} message you cannot open yourself. A colleague who has opened it can.",
    "{count} messages you cannot open yourself. A colleague who has opened them can.",
)


@click.group(invoke_without_command=True)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="PORT", help="0 takes a free one."
)
@click.option("--open", "opening", flag_value="open", default="", help="Open the browser too.")
@click.pass_context
@shared
def desk(call: Call, context: click.Context, *, port: int, opening: str) -> None:
    """Serve your own desk to this machine's browser; or open desks and change their members.

    Alone it serves the pages over the home here, until stopped: to this machine and nobody else.
    """
    if context.invoked_subcommand is None:
        serve_own(call, port, opening)


@desk.command(name="add")
@click.option("--name", type=VALUE, required=True, help="As others will see it.")
@click.option(
    "--member", "members", multiple=True, required=True, type=VALUE, help="An officer; repeat."
)
@click.option("--language", "languages", multiple=True, metavar="TAG", help="Default: en.")
@click.option("--zone", default="UTC", metavar="NAME", help="Time zone: Africa/Nairobi.")
@click.option(
    "--hours", multiple=True, metavar="TEXT", help='Duty hours: "mon 08:00-17:00". None: always.'
)
@click.option("--holiday", "holidays", multiple=True, metavar="DATE", help="2027-01-01; repeat.")
@click.option("--urgent-telephone", type=VALUE, default="", help="Called in urgent cases.")
@click.option("--oversight", is_flag=True, help="Gets the supervisor's copy.")
@click.option("--home-only", is_flag=True, help="Other agencies are not told of it.")
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def add(
    call: Call,
    *,
    name: str,
    members: tuple[str, ...],
    languages: tuple[str, ...],
    zone: str,
    hours: tuple[str, ...],
    holidays: tuple[str, ...],
    urgent_telephone: str,
    oversight: bool,
    home_only: bool,
    agency: str,
) -> None:
    """Open a desk with its members."""
    new = NewDesk(
        name=name,
        languages=languages or ("en",),
        zone=zone,
        hours=hours,
        holidays=holidays,
        urgent_telephone=urgent_telephone,
        oversight=oversight,
        abroad=not home_only,
    )
    with opened(call) as house:
        card = own_agency(house, agency)
        entry = desks.open_desk(house, card.id, new, _officers(house, members))
    call.out.say(_OPENED, desk=entry.name)
    call.out.give(id=entry.id, agency=entry.agency, desk=entry.name)


@desk.command(name="change")
@click.option("--desk", "named", type=VALUE, required=True, help="Its name.")
@click.option("--join", multiple=True, type=VALUE, metavar="WHO", help="A new member; repeat.")
@click.option("--leave", multiple=True, type=VALUE, metavar="WHO", help="Who leaves; repeat.")
@acting
def change(call: Call, *, named: str, join: tuple[str, ...], leave: tuple[str, ...]) -> None:
    """Change the members of a desk of yours; it gets a new key.

    Who leaves reads nothing that comes later; who joins reads nothing that came before, unless a
    member lets him: comity desk rewrap.
    """
    with seated(call) as seat:
        card = read_book(seat.house).agency(seat.unlocked.agency)
        entry = desks.change_members(
            seat.house,
            seat.unlocked,
            desk_named(card, named),
            join=_officers(seat.house, join),
            leave=_officers(seat.house, leave),
        )
    call.out.say(_CHANGED, desk=entry.name)
    call.out.give(id=entry.id, agency=entry.agency, desk=entry.name)


@desk.command(name="duty")
@click.option("--desk", "named", type=VALUE, required=True, help="Its name.")
@click.option("--zone", default=None, metavar="NAME", help="Time zone: Africa/Nairobi.")
@click.option(
    "--hours", multiple=True, metavar="TEXT", help='Duty hours: "mon 08:00-17:00"; or: always.'
)
@click.option(
    "--holiday", "holidays", multiple=True, metavar="DATE", help="2027-01-01; or: none; repeat."
)
@click.option("--urgent-telephone", type=VALUE, default=None, help="Called in urgent cases.")
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def duty(
    call: Call,
    *,
    named: str,
    zone: str | None,
    hours: tuple[str, ...],
    holidays: tuple[str, ...],
    urgent_telephone: str | None,
    agency: str,
) -> None:
    """Change when somebody is at a desk, and its urgent telephone.

    What you do not name stays as it is; hours and holidays are given whole.
    """
    new = NewDuty(
        zone=zone,
        hours=_whole(hours, "always"),
        holidays=_whole(holidays, "none"),
        urgent_telephone=urgent_telephone,
    )
    with opened(call) as house:
        card = own_agency(house, agency)
        entry = set_duty(house, card.id, desk_named(card, named), new)
    call.out.say(_DUTY, desk=entry.name)
    call.out.give(id=entry.id, agency=entry.agency, desk=entry.name)


@desk.command(name="stand-in")
@click.option("--desk", "named", type=VALUE, required=True, help="Its name.")
@click.option(
    "--alternate", "alternates", multiple=True, type=VALUE, metavar="WHO", help="A member; repeat."
)
@click.option("--head", type=VALUE, default="", metavar="WHO", help="Who answers for the desk.")
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def stand_in(
    call: Call, *, named: str, alternates: tuple[str, ...], head: str, agency: str
) -> None:
    """Name who is reminded when nobody at a desk moves a thread.

    First the desk; half of the time later its alternates, else all its members; after the whole of
    it the head, else the supervisors. What is named now replaces what was.
    """
    with opened(call) as house:
        card = own_agency(house, agency)
        found = desk_named(card, named)
        named_now = name_stand_ins(
            house,
            card,
            found,
            _officers(house, alternates),
            find_officer(house, head)[1].id if head else "",
        )
    call.out.say(_STAND_INS)
    call.out.give(
        id=found, agency=card.id, alternates=list(named_now.alternates), head=named_now.head
    )


def _whole(given: tuple[str, ...], nothing: str) -> tuple[str, ...] | None:
    """Return a list as it is given: none of it if it was not, empty where the word says so."""
    if not given:
        return None
    return () if given == (nothing,) else given


@desk.command(name="rewrap")
@click.option("--desk", "named", type=VALUE, required=True, help="Its name.")
@click.option("--for", "joiner", type=VALUE, required=True, metavar="WHO", help="Who joined it.")
@click.option("--thread", "threads", multiple=True, metavar="THREAD", help="Only this; repeat.")
@click.option("--all", "everything", is_flag=True, help="All that the desk ever had.")
@acting
def rewrap_(
    call: Call, *, named: str, joiner: str, threads: tuple[str, ...], everything: bool
) -> None:
    """Let who joined a desk of yours read what came before.

    He gets what you can open yourself, as far as its handling allows. It is recorded who let whom.
    """
    if bool(threads) == everything:
        raise Misused("field-missing", field="thread")
    with seated(call) as seat:
        card = read_book(seat.house).agency(seat.unlocked.agency)
        desk_id = desk_named(card, named)
        [given] = _officers(seat.house, [joiner])
        found = [seat.find(each) for each in threads]
        done = rewrap(seat.unlocked, seat.house, desk_id, given, found)
    out = call.out
    out.line(out.say_in.count(_GIVEN.one, _GIVEN.many, done.wrapped))
    for said, count in ((_WITHHELD, len(done.withheld)), (_SHUT, done.shut)):
        if count:
            out.warn(out.say_in.count(said.one, said.many, count))
    out.give(
        id=desk_id,
        wrapped=done.wrapped,
        shut=done.shut,
        items=[{"thread": each} for each in done.withheld],
    )


def _officers(house: House, names: Sequence[str]) -> list[OfficerId]:
    return [find_officer(house, each)[1].id for each in names]


def desk_named(card: AgencyCard, named: str) -> DeskId:
    """Return the desk of *card* that *named* means, by name or id."""
    wanted = named.strip().casefold()
    for each in card.desks:
        if wanted in (each.id, each.name.casefold()):
            return each.id
    raise Misused("desk-unknown")
