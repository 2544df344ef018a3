# SPDX-License-Identifier: Apache-2.0
"""A node: the one place where everything is put together.

A node is a value and any number live in one process, which is how the tests and the demo run three
countries on one machine. ``serving`` starts the threads: peers are answered by cheroot, parcels go
out by the courier, and the clock's duties are done; all of it with the house key alone and with no
officer's passphrase.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, Self

from comity.carriers.engines import engine_of
from comity.carriers.http import COVERED_LIMIT, LOOPBACK, HttpCarrier, peer_routes
from comity.carriers.mailbox import HttpMailbox, mailbox_routes
from comity.carriers.nudges import outlets_of
from comity.carriers.server import PeerServer
from comity.crypto.signing import VerifyingKey, verifying_key
from comity.domain.ids import NodeId, Random
from comity.domain.time import Clock
from comity.errors import ComityError, Misused, NotForUs
from comity.services import duties, mailbox, nudge, replayed_requests
from comity.services.address_book import read_book
from comity.services.closed import check_open
from comity.services.courier import Courier
from comity.services.engine_settings import read_engine
from comity.services.epochs import sign_in
from comity.services.home import close, open_
from comity.services.house import House
from comity.services.nudge import Outlets
from comity.services.nudge_settings import read_settings
from comity.services.ports import Carrier, Engine, Mailbox
from comity.services.postman import Postman
from comity.services.seat import Seat
from comity.storage import nonces

DUTY_SECONDS: Final = 30.0
NUDGE_SECONDS: Final = 60.0


class Node:
    """An open house with its courier and its carrier."""

    def __init__(
        self, house: House, carrier: Carrier | None = None, post: Mailbox | None = None
    ) -> None:
        self.house = house
        http = HttpCarrier(keys=lambda: house.keys.carriers, clock=house.clock, random=house.random)
        self.courier = Courier(house, carrier or http)
        self.postman = Postman(house, post or HttpMailbox(http))

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        ask_house: Callable[[], str],
        clock: Clock,
        random: Random = os.urandom,
        carrier: Carrier | None = None,
    ) -> Self:
        """Open the home at *path*; *ask_house* returns the house passphrase where one is needed."""
        return cls(open_(path, ask_house=ask_house, clock=clock, random=random), carrier)

    def seat(self, officer: str, passphrase: str) -> Seat:
        """Unlock *officer* and return his seat."""
        return Seat(unlocked=sign_in(self.house, officer, passphrase), house=self.house)

    @contextlib.contextmanager
    def serving(self, host: str, port: int) -> Iterator[str]:
        """Answer peers and carry until the block ends; yield the address that is served."""
        server = self._server(host, port)
        answering = threading.Thread(target=server.serve, name="peers", daemon=True)
        scheme = "http" if server.ssl_adapter is None else "https"
        answering.start()
        try:
            with self.carrying():
                yield f"{scheme}://{host}:{server.bind_addr[1]}"
        finally:
            server.stop()
            answering.join(timeout=10)

    @contextlib.contextmanager
    def carrying(self) -> Iterator[None]:
        """Carry, and do what is due, until the block ends; nobody is answered."""
        stop = threading.Event()
        threads = [
            threading.Thread(target=self.courier.run, args=(stop,), name="courier", daemon=True),
            threading.Thread(target=self.postman.run, args=(stop,), name="postman", daemon=True),
            threading.Thread(target=self._keep_duties, args=(stop,), name="duties", daemon=True),
            threading.Thread(target=self._keep_nudging, args=(stop,), name="nudges", daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(timeout=10)

    def deposit(self, file: bytes, sender: NodeId) -> None:
        """Keep *file* in the mailbox here; whoever signed says in it which node he is."""
        mailbox.deposit(self.house, file, read_book(self.house).sharing(sender))

    def collect(self, said: bytes, sender: NodeId) -> bytes:
        """Return the next file that the mailbox here keeps for who signed."""
        return mailbox.collect(self.house, said, read_book(self.house).sharing(sender))

    def close(self) -> None:
        close(self.house)

    def _server(self, host: str, port: int) -> PeerServer:
        house = self.house
        app = peer_routes(
            node=house.keys.node,
            keys=lambda: house.keys.carriers,
            clock=house.clock,
            incoming=self._incoming,
            peers=self._peer,
            fresh=self._fresh,
            replayed=partial(replayed_requests.note, self.house),
            also=mailbox_routes(self.deposit, self.collect),
        )
        tls = None if host in LOOPBACK else self._bundles
        server = PeerServer((host, port), app, limit=COVERED_LIMIT, tls=tls)
        try:
            server.prepare()
        except OSError:
            if server.socket is not None:  # bound, and another was the first to listen there
                server.socket.close()
            raise Misused("port", port=port) from None
        return server

    def _bundles(self) -> tuple[bytes, ...]:
        read_book(self.house)  # another process may have changed our keys since
        return (self.house.keys.tls, *self.house.keys.former_tls)

    def _peer(self, key_id: str) -> tuple[NodeId, VerifyingKey] | None:
        entry = read_book(self.house).by_carrier(key_id)
        return None if entry is None else (entry.node, verifying_key(entry.carrier))

    def _incoming(self, parcel: bytes, node: NodeId) -> bytes:
        """Take in what came over the channel of *node*'s carrier key, and return the answer.

        Another peer may have certified that key as its own, or *node* may be that other peer's. Who
        signed has the key, and says in the parcel which of these nodes it is from.
        """
        check_open(self.house.home)  # closed since: nobody is told more than that it is
        *others, last = read_book(self.house).sharing(node)
        for each in others:
            try:
                return self.courier.incoming(parcel, each)
            except NotForUs:
                continue
        return self.courier.incoming(parcel, last)

    def _fresh(self, key_id: str, nonce: str) -> None:
        heard = nonces.Nonce(nonce=f"{key_id}/{nonce}", at=self.house.millis())
        self.house.store.write(lambda w: nonces.add(w, [heard]))

    def outlets(self) -> Outlets:
        """Return by what this server nudges its officers, as its operator set it up."""
        return outlets_of(read_settings(self.house), self.house.clock)

    def engine(self) -> Engine | None:
        """Return by what this server translates free text; None where nothing was set up."""
        return engine_of(read_engine(self.house))

    def _keep_nudging(self, stop: threading.Event) -> None:
        # In a thread of its own: a mail server that is slow holds up nobody but the next nudge.
        while not stop.wait(NUDGE_SECONDS):
            with contextlib.suppress(ComityError):
                nudge.look(self.house, self.courier.owner, self.outlets())

    def _keep_duties(self, stop: threading.Event) -> None:
        while True:
            with contextlib.suppress(ComityError):  # it is looked at again in half a minute
                duties.look(self.house, self.courier.owner)
            if stop.wait(DUTY_SECONDS):
                return
