# SPDX-License-Identifier: Apache-2.0
"""The last scene of the demonstration: what a forger, a lying server and a rewriter come to.

Each has more than he should. The forger has a real message and the address; the lying server has
its own keys, and releases an envelope that is not the one its docket names; the rewriter holds the
house key and signs another history of the same length. They work on copies of the homes.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from comity.carriers.http import HttpCarrier
from comity.cli.play import Handed, Play, Side
from comity.crypto.signing import SigningKey
from comity.domain.docket import Docket
from comity.domain.ids import CopyId, EnvelopeId, digest, mint
from comity.domain.roster import NodeEntry
from comity.errors import Unreachable
from comity.language.marks import marked
from comity.ledger import checkpoint, note, tile
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.leaf import LeafType, Opening
from comity.node import Node
from comity.services.address_book import read_book
from comity.services.compose import recipient
from comity.services.house import House
from comity.services.ports import Destination
from comity.wire import docket as docket_wire
from comity.wire import parcel as parcel_wire
from comity.wire.parcel import Item, Parcel

_STRANGER = marked("a stranger's parcel is turned away at the door, and learns nothing")
_LIE = marked("what is not what its own server released is refused, and kept as evidence")
_REWRITTEN = marked("the rewritten record is caught by Mombasa, which keeps both histories")
_PATIENCE: Final = 20.0


def perform(play: Play, kenya: Side, vietnam: Side) -> None:
    """Play the three attacks on copies of the homes, and check that each is caught."""
    copies_of = [_copy(each) for each in (kenya, vietnam)]
    ours, theirs = copies_of
    play.serve(theirs)
    try:
        _stranger(play, ours, theirs)
        _lie(play, ours, theirs)
    finally:
        play.kill(theirs)
    _rewrite(theirs.home)
    play.serve(theirs)
    try:
        _caught(play, ours)
    finally:
        play.kill(theirs)


def _copy(side: Side) -> Side:
    """Return a copy of *side*'s home, at rest, to be misused."""
    home = side.home.with_name(f"{side.home.name}-misused")
    shutil.copytree(side.home, home)
    return replace(side, home=home)


def _stranger(play: Play, ours: Side, theirs: Side) -> None:
    """Post a real parcel's worth of bytes, signed by a key that nobody certified."""
    node = _open(ours.home)
    try:
        stranger = SigningKey.generate(os.urandom)
        carrier = HttpCarrier(keys=lambda: (stranger,), clock=node.house.clock, random=os.urandom)
        sealed = parcel_wire.seal(_parcel(node.house, ()), recipient(_peer(node.house).parcel))
        status = _status(carrier, _destination(node.house, theirs), sealed)
    finally:
        node.close()
    play.claim(status == 403, _STRANGER)


def _lie(play: Play, ours: Side, theirs: Side) -> None:
    """Release a docket with a real server's keys, beside an envelope that it does not name."""
    node = _open(ours.home)
    house = node.house
    try:
        before = _evidence(theirs.home)
        item = _lying_item(house)
        sealed = parcel_wire.seal(_parcel(house, (item,)), recipient(_peer(house).parcel))
        carrier = HttpCarrier(
            keys=lambda: house.keys.carriers, clock=house.clock, random=os.urandom
        )
        answer = carrier.exchange(_destination(house, theirs), sealed)
        told = parcel_wire.open_(answer, house.keys.parcel)
    finally:
        node.close()
    refused = len(told.refusals) == 1 and not told.receipts
    play.claim(refused and _evidence(theirs.home) == [*before, "docket"], _LIE)


def _caught(play: Play, ours: Side) -> None:
    """Let Mombasa exchange with the rewritten home, and look for what it kept."""
    play.run(
        ours,
        *("ask", "--to", "VN/Anti-smuggling desk", "--kind", "container", "--ref", "CM/2026/1125"),
        *("--set", "container=-", "--set", "asked=parties", "--facts", Handed("One more.")),
        who="Amina",
        given="CSQU3054383",
    )
    node = _open(ours.home)
    try:
        node.courier.exchange(_peer(node.house).node)
    finally:
        node.close()
    with closing(look(ours.home)) as database:
        held = database.execute("SELECT body FROM evidence WHERE kind = 'fork'").fetchall()
    both = [body for (body,) in held if body.count(b"comity/") >= 2]
    play.claim(both, _REWRITTEN)


