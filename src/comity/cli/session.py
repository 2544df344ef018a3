# SPDX-License-Identifier: Apache-2.0
"""A session: the home opened for one command, and the acting person's seat in it."""

import contextlib
from collections.abc import Iterator

from comity.cli.call import Call
from comity.cli.secrets import house_passphrase, passphrase
from comity.cli.values import resolve
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.epochs import sign_in
from comity.services.home import close, open_
from comity.services.house import House
from comity.services.seat import Seat

_LEFT = marked(
    "Your keys were left with the {holders} holders whom {agency} named; {needed} of them can open "
    "together what is sealed to you. If you did not know of it, ask who decided."
)


@contextlib.contextmanager
def opened(call: Call) -> Iterator[House]:
    """Yield the home of this call, opened with its house key."""
    house = open_(
        call.place,
        ask_house=lambda: house_passphrase(call),
        clock=call.clock,
        random=call.random,
    )
    try:
        yield house
    finally:
        close(house)


@contextlib.contextmanager
def seated(call: Call) -> Iterator[Seat]:
    """Yield the seat of whoever acts; times are shown as at his desk."""
    with opened(call) as house:
        who = resolve(call, call.who, "who")
        unlocked = sign_in(house, who, passphrase(call))
        card = read_book(house).agency(unlocked.agency)
        zones = [each.zone for each in card.desks if each.id in unlocked.entry.desks]
        call.out.zone = next((each for each in zones if each != "UTC"), call.out.zone)
        if unlocked.newly_escrowed and card.recovery is not None:
            needed, holders = card.recovery.needed, card.recovery.holders
            call.out.warn(_LEFT, needed=needed, holders=holders, agency=card.name)
        yield Seat(unlocked=unlocked, house=house)
