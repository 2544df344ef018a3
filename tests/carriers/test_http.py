# SPDX-License-Identifier: Apache-2.0
"""Parcels over real HTTP on loopback: who may call, what an answer proves, what an attacker gets."""

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import urllib3

from comity.carriers.http import BODY_LIMIT, MEDIA, PATH, HttpCarrier, peer_routes
from comity.carriers.server import PeerServer
from comity.carriers.signed_http import Message, sign_request
from comity.crypto.signing import SigningKey, VerifyingKey
from comity.crypto.tls import TlsKey
from comity.domain.ids import NodeId, mint
from comity.errors import BadSignature, Busy, Malformed, Stale, Unreachable
from comity.services.ports import Destination

NOW = datetime(2026, 11, 23, 7, 40, tzinfo=UTC)
RANDOM = Random(7)
KENYA = SigningKey.from_seed(bytes([1]) * 32)
VIETNAM = SigningKey.from_seed(bytes([2]) * 32)
THIEF = SigningKey.from_seed(bytes([3]) * 32)
KE = NodeId(mint(RANDOM.randbytes))
VN = NodeId(mint(RANDOM.randbytes))


@dataclass
class Desk:
    """A node as far as HTTP sees it: what came in, and what it answers."""

    seen: list[tuple[bytes, NodeId]] = field(default_factory=list)
    nonces: set[tuple[str, str]] = field(default_factory=set)
    answer: Callable[[bytes], bytes] = lambda parcel: b"answer to " + parcel

    def incoming(self, parcel: bytes, sender: NodeId) -> bytes:
        self.seen.append((parcel, sender))
        return self.answer(parcel)

    def fresh(self, key_id: str, nonce: str) -> None:
        if (key_id, nonce) in self.nonces:
            raise Stale("nonce")
        self.nonces.add((key_id, nonce))


def peers(key_id: str) -> tuple[NodeId, VerifyingKey] | None:
    return (KE, KENYA.public) if key_id == KENYA.public.key_id else None


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    app = peer_routes(
        node=VN,
        keys=lambda: (VIETNAM,),
        clock=lambda: NOW,
        incoming=desk.incoming,
        peers=peers,
        fresh=desk.fresh,
    )
    server = PeerServer(("127.0.0.1", 0), app, limit=BODY_LIMIT)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield f"http://127.0.0.1:{server.bind_addr[1]}"
    server.stop()
    thread.join()


@pytest.fixture
def there(address: str) -> Destination:
    return Destination(node=VN, address=address, tls="", carrier=VIETNAM.public.raw)


def carrier(key: SigningKey = KENYA, at: datetime = NOW) -> HttpCarrier:
    return HttpCarrier(keys=lambda: (key,), clock=lambda: at, random=RANDOM.randbytes)


def post(address: str, body: bytes, headers: dict[str, str], method: str = "POST") -> int:
    answer = urllib3.request(method, address + PATH, body=body, headers=headers, retries=False)
    return answer.status


def signed(address: str, body: bytes, *, key: SigningKey = KENYA, to: str = VN) -> dict[str, str]:
    message = Message(method="POST", url=address + PATH, headers={"Content-Type": MEDIA})
    sign_request(message, body, key=key, to=to, at=NOW, nonce=mint(RANDOM.randbytes))
    return dict(message.headers)


def test_a_parcel_goes_there_and_its_answer_comes_back(desk: Desk, there: Destination) -> None:
    kenya = carrier()

    answers = [kenya.exchange(there, parcel) for parcel in (b"one", b"two")]

    assert answers == [b"answer to one", b"answer to two"]
    assert desk.seen == [(b"one", KE), (b"two", KE)]


def test_clocks_a_day_apart_still_talk(there: Destination) -> None:
    for days in (-1, 1):
        assert carrier(at=NOW + timedelta(days=days)).exchange(there, b"late") == b"answer to late"


def test_a_stranger_is_refused_and_learns_nothing(desk: Desk, there: Destination) -> None:
    with pytest.raises(Unreachable) as refused:
        carrier(THIEF).exchange(there, b"let me in")

    assert refused.value.values == {"status": 403}
    assert desk.seen == []


def test_a_replayed_request_is_refused(desk: Desk, address: str) -> None:
    headers = signed(address, b"once")

    first, second = (post(address, b"once", headers) for _ in range(2))

    assert (first, second) == (200, 400)
    assert len(desk.seen) == 1


def test_a_request_for_another_node_is_refused(desk: Desk, address: str) -> None:
    assert post(address, b"x", signed(address, b"x", to=KE)) == 403
    assert desk.seen == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda headers: {**headers, "comity-recipient": KE},
        lambda headers: {k: v for k, v in headers.items() if k != "Signature"},
        lambda headers: {k: v for k, v in headers.items() if k != "Content-Digest"},
        lambda headers: {**headers, "Signature": headers["Signature"].replace(":", ":AAAA", 1)},
        lambda headers: {**headers, "Signature-Input": "comity=();created=1"},
        lambda headers: {
            **headers,
            "Signature-Input": headers["Signature-Input"].replace("content-digest", "date"),
        },
    ],
)
def test_a_spoiled_request_is_refused(
    spoil: Callable[[dict[str, str]], dict[str, str]], desk: Desk, address: str
) -> None:
    assert post(address, b"x", spoil(signed(address, b"x"))) == 403
    assert desk.seen == []


