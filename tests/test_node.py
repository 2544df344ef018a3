# SPDX-License-Identifier: Apache-2.0
"""A node as it serves: over real HTTP and TLS on this machine, and what it says when it cannot."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import urllib3
from tests.services.settle import PASSPHRASE, Settled, befriend, settle

from comity import node
from comity.carriers.http import BODY_LIMIT, MEDIA, PATH, HttpCarrier
from comity.carriers.server import PeerServer
from comity.carriers.signed_http import Message, sign_request
from comity.cli.play import PROGRAM, free_port
from comity.crypto.signing import SigningKey
from comity.domain.ids import ThreadId, mint
from comity.domain.standing import SuspendCode
from comity.domain.time import Clock
from comity.errors import Locked, Misused, Unreachable
from comity.node import Node
from comity.services import deliver, home, replayed_requests, suspend
from comity.services.address_book import read_book
from comity.services.ask import Question
from comity.services.seat import Seat
from comity.services.thread import OpenThread
from comity.storage import meta, receipts

SECURE = "127.0.0.2"
"""Loopback too, but not by a name that may be spoken to without TLS."""
hosts = pytest.mark.allow_hosts(["127.0.0.1", SECURE])


def now() -> datetime:
    return datetime.now(UTC)


def before() -> datetime:
    """Return a moment at which even a clock that runs a day behind was not yet."""
    return now() - timedelta(days=3)


Template = tuple[Path, dict[str, Settled], list[int]]


@dataclass(slots=True)
class Here:
    """One country's node, its port and its people."""

    node: Node
    port: int
    host: str
    settled: Settled

    def ask(self, to: str) -> ThreadId:
        return (
            self._seat()
            .ask(Question(to=to, kind="phone", ref="MSA/114", fields={"number": ("+84900000000",)}))
            .thread
        )

    def thread(self, thread: ThreadId) -> OpenThread:
        return self._seat().thread(thread)

    def stages(self, thread: ThreadId) -> set[str]:
        return {each.stage.value for each in self.thread(thread).thread.receipts}

    def _seat(self) -> Seat:
        return self.node.seat(self.settled.people["investigator"], PASSPHRASE)


@pytest.fixture(scope="session")
def template(
    tmp_path_factory: pytest.TempPathFactory,
) -> Template:
    """Make Kenya's node, and Viet Nam's that is reached by TLS; once a worker."""
    path, ports = tmp_path_factory.mktemp("nodes"), [free_port(), free_port()]
    made = {
        "KE": settle(path, "KE", clock=before, address=f"http://127.0.0.1:{ports[0]}"),
        "VN": settle(path, "VN", clock=before, address=f"https://{SECURE}:{ports[1]}"),
    }
    befriend(made["KE"], made["VN"])
    for each in made.values():
        home.close(each.house)
    return path, made, ports


@pytest.fixture
def both(template: Template, tmp_path: Path) -> Iterator[tuple[Here, Here]]:
    with opened(template, tmp_path) as (ke, vn):
        yield ke, vn


@contextmanager
def opened(template: Template, path: Path, clock: Clock = now) -> Iterator[tuple[Here, Here]]:
    """Open both homes anew from the *template*; Viet Nam's clock may be another."""
    source, made, ports = template
    here = []
    with ExitStack() as stack:
        for (country, settled), port, host, hour in zip(
            made.items(), ports, ("127.0.0.1", SECURE), (now, clock), strict=True
        ):
            place = path / country
            shutil.copytree(source / country.lower(), place)
            node = Node.open(place, ask_house=str, clock=hour)
            stack.callback(node.close)
            again = replace(settled, house=node.house)
            here.append(Here(node=node, port=port, host=host, settled=again))
        yield here[0], here[1]


