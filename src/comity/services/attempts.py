# SPDX-License-Identifier: Apache-2.0
"""Attempts at a passphrase: counted before they are paid for, and few at once.

(1) By officer, whatever he is called by: after three wrong ones a wait that doubles from a second
to a quarter of an hour, kept in the database, so that neither a restart nor a second process helps.
(2) Counted before the derivation: a process killed in the middle has used its attempt up.
(3) A name that nobody has is counted likewise, in one of 65,536 places that a keyed hash chooses,
so that the database neither grows with guesses nor tells what was typed.
(4) At most as many at once as memory allows, across processes; who finds no place waits a little.
(5) By address, where somebody calls from one: attempts that failed, thirty a day before the waits
    begin, which stay short, since a whole office may call from there. It is kept as a keyed hash
    and forgotten in a day.
(6) Who is told to wait is told so after the time that a failed attempt takes.
"""

import contextlib
import ipaddress
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
FREE_ADDRESS: Final = 30
LONGEST_ADDRESS: Final = 60_000
PLACES_MOST: Final = 8
MEMORY_MOST: Final = 256 << 20
"""Bytes for derivations at once, however large the machine is: the pages need some too."""
PATIENCE: Final = 15.0
"""Seconds to wait for a place: eight who sign in at once, each slowly."""
LEASE_MILLIS: Final = 30_000
"""A place that a killed process held is free again after this."""
_COUNT: Final = struct.Struct(">IQ")
_EXHAUSTED: Final = FREE + 10
"""Attempts after which every wait is the longest."""
_NET_BITS: Final = 64
"""Of an IPv6 address: the rest is the caller's to choose (RFC 7707 §2)."""
_PAUSE_MOST: Final = 3.0
_FACTOR_OF_SECOND: Final = 18
_NO_LIMIT: Final = 1 << 60
_CGROUP: Final = Path("/sys/fs/cgroup/memory.max")


@dataclass(slots=True)
class Attempt:
    """One attempt that was let through; whoever finds the passphrase right says so."""

    right: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """Who makes an attempt, and under which names it is counted."""

    owner: str
    officer: str
    address: str
    """Empty where it comes from nowhere else."""


@contextlib.contextmanager
def attempt(house: House, officer: str, typed: str, *, address: str = "") -> Iterator[Attempt]:
    """Hold a place for one derivation; *officer* is empty where nobody is meant by what is *typed*.

    Raise Locked while the wait after earlier attempts is not over, Busy where no place comes free.
    """
    counted = _Counted(
        owner=mint(house.random),
        officer=officer or _nobody(house, typed),
        address=_from(house, address) if address else "",
    )
    try:
        place = _place(house, counted)
    except Locked:
        _PACE.pause(factor_of(house))  # (6)
        raise
    made, begun = Attempt(), time.monotonic()
    try:
        yield made
    finally:
        if not made.right:
            _PACE.failed(factor_of(house), time.monotonic() - begun)
        house.store.write(lambda w: _end(w, house, counted, place, made))


class _Pace:
    """How long failed attempts took lately, by work factor: no figure of any one of them."""

    def __init__(self) -> None:
        self._took: dict[int, float] = {}

    def failed(self, factor: int, seconds: float) -> None:
        before = self._took.get(factor, seconds)
        self._took[factor] = (before + seconds) / 2

    def pause(self, factor: int) -> None:
        usual = 2.0 ** (factor - _FACTOR_OF_SECOND)
        time.sleep(min(_PAUSE_MOST, self._took.get(factor, usual)))


_PACE: Final = _Pace()


def forget(writing: Writing, officer: str) -> None:
    """Begin the count of *officer* anew: he has another passphrase."""
    housed.discard(writing, ROOM, [officer])


def exhaust(writing: Writing, house: House, officer: str) -> None:
    """Let *officer* wait as after very many attempts."""
    now = house.millis()
    _put(writing, house, officer, _EXHAUSTED, now=now, until=now + LONGEST_WAIT)


def forget_old(house: House) -> int:
    """Forget every count that no attempt was added to for a day; return how many there were."""
    before = house.millis() - FORGOTTEN
    with house.store.read() as reading:
        old = [row.name for row in housed.before(reading, ROOM, before)]
    return house.store.write(lambda w: housed.discard(w, ROOM, old)) if old else 0


def places(memory: int, factor: int) -> int:
    """Return how many derivations at 2^*factor* fit into a quarter of *memory* bytes, at least 1.

    And into ``MEMORY_MOST``, where there is more.

    scrypt with r = 8 takes 128 · 8 · 2^factor bytes (RFC 7914 §5).
    """
    return max(1, min(PLACES_MOST, min(memory // 4, MEMORY_MOST) // (1024 << factor)))


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


def _from(house: House, address: str) -> str:
    """Return under what an *address* is counted: nobody reads it from there."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        net = b"unknown"
    else:
        net = known.packed[: _NET_BITS // 8] if known.version == 6 else known.packed
    return f"at-{house.vault.tag(b'at/' + net, ROOM)[:8].hex()}"  # (5)


def _place(house: House, counted: _Counted) -> str:
    """Count an attempt and return the place that it holds."""
    patience = time.monotonic() + PATIENCE
    while True:
        version = house.store.version()
        held = house.store.write(lambda w: _begin(w, house, counted))
        if held:
            return held
        left = patience - time.monotonic()
        if left <= 0:
            raise Busy("unlocks")
        house.store.wait(version, left)


def _begin(writing: Writing, house: House, counted: _Counted) -> str:
    """Take a place and count the attempt; return an empty text where every place is taken."""
    _ = writing.log  # its lock: two processes count one after the other
    now = house.millis()
    tries = _tries(writing, house, counted.officer, now)
    from_there = _tries(writing, house, counted.address, now) if counted.address else 0
    for number in range(places(memory_of_machine(), factor_of(house))):  # (4)
        place = f"unlock/{number}"
        if leases.claim(writing, place, counted.owner, now, now + LEASE_MILLIS):
            _count(writing, house, counted.officer, tries + 1, now)  # (2)
            if counted.address:
                _count_address(writing, house, counted.address, from_there + 1, now)
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
    _put(writing, house, counted, tries, now=now, until=now + wait)


def _count_address(writing: Writing, house: House, counted: str, tries: int, now: int) -> None:
    beyond = tries - FREE_ADDRESS
    wait = min(LONGEST_ADDRESS, FIRST_WAIT << min(beyond, 10)) if beyond >= 0 else 0
    _put(writing, house, counted, tries, now=now, until=now + wait)


def _put(writing: Writing, house: House, counted: str, tries: int, *, now: int, until: int) -> None:
    body = house.vault.lock(_COUNT.pack(tries, until), f"{ROOM}/{counted}")
    housed.put(writing, [housed.Housed(room=ROOM, name=counted, body=body, at=now)])


def _end(writing: Writing, house: House, counted: _Counted, place: str, made: Attempt) -> None:
    leases.let_go(writing, place, counted.owner)
    if made.right:
        housed.discard(writing, ROOM, [counted.officer])
        if counted.address:
            _take_back(writing, house, counted.address)


def _take_back(writing: Writing, house: House, counted: str) -> None:
    """Count one attempt less from an address: it did not fail. What others tried there stays."""
    rows = housed.get(writing, ROOM, [counted])
    if rows:
        tries, _ = _COUNT.unpack(house.vault.open(rows[0].body, f"{ROOM}/{counted}"))
        _put(writing, house, counted, max(0, tries - 1), now=rows[0].at, until=0)
