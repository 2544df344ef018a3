# SPDX-License-Identifier: Apache-2.0
"""A mailbox over real HTTP between three servers: who may leave and collect, and what a stranger gets."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.carriers.test_http import KE, KENYA, NOW, THIEF, VIETNAM, VN, Desk, carrier, peers
from tests.services.scene import asked
from tests.services.settle import Settled, befriend, settle

from comity.carriers.http import COVERED_LIMIT, peer_routes
from comity.carriers.mailbox import COLLECTIONS, HttpMailbox, mailbox_routes
from comity.carriers.server import PeerServer
from comity.domain.ids import NodeId
from comity.errors import Malformed, NotForUs, Unreachable
from comity.node import Node
from comity.services import mailbox, postman
from comity.services.agencies import move
from comity.services.mailbox import FILE_LIMIT
from comity.services.ports import Destination
from comity.storage import outbox


class Box:
    """A mailbox as far as HTTP sees it."""

    def __init__(self) -> None:
        self.kept: list[tuple[bytes, NodeId]] = []
        self.said: list[tuple[bytes, NodeId]] = []

    def take(self, file: bytes, sender: NodeId) -> None:
        if file == b"for nobody":
            raise NotForUs("mailbox")
        self.kept.append((file, sender))

    def give(self, said: bytes, sender: NodeId) -> bytes:
        self.said.append((said, sender))
        return b"x" * (FILE_LIMIT + 1) if said == b"too much" else b"a file"


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def there(box: Box) -> Iterator[Destination]:
    desk = Desk()
    app = peer_routes(
        node=VN,
        keys=lambda: (VIETNAM,),
        clock=lambda: NOW,
        incoming=desk.incoming,
        peers=peers,
        fresh=desk.fresh,
        also=mailbox_routes(box.take, box.give),
    )
    server = PeerServer(("127.0.0.1", 0), app, limit=COVERED_LIMIT)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield Destination(
        node=VN,
        address=f"http://127.0.0.1:{server.bind_addr[1]}",
        tls="",
        carrier=VIETNAM.public.raw,
    )
    server.stop()
    thread.join()


def test_a_file_is_left_and_another_collected(box: Box, there: Destination) -> None:
    post = HttpMailbox(carrier(KENYA))

    post.leave(there, b"f" * FILE_LIMIT)
    got = post.collect(there, b"the last one is safe")

    assert box.kept == [(b"f" * FILE_LIMIT, KE)]
    assert (box.said, got) == ([(b"the last one is safe", KE)], b"a file")
    assert FILE_LIMIT <= COVERED_LIMIT


def test_a_stranger_leaves_nothing_and_collects_nothing(box: Box, there: Destination) -> None:
    post = HttpMailbox(carrier(THIEF))

    for refused in (lambda: post.leave(there, b"f"), lambda: post.collect(there, b"")):
        with pytest.raises(Unreachable) as raised:
            refused()
        assert raised.value.values == {"status": 403}
    assert (box.kept, box.said) == ([], [])


def test_what_is_not_kept_is_told(there: Destination) -> None:
    with pytest.raises(Unreachable) as refused:
        HttpMailbox(carrier(KENYA)).leave(there, b"for nobody")

    assert refused.value.values == {"status": 403}


def test_what_is_too_large_is_refused_before_it_is_read(box: Box, there: Destination) -> None:
    post = HttpMailbox(carrier(KENYA))

    with pytest.raises(Unreachable):
        post.leave(there, bytes(FILE_LIMIT + 1))
    with pytest.raises(Unreachable):
        carrier(KENYA).post(there, COLLECTIONS, bytes(1 << 20))
    with pytest.raises(Malformed):
        post.collect(there, b"too much")

    assert box.kept == []


@pytest.fixture
def countries(tmp_path: Path) -> Iterator[tuple[Settled, Settled, Settled]]:
    """Settle Kenya and Viet Nam without an address, and Ethiopia with one."""
    made = tuple(settle(tmp_path, each, address="") for each in ("KE", "VN", "ET"))
    kenya, vietnam, ethiopia = made
    yield kenya, vietnam, ethiopia
    for each in made:
        each.house.store.close()


def test_three_servers_one_question_and_no_line_between_who_asks_and_who_answers(
    countries: tuple[Settled, Settled, Settled],
) -> None:
    kenya, vietnam, ethiopia = countries
    host = Node(ethiopia.house)
    with host.serving("127.0.0.1", 0) as address:
        move(ethiopia.house, ethiopia.agency, address)
        for one, other in ((kenya, vietnam), (kenya, ethiopia), (vietnam, ethiopia)):
            befriend(one, other)
        for each, other in ((kenya, vietnam), (vietnam, kenya)):
            mailbox.host(ethiopia.house, each.agency)
            postman.use(each.house, ethiopia.agency)
            postman.use(each.house, ethiopia.agency, leaves_for=other.agency)
        ke, vn = Node(kenya.house), Node(vietnam.house)
        seat = ke.seat(kenya.people["investigator"], "practice")
        done = seat.ask(asked())

        told = [node.postman.round() for node in (ke, vn, ke)]

    assert all(each == {ethiopia.house.keys.node: None} for each in told)
    [line] = vn.seat(vietnam.people["investigator"], "practice").inbox()
    assert line.thread == done.thread
    with kenya.house.store.read() as reading:
        assert not outbox.pending(reading)
