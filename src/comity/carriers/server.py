# SPDX-License-Identifier: Apache-2.0
"""The server that peers call: a caller who is slow loses his place, a stranger first of all.

A thread is held by whoever sends. So each request has an end that no dripping moves, the TLS
handshake counts towards it and is done by the caller's own thread, and of those who have not yet
proved who they are only so many are kept: one more, and who has waited longest at the address with
the most of them has to go. A peer proves itself by its headers, which arrive at once, and has a
place from then on, to be given up if its body comes slower than the slowest line that we serve.
"""

import logging
import os
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socket import SHUT_RDWR, socket
from typing import Any, Final

import flask
from cheroot.makefile import MakeFile
from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from comity.crypto.tls import spki_pin

STRANGERS: Final = 32
"""Callers that have not proved who they are, at most."""
THREADS: Final = STRANGERS + 16
"""Each holds one parcel of at most 1 MiB: strangers never take the last of them."""
BODIES: Final = 4
"""Requests of one peer that are read or answered at once."""
HEAD_SECONDS: Final = 5.0
"""For the handshake and the headers, together."""
GRACE_SECONDS: Final = 10.0
SLOWEST: Final = 8 * 1024
"""Bytes a second, after that grace: a satellite link that several ministries share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much time callers get, and how many requests one of them has at once."""

    head: float
    grace: float
    slowest: int
    bodies: int

    def seconds(self, size: int) -> float:
        """Return how long *size* bytes may take."""
        return self.grace + size / self.slowest


def peers() -> Pace:
    """Return the pace of servers, which have a line."""
    return Pace(head=HEAD_SECONDS, grace=GRACE_SECONDS, slowest=SLOWEST, bodies=BODIES)


HEADERS_LIMIT: Final = 16 * 1024
CALLER: Final = "comity.caller"
"""Where the application finds the ``Caller`` in its environment."""
Bundles = Callable[[], Sequence[bytes]]
"""Return the TLS keys of a server with their certificates (PEM), the newest first."""
_LABEL: Final = 32
"""Characters of a pin in a server name: a label has at most 63 (RFC 1035 §2.3.4)."""
_REFUSED: Final = 400
_LAST_WORDS: Final = 0.2
"""Seconds in which a caller whose time is up can still be told so."""

_log = logging.getLogger("comity.server")


class Clocked:
    """A socket whose every wait ends at one moment, however much arrives in between."""

    def __init__(self, sock: socket, seconds: float) -> None:
        self._sock = sock
        self._end = 0.0
        self.allow(seconds)

    def allow(self, seconds: float) -> None:
        """Let what begins now take so many *seconds*."""
        self._end = time.monotonic() + seconds

    def recv_into(self, buffer: memoryview) -> int:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        return self._sock.recv_into(buffer)

    def send(self, data: bytes) -> int:
        self._sock.settimeout(max(_LAST_WORDS, self._end - time.monotonic()))
        return self._sock.send(data)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever a socket has
        return getattr(self._sock, name)


class Caller:
    """Who is at the other end of one connection, as far as the server has to know."""

    def __init__(self, connection: "_Connection", door: "Door") -> None:
        self._connection = connection
        self._door = door

    def known(self, peer: str, size: int) -> bool:
        """Let *peer*, which has proved itself, send a body of *size*; return whether it may."""
        if not self._door.let_in(self._connection, peer):
            return False
        self.heard(size)
        return True

    def heard(self, size: int) -> None:
        """Let a stranger send a body of *size*: he stays one, and goes when another needs room."""
        self._connection.clocked.allow(self._connection.server.pace.seconds(size))

    def answered(self, size: int) -> None:
        """Let an answer of *size* bytes go out."""
        self.heard(size)


class Door:
    """Who is being listened to: strangers in the order in which they came, and peers by name."""

    def __init__(self, bodies: int) -> None:
        self._bodies = bodies
        self._strangers: dict[_Connection, None] = {}
        self._inside: dict[_Connection, str] = {}
        self._lock = threading.Lock()

    def knock(self, connection: "_Connection") -> None:
        """Take in one caller more; if they are too many, another has to go."""
        with self._lock:
            self._strangers[connection] = None
            one_too_many = self._unlucky() if len(self._strangers) > STRANGERS else None
            if one_too_many is not None:
                del self._strangers[one_too_many]
        if one_too_many is not None:
            one_too_many.hang_up()

    def let_in(self, connection: "_Connection", peer: str) -> bool:
        """Give *peer* a place among those that are known, unless it has as many as it may."""
        with self._lock:
            if connection not in self._strangers:
                return False  # it was sent away meanwhile
            if Counter(self._inside.values())[peer] >= self._bodies:
                return False
            del self._strangers[connection]
            self._inside[connection] = peer
            return True

    def leave(self, connection: "_Connection") -> None:
        with self._lock:
            self._strangers.pop(connection, None)
            self._inside.pop(connection, None)

    def _unlucky(self) -> "_Connection":
        """Return the stranger who came first from the address from which most came."""
        places = Counter(each.remote_addr for each in self._strangers)
        most = max(places.values())
        return next(each for each in self._strangers if places[each.remote_addr] == most)


