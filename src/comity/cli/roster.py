# SPDX-License-Identifier: Apache-2.0
"""``comity roster``: an agency as its own signed list shows it."""

from collections.abc import Mapping

import click

from comity.cli.call import Call, shared
from comity.cli.output import Json, time
from comity.cli.session import opened
from comity.cli.trust import lines
from comity.cli.values import VALUE
from comity.domain.ids import OfficerId
from comity.domain.roster import DeskEntry, MandateEntry, OfficerEntry, RevocationEntry
from comity.language import words
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.agencies import own_agency
from comity.services.agency_card import AgencyCard
from comity.services.enrol import names
from comity.services.roster_catch_up import catch_up

_HEAD = marked("{agency} ({country})")
_LIST = marked("List {number}, issued {when}")
_LOST = marked("“{name}” was new since the backup: the keys are lost. Begin again.")
_DESKS = marked("Desks")
_OFFICERS = marked("Officers")
_MANDATES = marked("Mandates")
_ENDED = marked("Withdrawn keys")
_ALWAYS = marked("always")
_OVERSIGHT = marked("oversight")
_ALL = marked("all")
_DESK_COLUMNS = (
    marked("Name"),
    marked("Languages"),
    marked("Duty hours"),
    marked("Time zone"),
    marked("Urgent telephone"),
    marked("Holidays"),
    "",
)
_OFFICER_COLUMNS = (marked("Name"), marked("Others see"), marked("Role"), marked("Desks"))
_MANDATE_COLUMNS = (
    marked("Law"),
    marked("Signed by"),
    marked("Kinds"),
    marked("Countries"),
    marked("Until"),
)


@click.command()
@click.argument("agency", type=VALUE, default="")
@click.option(
    "--catch-up",
    "catches_up",
    is_flag=True,
    help="After a backup was put back: go on after the list that others hold.",
)
@shared
def roster(call: Call, *, agency: str, catches_up: bool) -> None:
    """Show the desks, officers and mandates of an agency.

    Without AGENCY, your own, with the people whom other agencies are not told of.
    """
    if catches_up:
        _catch_up(call, agency)
    with opened(call) as house:
        book = read_book(house)
        card = book.find_agency(agency) if agency else own_agency(house)
        people = dict(names(house)) if card.own else {}
    out = call.out
    out.say(_HEAD, agency=card.name, country=out.say_in.country(card.country))
    out.say(_LIST, number=card.number, when=out.when(card.issued))
    for each in () if card.own else lines(out, book, card):
        out.line(each)
    _say_desks(call, card)
    _say_officers(call, card, people)
    _say_mandates(call, card)
    ended = [each for each in card.current.values() if isinstance(each, RevocationEntry)]
    if ended:
        out.heading(_ENDED)
        out.table(("", ""), [(each.reason, out.when(each.at)) for each in ended])
    out.give(
        id=card.id,
        agency=card.id,
        name=card.name,
        country=card.country,
        number=card.number,
        issued=time(card.issued),
        items=[
            *map(_desk, card.desks),
            *(_officer(each, people.get(each.id, each.name)) for each in card.officers),
            *map(_mandate, card.mandates),
            *({"type": "revocation", "reason": r.reason, "at": time(r.at)} for r in ended),
        ],
    )


def _catch_up(call: Call, agency: str) -> None:
    with opened(call) as house:
        done = catch_up(house, own_agency(house, agency).id)
    for each in done.unknown:
        call.out.warn(_LOST, name=each)


def _say_desks(call: Call, card: AgencyCard) -> None:
    out = call.out
    if card.desks:
        out.heading(_DESKS)
    out.table(
        _DESK_COLUMNS if card.desks else (),
        [
            (
                each.name,
                ", ".join(map(out.say_in.language, each.languages)),
                "\n".join(each.hours) or out.say_in.of(_ALWAYS),
                each.zone,
                each.urgent_telephone,
                "\n".join(each.holidays),
                out.say_in.of(_OVERSIGHT) if each.oversight else "",
            )
            for each in card.desks
        ],
    )


def _say_officers(call: Call, card: AgencyCard, people: Mapping[OfficerId, str]) -> None:
    out = call.out
    if card.officers:
        out.heading(_OFFICERS)
    desks = {each.id: each.name for each in card.desks}
    out.table(
        _OFFICER_COLUMNS if card.officers else (),
        [
            (
                people.get(each.id, each.name),
                each.name or each.label,
                ", ".join(out.say_in.of(words.ROLES[role]) for role in each.roles),
                ", ".join(desks.get(desk, "") for desk in each.desks),
            )
            for each in card.officers
        ],
    )


def _say_mandates(call: Call, card: AgencyCard) -> None:
    out = call.out
    if card.mandates:
        out.heading(_MANDATES)
    out.table(
        _MANDATE_COLUMNS if card.mandates else (),
        [
            (
                each.law,
                each.signed_by,
                _listed(call, each.kinds),
                _listed(call, each.countries),
                out.say_in.moment(each.ends, out.zone),
            )
            for each in card.mandates
        ],
    )


def _listed(call: Call, codes: tuple[str, ...]) -> str:
    return call.out.say_in.of(_ALL) if codes == ("*",) else ", ".join(codes)


def _desk(entry: DeskEntry) -> Json:
    return {
        "type": "desk",
        "id": entry.id,
        "name": entry.name,
        "languages": list(entry.languages),
        "zone": entry.zone,
        "hours": list(entry.hours),
        "holidays": list(entry.holidays),
        "urgent_telephone": entry.urgent_telephone,
        "oversight": entry.oversight,
        "epoch": entry.epoch,
    }


def _officer(entry: OfficerEntry, name: str) -> Json:
    return {
        "type": "officer",
        "id": entry.id,
        "name": name,
        "label": entry.label,
        "roles": [each.value for each in entry.roles],
        "desks": list(entry.desks),
    }


def _mandate(entry: MandateEntry) -> Json:
    return {
        "type": "mandate",
        "id": entry.id,
        "law": entry.law,
        "kinds": list(entry.kinds),
        "countries": list(entry.countries),
        "purposes": list(entry.purposes),
        "until": time(entry.ends),
    }
