# SPDX-License-Identifier: Apache-2.0
"""Silence is evidence: said once, in time, by who sent it, and taken back by nothing."""

from datetime import timedelta

import pytest
from tests.services.parcels import told
from tests.services.scene import Scene, foreign
from tests.services.scene import asked as asked_of
from tests.world import WorldNode

from comity.domain.docket import Receipt, ReceiptStage
from comity.domain.limits import Limits, Silence, read_reason
from comity.domain.statement import Outcome, Urgency
from comity.errors import BadSignature, Misused
from comity.services import duties
from comity.services.answer import Reply
from comity.services.limits import read_limits, set_limits
from comity.services.prove import check_proof, prove
from comity.services.silence import listen
from comity.storage import receipts
from comity.wire import docket as docket_wire
from comity.wire.docket import Released
from comity.wire.parcel import ReceiptItem

URGENT = {"urgency": Urgency.URGENT, "urgency_reason": "The ship leaves."}


def said(node: WorldNode, act: str) -> dict[ReceiptStage, Receipt]:
    """Return what *node* keeps of the copy of *act* that left, by stage."""
    with node.house.store.read() as reading:
        rows = receipts.by_copies(reading, [foreign(node, act).copy])
    read: list[Released[Receipt]] = [docket_wire.read(row.body, Receipt) for row in rows]
    return {each.said.stage: each.said for each in read}


def leaves(node: WorldNode) -> int:
    head = node.house.store.head()
    assert head is not None
    return head.size


def test_what_never_left_is_said_when_the_limit_passes_and_once(scene: Scene) -> None:
    scene.weather.away.add(scene.vn.id)
    asked = scene.ke.seat().ask(asked_of(**URGENT))
    scene.carry()
    scene.hours.pass_(minutes=59)
    early = listen(scene.ke.house)
    scene.hours.pass_(minutes=2)
    before = leaves(scene.ke)

    first, again = listen(scene.ke.house), listen(scene.ke.house)

    assert (early, first, again) == (0, 1, 0)
    assert leaves(scene.ke) == before + 1
    receipt = said(scene.ke, asked.act)[ReceiptStage.NOT_DELIVERED]
    assert (receipt.agency, receipt.to) == (scene.ke.agency, scene.ke.agency)
    assert read_reason(receipt.reason) is not None
    assert read_reason(receipt.reason)[1] == timedelta(hours=1)  # type: ignore[index]


def test_what_left_and_was_not_confirmed_is_told_from_what_never_left(scene: Scene) -> None:
    scene.weather.deaf = 1.0
    asked = scene.ke.seat().ask(asked_of(**URGENT))
    scene.ke.node.courier.sync()
    scene.hours.pass_(hours=2)
    listen(scene.ke.house)
    reason = said(scene.ke, asked.act)[ReceiptStage.NOT_DELIVERED].reason

    assert reason == f"{Silence.NO_RECEIPT}.within-60-minutes"


def test_a_later_delivery_stands_beside_it(scene: Scene) -> None:
    scene.weather.away.add(scene.vn.id)
    asked = scene.ke.seat().ask(asked_of(**URGENT))
    scene.hours.pass_(hours=2)
    listen(scene.ke.house)
    scene.weather.clear()
    scene.sync()
    thread = scene.ke.seat().thread(asked.thread).thread

    stages = [each.stage for each in thread.receipts_of(asked.act)]
    assert stages[0] is ReceiptStage.SUBMITTED or ReceiptStage.NOT_DELIVERED in stages
    assert ReceiptStage.DELIVERED in stages
    assert thread.due is not None
    assert {"not-delivered", "delivered"} <= {each.what for each in thread.events}


def test_what_was_delivered_and_not_opened_is_said_by_the_clock_class(scene: Scene) -> None:
    pressing = scene.ask(**URGENT)
    other = scene.ask()
    scene.hours.pass_(hours=2, minutes=10)

    assert listen(scene.ke.house) == 1
    assert ReceiptStage.NOT_OPENED in said(scene.ke, pressing.act)
    assert ReceiptStage.NOT_OPENED not in said(scene.ke, other.act)
    scene.hours.pass_(hours=47)
    assert listen(scene.ke.house) == 1
    assert said(scene.ke, other.act)[ReceiptStage.NOT_OPENED].reason == (
        "unopened.within-2880-minutes"
    )
    assert listen(scene.ke.house) == 0


def test_nothing_is_said_of_what_somebody_opened_or_answered(scene: Scene) -> None:
    opened = scene.ask(**URGENT)
    scene.vn.seat().thread(opened.thread)
    answered = scene.ask(**URGENT)
    scene.vn.seat().answer(answered.thread, Reply(outcome=Outcome.NOTHING_KNOWN))
    scene.sync()
    scene.hours.pass_(hours=5)

    listen(scene.ke.house)

    assert ReceiptStage.NOT_OPENED not in said(scene.ke, opened.act)
    assert ReceiptStage.NOT_OPENED not in said(scene.ke, answered.act)


