# SPDX-License-Identifier: Apache-2.0
"""``comity home``: what this server is, and whom it knows."""

from collections.abc import Sequence

import click

from comity.cli import trust
from comity.cli.call import Call, shared
from comity.cli.node import BARE_KEY
from comity.cli.output import Json, time
from comity.cli.session import opened
from comity.domain.roster import MandateEntry, OfficerEntry
from comity.language import words
from comity.language.marks import marked
from comity.services.address_book import Book, read_book
from comity.services.agency_card import AgencyCard
from comity.services.compare import restored_of
from comity.services.home import key_home
from comity.services.recover_drill import due as drill_due
from comity.services.renew import ending
from comity.services.replayed_requests import Replayed, seen
from comity.services.roster_ahead import told_ahead

_HEAD = marked("Server {node}, in {path}")
_PRACTICE = marked("A practice server: it never exchanges with a real one.")
_KEY = marked("Its key lives here: {home}")
_OWN = marked("Agencies of this server")
_PEERS = marked("Other agencies")
_NOBODY = marked("No other agency is admitted yet: comity peer accept @invitation.txt")
_DUE = marked("{agency}: the holders of its recovery are due to rehearse: comity recover drill")
_COLUMNS = (marked("Agency"), marked("Country"), marked("What it is"), marked("Address"))
_PEER_COLUMNS = (marked("Agency"), marked("Country"), "")
_ENDS = marked("{who} may sign until {when}: comity officer renew")
_MANDATE_ENDS = marked("The mandate “{law}” ends {when}.")
_AHEAD = marked(
    "Others hold list {number} of {agency}, which was not issued here. If this server was put back "
    "from a backup: comity roster --catch-up. If not, somebody else has its key: comity rotate "
    "roster --stolen"
)
_REPLAYED = marked(
    "{count} requests were played again from {address}, the last {when}. They were refused. They "
    "bear the signature of {node}, which need not have sent them."
)


@click.command()
@shared
def home(call: Call) -> None:
    """Show what this server is and whom it knows."""
    kept = key_home(call.place, lambda: "")
    with opened(call) as house:
        book = read_book(house)
        due = [card for card in book.own if drill_due(house, card.id)]
        gone = {each.id: restored_of(house, each) for each in book.peers}
        ends = [(card, each) for card in book.own for each in ending(house, card)]
        replayed = seen(house)
        ahead = {card.id: told_ahead(house, card.id) for card in book.own}
    out = call.out
    out.say(_HEAD, node=house.keys.node, path=str(call.place))
    if house.practice:
        out.say(_PRACTICE)
    out.say(_KEY, home=kept.describe)
    if kept.standing_warning:
        out.warn(BARE_KEY)
    for each in due:
        out.warn(_DUE, agency=each.name)
    out.heading(_OWN)
    out.table(_COLUMNS, [_row(call, each) for each in book.own])
    out.heading(_PEERS)
    if book.peers:
        out.table(
            _PEER_COLUMNS,
            [(*_row(call, e)[:2], _standing(call, book, e, gone[e.id])) for e in book.peers],
        )
    else:
        out.say(_NOBODY)
    _say_ends(call, [each for _, each in ends])
    _say_ahead(call, [(card, ahead[card.id]) for card in book.own])
    _say_replayed(call, book, replayed)
    out.give(
        id=house.keys.node,
        node=house.keys.node,
        practice=house.practice,
        key_home=kept.describe,
        drill_due=[each.id for each in due],
        ending=[{"id": each.id, "until": time(each.ends)} for _, each in ends],
        ahead=[{"id": id_, "number": number} for id_, number in ahead.items() if number],
        replayed=[
            {
                "address": each.address,
                "node": each.node,
                "count": each.count,
                "first": time(each.first),
                "last": time(each.last),
            }
            for each in replayed
        ],
        items=[_told(each) for each in (*book.own, *book.peers)],
    )


def _say_replayed(call: Call, book: Book, replayed: Sequence[Replayed]) -> None:
    for each in replayed:
        names = [book.agency(one).name for one in book.agencies_of(each.node)]
        call.out.warn(
            _REPLAYED,
            count=each.count,
            address=each.address,
            when=call.out.when(each.last),
            node=", ".join(names) or each.node,
        )


def _say_ends(call: Call, ends: Sequence[OfficerEntry | MandateEntry]) -> None:
    for each in ends:
        when = call.out.when(each.ends)
        if isinstance(each, MandateEntry):
            call.out.warn(_MANDATE_ENDS, law=each.law, when=when)
        else:
            call.out.warn(_ENDS, who=each.name or each.label, when=when)


def _say_ahead(call: Call, told: Sequence[tuple[AgencyCard, int]]) -> None:
    for card, number in told:
        if number:
            call.out.warn(_AHEAD, number=number, agency=card.name)


def _row(call: Call, card: AgencyCard) -> tuple[str, str, str, str]:
    say_in = call.out.say_in
    return (
        card.name,
        say_in.country(card.country),
        say_in.of(words.AGENCIES[card.kind]),
        card.node.address,
    )


def _standing(call: Call, book: Book, card: AgencyCard, gone: tuple[int, ...]) -> str:
    told = trust.lines(call.out, book, card)
    told += [call.out.say_in.of(trust.RESTORED, gap=gap) for gap in gone]
    return "; ".join(told)


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
        "held": card.standing.held,
        "marks": [each.code.value for each in card.standing.marks],
        "introduced_by": card.standing.introduced.by if card.standing.introduced else "",
    }