class _Request(HTTPRequest):
    def send_headers(self) -> None:
        if int(self.status[:3]) >= _REFUSED:
            # Otherwise the server would read the body to its end before it says no.
            self.close_connection = True
            self.outheaders.append((b"Connection", b"close"))
        super().send_headers()


class _Connection(HTTPConnection):
    RequestHandlerClass = _Request
    server: "PeerServer"

    def __init__(
        self, server: "PeerServer", sock: socket, makefile: Callable[..., object] = MakeFile
    ) -> None:
        self.clocked = Clocked(sock, server.pace.head)
        super().__init__(server, self.clocked, makefile)

    def communicate(self) -> bool:
        self.clocked.allow(self.server.pace.head)
        self.ssl_env = {**(self.ssl_env or {}), CALLER: Caller(self, self.server.door)}
        try:
            return bool(super().communicate())  # type: ignore[no-untyped-call]
        finally:
            self.server.door.leave(self)

    def hang_up(self) -> None:
        """End it from another thread: whoever reads from it is told that nothing comes."""
        with suppress(OSError):
            self.clocked.shutdown(SHUT_RDWR)


class PeerServer(Server):
    """Cheroot, with a door; it speaks TLS 1.3 alone where *tls* has a key and certificate."""

    ConnectionClass = _Connection
    expiration_interval = 0.1
    """Seconds in which it notices that it is to end; between, it looks whose time is over."""

    def __init__(
        self,
        place: tuple[str, int],
        app: flask.Flask,
        *,
        limit: int,
        tls: Bundles | None = None,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(
            place, app, numthreads=THREADS, server_name="peers", request_queue_size=128
        )
        self.pace = pace or peers()
        self.door = Door(self.pace.bodies)
        self.max_request_header_size = HEADERS_LIMIT
        self.max_request_body_size = limit
        if tls is not None:
            with in_memory(tls()[0]) as pem:
                self.ssl_adapter = _Tls(pem, pem)
            self.ssl_adapter.offer(tls)

    @staticmethod
    def bind_socket(socket_: socket, bind_addr: tuple[str, int]) -> socket:
        try:
            bound: socket = Server.bind_socket(socket_, bind_addr)  # type: ignore[no-untyped-call]
        except OSError:
            socket_.close()
            raise
        return bound

    def process_conn(self, conn: _Connection) -> None:
        self.door.knock(conn)
        super().process_conn(conn)

    def error_log(
        self,
        msg: str = "",
        level: int = logging.INFO,
        traceback: bool = False,  # noqa: FBT001, FBT002  # as the server calls it
    ) -> None:
        """Tell the operator of mistakes of ours; what strangers send is not for his terminal."""
        if level >= logging.ERROR:
            _log.error(msg, exc_info=traceback)


def server_name(pin: str) -> str:
    """Return by which name a caller that pins *pin* asks for that key (RFC 6066 §3)."""
    return f"{pin[:_LABEL]}.comity"


@contextmanager
def in_memory(pem: bytes) -> Iterator[str]:
    """Give *pem* a name from which OpenSSL reads it in memory, never on a disk."""
    descriptor = os.memfd_create("comity-tls", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, pem)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


class _Tls(BuiltinSSLAdapter):
    """TLS 1.3; the handshake waits for the thread that reads, so that nobody holds up the door.

    The key may change while the server runs. A caller says by a server name which one it pins, and
    gets that one as long as it is kept; any other gets the newest.
    """

    def __init__(self, certificate: str, private_key: str) -> None:
        super().__init__(certificate, private_key)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        self._contexts: dict[bytes, ssl.SSLContext] = {}
        self._bundles: Bundles = tuple

    def offer(self, bundles: Bundles) -> None:
        """Answer with whichever of *bundles* a caller asks for."""
        self._bundles = bundles
        self.context.sni_callback = self._choose

    def wrap(self, sock: socket) -> tuple[ssl.SSLSocket, dict[str, str]]:
        secured = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return secured, {"wsgi.url_scheme": "https", "HTTPS": "on"}

    def _choose(
        self, secured: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext
    ) -> None:
        bundles = self._bundles()
        asked = (e for e in bundles if server_name(spki_pin(_certificate(e)).hex()) == name)
        secured.context = self._context_of(next(asked, bundles[0]))

    def _context_of(self, bundle: bytes) -> ssl.SSLContext:
        found = self._contexts.get(bundle)
        if found is None:
            found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            found.minimum_version = ssl.TLSVersion.TLSv1_3
            with in_memory(bundle) as pem:
                found.load_cert_chain(pem)
            self._contexts[bundle] = found
        return found


def _certificate(bundle: bytes) -> bytes:
    """Return the certificate of a PEM bundle, whose key comes first."""
    begin = b"-----BEGIN CERTIFICATE-----"
    return begin + bundle.split(begin, 1)[1]
