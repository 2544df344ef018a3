# SPDX-License-Identifier: Apache-2.0
"""Letters handed out as age files that open with the officer's own key file and a stock age tool.

The payload is the envelope's to the byte; before it stands one stanza, for his storage key. So
nobody is locked in, also when the reading key it came under has been destroyed. Opening a letter is
what makes it his: it is receipted first, like any other reading.
"""

from collections.abc import Mapping

from comity.crypto.age import beside
from comity.domain.ids import ActId, ThreadId
from comity.errors import Damaged, Misused
from comity.services.address_book import read_book
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.thread import open_thread
from comity.services.unseal import Opened
from comity.services.wraps import Keyhole, sealed_of
from comity.storage import copies


def export_thread(unlocked: Unlocked, house: House, thread: ThreadId) -> Mapping[ActId, bytes]:
    """Return every letter of *thread* that he can open, by its act."""
    opened = open_thread(unlocked, house, thread, everything=True)
    by_act: dict[ActId, Opened] = {}
    for each in opened.copies:
        # The home copy of what is our own names every reader.
        known = by_act.get(each.statement.act)
        if known is None or each.row.agency == each.row.to:
            by_act[each.statement.act] = each
    card = read_book(house).agency(unlocked.agency)
    with house.store.read() as reading:
        keyhole = Keyhole(reading, unlocked, house, card)
        ids = [each.row.envelope for each in by_act.values()]
        keyhole.look(ids)
        sealed = sealed_of(reading, ids)
        return {
            act: _addressed(keyhole, unlocked, each, sealed[each.row.envelope])
            for act, each in by_act.items()
        }


def export_act(unlocked: Unlocked, house: House, act: ActId) -> bytes:
    """Return one letter; raise Misused if there is none of his."""
    with house.store.read() as reading:
        rows = copies.by_acts(reading, [act])
    for thread in dict.fromkeys(ThreadId(row.thread) for row in rows):
        found = export_thread(unlocked, house, thread)
        if act in found:
            return found[act]
    raise Misused("act-unknown")


def _addressed(keyhole: Keyhole, unlocked: Unlocked, opened: Opened, sealed: bytes) -> bytes:
    key = keyhole.key_of(opened.row, (), sealed)
    if key is None:  # it was wrapped just now: only this disk can have lost it
        raise Damaged("envelope")
    return beside.addressed_again(sealed, key, beside.wrap(key, unlocked.storage.recipient))
