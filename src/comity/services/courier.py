# SPDX-License-Identifier: Apache-2.0
"""The courier: exchanges parcels with peer nodes until nothing is due, and tries again later.

One exchange hands over a parcel and takes in the one that answers it; each is whole in itself, so
whatever is lost on the way is made again when its lease ends. A peer that does not answer is left
alone for a second, then two, up to an hour, each time with jitter; the moment it is heard again
everything that waited for it is due.
"""

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

from comity.domain.ids import NodeId, mint
from comity.domain.policy import STOP_SECONDS
from comity.errors import ComityError, NotAdmitted, Unavailable
from comity.services import deliver, receive
from comity.services.address_book import Book, read_book
from comity.services.house import House
from comity.services.ports import Carrier, Destination
from comity.services.presence import Presence
from comity.services.receive import Taken
from comity.services.roster_ahead import is_ahead
from comity.services.rosters import is_behind
from comity.storage import outbox, peers
from comity.storage.outbox import Claimed
from comity.storage.reading import Writing
from comity.wire.parcel import Want

BACKOFF_FIRST: Final = 1_000
BACKOFF_LONGEST: Final = 3_600_000
"""Milliseconds; design §5 *Carriers*, from one second to an hour."""
LANES: Final = 4
"""Peers that are called at once."""
GREETING: Final = 3_600_000
"""A peer that was not heard for so long is called even when nothing is due."""
IDLE_SECONDS: Final = 1.0
AHEAD: Final = BACKOFF_LONGEST + 60_000
"""Nothing waits as long by rule: what does was written while our clock was ahead."""
AGAIN: Final = 1000 * STOP_SECONDS
"""How long that then waits, in milliseconds: whoever sent it may still stop it."""
REIN_SECONDS: Final = 60.0
ROUNDS: Final = 100_000
"""Exchanges in one go: a bound, not a limit anybody meets."""
STILL: Final = 8
"""Exchanges in a row in which a peer only says again what it said: then it is left alone."""

