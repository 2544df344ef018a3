# SPDX-License-Identifier: Apache-2.0
"""Who passes things on cannot make another's recall of his own, nor answer in another's place."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.attacks.test_dockets import kinds_of_evidence
from tests.services.test_recall_onward import answer_of, bytes_of, passed_on, take_back, tally
from tests.templates import copy_of, three_countries
from tests.world import World, WorldNode, question

from comity.domain.docket import Docket, OrderedDocket
from comity.domain.ids import ActId, AgencyId, CertificateHash, ThreadId
from comity.domain.recall_onward import OnwardHeld, RecallOnward
from comity.domain.recall_order import RecallOrder
from comity.domain.taking_back import Correction, Taking
from comity.domain.tally import Held
from comity.services import notices
from comity.services.recall_onward import said_in
from comity.services.recalled_onward import onward_in
from comity.storage import copies
from comity.wire import docket as docket_wire
from comity.wire import notice as notice_wire
from comity.wire import order as order_wire
from comity.wire.notice import Notice

__all__ = ["three_countries"]


@pytest.fixture
def world(three_countries: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(three_countries, tmp_path)


def send(world: World, sender: WorldNode, recipient: WorldNode, said: Notice) -> None:
    """Let the node of *sender*, which lies, tell *recipient* something, signed as it should be."""
    told = notice_wire.sign(said, sender.house.keys.carrier)
    sender.house.store.write(lambda w: notices.queue(w, sender.house, recipient.id, [told]))
    world.sync()


def order_by(signer: WorldNode, claimed: WorldNode, thread: ThreadId, act: ActId) -> bytes:
    """Return an order in the name of *claimed* for *act*, signed by an officer of *signer*."""
    unlocked = signer.seat().unlocked
    said = RecallOrder(
        agency=claimed.agency,
        thread=thread,
        acts=(act,),
        what=Taking.RECALL,
        author=unlocked.entry.id,
        certificate=unlocked.certificate,
        at=signer.clock(),
    )
    return order_wire.sign(said, unlocked.signing).dsse


def onward(
    world: World, act: ActId, thread: ThreadId, original: ActId, order: bytes
) -> RecallOnward:
    ke, _, et = world
    return RecallOnward(
        node=ke.id,
        agency=ke.agency,
        to=et.agency,
        act=act,
        thread=thread,
        original=original,
        recall=ActId("r" * 26),
        order=order,
        at=ke.clock(),
    )


def nothing_came_of_it(node: WorldNode, act: str, thread: ThreadId) -> None:
    assert bytes_of(node, act) != []
    with node.house.store.read() as reading:
        assert said_in(reading, node.house, thread) == ()


def test_an_order_that_the_originator_did_not_sign_is_evidence(world: World) -> None:
    ke, vn, et = world
    thread, done = passed_on(world)
    act = answer_of(vn, thread)

    send(world, ke, et, onward(world, done.act, done.thread, act, order_by(ke, vn, thread, act)))

    nothing_came_of_it(et, done.act, done.thread)
    assert kinds_of_evidence(et) == {"notice"}


def test_an_order_of_an_agency_that_is_known_is_not_taken_by_what_is_shown(world: World) -> None:
    ke, vn, et = world
    thread, done = passed_on(world)
    act = answer_of(vn, thread)
    forged = onward(world, done.act, done.thread, act, order_by(ke, vn, thread, act))

    for each in (
        replace(forged, certified=(b"{}",)),
        replace(forged, order=order_by(ke, ke, thread, act)),  # his own, as the originator's
        replace(forged, original=ActId("x" * 26)),
        replace(forged, agency=vn.agency),
        replace(forged, to=vn.agency),
    ):
        send(world, ke, et, each)

    nothing_came_of_it(et, done.act, done.thread)


def test_an_officer_speaks_for_nobody_elses_act_there_either(world: World) -> None:
    ke, vn, et = world
    thread, done = passed_on(world)
    act = answer_of(vn, thread)
    unlocked = vn.seat().unlocked
    said = RecallOrder(
        agency=vn.agency,
        thread=thread,
        acts=(act,),
        what=Taking.RECALL,
        author="q" * 26,
        certificate=CertificateHash(unlocked.certificate),
        at=vn.clock(),
    )
    order = order_wire.sign(said, unlocked.signing).dsse

    send(world, ke, et, onward(world, done.act, done.thread, act, order))

    nothing_came_of_it(et, done.act, done.thread)


def test_a_true_order_takes_no_other_agencys_act_away(world: World) -> None:
    ke, vn, et = world
    thread, done = passed_on(world)
    take_back(world, thread)
    true = _order_of(ke, vn, thread)
    asked = vn.seat().ask(question("ET/Duty desk"))
    world.sync()

    send(world, ke, et, onward(world, asked.act, asked.thread, answer_of_order(true), true))

    nothing_came_of_it(et, asked.act, asked.thread)
    assert bytes_of(et, done.act) == []


def test_a_true_order_beside_an_act_that_it_does_not_concern_is_not_shown(world: World) -> None:
    ke, vn, et = world
    thread, done = passed_on(world)
    other, elsewhere = passed_on(world)
    take_back(world, thread, what=Taking.CORRECT, correction=Correction.CLEARED)
    true = _order_of(ke, vn, thread)

    said = onward(world, elsewhere.act, elsewhere.thread, answer_of_order(true), true)
    send(world, ke, et, said)

    assert onward_in(et.house, et.seat().thread(elsewhere.thread)) == []
    assert len(onward_in(et.house, et.seat().thread(done.thread))) == 1
    assert other != thread


def test_nobody_reports_of_what_he_never_had_and_nothing_older_counts(world: World) -> None:
    ke, vn, et = world
    thread, done = passed_on(world)
    recall = take_back(world, thread)
    before = tally(world, thread)
    report = OnwardHeld(
        node=et.id,
        agency=et.agency,
        to=vn.agency,
        act=answer_of_recall(vn, thread),
        recall=recall.act,
        passed=ActId("p" * 26),
        holder=AgencyId("z" * 26),
        hands=1,
        held=Held.REMOVED,
        at=et.clock(),
    )

    send(world, et, vn, report)  # who has it from Kenya, and not from Viet Nam
    send(world, et, vn, replace(report, agency=ke.agency))
    send(world, ke, vn, replace(report, node=ke.id, agency=ke.agency, recall=ActId("x" * 26)))
    older = replace(
        report,
        node=ke.id,
        agency=ke.agency,
        passed=done.act,
        holder=et.agency,
        held=Held.KEPT,
        at=ke.clock().replace(year=2020),
    )
    send(world, ke, vn, older)

    assert tally(world, thread) == before


def answer_of_order(order: bytes) -> ActId:
    return order_wire.read(order).said.acts[0]


def answer_of_recall(vn: WorldNode, thread: ThreadId) -> ActId:
    [taken] = vn.seat().thread(thread).thread.taken_back
    return taken.act


def _order_of(ke: WorldNode, vn: WorldNode, thread: ThreadId) -> bytes:
    """Return the order that Viet Nam sent Kenya for *thread*."""
    with ke.house.store.read() as reading:
        rows = copies.by_threads(reading, [thread])
    [row] = [row for row in rows if row.agency == vn.agency and row.stage == "taken-back"]
    docket = docket_wire.read(row.release, Docket).said
    assert isinstance(docket, OrderedDocket)
    return docket.order
