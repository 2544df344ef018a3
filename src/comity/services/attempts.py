# SPDX-License-Identifier: Apache-2.0
"""Attempts at a passphrase: counted before they are paid for, and few at once.

(1) By officer, whatever he is called by: after three wrong ones a wait that doubles from a second
to a quarter of an hour, kept in the database, so that neither a restart nor a second process helps.
(2) Counted before the derivation: a process killed in the middle has used its attempt up.
(3) A name that nobody has is counted likewise, in one of 65,536 places that a keyed hash chooses,
so that the database neither grows with guesses nor tells what was typed.
(4) At most as many at once as memory allows, across processes; who finds no place waits a little.
"""

import contextlib
import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from comity.domain.ids import mint
from comity.errors import Busy, Locked
from comity.services.agencies import factor_of
from comity.services.house import House
from comity.storage import housed, leases
from comity.storage.reading import Writing

ROOM: Final = "throttle"
FREE: Final = 3
FIRST_WAIT: Final = 1_000
LONGEST_WAIT: Final = 900_000
FORGOTTEN: Final = 24 * 3_600_000
"""Milliseconds without an attempt after which the count begins anew."""
PLACES_MOST: Final = 8
PATIENCE: Final = 5.0
"""Seconds to wait for a place: ten derivations long."""
LEASE_MILLIS: Final = 30_000
"""A place that a killed process held is free again after this."""
_COUNT: Final = struct.Struct(">IQ")
_NO_LIMIT: Final = 1 << 60
_CGROUP: Final = Path("/sys/fs/cgroup/memory.max")


@dataclass(slots=True)
class Attempt:
    """One attempt that was let through; whoever finds the passphrase right says so."""

    right: bool = False


@contextlib.contextmanager
def attempt(house: House, officer: str, typed: str) -> Iterator[Attempt]:
    """Hold a place for one derivation; *officer* is empty where nobody is meant by what is *typed*.

    Raise Locked while the wait after earlier attempts is not over, Busy where no place comes free.
    """
    counted = officer or _nobody(house, typed)
    owner = mint(house.random)
    place = _place(house, counted, owner)
    made = Attempt()
    try:
        yield made
    finally:
        house.store.write(lambda w: _end(w, counted, place, owner, made))


def forget(writing: Writing, officer: str) -> None:
    """Begin the count of *officer* anew: he has another passphrase."""
    housed.discard(writing, ROOM, [officer])


def places(memory: int, factor: int) -> int:
    """Return how many derivations at 2^*factor* fit into a quarter of *memory* bytes, at least 1.

    scrypt with r = 8 takes 128 · 8 · 2^factor bytes (RFC 7914 §5).
    """
    return max(1, min(PLACES_MOST, memory // 4 // (1024 << factor)))


@cache
def memory_of_machine() -> int:
    """Return the bytes of memory that this process may hope for: the machine's or its group's."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(machine, _group_limit(_CGROUP))


def _group_limit(path: Path) -> int:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):  # no such group, or ``max``
        return _NO_LIMIT


def _nobody(house: House, typed: str) -> str:
    # A terminal may hand over bytes that are no text: they are counted too.
    said = typed.strip().casefold().encode("utf-8", "surrogatepass")
    return f"nobody-{house.vault.tag(said, ROOM)[:2].hex()}"  # (3)


def _place(house: House, counted: str, owner: str) -> str:
    """Count an attempt and return the place that it holds."""
    patience = time.monotonic() + PATIENCE
    while True:
        version = house.store.version()
        held = house.store.write(lambda w: _begin(w, house, counted, owner))
        if held:
            return held
        left = patience - time.monotonic()
        if left <= 0:
            raise Busy("unlocks")
        house.store.wait(version, left)


def _begin(writing: Writing, house: House, counted: str, owner: str) -> str:
    """Take a place and count the attempt; return an empty text where every place is taken."""
    _ = writing.log  # its lock: two processes count one after the other
    now = house.millis()
    tries = _tries(writing, house, counted, now)
    for number in range(places(memory_of_machine(), factor_of(house))):  # (4)
        place = f"unlock/{number}"
        if leases.claim(writing, place, owner, now, now + LEASE_MILLIS):
            _count(writing, house, counted, tries + 1, now)  # (2)
            return place
    return ""


def _tries(writing: Writing, house: House, counted: str, now: int) -> int:
    """Return how many attempts there were; raise Locked if it is too early for the next."""
    rows = housed.get(writing, ROOM, [counted])
    if not rows or not 0 <= now - rows[0].at < FORGOTTEN:
        return 0
    tries, until = _COUNT.unpack(house.vault.open(rows[0].body, f"{ROOM}/{counted}"))
    if now < until:  # (1)
        raise Locked("throttled", seconds=-(-(until - now) // 1000))
    return int(tries)


def _count(writing: Writing, house: House, counted: str, tries: int, now: int) -> None:
    beyond = tries - FREE
    wait = min(LONGEST_WAIT, FIRST_WAIT << min(beyond, 10)) if beyond >= 0 else 0
    body = house.vault.lock(_COUNT.pack(tries, now + wait), f"{ROOM}/{counted}")
    housed.put(writing, [housed.Housed(room=ROOM, name=counted, body=body, at=now)])


def _end(writing: Writing, counted: str, place: str, owner: str, made: Attempt) -> None:
    leases.let_go(writing, place, owner)
    if made.right:
        housed.discard(writing, ROOM, [counted])