_log = logging.getLogger("comity.courier")


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one exchange came to."""

    more: bool
    """Whether the peer is owed something at once."""
    moved: bool
    """Whether anything came further by it."""


@dataclass(slots=True, kw_only=True)
class _Watch:
    """What a running courier goes by."""

    presence: Presence
    lanes: ThreadPoolExecutor
    running: dict[NodeId, Future[int]] = field(default_factory=dict)
    greet: set[NodeId] | None = None
    """Who is still to be called once, due or not; None until that was looked up."""
    looked: float = 0.0
    """When it was last looked who was killed."""
    reined: float | None = None
    """When it was last looked whether our clock had been ahead."""


class Courier:
    """Carries for one node; any number may run beside each other on one store."""

    def __init__(self, house: House, carrier: Carrier) -> None:
        self._house = house
        self._carrier = carrier
        self.owner: Final = mint(house.random)
        """Whose the leases are: this courier's, in this process."""
        self._owed: dict[NodeId, Taken] = {}
        self._answered: dict[NodeId, tuple[Claimed, ...]] = {}
        """What went out in the last answer to a peer that called: it may never have got there."""
        self._offered: dict[NodeId, tuple[int, ...]] = {}
        """Our rosters' numbers at the last exchange: a peer that refuses one is not pressed."""
        self._turns: dict[NodeId, int] = {}
        """How often calling a node came to nothing: where to call it next time."""
        self._lock = threading.Lock()

    def incoming(self, sealed: bytes, node: NodeId) -> bytes:
        """Take in a parcel that *node* brought, and return the one that answers it."""
        taken = receive.take(self._house, sealed, node)
        with self._lock:
            answered = self._answered.pop(node, ())
        # If the peer had taken that answer, its receipts would be here. Sent twice, taken once.
        self._settle(answered, at_once=bool(taken.asked))
        made = deliver.make(self._house, node, owner=self.owner, answering=taken)
        with self._lock:
            self._answered[node] = made.claimed
            # What is owed for this parcel goes with its answer; if that is lost, the peer sends
            # again. What is owed from our own call to it still waits for our next.
            held = self._owed.get(node, Taken(node=node))
            self._owed[node] = replace(held, known=taken.known, seen=taken.seen, has_spoken=True)
        return made.sealed

    def exchange(self, node: NodeId) -> Round:
        """Exchange parcels with *node* once; raise if it came to nothing."""
        book = read_book(self._house)
        lacked = book.lacks(node)
        with self._lock:
            owed = self._owed.get(node)
        made: deliver.Made | None = None
        try:
            to = destination(book, node, self._turns.get(node, 0))
            made = deliver.make(self._house, node, owner=self.owner, answering=owed)
            answer = self._carrier.exchange(to, made.sealed)
            taken = receive.take(self._house, answer, node) if answer else Taken(node=node)
        except Exception:
            self._failed(node, made)
            raise
        if owed is None or not owed.has_spoken:
            # What we said of our ledger waited until the peer had said what it saw of it.
            taken = replace(taken, unseen=taken.unseen or bool(made.claimed))
        taken = _without_standstill(taken, owed)
        with self._lock:
            self._owed[node] = taken
            self._offered[node] = _numbers(book)
        self._settle(made.claimed, at_once=bool(taken.asked))
        tells = self._tells(node, owed, taken, lacked)
        return Round(
            more=taken.owes or tells or self._is_due(node),
            moved=bool(taken.fresh or taken.settled or taken.wants or taken.asked or tells),
        )

    def _tells(self, node: NodeId, owed: Taken | None, taken: Taken, lacked: str) -> bool:
        """Return whether another exchange brings rosters on; one that changed nothing ends it."""
        book = read_book(self._house)
        news = owed is None or owed.known != taken.known
        if news and (
            is_behind(book, taken.known, bare=book.is_witness_only(node))
            or is_ahead(book, taken.known)
        ):
            return True
        return bool(book.lacks(node)) and book.lacks(node) != lacked

    def call(self, node: NodeId) -> int:
        """Exchange with *node* until nothing is due; return how many exchanges it took."""
        still = 0
        for count in range(1, ROUNDS):
            done = self.exchange(node)
            still = 0 if done.moved else still + 1
            if still > STILL:
                self._forget(node)
            if not done.more or still > STILL:
                return count
        return ROUNDS

    def _forget(self, node: NodeId) -> None:
        """Owe *node* nothing more: it has been told, and says the same again."""
        with self._lock:
            held = self._owed[node]
            self._owed[node] = replace(
                Taken(node=node), known=held.known, seen=held.seen, has_spoken=held.has_spoken
            )

    def sync(self, nodes: Iterable[NodeId] = ()) -> dict[NodeId, ComityError | None]:
        """Call *nodes*, or every peer, now; return for each what went wrong, if anything."""
        told: dict[NodeId, ComityError | None] = {}
        with Presence(self._house.home, self.owner) as presence:
            self._free(presence)
            self._rein_in()
            for node in tuple(nodes) or self._peers():
                try:
                    self.call(node)
                    told[node] = None
                except ComityError as error:
                    told[node] = error
        return told

    def run(self, stop: threading.Event) -> None:
        """Carry until *stop* is set."""
        with (
            Presence(self._house.home, self.owner) as presence,
            ThreadPoolExecutor(LANES, thread_name_prefix="courier") as lanes,
        ):
            watch = _Watch(presence=presence, lanes=lanes)
            while not stop.is_set():
                try:
                    self._look(watch, stop)
                except ComityError as error:
                    # A full disk, or a database that another holds, passes: the courier stays.
                    _log.warning("carrying is held up: %s", error.cause)
                    stop.wait(IDLE_SECONDS)
                except Exception:  # noqa: BLE001  # nobody else would carry: say it, and go on
                    _log.exception("carrying is held up")
                    stop.wait(IDLE_SECONDS)

    def _look(self, watch: _Watch, stop: threading.Event) -> None:
        """Send somebody to each peer that is due, then wait until anybody has written."""
        if watch.greet is None:
            watch.greet = set(self._peers())
        if time.monotonic() - watch.looked > IDLE_SECONDS:
            self._free(watch.presence)
            watch.looked = time.monotonic()
        if watch.reined is None or time.monotonic() - watch.reined > REIN_SECONDS:
            self._rein_in()
            watch.reined = time.monotonic()
        version = self._house.store.version()
        watch.running = {node: each for node, each in watch.running.items() if not each.done()}
        for node in self._due(watch.greet):
            if node not in watch.running:
                watch.greet.discard(node)
                watch.running[node] = watch.lanes.submit(self._quietly, node)
        self._house.store.wait(version, IDLE_SECONDS, stop)

    def _free(self, presence: Presence) -> None:
        """Make due at once what processes that were killed had taken."""
        gone = presence.dead()
        if gone:
            self._house.store.write(lambda w: outbox.free(w, gone))

    def _rein_in(self) -> None:
        """Make due what was put off by a clock of ours that was ahead and was set right."""
        now = self._house.millis()
        with self._house.store.read() as reading:
            ahead = outbox.is_ahead(reading, now + AHEAD)
            ahead = ahead or any(each.next_at > now + AHEAD for each in peers.every(reading))
        if ahead:
            self._house.store.write(lambda w: _rein_in(w, now))

    def _quietly(self, node: NodeId) -> int:
        try:
            return self.call(node)
        except ComityError as error:
            # A code and ids, never content: what an operator may read.
            _log.info("exchange with %s failed: %s", node, error.cause)
        except Exception:  # noqa: BLE001  # a lane must outlive a mistake of ours: say it, and try again later
            _log.exception("exchange with %s failed", node)
        return 0

    def _due(self, greet: set[NodeId]) -> list[NodeId]:
        """Return the peers to be called now: those with something due whose wait is over."""
        now, book = self._house.millis(), read_book(self._house)
        with self._house.store.read() as reading:
            due = {each.to_node for each in outbox.due(reading, now)}
            known = {each.node: each for each in peers.every(reading)}
        with self._lock:
            due |= {node for node, owed in self._owed.items() if owed.owes}
            # A revocation does not wait until somebody has something to say.
            due |= {
                node
                for node, owed in self._owed.items()
                if is_behind(book, owed.known, bare=book.is_witness_only(node))
                and self._offered.get(node) != _numbers(book)
            }
        return [
            node
            for node in self._peers()
            if (row := known.get(node)) is None
            or (
                row.next_at <= now
                and (node in due or node in greet or now - row.last_seen > GREETING)
            )
        ]

    def _peers(self) -> list[NodeId]:
        """Return the peers that can be called."""
        return list(read_book(self._house).callable)

    def _left(self, claimed: Sequence[Claimed]) -> list[Claimed]:
        """Return those of *claimed* that are still in the outbox."""
        with self._house.store.read() as reading:
            left = outbox.still(reading, [each.id for each in claimed])
        return [each for each in claimed if each.id in left]

    def _settle(self, claimed: Sequence[Claimed], *, at_once: bool) -> None:
        """Give back what was handed over and no receipt has settled.

        A file that is wanted first goes on *at once*; what was lost or refused, when the peer may
        have mended.
        """
        if claimed:
            deliver.handed_over(self._house, claimed)
            now = self._house.millis()
            left = self._left(claimed)
            again = [now if at_once else now + _longest(each.attempts) for each in left]
            rows = list(zip(left, again, strict=True))
            deliver.let_go(self._house, rows, failed=not at_once)

    def _is_due(self, node: NodeId) -> bool:
        with self._house.store.read() as reading:
            return outbox.is_due(reading, node, self._house.millis())

    def _failed(self, node: NodeId, made: deliver.Made | None) -> None:
        now = self._house.millis()
        with self._lock:
            self._turns[node] = self._turns.get(node, 0) + 1
        if made is not None:
            deliver.let_go(self._house, [(each, now) for each in made.claimed], failed=False)
        self._wait(node)

    def _wait(self, node: NodeId) -> None:
        house = self._house
        with house.store.read() as reading:
            found = peers.by_nodes(reading, [node])
        attempts = found[0].attempts if found else 0
        longest = _longest(attempts)
        # Half of it certain, half by chance: peers that lost one node do not all come back at once.
        jitter = int.from_bytes(house.random(4), "big") % (longest // 2 + 1)
        again = house.millis() + longest // 2 + jitter
        house.store.write(lambda w: peers.failed(w, [(node, again)]))


def destination(book: Book, node: NodeId, turn: int) -> Destination:
    """Return where to call *node*: where its agencies say different things, each in its *turn*.

    Any agency can say that it is housed there. One that lies about where costs a try, no more.
    """
    entries = book.entries_of(node)
    if all(book.agency(each).suspended for each in book.agencies_of(node)):
        raise NotAdmitted("suspended")
    places = list(dict.fromkeys((each.address, each.tls) for each in entries if each.address))
    if not places:
        raise Unavailable("no-address")
    place = places[turn % len(places)]
    entry = next(each for each in entries if (each.address, each.tls) == place)
    return Destination(node=entry.node, address=entry.address, tls=entry.tls, carrier=entry.carrier)


def _without_standstill(taken: Taken, owed: Taken | None) -> Taken:
    """Return *taken* without what came no further since it was *owed* last time: files, our log.

    One that is lost on a disk, or not what it should be, would be asked for as fast as the line
    goes. Its docket comes again, later and later, and with it the question.
    """
    if owed is None:
        return taken
    return replace(
        taken,
        wants=taken.wants if _goes_on(taken.wants, owed.wants) else (),
        asked=taken.asked if _goes_on(taken.asked, owed.asked) else (),
        unseen=taken.unseen and not owed.unseen,
    )


def _goes_on(wants: Sequence[Want], before: Sequence[Want]) -> bool:
    """Return whether any of *wants* is new or for what comes later in its file, or one is gone."""
    reached = {each.blob: each.offset for each in before}
    further = any(each.offset > reached.get(each.blob, -1) for each in wants)
    return further or not reached.keys() <= {each.blob for each in wants}


def _rein_in(writing: Writing, now: int) -> None:
    outbox.rein_in(writing, now + AHEAD, now + AGAIN)
    peers.rein_in(writing, now + AHEAD, now)


def _numbers(book: Book) -> tuple[int, ...]:
    return tuple(card.number for card in book.own)


def _longest(attempts: int) -> int:
    """Return for how many milliseconds to wait, at most, after so many failures."""
    return min(BACKOFF_LONGEST, BACKOFF_FIRST << min(attempts, 12))