def test_what_was_opened_just_before_it_is_written_is_not_said(scene: Scene) -> None:
    # The mark that ``listen`` leaves is behind this one: two processes never say it twice.
    asked = scene.ask(**URGENT)
    scene.hours.pass_(hours=3)
    other = scene.open("ke")
    try:
        assert listen(scene.ke.house) + listen(other) == 1
    finally:
        other.store.close()
    assert len(said(scene.ke, asked.act)) == 2


def test_an_agency_may_wait_for_less_and_never_for_longer(scene: Scene) -> None:
    ke = scene.ke
    set_limits(ke.house, ke.agency, Limits(delivered={"urgent": 10}))
    scene.weather.away.add(scene.vn.id)
    asked = ke.seat().ask(asked_of(**URGENT))
    scene.hours.pass_(minutes=11)
    listen(ke.house)

    assert read_limits(ke.house, ke.agency).delivered == {"urgent": 10}
    assert said(ke, asked.act)[ReceiptStage.NOT_DELIVERED].reason.endswith("within-10-minutes")
    with pytest.raises(Misused, match="limit-minutes"):
        set_limits(ke.house, ke.agency, Limits(delivered={"urgent": 61}))


def test_a_peer_cannot_say_it_of_our_copies(scene: Scene) -> None:
    asked = scene.ask()
    row = foreign(scene.ke, asked.act)
    delivered = said(scene.ke, asked.act)[ReceiptStage.DELIVERED]
    for agency in (scene.vn.agency, scene.ke.agency):
        lie = Receipt(
            stage=ReceiptStage.NOT_OPENED,
            agency=agency,
            to=scene.ke.agency,
            node=scene.vn.id,
            act=delivered.act,
            copy=delivered.copy,
            envelope=delivered.envelope,
            thread=delivered.thread,
            docket=delivered.docket,
            at=scene.hours.now,
            reason="unopened.within-5-minutes",
        )
        signed = docket_wire.sign(lie, scene.vn.house.keys.carrier)
        told(scene.vn, scene.ke, receipts=(ReceiptItem(receipt=signed.dsse, proof=()),))

    assert ReceiptStage.NOT_OPENED not in said(scene.ke, asked.act)
    with scene.ke.house.store.read() as reading:
        assert receipts.evidence(reading)
    assert row.state in ("delivered", "proven")


def test_it_stands_in_the_proof_and_the_home_is_sound(scene: Scene) -> None:
    asked = scene.ask(**URGENT)
    scene.hours.pass_(hours=3)
    duties.look(scene.ke.house, "clock")

    shown = check_proof(prove(scene.ke.house, asked.act))
    report = scene.ke.verify()

    stages = {each.receipt.stage: each for each in shown.receipts}
    place = stages[ReceiptStage.NOT_OPENED].place
    assert place is not None
    assert place.origin == f"comity/{scene.ke.id}/1"
    assert stages[ReceiptStage.DELIVERED].place is not None
    assert report.sound, report


def test_the_other_side_never_gets_it(scene: Scene) -> None:
    asked = scene.ask(**URGENT)
    scene.hours.pass_(hours=3)
    listen(scene.ke.house)
    scene.sync()

    there = scene.vn.seat().thread(asked.thread).thread

    assert ReceiptStage.NOT_OPENED not in {each.stage for each in there.receipts}


def test_a_silence_that_nobody_here_signed_is_not_believed(scene: Scene) -> None:
    asked = scene.ask(**URGENT)
    row = foreign(scene.ke, asked.act)
    delivered = said(scene.ke, asked.act)[ReceiptStage.DELIVERED]
    lie = Receipt(
        stage=ReceiptStage.NOT_OPENED,
        agency=scene.ke.agency,
        to=scene.ke.agency,
        node=scene.ke.id,
        act=delivered.act,
        copy=delivered.copy,
        envelope=delivered.envelope,
        thread=delivered.thread,
        docket=delivered.docket,
        at=scene.hours.now,
    )
    forged = docket_wire.sign(lie, scene.vn.house.keys.carrier)
    kept = receipts.Receipt(
        receipt=forged.digest,
        copy=row.copy,
        stage=lie.stage,
        agency=lie.agency,
        at=0,
        stored_at=scene.ke.house.millis(),
        body=forged.dsse,
    )
    scene.ke.house.store.write(lambda w: receipts.add(w, [kept]))

    opened = scene.ke.seat().thread(asked.thread)

    assert ReceiptStage.NOT_OPENED not in {each.stage for each in opened.thread.receipts}
    assert any(each.code.startswith(BadSignature.code) for each in opened.mistrusted)
