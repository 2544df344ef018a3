# SPDX-License-Identifier: Apache-2.0
"""Peer nodes as the courier knows them: when to call again, when last seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, update

from comity.storage import tables
from comity.storage.reading import Reading, Writing
from comity.storage.shape import Change, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    node: str
    address: str = ""
    attempts: int = 0
    next_at: int = 0
    last_seen: int = 0


_PEER = Shape(tables.peers, Peer)
_P = tables.peers.c
_FAILED = Change(
    update(tables.peers)
    .values(attempts=_P.attempts + 1, next_at=bindparam("again"))
    .where(_P.node == bindparam("b_node")),
    ("again", "b_node"),
)
_SEEN = Change(
    update(tables.peers)
    .values(attempts=0, next_at=0, last_seen=bindparam("now"))
    .where(_P.node == bindparam("b_node")),
    ("now", "b_node"),
)


def put(writing: Writing, rows: Sequence[Peer]) -> int:
    return _PEER.put(writing.connection, rows)


def add_new(writing: Writing, rows: Sequence[Peer]) -> int:
    return _PEER.add_new(writing.connection, rows)


def every(reading: Reading) -> tuple[Peer, ...]:
    return _PEER.fetch(reading.connection, _PEER.select().order_by(_P.node))


def by_nodes(reading: Reading, nodes: Sequence[str]) -> tuple[Peer, ...]:
    wanted = _PEER.select().where(_P.node.in_(nodes)).order_by(_P.node)
    return _PEER.fetch(reading.connection, wanted)


def failed(writing: Writing, rows: Sequence[tuple[str, int]]) -> int:
    """Count a failure of each *(node, when to try again)*."""
    return _FAILED(writing.connection, [(again, node) for node, again in rows])


def seen(writing: Writing, nodes: Sequence[str], now: int) -> int:
    """Note that *nodes* were heard: nothing waits for them any longer."""
    return _SEEN(writing.connection, [(now, node) for node in nodes])


def rein_in(writing: Writing, then: int, again: int) -> int:
    """Call at *again* whoever was to be called after *then*; return how many there were."""
    due = update(tables.peers).values(next_at=again).where(_P.next_at > then)
    return writing.connection.execute(due).rowcount
