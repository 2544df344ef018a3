# SPDX-License-Identifier: Apache-2.0
"""Serving the pages: the server that peers call, with limits for people on a poor link.

It listens at a place of its own, so that a firewall may let peers in and keep the pages inside.
A phone at 64 kbit/s gets its time; who sends more slowly than that loses his place to another.
"""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from comity.carriers.http import LOOPBACK
from comity.carriers.server import Bundles, Pace, PeerServer
from comity.errors import ComityError, Misused
from comity.node import Node
from comity.services.sessions import open_sessions
from comity.web.app import close_pages, pages
from comity.web.visit import Desk

BODY_LIMIT: Final = 1 << 31
"""Bytes of the largest upload; each route has a limit of its own."""
PEOPLE: Final = Pace(head=20.0, grace=20.0, slowest=1024, bodies=8)
"""A telephone on a bad line: its headers may take as long as a page, its body a second a KiB."""
SWEEP_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the pages are served."""

    host: str = "127.0.0.1"
    port: int = 0
    names: frozenset[str] = field(default_factory=frozenset)
    """Host names by which browsers call it."""
    tls: Bundles | None = None
    own: bool = False


@contextlib.contextmanager
def serving_pages(node: Node, place: Place) -> Iterator[str]:
    """Serve the pages of *node* until the block ends; yield the address."""
    if place.tls is None and place.host not in LOOPBACK:
        # In clear only on this machine: behind a proxy that speaks TLS, or for its own browser.
        raise Misused("desk-clear")
    sessions = open_sessions(node.house)
    desk = Desk(node=node, sessions=sessions, names=place.names, own=place.own)
    app = pages(desk)
    server = PeerServer((place.host, place.port), app, limit=BODY_LIMIT, tls=place.tls, pace=PEOPLE)
    try:
        server.prepare()
    except OSError:
        raise Misused("port", port=place.port) from None
    stop = threading.Event()

    def sweep() -> None:
        while not stop.wait(SWEEP_SECONDS):
            with contextlib.suppress(ComityError):  # it is looked at again
                sessions.sweep()

    threads = [
        threading.Thread(target=server.serve, name="pages", daemon=True),
        threading.Thread(target=sweep, name="sessions", daemon=True),
    ]
    for each in threads:
        each.start()
    scheme = "http" if place.tls is None else "https"
    try:
        yield f"{scheme}://{place.host}:{server.bind_addr[1]}"
    finally:
        stop.set()
        server.stop()
        for each in threads:
            each.join(timeout=10)
        close_pages(app)
        sessions.close()
