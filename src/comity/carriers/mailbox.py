# SPDX-License-Identifier: Apache-2.0
"""Mailboxes over HTTP: leaving and collecting, and the routes of who keeps one.

Both are signed as parcels are, request and answer; the routes stand beside ``/parcels`` and are
heard by the same rules.
"""

from collections.abc import Callable
from typing import Final

import flask

from comity.carriers.http import Channel, HttpCarrier
from comity.domain.ids import NodeId
from comity.services.mailbox import FILE_LIMIT
from comity.services.ports import Destination

DEPOSITS: Final = "/mailbox/deposits"
COLLECTIONS: Final = "/mailbox/collections"
MEDIA: Final = "application/vnd.comity.carry"
JSON: Final = "application/json"
SAID_LIMIT: Final = 32 * 1024


class HttpMailbox:
    """The client, by the pinned pools of the carrier."""

    def __init__(self, carrier: HttpCarrier) -> None:
        self._carrier = carrier

    def leave(self, at: Destination, file: bytes) -> None:
        """Leave *file* at the mailbox; raise Unreachable if it does not take it."""
        self._carrier.post(at, DEPOSITS, file, media=MEDIA)

    def collect(self, at: Destination, said: bytes) -> bytes:
        """Return the next file that waits there, empty if none does; *said* confirms what came."""
        return self._carrier.post(at, COLLECTIONS, said, media=JSON, limit=FILE_LIMIT)


Take = Callable[[bytes, NodeId], object]
Give = Callable[[bytes, NodeId], bytes]


def mailbox_routes(take: Take, give: Give) -> Callable[[flask.Flask, Channel], None]:
    """Return what gives an application the routes of a mailbox that takes and gives so."""

    def add(app: flask.Flask, channel: Channel) -> None:
        @app.post(DEPOSITS)
        def deposits() -> flask.Response:
            received = channel.receive(FILE_LIMIT)
            take(received.body, received.sender)
            return channel.answer(received, b"", media=MEDIA)

        @app.post(COLLECTIONS)
        def collections() -> flask.Response:
            received = channel.receive(SAID_LIMIT)
            return channel.answer(received, give(received.body, received.sender), media=MEDIA)

    return add