def _rewrite(home: Path) -> None:
    """Change one leaf and sign the tree that follows, as who holds every key here could."""
    node = _open(home)
    key = node.house.keys.ledger
    node.close()
    with closing(sqlite3.connect(home / "comity.db")) as database:
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        log, origin, size = database.execute(
            "SELECT log, origin, size FROM logs WHERE closed_at = 0"
        ).fetchone()
        changed = (os.urandom(16), log, size // 2)
        database.execute("UPDATE leaves SET salt = ? WHERE log = ? AND idx = ?", changed)
        rows = database.execute(
            "SELECT type, salt, entry FROM leaves WHERE log = ? ORDER BY idx", (log,)
        ).fetchall()
        hashes = [Opening(LeafType(t), salt, entry).hash for t, salt, entry in rows]
        edge, tiles = tile.extend(tile.NOTHING, hashes)
        for each in tiles:
            place = (each.hashes, log, each.level, each.index)
            database.execute(
                "UPDATE tiles SET hashes = ? WHERE log = ? AND level = ? AND idx = ?", place
            )
        signed = note.write(checkpoint.sign(Checkpoint(origin, size, edge.root), key))
        database.execute("DELETE FROM checkpoints WHERE log = ?", (log,))
        database.execute(
            "INSERT INTO checkpoints (log, size, root, note) VALUES (?, ?, ?, ?)",
            (log, size, edge.root, signed),
        )
        database.commit()


def _lying_item(house: House) -> Item:
    """Return a released docket of ours beside another envelope."""
    with closing(look(house.home)) as database:
        release, sealed = database.execute(
            "SELECT release, sealed FROM copies JOIN envelopes USING (envelope)"
            " WHERE state = 'delivered' ORDER BY stored_at LIMIT 1"
        ).fetchone()
    docket = docket_wire.read(release, Docket).said
    false = replace(
        docket,
        envelope=EnvelopeId(digest(sealed)),
        copy=CopyId(digest(b"another")),
        size=len(sealed),
    )
    signed = docket_wire.sign(false, house.keys.carrier)
    return Item(docket=signed.dsse, envelope=sealed[:-1] + bytes([sealed[-1] ^ 1]))


def _parcel(house: House, items: tuple[Item, ...]) -> Parcel:
    return Parcel(
        id=mint(house.random),
        from_node=house.keys.node,
        to_node=_peer(house).node,
        at=house.now(),
        items=items,
    )


def _peer(house: House) -> NodeEntry:
    return read_book(house).peers[0].node


def _destination(house: House, theirs: Side) -> Destination:
    entry = _peer(house)
    return Destination(
        node=entry.node, address=theirs.address, tls=entry.tls, carrier=entry.carrier
    )


def _status(carrier: HttpCarrier, to: Destination, sealed: bytes) -> int:
    try:
        carrier.exchange(to, sealed)
    except Unreachable as error:
        return int(error.values.get("status", 0))
    return 200


def _evidence(home: Path) -> list[str]:
    """Return the kinds of what the server of *home* keeps against others, the oldest first."""
    with closing(look(home)) as database:
        return [kind for (kind,) in database.execute("SELECT kind FROM evidence ORDER BY id")]


def signing_key(home: Path, agency: str, label: str) -> bytes:
    """Return the signing key that the server of *home* holds for the officer called *label*."""
    node = _open(home)
    try:
        card = read_book(node.house).find_agency(agency)
        [found] = [each.signing for each in card.officers if each.label == label]
        return found
    finally:
        node.close()


def look(home: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{home / 'comity.db'}?mode=ro", uri=True)


def _open(home: Path) -> Node:
    return Node.open(home, ask_house=str, clock=lambda: datetime.now(UTC))
