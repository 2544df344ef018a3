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
from pathlib import Path
from typing import Final, Self

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from comity.carriers.http import LOOPBACK, HttpCarrier, peer_routes
from comity.crypto.signing import VerifyingKey, verifying_key
from comity.domain.ids import NodeId, Random
from comity.domain.time import Clock
from comity.errors import ComityError, Misused
from comity.services import duties
from comity.services.address_book import read_book
from comity.services.courier import Courier
from comity.services.home import close, open_
from comity.services.house import House
from comity.services.ports import Carrier
from comity.services.seat import Seat
from comity.services.unlock import unlock
from comity.storage import nonces

THREADS: Final = 8
"""Of the server; each holds one parcel of at most 1 MiB."""
DUTY_SECONDS: Final = 30.0


class Node:
    """An open house with its courier and its carrier."""

    def __init__(self, house: House, carrier: Carrier | None = None) -> None:
        self.house = house
        self.courier = Courier(
            house,
            carrier or HttpCarrier(key=house.keys.carrier, clock=house.clock, random=house.random),
        )

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
        return Seat(unlocked=unlock(self.house, officer, passphrase), house=self.house)

    @contextlib.contextmanager
    def serving(self, host: str, port: int) -> Iterator[str]:
        """Answer peers and carry until the block ends; yield the address that is served."""
        server = self._server(host, port)
        stop = threading.Event()
        threads = [
            threading.Thread(target=server.serve, name="peers", daemon=True),
            threading.Thread(target=self.courier.run, args=(stop,), name="courier", daemon=True),
            threading.Thread(target=self._keep_duties, args=(stop,), name="duties", daemon=True),
        ]
        for thread in threads:
            thread.start()
        scheme = "http" if server.ssl_adapter is None else "https"
        try:
            yield f"{scheme}://{host}:{server.bind_addr[1]}"
        finally:
            stop.set()
            server.stop()
            for thread in threads:
                thread.join(timeout=10)

    def close(self) -> None:
        close(self.house)

    def _server(self, host: str, port: int) -> Server:
        house = self.house
        app = peer_routes(
            node=house.keys.node,
            key=house.keys.carrier,
            clock=house.clock,
            incoming=self.courier.incoming,
            peers=self._peer,
            fresh=self._fresh,
        )
        server = Server((host, port), app, numthreads=THREADS, server_name="peers")
        if host not in LOOPBACK:
            server.ssl_adapter = _tls(house.keys.tls)
        try:
            server.prepare()
        except OSError:
            raise Misused("port", port=port) from None
        return server

    def _peer(self, key_id: str) -> tuple[NodeId, VerifyingKey] | None:
        entry = read_book(self.house).by_carrier(key_id)
        return None if entry is None else (entry.node, verifying_key(entry.carrier))

    def _fresh(self, key_id: str, nonce: str) -> None:
        heard = nonces.Nonce(nonce=f"{key_id}/{nonce}", at=self.house.millis())
        self.house.store.write(lambda w: nonces.add(w, [heard]))

    def _keep_duties(self, stop: threading.Event) -> None:
        while True:
            with contextlib.suppress(ComityError):  # it is looked at again in half a minute
                duties.look(self.house, self.courier.owner)
            if stop.wait(DUTY_SECONDS):
                return


def _tls(pem: bytes) -> BuiltinSSLAdapter:
    """Return an adapter with the key of *pem*, which OpenSSL reads from memory, never a disk."""
    descriptor = os.memfd_create("comity-tls", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, pem)
        path = f"/proc/self/fd/{descriptor}"
        return BuiltinSSLAdapter(path, path)
    finally:
        os.close(descriptor)