def soon(holds: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


# Serving.


@hosts
def test_two_nodes_exchange_by_themselves_one_by_tls_and_one_in_the_plain(
    both: tuple[Here, Here],
) -> None:
    ke, vn = both
    with ke.node.serving(ke.host, ke.port) as here, vn.node.serving(vn.host, vn.port) as there:
        assert here == f"http://127.0.0.1:{ke.port}"
        assert there == f"https://{SECURE}:{vn.port}"
        asked = ke.ask("VN/Anti-smuggling desk")
        told = vn.ask("KE/Operations desk")

        soon(lambda: "proven" in ke.stages(asked))
        soon(lambda: "proven" in vn.stages(told))
        assert vn.thread(asked).thread.request is not None
        assert ke.thread(told).thread.request is not None


@hosts
def test_a_server_with_another_tls_key_is_not_spoken_to(both: tuple[Here, Here]) -> None:
    ke, vn = both
    ke.ask("VN/Anti-smuggling desk")

    with ke.node.serving(SECURE, vn.port), pytest.raises(Unreachable):  # in Viet Nam's place
        ke.node.courier.exchange(vn.node.house.keys.node)

    with vn.node.house.store.read() as reading:
        assert receipts.evidence(reading) == ()


@hosts
def test_where_tls_is_spoken_nothing_is_answered_in_the_plain(both: tuple[Here, Here]) -> None:
    _, vn = both
    url = f"http://{SECURE}:{vn.port}{PATH}"

    with vn.node.serving(vn.host, vn.port):
        try:
            status = urllib3.request("POST", url, body=b"x", retries=False, timeout=5).status
        except urllib3.exceptions.HTTPError:
            status = 0

    assert status in (0, 400)


def test_a_port_is_free_again_when_serving_ends(both: tuple[Here, Here]) -> None:
    ke, _ = both
    for _ in range(2):
        with (
            ke.node.serving("127.0.0.1", ke.port),
            socket.create_connection(("127.0.0.1", ke.port)),
        ):
            pass
        with pytest.raises(OSError, match=r"refused"):
            socket.create_connection(("127.0.0.1", ke.port), timeout=2)


def test_any_free_port_is_taken_and_told(both: tuple[Here, Here]) -> None:
    ke, _ = both
    with ke.node.serving("127.0.0.1", 0) as address:
        assert int(address.rpartition(":")[2]) > 0


def test_a_port_that_is_taken_is_told(both: tuple[Here, Here]) -> None:
    ke, vn = both
    with (
        ke.node.serving("127.0.0.1", ke.port),
        pytest.raises(Misused) as refused,
        vn.node.serving("127.0.0.1", ke.port),
    ):
        pass
    assert refused.value.cause == "usage.port"
    assert refused.value.values == {"port": ke.port}


def test_a_name_that_is_not_this_machines_is_told(both: tuple[Here, Here]) -> None:
    with pytest.raises(Misused, match=r"usage\.port"), both[0].node.serving("192.0.2.1", 0):
        pass


def test_a_port_at_which_another_is_the_first_to_listen_is_let_go(
    both: tuple[Here, Here], monkeypatch: pytest.MonkeyPatch
) -> None:
    ke, _ = both
    rival = socket.socket()
    rival.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    rival.bind(("127.0.0.1", ke.port))
    bound = []

    class Overtaken(PeerServer):
        def bind(self, *how: int) -> socket.socket:
            sock: socket.socket = super().bind(*how)
            bound.append(sock)
            rival.listen()
            return sock

    monkeypatch.setattr(node, "PeerServer", Overtaken)
    with (
        rival,
        pytest.raises(Misused, match=r"usage\.port"),
        ke.node.serving("127.0.0.1", ke.port),
    ):
        pass

    assert [each.fileno() for each in bound] == [-1]


def test_duties_are_done_while_it_serves(both: tuple[Here, Here]) -> None:
    ke, _ = both
    with ke.node.serving("127.0.0.1", ke.port):
        soon(lambda: signed(ke))


def signed(here: Here) -> bool:
    with here.node.house.store.read() as reading:
        return "quantum-signed-at" in meta.get(reading, ["quantum-signed-at"])


# Who may call.


def post(here: Here, body: bytes, headers: dict[str, str]) -> int:
    url = f"http://127.0.0.1:{here.port}{PATH}"
    return urllib3.request("POST", url, body=body, headers=headers, retries=False).status


def call(here: Here, body: bytes, key: SigningKey, to: str) -> dict[str, str]:
    url = f"http://127.0.0.1:{here.port}{PATH}"
    message = Message(method="POST", url=url, headers={"Content-Type": MEDIA})
    sign_request(
        message, body, key=key, to=to, at=now().replace(microsecond=0), nonce=mint(os.urandom)
    )
    return dict(message.headers)


def test_a_call_that_is_played_again_is_refused_and_changes_nothing(
    both: tuple[Here, Here],
) -> None:
    ke, vn = both
    sealed = parcel(vn, ke)
    headers = call(ke, sealed, vn.node.house.keys.carrier, ke.node.house.keys.node)
    with ke.node.serving("127.0.0.1", ke.port):
        first = post(ke, sealed, headers)
        before = ke.node.house.store.head()

        again = [post(ke, sealed, headers) for _ in range(3)]

    assert (first, again) == (200, [400, 400, 400])
    assert ke.node.house.store.head() == before


def test_whoever_plays_a_call_again_cannot_frame_who_signed_it(both: tuple[Here, Here]) -> None:
    """On loopback http is plain: what a program in the middle heard, it can send as often."""
    ke, vn = both
    sealed = parcel(vn, ke)
    headers = call(ke, sealed, vn.node.house.keys.carrier, ke.node.house.keys.node)
    with ke.node.serving("127.0.0.1", ke.port):
        post(ke, sealed, headers)
        for _ in range(12):
            post(ke, sealed, headers)

    # Nothing is held against Viet Nam; the operator sees how often, and from where.
    card = read_book(ke.node.house).agency(vn.settled.agency)
    assert (card.standing.marks, card.standing.held, card.suspended) == ((), "", False)
    [told] = replayed_requests.seen(ke.node.house)
    assert (told.address, told.count) == ("127.0.0.1", 12)
    assert told.node == vn.node.house.keys.node


def test_of_replays_no_more_addresses_are_kept_than_can_be_looked_at(
    both: tuple[Here, Here],
) -> None:
    ke, vn = both
    other = vn.node.house.keys.node
    for number in range(replayed_requests.MOST + 8):
        replayed_requests.note(ke.node.house, other, f"192.0.2.{number}")
    replayed_requests.note(ke.node.house, other, "x" * 1000)

    told = replayed_requests.seen(ke.node.house)

    assert len(told) == replayed_requests.MOST
    assert told[0].address == "x" * replayed_requests.ADDRESS_LIMIT
    assert "192.0.2.0" not in {each.address for each in told}


def parcel(sender: Here, to: Here) -> bytes:
    sender.ask("KE/Operations desk")
    return deliver.make(sender.node.house, to.node.house.keys.node, owner="x").sealed


def test_strangers_and_letters_for_others_are_turned_away(both: tuple[Here, Here]) -> None:
    ke, vn = both
    body, key, own = b"nothing", vn.node.house.keys.carrier, ke.node.house.keys.node
    with ke.node.serving("127.0.0.1", ke.port):
        stranger = post(ke, body, call(ke, body, SigningKey(b"k" * 32), own))
        elsewhere = post(ke, body, call(ke, body, key, vn.node.house.keys.node))
        nonsense = post(ke, body, call(ke, body, key, own))
        unsigned = post(ke, body, {"Content-Type": MEDIA})
        large = bytes(BODY_LIMIT + 1)
        oversized = post(ke, large, call(ke, large, key, own))

    assert (stranger, elsewhere, nonsense, unsigned, oversized) == (403, 403, 400, 403, 413)
    with ke.node.house.store.read() as reading:
        assert receipts.evidence(reading) == ()


def test_somebody_suspended_is_a_stranger(both: tuple[Here, Here]) -> None:
    ke, vn = both
    suspend.suspend(ke.node.house, vn.settled.agency, code=SuspendCode.OTHER, by="A. Mwangi")
    body = b"nothing"
    with ke.node.serving("127.0.0.1", ke.port):
        key, own = vn.node.house.keys.carrier, ke.node.house.keys.node

        assert post(ke, body, call(ke, body, key, own)) == 403


# Clocks.


@hosts
@pytest.mark.parametrize("days", [-1, 1])
def test_nodes_whose_clocks_are_a_day_apart_exchange_over_http_and_show_both_times(
    template: Template, tmp_path: Path, days: int
) -> None:
    with opened(template, tmp_path, clock=lambda: now() + timedelta(days=days)) as (ke, vn):
        with ke.node.serving(ke.host, ke.port), vn.node.serving(vn.host, vn.port):
            asked = ke.ask("VN/Anti-smuggling desk")
            soon(lambda: "delivered" in ke.stages(asked))

            [apart] = ke.thread(asked).apart
            there = vn.thread(asked)

        assert abs((apart.theirs - apart.ours) - timedelta(days=days)) < timedelta(minutes=1)
        assert there.thread.request is not None
        assert there.mistrusted == ()


# The house key.


def locked_home(path: Path) -> Path:
    """Make a practice home whose key waits for its operator."""
    made = home.create(
        path / "locked",
        key_home="prompt",
        ask_house=lambda: "the house is shut",
        clock=now,
        practice=True,
    )
    home.close(made)
    return path / "locked"


def test_a_node_whose_key_waits_for_its_operator_does_not_open_without_him(tmp_path: Path) -> None:
    path = locked_home(tmp_path)

    with pytest.raises(Locked):
        Node.open(path, ask_house=str, clock=now)
    with pytest.raises(Locked, match=r"passphrase"):
        Node.open(path, ask_house=lambda: "another passphrase", clock=now)
    node = Node.open(path, ask_house=lambda: "the house is shut", clock=now)

    assert read_book(node.house).own == ()
    node.close()


SPAWN = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"


def test_serve_waits_for_the_operator_says_so_and_begins_when_he_has_come(tmp_path: Path) -> None:
    path, port = locked_home(tmp_path), free_port()
    serve = [sys.executable, *PROGRAM, "serve", "--port", str(port), "--home", str(path)]
    process = subprocess.Popen(
        [sys.executable, "-c", SPAWN, *serve],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdin is not None
    try:
        said = until(process, b"Passphrase of this server: ")
        assert b"waits for its passphrase" in said
        with pytest.raises(OSError, match=r"refused"):
            socket.create_connection(("127.0.0.1", port), timeout=2)
        process.stdin.write(b"not this one\n")
        process.stdin.flush()
        assert b"not the right one" in until(process, b"Passphrase of this server: ")

        process.stdin.write(b"the house is shut\n")
        process.stdin.flush()

        assert f"http://127.0.0.1:{port}".encode() in until(process, b"Ctrl-C")
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        process.stdin.write(b"\x03")
        process.stdin.flush()
        assert b"stopped" in until(process, b"kept")
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()


def until(process: "subprocess.Popen[bytes]", ending: bytes) -> bytes:
    """Return what *process* says up to *ending*."""
    assert process.stdout is not None
    said = b""
    while ending not in said:
        more = process.stdout.read1(4096)  # type: ignore[attr-defined]
        assert more, said
        said += more
    return said


def test_serve_without_anybody_to_ask_ends_with_a_clear_word(tmp_path: Path) -> None:
    path = locked_home(tmp_path)
    serve = [sys.executable, *PROGRAM, "serve", "--port", "0", "--home", str(path), "--json"]

    done = subprocess.run(
        serve,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
        start_new_session=True,
    )

    assert done.returncode in (2, 4)
    assert b"waits for its passphrase" in done.stderr
    assert b"passphrase" in done.stdout


def test_a_carrier_of_ones_own_may_be_given(both: tuple[Here, Here]) -> None:
    ke, _ = both
    carrier = HttpCarrier(keys=lambda: ke.node.house.keys.carriers, clock=now, random=os.urandom)

    assert Node(ke.node.house, carrier).courier.owner != ke.node.courier.owner
