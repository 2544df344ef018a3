# SPDX-License-Identifier: Apache-2.0
"""A telephone on a bad line is waited for; who only takes up room loses it."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
from tests.services.settle import PASSPHRASE
from tests.web.door import INVESTIGATOR, first_door, kenya
from tests.world import WorldNode

from comity.carriers import server as peer_server
from comity.carriers.server import STRANGERS, peers
from comity.web import serving
from comity.web.serving import PEOPLE, Place, serving_pages

__all__ = ["first_door", "kenya"]
HOST = "desk.localhost"


@contextlib.contextmanager
def line(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as opened:
        yield opened


@pytest.fixture
def port(kenya: WorldNode) -> Iterator[int]:
    with serving_pages(kenya.node, Place()) as address:
        yield int(address.rpartition(":")[2])


def posted(body: bytes, path: str = "/in", cookie: str = "", size: int | None = None) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nSec-Fetch-Site: same-origin\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body) if size is None else size}\r\n"
    )
    if cookie:
        head += f"Cookie: __Host-s={cookie}\r\n"
    return head.encode() + b"\r\n" + body


def answer(opened: socket.socket) -> bytes:
    """Return what comes until the other side has no more to say for now."""
    told = b""
    with contextlib.suppress(OSError):
        while b"\r\n\r\n" not in told:
            piece = opened.recv(65536)
            if not piece:
                break
            told += piece
    return told


def drip(opened: socket.socket, data: bytes, *, piece: int, seconds: float) -> bool:
    """Send *data* in pieces with a pause after each; return whether all of it went."""
    try:
        for at in range(0, len(data), piece):
            opened.sendall(data[at : at + piece])
            time.sleep(seconds)
    except OSError:
        return False
    return True


SIGN_IN = f"who={quote_from_bytes(INVESTIGATOR.encode())}&passphrase={PASSPHRASE}".encode()


def test_people_get_more_time_than_servers() -> None:
    assert PEOPLE.head >= 20
    assert PEOPLE.slowest <= 1024
    assert peers().head == peer_server.HEAD_SECONDS
    # A photograph of 100 kB at 64 kbit/s with two breaks of ten seconds.
    assert PEOPLE.seconds(100_000) > 100_000 / 8_000 + 20


@pytest.mark.slow
def test_a_telephone_that_sends_its_headers_for_ten_seconds_is_answered(port: int) -> None:
    request = f"GET / HTTP/1.1\r\nHost: {HOST}\r\nAccept-Language: fr\r\n\r\n".encode()

    with line(port) as phone:
        sent = drip(phone, request, piece=8, seconds=1.2)
        told = answer(phone)

    assert sent
    assert told.startswith(b"HTTP/1.1 200")


@pytest.mark.slow
def test_a_form_that_comes_slowly_is_taken(port: int) -> None:
    body = SIGN_IN + b"&more=" + b"x" * 2000

    with line(port) as phone:
        phone.sendall(posted(b"", size=len(body)))
        sent = drip(phone, body, piece=300, seconds=1)
        told = answer(phone)

    assert sent
    assert b"303" in told.partition(b"\r\n")[0]


@pytest.mark.slow
def test_who_only_holds_the_line_loses_it_and_the_others_are_served(
    kenya: WorldNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slowloris: more callers than there are places, each a byte at a time."""
    monkeypatch.setattr(serving, "PEOPLE", replace(PEOPLE, head=2.0, grace=2.0))
    with (
        serving_pages(kenya.node, Place()) as address,
        contextlib.ExitStack() as stack,
    ):
        port = int(address.rpartition(":")[2])
        slow = [stack.enter_context(line(port)) for _ in range(STRANGERS + 20)]
        for each in slow:
            with contextlib.suppress(OSError):
                each.sendall(b"GET / HTTP/1.1\r\nHost: ")
        begun = time.monotonic()
        honest = stack.enter_context(line(port))
        honest.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        told = answer(honest)
        took = time.monotonic() - begun
        time.sleep(max(0.0, 4 - took))
        left = sum(drip(each, b"x" * 4, piece=1, seconds=0.05) for each in slow[:10])

    assert told.startswith(b"HTTP/1.1 200")
    assert took < 3
    assert left == 0


@pytest.mark.slow
def test_a_body_that_stops_in_the_middle_is_not_waited_for(
    kenya: WorldNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PEOPLE", replace(PEOPLE, head=2.0, grace=1.0, slowest=100_000))
    with serving_pages(kenya.node, Place()) as address, line(int(address[-5:].strip(":"))) as one:
        one.sendall(posted(b"who=", size=5000))
        begun = time.monotonic()
        answer(one)

        assert time.monotonic() - begun < 5


@pytest.mark.parametrize("size", [300 * 1024, 1 << 30, 1 << 40])
def test_a_bomb_is_refused_by_its_size_before_it_is_read(port: int, size: int) -> None:
    with line(port) as one:
        one.sendall(posted(b"", size=size))
        begun = time.monotonic()
        told = answer(one)

    assert told.partition(b"\r\n")[0].split()[1] == b"413"
    assert time.monotonic() - begun < 5


def test_a_body_in_chunks_of_no_end_is_cut_off(port: int) -> None:
    head = posted(b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    sent = 0
    with line(port) as one:
        with contextlib.suppress(OSError):
            one.sendall(head)
            for _ in range(2000):
                one.sendall(chunk)
                sent += len(chunk)
        told = answer(one)

    assert sent < 100 << 20
    assert b"303" not in told.partition(b"\r\n")[0]


@pytest.mark.parametrize(
    "junk",
    [
        b"\x00" * 100 + b"\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET //evil.example/ HTTP/1.1\r\nHost: desk.localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST /in HTTP/1.1\r\nHost: desk.localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /in HTTP/1.1\r\nHost: desk.localhost\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: desk.localhost\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
    ],
)
def test_junk_on_the_line_is_refused(port: int, junk: bytes) -> None:
    with line(port) as one:
        one.sendall(junk)
        told = answer(one)

    status = told.partition(b"\r\n")[0]
    assert not status or b" 4" in status or b" 3" in status, told[:300]
    assert b"evil" not in told.partition(b"\r\n\r\n")[0] or b"Location" not in told


@pytest.mark.slow
def test_eight_at_once_are_let_in_one_after_the_other(port: int) -> None:
    told: list[bytes] = []
    people = ("investigator", "colleague", "supervisor", "administrator") * 2

    def enter(who: str) -> None:
        with line(port) as one:
            one.sendall(posted(f"who={who}%20KE&passphrase={PASSPHRASE}".encode()))
            told.append(answer(one).partition(b"\r\n")[0])

    callers = [threading.Thread(target=enter, args=(each,)) for each in people]
    for each in callers:
        each.start()
    for each in callers:
        each.join()

    assert [each.split()[1] for each in told] == [b"303"] * 8


def test_the_file_of_sessions_is_in_the_way_of_nothing(kenya: WorldNode, tmp_path: Path) -> None:
    """Neither the whole check nor a copy without it misses it, and nobody else reads it."""
    with serving_pages(kenya.node, Place()):
        place = kenya.house.home / "sessions.db"
        assert place.stat().st_mode & 0o077 == 0
        assert kenya.verify().sound
    backup = kenya.backup("backup")
    (backup / "sessions.db").unlink()

    kenya.restore(backup)

    assert kenya.verify().sound
