# SPDX-License-Identifier: Apache-2.0
"""The postman: leaves at mailboxes what is for peers that cannot be called, and collects ours.

What was left is not left again for a day, then for two, up to sixteen, as long as no receipt comes;
nothing is leased and nothing leaves the outbox before its receipt, so the line, a stick and a
mailbox carry the same thing side by side and it arrives once. A mailbox is believed in nothing:
what it gives is taken in as a file that came by hand.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from typing import Final

from comity.domain.ids import AgencyId, NodeId, digest, mint
from comity.errors import ComityError, Misused, NotAdmitted, Refused, Untrusted
from comity.services import spoken
from comity.services.address_book import Book, read_book
from comity.services.carry_in import added, carry_in
from comity.services.carry_out import Trip, cover_for
from comity.services.courier import destination
from comity.services.deliver import handed_over
from comity.services.house import House
from comity.services.mailbox import Collection
from comity.services.ports import Destination, Mailbox
from comity.services.receive import Taken
from comity.services.rosters import is_behind
from comity.storage import housed, leases, mailbox, outbox, peers
from comity.storage.mailbox import Left
from comity.storage.outbox import Claimed
from comity.storage.reading import Reading, Writing
from comity.wire import canonical, carry

ROOM: Final = "mailbox-use"
VISITS: Final = "mailbox-visits"
ROSTERS: Final = "mailbox-rosters"
"""Which numbers of our rosters were left where, for whom."""
AGAIN_MILLIS: Final = 86_400_000
DOUBLINGS: Final = 4
LEASE_MILLIS: Final = 120_000
"""A visit may last longer: what two leave or collect side by side arrives once."""
ROUND_SECONDS: Final = 60.0
LETTERS: Final = 4096
"""Files that are collected in one go: a bound on a mailbox that never ends."""
_LIMIT: Final = 64 * 1024

_log = logging.getLogger("comity.postman")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What this home does at one mailbox."""

    type: str = "comity/mailbox-use@1"
    at: NodeId
    collects: bool = False
    leaves_for: tuple[NodeId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What came of the last visit to a mailbox."""

    type: str = "comity/visit@1"
    at: int = 0
    code: str = ""
    spoiled: int = 0
    """Files, ever, that were not what their depositor signed, or of nobody that we know."""


def use(house: House, at: AgencyId, *, leaves_for: AgencyId | None = None) -> Use:
    """Collect at the mailbox of the peer *at* from now on, or leave there what is for another."""
    book = read_book(house)
    card = book.agency(at)
    if card.own:
        raise Misused("mailbox-own")
    node = card.node.node
    known = next((each for each in uses(house) if each.at == node), Use(at=node))
    if leaves_for is None:
        known = replace(known, collects=True)
    else:
        other = book.agency(leaves_for)
        if other.own or other.node.node == node:
            raise Misused("mailbox-own")
        known = replace(known, leaves_for=tuple(sorted({*known.leaves_for, other.node.node})))
    _keep(house, ROOM, node, canonical.encode(known))
    return known


def stop_using(house: House, at: AgencyId) -> None:
    node = read_book(house).agency(at).node.node
    if not house.store.write(lambda w: housed.discard(w, ROOM, [node])):
        raise Misused("mailbox-unknown")


def uses(house: House) -> tuple[Use, ...]:
    with house.store.read() as reading:
        rows = housed.of_room(reading, ROOM)
    return tuple(
        canonical.decode(house.vault.open(row.body, _place(ROOM, row.name)), Use, limit=_LIMIT)
        for row in rows
    )


def last_visit(house: House, node: NodeId) -> Visit:
    with house.store.read() as reading:
        body = _told(reading, house, VISITS, node)
    return canonical.decode(body, Visit, limit=_LIMIT) if body else Visit()


class Postman:
    """Makes the rounds for one node; several may run beside each other on one store."""

    def __init__(self, house: House, post: Mailbox) -> None:
        self._house = house
        self._post = post
        self._owner: Final = mint(house.random)

    def round(self) -> Mapping[NodeId, ComityError | None]:
        """Visit every mailbox now; return for each what went wrong, if anything."""
        mine = [each for each in uses(self._house) if self._claim(each.at)]
        owed: dict[NodeId, Taken] = {}
        told: dict[NodeId, ComityError | None] = {}
        try:
            for each in mine:
                told[each.at] = self._visit(each, owed, leaving=False)
            for each in mine:
                told[each.at] = told[each.at] or self._visit(each, owed, leaving=True)
        finally:
            for each in mine:
                self._let_go(each.at)
        return told

    def run(self, stop: threading.Event) -> None:
        """Make the rounds until *stop* is set."""
        while True:
            try:
                self.round()
            except ComityError as error:
                _log.warning("the round is held up: %s", error.cause)
            except Exception:  # noqa: BLE001  # nobody else would go: say it, and go on
                _log.exception("the round is held up")
            if stop.wait(ROUND_SECONDS):
                return

    def _visit(self, use: Use, owed: dict[NodeId, Taken], *, leaving: bool) -> ComityError | None:
        """Do one half of a visit; note what came of it, and return what went wrong."""
        spoiled, failed = 0, None
        try:
            to = destination(read_book(self._house), use.at, 0)
            if leaving:
                failed = self._leave_all(to, use.leaves_for, owed)
            elif use.collects:
                spoiled = self._collect(to, owed)
        except ComityError as error:
            failed = error
        if failed is not None:
            _log.info("visiting %s failed: %s", use.at, failed.cause)
        self._note(use.at, failed, spoiled)
        return failed

    def _leave_all(
        self, to: Destination, nodes: Sequence[NodeId], owed: Mapping[NodeId, Taken]
    ) -> ComityError | None:
        """Leave what is for each of *nodes*: a box that is full holds up none of the others."""
        failed: ComityError | None = None
        for node in nodes:
            try:
                self._leave(to, node, owed.get(node))
            except NotAdmitted:
                continue  # suspended, or gone: it waits in the outbox until that is decided
            except ComityError as error:
                failed = failed or error
        return failed

    def _collect(self, to: Destination, owed: dict[NodeId, Taken]) -> int:
        """Take in what waits at the mailbox; return how many files were of no use.

        What can never be taken in is confirmed too: it would stand before the others for ever. Its
        depositor has it still, and leaves it again.
        """
        confirmed: tuple[str, ...] = ()
        seen: set[str] = set()
        spoiled = 0
        for _ in range(LETTERS):
            file = self._post.collect(to, canonical.encode(Collection(confirmed=confirmed)))
            named = digest(file)
            if not file or named in seen:  # a mailbox that repeats itself has nothing more to say
                break
            seen.add(named)
            spoiled += not self._take(file, owed)
            confirmed = (named,)
        return spoiled

    def _take(self, file: bytes, owed: dict[NodeId, Taken]) -> bool:
        try:
            came = carry_in(self._house, BytesIO(file).read)
        except (Untrusted, Refused) as error:
            _log.info("a file of a mailbox was not taken in: %s", error.cause)
            return False
        node = came.cover.from_node
        owed[node] = added(owed.get(node, Taken(node=node)), came.owed)
        return came.fault is None

    def _leave(self, to: Destination, node: NodeId, answering: Taken | None) -> None:
        """Leave what is for *node*, if it cannot be called and there is anything to leave."""
        house, book = self._house, read_book(self._house)
        numbers = canonical.encode([card.number for card in book.own])
        told = f"{to.node}/{node}"
        with house.store.read() as reading:
            if not self._is_cut_off(reading, book, node):
                return
            known = spoken.last(reading, house, node).known
            behind = is_behind(book, known, bare=book.is_witness_only(node))
            # A revocation does not wait until somebody has something to say; it is told once.
            behind = behind and _told(reading, house, ROSTERS, told) != numbers
            waits = outbox.is_unleft(reading, node, house.millis(), mailbox=to.node)
        if not (waits or behind or answering):
            return
        # Who asks for the rest of a file gets it again, whatever was left before.
        anew = bool(answering and answering.asked)
        begin = outbox.begin if anew else partial(outbox.begin_unleft, mailbox=to.node)
        trip = Trip(house, node, answering, begin=begin)
        for sealed in trip.parcels():
            cover = cover_for(house, node)
            self._post.leave(to, carry.single(cover, sealed, trip.key))
            self._mark(to.node, node, trip.carried)
        _keep(house, ROSTERS, told, numbers)

    def _is_cut_off(self, reading: Reading, book: Book, node: NodeId) -> bool:
        if node not in book.callable:
            return bool(book.agencies_of(node))
        return any(each.attempts for each in peers.by_nodes(reading, [node]))

    def _mark(self, at: NodeId, node: NodeId, rows: Sequence[Claimed]) -> None:
        """Note that *rows* were left: our receipts are said, the rest is left again in a day."""
        if not rows:
            return
        house, now = self._house, self._house.millis()
        handed_over(house, rows)

        def work(writing: Writing) -> None:
            refs = [each.ref for each in rows]
            times = {each.ref: each.times + 1 for each in mailbox.left(writing, at, node, refs)}
            mailbox.leave(
                writing,
                [
                    Left(
                        mailbox=at,
                        to_node=node,
                        kind=each.kind,
                        ref=each.ref,
                        times=(often := times.get(each.ref, 0)),
                        again_at=now + (AGAIN_MILLIS << min(often, DOUBLINGS)),
                    )
                    for each in rows
                    if each.kind != outbox.Item.DELIVERED
                ],
            )

        house.store.write(work)

    def _note(self, at: NodeId, failed: ComityError | None, spoiled: int) -> None:
        before = last_visit(self._house, at)
        made = Visit(
            at=self._house.millis(),
            code=failed.cause if failed else "",
            spoiled=before.spoiled + spoiled,
        )
        _keep(self._house, VISITS, at, canonical.encode(made))

    def _claim(self, at: NodeId) -> bool:
        now = self._house.millis()
        return self._house.store.write(
            lambda w: leases.claim(w, f"mailbox/{at}", self._owner, now, now + LEASE_MILLIS)
        )

    def _let_go(self, at: NodeId) -> None:
        self._house.store.write(lambda w: leases.let_go(w, f"mailbox/{at}", self._owner))


def _keep(house: House, room: str, name: str, body: bytes) -> None:
    locked = house.vault.lock(body, _place(room, name))
    row = housed.Housed(room=room, name=name, body=locked, at=house.millis())
    house.store.write(lambda w: housed.put(w, [row]))


def _told(reading: Reading, house: House, room: str, name: str) -> bytes:
    """Return what is kept in *room* under *name*; nothing if nothing is."""
    rows = housed.get(reading, room, [name])
    return house.vault.open(rows[0].body, _place(room, name)) if rows else b""


def _place(room: str, name: str) -> str:
    return f"{room}/{name}"
