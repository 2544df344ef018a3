# SPDX-License-Identifier: Apache-2.0
"""Slow callers on real sockets: a stranger who drips bytes holds nobody up, a peer not for long."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Self

import pytest
from tests.carriers.test_http import KE, NOW, VIETNAM, VN, Desk, carrier, peers, signed

from comity.carriers import http
from comity.carriers import server as peer_server
from comity.carriers.http import BODY_LIMIT, peer_routes
from comity.carriers.server import STRANGERS, Bundles, PeerServer
from comity.crypto.tls import TlsKey
from comity.errors import Malformed, Unreachable
from comity.services.ports import Destination

RANDOM = Random(9)
STRANGER = b"POST /parcels HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"


@contextmanager
def serving(desk: Desk, *, tls: Bundles | None = None) -> Iterator[int]:
    app = peer_routes(
        node=VN,
        keys=lambda: (VIETNAM,),
        clock=lambda: NOW,
        incoming=desk.incoming,
        peers=peers,
        fresh=desk.fresh,
    )
    server = PeerServer(("127.0.0.1", 0), app, limit=BODY_LIMIT, tls=tls)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server.bind_addr[1]
    finally:
        server.shutdown_timeout = 1
        server.stop()
        thread.join()


@dataclass
class Drippers:
    """Connections that send a byte every tenth of a second for as long as they may."""

    port: int
    open: list[socket.socket] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._drip)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._thread.join()
        for each in self.open:
            each.close()

    def come(self, count: int, first: bytes) -> None:
        for _ in range(count):
            each = socket.create_connection(("127.0.0.1", self.port), timeout=5)
            each.sendall(first)
            self.open.append(each)

    def _drip(self) -> None:
        while not self.over.wait(0.1):
            for each in list(self.open):
                try:
                    each.sendall(b"x")
                except OSError:
                    self.open.remove(each)
                    each.close()


def there(port: int) -> Destination:
    return Destination(
        node=VN, address=f"http://127.0.0.1:{port}", tls="", carrier=VIETNAM.public.raw
    )


def answer_to(data: bytes, port: int, seconds: float = 15) -> bytes:
    """Return the first line of what the server answers to *data*, which nothing follows."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as caller:
        caller.sendall(data)
        return caller.recv(1 << 12).partition(b"\r\n")[0]


def head(port: int, body: bytes, *, length: int | None = None) -> bytes:
    """Return the signed headers of a request with *body*, as they stand on the line."""
    headers = {"Host": f"127.0.0.1:{port}", **signed(f"http://127.0.0.1:{port}", body)}
    headers["Content-Length"] = str(len(body) if length is None else length)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /parcels HTTP/1.1\r\n{lines}\r\n".encode()


@pytest.mark.parametrize("first", [STRANGER, b"POST /parcels HTTP/1.1\r\nHost: ", b"P", b""])
def test_sixteen_dripping_strangers_keep_no_peer_out(first: bytes) -> None:
    with serving(Desk()) as port, Drippers(port) as drippers:
        drippers.come(16, first)
        time.sleep(0.3)

        began = time.monotonic()
        assert carrier().exchange(there(port), b"one") == b"answer to one"
        assert time.monotonic() - began < 3


def test_more_strangers_than_there_are_places_keep_no_peer_out() -> None:
    with serving(Desk()) as port, Drippers(port) as drippers:
        drippers.come(2 * STRANGERS, b"POST /par")

        began = time.monotonic()
        assert carrier().exchange(there(port), b"one") == b"answer to one"
        assert time.monotonic() - began < 3


def test_a_stranger_is_refused_before_his_body_is_read() -> None:
    with serving(Desk()) as port:
        assert b"403" in answer_to(STRANGER, port, seconds=3)


def test_headers_that_drip_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_server, "HEAD_SECONDS", 0.5)
    with serving(Desk()) as port, Drippers(port) as drippers:
        drippers.come(4, b"POST /parcels HTTP/1.1\r\nHost: ")
        time.sleep(1.5)

        assert not drippers.open


def test_a_body_that_drips_has_an_end_though_a_peer_sends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(peer_server, "GRACE_SECONDS", 0.5)
    desk = Desk()
    with serving(desk) as port, Drippers(port) as drippers:
        drippers.come(1, head(port, bytes(4000)))
        time.sleep(2)

        assert not drippers.open
        assert desk.seen == []


