# SPDX-License-Identifier: Apache-2.0
"""A stick in the wrong hands: what is not signed by its sender's server is not believed, nor is its age."""

import io

import pytest
from tests.services.parcels import has, kept_against, sealed_from, waiting_rows
from tests.services.scene import asked
from tests.services.sticks import answered, forged, taken, written
from tests.services.test_stick import states
from tests.world import World, WorldNode

from comity.domain.ids import Digest, NodeId, mint
from comity.errors import NotAdmitted, NotForUs
from comity.services.rosters import issue
from comity.storage import outbox
from comity.wire.carry import Cover
from comity.wire.parcel import Want


def cover(by: WorldNode, to: WorldNode, **changed: NodeId) -> Cover:
    return Cover(
        id=mint(by.house.random),
        from_node=changed.get("from_node", by.id),
        to_node=changed.get("to_node", to.id),
        at=by.house.now(),
    )


def receipts_for(to: WorldNode, of: WorldNode) -> list[Digest]:
    """Return which receipts of people wait at *of* for *to*."""
    begin = outbox.begin
    rows = of.house.store.write(lambda w: begin(w, to.id, of.house.millis(), after=0, limit=9))
    return [Digest(each.ref) for each in rows if each.kind == outbox.Item.RECEIPT]


def test_a_parcel_that_anybody_could_seal_is_not_taken_as_the_peers(world: World) -> None:
    """A parcel is not signed, and whoever knows a server's key can seal one that says *taken*."""
    ke, vn, et = world.nodes("ke", "vn", "et")
    done = ke.seat().ask(asked())
    taken(vn, written(ke, vn))
    vn.seat().thread(done.thread)  # his receipt waits
    rows = waiting_rows(vn)
    lie = sealed_from(ke, vn, taken=tuple(receipts_for(ke, vn)))

    came = taken(vn, forged(et, cover(ke, vn), lie))

    assert came.fault is not None
    assert came.fault.cause == "untrusted.signature.carry"
    assert waiting_rows(vn) == rows


def test_a_peer_does_not_write_in_anothers_name(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    own = sealed_from(et, vn)

    under_another = taken(vn, forged(et, cover(ke, vn), own))
    another_inside = taken(vn, forged(et, cover(et, vn), sealed_from(ke, vn)))

    assert under_another.fault is not None
    assert another_inside.fault is not None
    assert under_another.fault.cause == "untrusted.signature.carry"
    assert another_inside.fault.cause == "untrusted.not-for-us.parcel"
    assert kept_against(vn) == []


def test_a_strangers_file_and_one_for_another_are_refused_whole(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    stranger = NodeId("a" * 26)

    with pytest.raises(NotAdmitted):
        taken(vn, forged(ke, cover(ke, vn, from_node=stranger), b"x"))
    with pytest.raises(NotForUs):
        taken(vn, forged(ke, cover(ke, et), b"x"))


def test_an_old_stick_does_not_bring_back_an_old_roster(world: World) -> None:
    ke, vn, _ = world.nodes("ke", "vn", "et")
    ke.seat().ask(asked())
    old = written(ke, vn)
    issue(ke.house, ke.agency)
    world.sync()
    number = vn.knows(ke).number

    taken(vn, old)

    assert vn.knows(ke).number == number == ke.card.number
    assert kept_against(vn) == []


def test_an_old_stick_does_not_make_the_peer_seem_to_know_less(world: World) -> None:
    ke, vn, _ = world.nodes("ke", "vn", "et")
    world.sync()
    vn.seat().ask(asked("KE/Operations desk"))
    old = written(vn, ke)
    world.hours.pass_(hours=1)
    issue(ke.house, ke.agency)
    ke.seat().ask(asked())
    world.sync()
    ke.seat().ask(asked())

    back = answered(ke, vn, old)

    assert len(back) < 20_000  # no roster in it, though the old stick says that one is lacking
    assert taken(vn, back).fault is None
    assert kept_against(ke) == kept_against(vn) == []


def test_a_peer_gets_no_bytes_of_a_file_that_was_not_for_it(world: World) -> None:
    ke, _, et = world.nodes("ke", "vn", "et")
    file = ke.seat().attach(io.BytesIO(b"a seal" * 1000), "seal.jpg", "image/jpeg")
    ke.seat().ask(asked(attachments=(file,)))
    wish = sealed_from(et, ke, wants=(Want(blob=file.blob, offset=0),))

    assert answered(ke, et, forged(et, cover(et, ke), wish)) == b""


def test_a_stick_that_was_read_by_a_node_since_restored_is_no_fork(world: World) -> None:
    ke, vn, _ = world.nodes("ke", "vn", "et")
    world.sync()
    backup = vn.backup("yesterday")
    done = ke.seat().ask(asked())
    stick = written(ke, vn)
    taken(ke, answered(vn, ke, stick))
    vn.restore(backup)
    again = ke.seat().ask(asked())

    taken(ke, answered(vn, ke, written(ke, vn)))
    world.sync()

    assert states(ke, done.act) == states(ke, again.act) == ["delivered"]
    assert kept_against(ke) == []
    assert has(vn, done.act)
