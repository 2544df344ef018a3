# SPDX-License-Identifier: Apache-2.0
"""Duties: what a node does by the clock, with nobody signed in.

A lease keeps two processes from doing them at once. Each duty is whole in itself and does nothing
when it is not due, so it does not matter how often it is looked at.
"""

from datetime import timedelta
from typing import Final

from comity.domain.time import to_millis
from comity.ledger import cosignature, note
from comity.ledger.checkpoint import Checkpoint
from comity.services import (
    attempts,
    compare,
    drafts,
    house_escrow,
    mailbox,
    suspend,
    uploads,
    witnesses,
)
from comity.services.address_book import read_book
from comity.services.epochs import destroy_if_due
from comity.services.escalate import climb
from comity.services.house import House
from comity.services.reopen import name_origin
from comity.services.retention import remove_due
from comity.services.rosters import reissue_if_due
from comity.services.rotate_node import forget_former
from comity.services.silence import listen
from comity.storage import leases, meta, nonces
from comity.storage.reading import Reading

LEASE: Final = "duties"
LEASE_MILLIS: Final = 60_000
NONCES_KEPT: Final = timedelta(days=400)
"""They are small, and times are not judged: afterwards a request that somebody recorded is heard
once more. What it holds is known by its ids; what it knows, wants and refuses makes us send again.
"""
QUANTUM_EVERY: Final = timedelta(hours=1)
"""Design §5 *Ledger*: so that a checkpoint stays proof after quantum computers."""
_SIGNED_AT: Final = "quantum-signed-at"


def look(house: House, owner: str) -> bool:
    """Do what is due; return whether it was ours to do."""
    now = house.millis()
    if not house.store.write(lambda w: leases.claim(w, LEASE, owner, now, now + LEASE_MILLIS)):
        return False
    name_origin(house)
    forget_former(house)
    reissue_if_due(house)
    suspend.look(house)
    compare.look(house)
    witnesses.advance(house, read_book(house))
    sign_quantum_if_due(house)
    mailbox.expire(house)
    drafts.expire(house)
    listen(house)
    climb(house)
    remove_due(house)
    destroy_if_due(house)
    house_escrow.keep_up(house)
    uploads.sweep(house)
    attempts.forget_old(house)
    before = to_millis(house.now() - NONCES_KEPT)
    house.store.write(lambda w: nonces.purge(w, before))
    return True


def sign_quantum_if_due(house: House) -> bytes | None:
    """Sign the newest checkpoint with ML-DSA-44 if the last was an hour ago; return the line."""
    with house.store.read() as reading:
        told = meta.get(reading, [_SIGNED_AT]).get(_SIGNED_AT, b"0")
    if house.millis() - int(told) < QUANTUM_EVERY.total_seconds() * 1000:
        return None
    return sign_quantum(house)


def sign_quantum(house: House) -> bytes | None:
    """Sign the newest checkpoint with ML-DSA-44 and keep the line; return it, None if none."""
    with house.store.read() as reading:
        head = reading.head()
        if head is None or not head.size:
            return None
        line = quantum_line(reading, house, Checkpoint(head.origin, head.size, head.root))
    when = meta.Meta(name=_SIGNED_AT, value=str(house.millis()).encode())
    house.store.write(lambda w: meta.put(w, [line, when]))
    return line.value


def quantum_line(reading: Reading, house: House, head: Checkpoint) -> meta.Meta:
    """Return the ML-DSA-44 line on *head*, a checkpoint of ours: the one that is kept or a new one.

    A new one is still to be written, and must be durable before it leaves.
    """
    name = place_of_line(head.origin, head.size)
    held = meta.get(reading, [name]).get(name)
    if held is not None:
        return meta.Meta(name=name, value=held)
    signed = cosignature.cosign(head, head.origin, house.keys.ledger_quantum, house.now())
    return meta.Meta(name=name, value=note.write_line(signed))


def place_of_line(origin: str, size: int) -> str:
    """Return the name under which the ML-DSA-44 line of a checkpoint of ours is kept."""
    return f"quantum/{origin}/{size}"
