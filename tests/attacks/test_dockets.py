# SPDX-License-Identifier: Apache-2.0
"""Copies that are not what they say: none is shown as content, each leaves something behind.

The sender's node is the attacker. ``letters.Post`` bends what it makes; the recipient runs as it is.
"""

from dataclasses import replace

import pytest
from tests.services.letters import REQUEST, Post
from tests.services.parcels import again, read
from tests.world import World, WorldNode, question

from comity.crypto.signing import SigningKey
from comity.domain.docket import Docket, DocketReader, DocketStage
from comity.domain.ids import ThreadId, mint
from comity.domain.statement import ReaderKind
from comity.errors import NotAdmitted, NotForUs
from comity.services.thread import OpenThread
from comity.storage import copies, receipts
from comity.wire import parcel as parcel_wire
from comity.wire.parcel import Item, Parcel


def post(sender: WorldNode, recipient: WorldNode) -> Post:
    return Post(ke=sender.settled, vn=recipient.settled, hands={})


def kinds_of_evidence(node: WorldNode) -> set[str]:
    with node.house.store.read() as reading:
        return {each.kind for each in receipts.evidence(reading)}


def kept(node: WorldNode) -> int:
    """Return how many copies came to *node* from abroad."""
    with node.house.store.read() as reading:
        return len(copies.in_states(reading, ["received"]))


def opened(node: WorldNode, thread: ThreadId) -> OpenThread:
    return node.seat().thread(thread)


def parcel_of(sender: WorldNode, recipient: WorldNode, *items: Item) -> bytes:
    """Return a parcel that *sender*'s node makes by hand."""
    made = Parcel(
        id=mint(bytes),
        from_node=sender.id,
        to_node=recipient.id,
        at=sender.house.now(),
        items=items,
    )
    return parcel_wire.seal(made, recipient.house.keys.parcel.recipient)


def test_a_docket_signed_with_a_key_of_ones_own_is_not_taken(world: World) -> None:
    ke, vn, _ = world

    post(ke, vn).send(REQUEST, carrier=SigningKey(b"k" * 32))
    world.carry()

    assert kept(vn) == 0
    assert vn.inbox() == ()
    assert kinds_of_evidence(vn) == {"docket"}


def test_a_docket_in_another_agencys_name_is_not_taken(world: World) -> None:
    ke, vn, et = world

    def in_the_name_of_ethiopia(docket: Docket) -> Docket:
        return docket if docket.to == ke.agency else replace(docket, agency=et.agency)

    letter = post(ke, vn).send(REQUEST, docket=in_the_name_of_ethiopia)
    item = Item(docket=letter.released.dsse, envelope=letter.envelope.sealed)
    world.hand_over(ke.id, vn.id, parcel_of(ke, vn, item))

    assert kept(vn) == 0
    assert kinds_of_evidence(vn) == {"docket"}
    assert vn.verify().faults == ()


def test_a_docket_that_one_peer_passes_on_for_another_is_not_taken(world: World) -> None:
    ke, vn, et = world
    letter = post(ke, vn).send(REQUEST)
    item = Item(docket=letter.released.dsse, envelope=letter.envelope.sealed)

    world.hand_over(et.id, vn.id, parcel_of(et, vn, item))

    assert kept(vn) == 0
    assert kinds_of_evidence(vn) == {"docket"}


@pytest.mark.parametrize(
    "changed",
    [
        {"thread": ThreadId(mint(lambda size: b"x" * size))},
        {"act": mint(lambda size: b"y" * size)},
    ],
)
def test_nobody_opens_a_thread_that_is_not_named_after_his_act(
    world: World, changed: dict[str, object]
) -> None:
    ke, vn, _ = world

    def bent(docket: Docket) -> Docket:
        return docket if docket.to == ke.agency else replace(docket, **changed)  # type: ignore[arg-type]

    post(ke, vn).send(REQUEST, docket=bent)
    world.carry()

    assert kept(vn) == 0
    assert kinds_of_evidence(vn) == {"docket"}