def test_a_slow_line_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half the body waits longer than headers may take."""
    monkeypatch.setattr(peer_server, "HEAD_SECONDS", 0.3)
    desk, body = Desk(), bytes(2000)
    with serving(desk) as port, socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
        peer.sendall(head(port, body) + body[:1000])
        time.sleep(0.8)
        peer.sendall(body[1000:])

        assert b"200" in peer.recv(1 << 12)
    assert desk.seen == [(body, KE)]


def test_one_peer_has_only_so_many_places() -> None:
    with serving(Desk()) as port, ExitStack() as stack:
        for _ in range(peer_server.BODIES):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            slow.sendall(head(port, b"never comes"))
        time.sleep(0.3)

        assert b"503" in answer_to(head(port, b"x") + b"x", port)


def test_a_body_of_unknown_length_is_refused() -> None:
    with serving(Desk()) as port:
        data = head(port, b"x").replace(b"Content-Length: 1", b"Transfer-Encoding: chunked")

        assert b"400" in answer_to(data + b"1\r\nx\r\n", port, seconds=3)


@pytest.fixture
def bundle() -> Bundles:
    key = TlsKey.generate(RANDOM.randbytes)
    made = key.bundle(key.certificate(VN, hosts=["127.0.0.1"], at=NOW, serial=1))
    return lambda: (made,)


@pytest.mark.parametrize(
    ("newest", "taken"), [(ssl.TLSVersion.TLSv1_2, False), (ssl.TLSVersion.TLSv1_3, True)]
)
def test_the_server_speaks_tls_1_3_and_nothing_older(
    newest: ssl.TLSVersion,
    taken: bool,  # noqa: FBT001
    bundle: Bundles,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = newest
    with serving(Desk(), tls=bundle) as port, socket.create_connection(("127.0.0.1", port)) as raw:
        if taken:
            with context.wrap_socket(raw) as secured:
                assert secured.version() == "TLSv1.3"
        else:
            with pytest.raises(ssl.SSLError):
                context.wrap_socket(raw)


def test_a_handshake_that_never_comes_holds_nobody_up(bundle: Bundles) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with serving(Desk(), tls=bundle) as port, Drippers(port) as drippers:
        drippers.come(16, b"\x16")

        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
            context.wrap_socket(raw).close()
        assert time.monotonic() - began < 3


# Slow answers.


@contextmanager
def dripping(first: bytes) -> Iterator[tuple[int, threading.Event]]:
    """A server that answers with *first* and a byte every twentieth of a second from then on.

    Yield its port, and what is set when the caller has hung up.
    """
    left = threading.Event()

    def answer() -> None:
        caller, _ = listener.accept()
        with caller:
            caller.recv(1 << 16)
            try:
                caller.sendall(first)
                while not left.wait(0.05):
                    caller.sendall(b"1")
            except OSError:
                left.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield listener.getsockname()[1], left
        finally:
            left.set()
            thread.join()


@pytest.mark.parametrize(
    "first",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nServer: ",
        b"HTTP/1.",
    ],
    ids=["body", "chunk", "close", "headers", "status"],
)
def test_an_answer_that_drips_has_an_end(first: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "ANSWER_SECONDS", 0.5)
    with dripping(first) as (port, left):
        began = time.monotonic()
        with pytest.raises(Unreachable):
            carrier().exchange(there(port), b"one")

        assert time.monotonic() - began < 3
        assert left.wait(3)


def test_a_slow_answer_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its peer thinks for longer than the grace of the line."""
    monkeypatch.setattr(http, "ANSWER_SECONDS", 3)

    def slowly(parcel: bytes) -> bytes:
        time.sleep(0.5)
        return bytes(BODY_LIMIT - len(parcel))

    with serving(Desk(answer=slowly)) as port:
        assert len(carrier().exchange(there(port), b"one")) == BODY_LIMIT - 3


def test_an_answer_over_the_limit_leaves_the_line_fit_for_the_next() -> None:
    desk, kenya = Desk(answer=lambda parcel: bytes(BODY_LIMIT) + parcel), carrier()
    with serving(desk) as port:
        with pytest.raises(Malformed):
            kenya.exchange(there(port), b"one")
        desk.answer = lambda parcel: parcel

        assert kenya.exchange(there(port), b"two") == b"two"