def test_a_changed_body_is_refused(desk: Desk, address: str) -> None:
    assert post(address, b"changed", signed(address, b"signed")) == 403
    assert desk.seen == []


@pytest.mark.parametrize("nonce", ["", "short", "x" * 65])
def test_a_request_needs_a_nonce_of_some_length(nonce: str, desk: Desk, address: str) -> None:
    message = Message(method="POST", url=address + PATH, headers={})
    sign_request(message, b"x", key=KENYA, to=VN, at=NOW, nonce=nonce)

    assert post(address, b"x", dict(message.headers)) == 403
    assert desk.seen == []


def test_a_body_over_the_limit_is_not_read(desk: Desk, address: str) -> None:
    body = bytes(BODY_LIMIT + 1)

    assert post(address, body, signed(address, body)) == 413
    assert desk.seen == []


def test_other_methods_and_paths_do_not_exist(address: str) -> None:
    assert post(address, b"", {}, method="GET") == 405
    assert urllib3.request("POST", address + "/else", retries=False).status == 404


def test_a_node_that_waits_for_its_house_key_says_try_later(desk: Desk, there: Destination) -> None:
    def busy(parcel: bytes) -> bytes:
        raise Busy("waits", size=len(parcel))

    desk.answer = busy

    with pytest.raises(Unreachable) as refused:
        carrier().exchange(there, b"x")

    assert refused.value.values == {"status": 503}


def test_an_answer_signed_by_another_is_refused(there: Destination) -> None:
    with pytest.raises(BadSignature):
        carrier().exchange(replace(there, carrier=THIEF.public.raw), b"x")


def test_an_answer_over_the_limit_is_refused(desk: Desk, there: Destination) -> None:
    desk.answer = lambda _: bytes(BODY_LIMIT + 1)

    with pytest.raises(Malformed):
        carrier().exchange(there, b"x")


def test_an_answer_to_another_question_is_refused() -> None:
    """An eavesdropper answers the second question with the first one's signed answer."""
    recorded: list[bytes] = []
    app = peer_routes(
        node=VN,
        keys=lambda: (VIETNAM,),
        clock=lambda: NOW,
        incoming=lambda _parcel, _sender: b"same",
        peers=peers,
        fresh=lambda *_: None,
    )
    server = PeerServer(("127.0.0.1", 0), app, limit=BODY_LIMIT)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        with _replaying(server.bind_addr[1], recorded) as port:
            there = Destination(
                node=VN, address=f"http://127.0.0.1:{port}", tls="", carrier=VIETNAM.public.raw
            )
            assert carrier().exchange(there, b"first") == b"same"
            with pytest.raises(BadSignature):
                carrier().exchange(there, b"second")
    finally:
        server.stop()
        thread.join()


class _replaying:  # noqa: N801  # reads as a word in a `with`
    """A machine in the middle: passes the first exchange on, answers the rest from its memory."""

    def __init__(self, port: int, recorded: list[bytes]) -> None:
        self._port = port
        self._recorded = recorded
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> int:
        self._thread.start()
        return int(self._socket.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        for turn in itertools.count():
            if turn == 2:
                return
            caller, _ = self._socket.accept()
            with caller:
                asked = caller.recv(1 << 16)
                if b"\r\n\r\n" in asked and asked.endswith(b"\r\n\r\n"):
                    asked += caller.recv(1 << 16)
                if turn == 0:
                    self._recorded.append(self._pass_on(asked))
                caller.sendall(self._recorded[0])

    def _pass_on(self, asked: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self._port)) as there:
            there.sendall(asked.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            parts = []
            while part := there.recv(1 << 16):
                parts.append(part)
            return b"".join(parts)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9", "http://example.invalid:80", "https://127.0.0.1:9", "ftp://x", ""],
)
def test_a_peer_that_cannot_be_reached_safely_is_unreachable(address: str) -> None:
    there = Destination(node=VN, address=address, tls="", carrier=VIETNAM.public.raw)

    with pytest.raises(Unreachable):
        carrier().exchange(there, b"x")


@pytest.fixture
def secured(desk: Desk, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A node behind TLS: its address and the pin of its key."""
    key = TlsKey.generate(RANDOM.randbytes)
    bundle = tmp_path / "tls.pem"
    bundle.write_bytes(key.bundle(key.certificate(VN, hosts=["127.0.0.1"], at=NOW, serial=1)))
    app = peer_routes(
        node=VN,
        keys=lambda: (VIETNAM,),
        clock=lambda: NOW,
        incoming=desk.incoming,
        peers=peers,
        fresh=desk.fresh,
    )
    server = PeerServer(("127.0.0.1", 0), app, limit=BODY_LIMIT, tls=lambda: (bundle.read_bytes(),))
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield f"https://127.0.0.1:{server.bind_addr[1]}", key.pin.hex()
    server.stop()
    thread.join()


def test_a_pinned_peer_is_reached_over_tls(desk: Desk, secured: tuple[str, str]) -> None:
    there = Destination(node=VN, address=secured[0], tls=secured[1], carrier=VIETNAM.public.raw)

    assert carrier().exchange(there, b"sealed") == b"answer to sealed"
    assert desk.seen == [(b"sealed", KE)]


def test_another_tls_key_in_the_middle_sees_nothing(desk: Desk, secured: tuple[str, str]) -> None:
    there = Destination(node=VN, address=secured[0], tls="00" * 32, carrier=VIETNAM.public.raw)

    with pytest.raises(Unreachable):
        carrier().exchange(there, b"sealed")

    assert desk.seen == []