def test_a_docket_that_differs_from_its_statement_is_caught_when_it_is_opened(
    world: World,
) -> None:
    ke, vn, _ = world

    def bent(docket: Docket) -> Docket:
        return docket if docket.to == ke.agency else replace(docket, stage=DocketStage.TOLD)

    letter = post(ke, vn).send(REQUEST, docket=bent)
    world.sync()

    found = opened(vn, letter.docket.thread)

    assert found.thread.acts == ()
    assert [each.code for each in found.mistrusted] == ["untrusted.differs.stage"]
    assert "differs" in kinds_of_evidence(vn)
    assert vn.verify().faults == ()


def test_a_docket_that_names_nobody_is_not_taken(world: World) -> None:
    ke, vn, _ = world

    post(ke, vn).send(REQUEST, docket=lambda docket: replace(docket, readers=()))
    world.carry()

    assert vn.inbox() == ()
    assert kept(vn) == 0
    assert kinds_of_evidence(vn) == {"docket"}


def test_a_copy_that_is_led_to_another_desk_than_its_own_is_shown_to_nobody(world: World) -> None:
    ke, vn, _ = world
    supervision = next(each for each in vn.card.desks if each.oversight)
    other = DocketReader(id=supervision.id, kind=ReaderKind.DESK, epoch=supervision.epoch)

    def bent(docket: Docket) -> Docket:
        return docket if docket.to == ke.agency else replace(docket, readers=(other,))

    letter = post(ke, vn).send(REQUEST, docket=bent)
    world.sync()
    found = vn.seat("supervisor").thread(letter.docket.thread)

    assert vn.inbox() == ()
    assert found.thread.acts == ()
    assert [each.code for each in found.mistrusted] == ["untrusted.not-for-us.age"]


def test_an_envelope_under_another_copys_docket_is_not_taken(world: World) -> None:
    ke, vn, _ = world
    one, other = (post(ke, vn).send(REQUEST) for _ in range(2))

    item = Item(docket=one.released.dsse, envelope=other.envelope.sealed)
    world.hand_over(ke.id, vn.id, parcel_of(ke, vn, item))

    assert kept(vn) == 0
    assert kinds_of_evidence(vn) == {"docket"}


def test_a_strangers_parcel_is_refused_at_the_door(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _, vn, _ = world
    with World(tmp_path_factory.mktemp("elsewhere"), "ke") as elsewhere:
        [stranger] = elsewhere
        parcel = parcel_of(stranger, vn)

        with pytest.raises(NotAdmitted):
            vn.node.courier.incoming(parcel, stranger.id)

    assert kept(vn) == 0


def test_a_parcel_for_somebody_else_is_refused(world: World) -> None:
    ke, vn, et = world
    sealed_to_ethiopia = again(et, read(vn, parcel_of(ke, vn)))

    with pytest.raises(NotForUs, match="parcel"):
        et.node.courier.incoming(sealed_to_ethiopia, ke.id)


def test_a_parcel_that_another_peer_brings_is_refused(world: World) -> None:
    ke, vn, et = world

    with pytest.raises(NotForUs, match="parcel"):
        vn.node.courier.incoming(parcel_of(ke, vn), et.id)


def test_one_act_with_two_bodies_is_kept_as_evidence_and_shown_as_neither(world: World) -> None:
    ke, vn, _ = world
    first = post(ke, vn).send(REQUEST, home=False)
    post(ke, vn).send(replace(REQUEST, facts="Another story."), act=first.act, home=False)
    world.sync()

    found = opened(vn, first.docket.thread)

    assert [act.effect.value for act in found.thread.acts] == ["conflict"]
    assert "two-bodies" in kinds_of_evidence(vn)
    assert vn.verify().faults == ()


def test_a_parcel_that_is_repeated_changes_nothing(world: World) -> None:
    ke, vn, et = world
    thread = ke.seat().ask(question("VN/Anti-smuggling desk")).thread
    world.sync()
    opened(vn, thread)
    vn.seat().acknowledge(thread)
    world.sync()
    before = [(kept(node), node.verify().checked["receipts"]) for node in (ke, vn, et)]
    lines = [vn.inbox(), ke.inbox()]

    for each in world.travelled.copy():
        world.hand_over(each.sender, each.recipient, each.parcel)
    world.sync()

    assert [(kept(node), node.verify().checked["receipts"]) for node in (ke, vn, et)] == before
    assert [vn.inbox(), ke.inbox()] == lines
    assert all(node.verify().sound for node in world)
