# SPDX-License-Identifier: Apache-2.0
"""``comity home``: what this server is, and whom it knows."""

from collections.abc import Mapping

import click

from comity.cli.call import Call, shared
from comity.cli.node import BARE_KEY
from comity.cli.output import Json, time
from comity.cli.session import opened
from comity.domain.ids import AgencyId
from comity.domain.roster import MandateEntry
from comity.language import words
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.home import key_home
from comity.services.renew import ending
from comity.services.roster_ahead import told_ahead

_HEAD = marked("Server {node}, in {path}")
_PRACTICE = marked("A practice server: it never exchanges with a real one.")
_KEY = marked("Its key lives here: {home}")
_OWN = marked("Agencies of this server")
_PEERS = marked("Other agencies")
_NOBODY = marked("No other agency is admitted yet: comity peer accept @invitation.txt")
_COLUMNS = (marked("Agency"), marked("Country"), marked("What it is"), marked("Address"))
_PEER_COLUMNS = (marked("Agency"), marked("Country"), "")
_BY_VOICE = marked("key checked by voice {when}")
_VOUCHED = marked("vouched for by {agency}")
_UNCHECKED = marked("key not checked: nothing with a name in it goes there")
_ENDS = marked("{who} may sign until {when}: comity officer renew")
_MANDATE_ENDS = marked("The mandate “{law}” ends {when}.")
_AHEAD = marked(
    "Others hold list {number} of {agency}, which was not issued here. If this server was put back "
    "from a backup: comity roster --catch-up. If not, somebody else has its key: comity rotate "
    "roster --stolen"
)
_SUSPENDED = marked("suspended")


@click.command()
@shared
def home(call: Call) -> None:
    """Show what this server is and whom it knows."""
    kept = key_home(call.place, lambda: "")
    with opened(call) as house:
        book = read_book(house)
        ends = [(card, each) for card in book.own for each in ending(house, card)]
        ahead = {card.id: told_ahead(house, card.id) for card in book.own}
    out = call.out
    out.say(_HEAD, node=house.keys.node, path=str(call.place))
    if house.practice:
        out.say(_PRACTICE)
    out.say(_KEY, home=kept.describe)
    if kept.standing_warning:
        out.warn(BARE_KEY)
    out.heading(_OWN)
    out.table(_COLUMNS, [_row(call, each) for each in book.own])
    out.heading(_PEERS)
    if book.peers:
        names = {each.id: each.name for each in book.cards.values()}
        out.table(
            _PEER_COLUMNS,
            [(*_row(call, each)[:2], _standing(call, each, names)) for each in book.peers],
        )
    else:
        out.say(_NOBODY)
    for _, each in ends:
        when = out.when(each.ends)
        if isinstance(each, MandateEntry):
            out.warn(_MANDATE_ENDS, law=each.law, when=when)
        else:
            out.warn(_ENDS, who=each.name or each.label, when=when)
    for card in book.own:
        if ahead[card.id]:
            out.warn(_AHEAD, number=ahead[card.id], agency=card.name)
    out.give(
        id=house.keys.node,
        node=house.keys.node,
        practice=house.practice,
        key_home=kept.describe,
        ending=[{"id": each.id, "until": time(each.ends)} for _, each in ends],
        ahead=[{"id": id_, "number": number} for id_, number in ahead.items() if number],
        items=[_told(each) for each in (*book.own, *book.peers)],
    )


def _row(call: Call, card: AgencyCard) -> tuple[str, str, str, str]:
    say_in = call.out.say_in
    return (
        card.name,
        say_in.country(card.country),
        say_in.of(words.AGENCIES[card.kind]),
        card.node.address,
    )


def _standing(call: Call, card: AgencyCard, names: Mapping[AgencyId, str]) -> str:
    out = call.out
    if card.suspended:
        return out.say_in.of(_SUSPENDED)
    if card.checked_at:
        return out.say_in.of(_BY_VOICE, when=out.when(card.checked_at))
    if card.vouched_by:
        return out.say_in.of(_VOUCHED, agency=names.get(AgencyId(card.vouched_by), card.vouched_by))
    return out.say_in.of(_UNCHECKED)


def _told(card: AgencyCard) -> Json:
    return {
        "id": card.id,
        "name": card.name,
        "country": card.country,
        "type": card.kind.value,
        "own": card.own,
        "node": card.node.node,
        "address": card.node.address,
        "number": card.number,
        "issued": time(card.issued),
        "checked_at": time(card.checked_at) if card.checked_at else "",
        "suspended": card.suspended,
    }
