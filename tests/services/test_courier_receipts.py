# SPDX-License-Identifier: Apache-2.0
"""Receipts on their way: said again to the byte when lost, and believed only as far as they prove."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.services.parcels import (
    again,
    bent,
    copy_of,
    has,
    is_due,
    kept_against,
    kinds,
    made,
    read,
    receipts_of,
    said_in,
    size,
    stages,
    told,
    waiting_rows,
)
from tests.services.scene import Scene, asked
from tests.world import WorldNode

from comity.crypto.signing import SigningKey
from comity.domain.docket import OpenedBy, Receipt, ReceiptStage
from comity.domain.handling import Handling
from comity.domain.ids import mint
from comity.domain.time import written
from comity.errors import Unreachable
from comity.services import receive
from comity.services.desks import change_members
from comity.services.dockets_in import RETIRED_TAKEN
from comity.services.enrol import Person, enrol
from comity.services.oversight import AgencyPolicy, set_policy
from comity.services.release import Done
from comity.services.revoke import revoke
from comity.storage import copies, logs, receipts
from comity.storage.copies import CopyState
from comity.wire import docket as docket_wire
from comity.wire.parcel import Item, Parcel, ReceiptItem

HOME = "KE/Operations desk"


def answered(scene: Scene) -> tuple[Done, Parcel]:
    """Let Kenya ask and Viet Nam take it in; return the answer, which Kenya has not taken yet."""
    done = scene.ke.seat().ask(asked())
    answer = scene.vn.node.courier.incoming(made(scene.ke, scene.vn), scene.ke.id)
    return done, read(scene.ke, answer)


def take(scene: Scene, answer: Parcel, **changed: object) -> None:
    """Let Kenya take in *answer*, changed as the test says."""
    receive.take(scene.ke.house, again(scene.ke, answer, **changed), scene.vn.id)


def opening(node: WorldNode, act: str) -> tuple[int, bytes]:
    row = copy_of(node, act)
    with node.house.store.read() as reading:
        [leaf] = logs.leaves(reading, row.log, [row.leaf])
    return leaf.idx, leaf.salt or b""


# Said again.


def test_a_lost_answer_is_made_again_from_the_same_leaf_and_salt(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    parcel = made(scene.ke, scene.vn)

    answers = [scene.vn.node.courier.incoming(parcel, scene.ke.id) for _ in range(2)]
    scene.hours.pass_(hours=1)
    scene.vn.seat().ask(asked(HOME))  # the tree has grown meanwhile
    answers.append(scene.vn.node.courier.incoming(parcel, scene.ke.id))

    said = [said_in(each) for sealed in answers for each in read(scene.ke, sealed).receipts]
    assert len(said) == 3
    assert {(each.index, each.salt) for each in said} == {opening(scene.vn, done.act)}
    assert {each.at for each in said} == {said[0].at}
    assert said[2].size > said[0].size
    for each in answers:
        receive.take(scene.ke.house, each, scene.vn.id)
    assert stages(scene.ke, done.act) == ["delivered"]
    assert copy_of(scene.ke, done.act).state == CopyState.DELIVERED


def test_an_answer_that_comes_twice_leaves_one_receipt_and_one_leaf(scene: Scene) -> None:
    done, answer = answered(scene)
    take(scene, answer)
    leaves = size(scene.ke)

    take(scene, answer)

    assert stages(scene.ke, done.act) == ["delivered"]
    assert size(scene.ke) == leaves


def test_what_an_erased_opening_proved_is_not_said_any_more(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    parcel = made(scene.ke, scene.vn)
    scene.vn.node.courier.incoming(parcel, scene.ke.id)
    row = copy_of(scene.vn, done.act)
    scene.vn.house.store.write(lambda w: logs.erase(w, row.log, [row.leaf]))

    answer = read(scene.ke, scene.vn.node.courier.incoming(parcel, scene.ke.id))

    assert answer.receipts == ()


# What the rules refuse.


def test_what_the_rules_refuse_comes_back_signed_and_its_author_sees_why(scene: Scene) -> None:
    soon = written(scene.ke.house.now() + timedelta(hours=1))
    done = scene.ke.seat().ask(asked(handling=Handling(expires=soon)))
    parcel = made(scene.ke, scene.vn)
    scene.hours.pass_(hours=2)

    answer = scene.vn.node.courier.incoming(parcel, scene.ke.id)
    receive.take(scene.ke.house, answer, scene.vn.id)

    assert not has(scene.vn, done.act)
    assert copy_of(scene.ke, done.act).state == CopyState.RETURNED
    assert waiting_rows(scene.ke) == ()
    shown = scene.ke.seat().thread(done.thread).thread.receipts
    [returned] = [each for each in shown if each.stage is ReceiptStage.RETURNED]
    assert returned.reason == "refused.expired"
    assert returned.agency == scene.vn.agency
    assert kinds(scene.vn) == kinds(scene.ke) == []
    assert scene.ke.verify().sound


def test_what_comes_back_twice_is_kept_once(scene: Scene) -> None:
    soon = written(scene.ke.house.now() + timedelta(hours=1))
    done = scene.ke.seat().ask(asked(handling=Handling(expires=soon)))
    parcel = made(scene.ke, scene.vn)
    scene.hours.pass_(hours=2)
    for _ in range(2):
        answer = scene.vn.node.courier.incoming(parcel, scene.ke.id)
        receive.take(scene.ke.house, answer, scene.vn.id)
        scene.hours.pass_(hours=1)

    assert stages(scene.ke, done.act) == ["returned"]


def test_a_reader_who_was_revoked_before_dispatch_is_never_sent_to(scene: Scene) -> None:
    person = enrol(scene.vn.house, scene.vn.agency, Person(name="Leaving", label="liaison"), "pass")
    scene.sync()
    done = scene.ke.seat().ask(asked("VN/liaison"))
    revoke(scene.vn.house, person.id, reason="left")
    leaves = size(scene.ke)

    scene.vn.node.courier.exchange(scene.ke.id)  # Viet Nam calls, and its new list comes first

    assert not has(scene.vn, done.act)
    assert copy_of(scene.ke, done.act).state == CopyState.RETURNED
    [returned] = receipts_of(scene.ke, done.act)
    assert (returned.agency, returned.reason) == (scene.ke.agency, "refused.reader-revoked")
    assert waiting_rows(scene.ke) == ()
    assert size(scene.ke) > leaves
    assert scene.ke.verify().sound


def renew_desk(scene: Scene) -> None:
    """Let Viet Nam's desk get a new key, as when somebody leaves it."""
    settled = scene.vn.settled
    leaver = settled.people["colleague"]
    change_members(scene.vn.house, settled.unlocked(), settled.desk, leave=[leaver])


def test_a_desk_whose_key_was_renewed_before_dispatch_is_never_sent_to(scene: Scene) -> None:
    scene.sync()
    done = scene.ke.seat().ask(asked())
    renew_desk(scene)

    scene.vn.node.courier.exchange(scene.ke.id)

    [returned] = receipts_of(scene.ke, done.act)
    assert (returned.agency, returned.reason) == (scene.ke.agency, "refused.reader-key-retired")
    assert not has(scene.vn, done.act)


def test_a_desk_whose_key_is_renewed_meanwhile_takes_what_was_on_its_way(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    parcel = made(scene.ke, scene.vn)
    renew_desk(scene)

    answer = scene.vn.node.courier.incoming(parcel, scene.ke.id)
    receive.take(scene.ke.house, answer, scene.vn.id)

    assert stages(scene.ke, done.act) == ["delivered"]
    assert scene.vn.seat().thread(done.thread).thread.request is not None


def test_what_was_on_its_way_for_too_long_comes_back(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    parcel = made(scene.ke, scene.vn)
    renew_desk(scene)
    scene.hours.now += RETIRED_TAKEN + timedelta(hours=1)

    answer = scene.vn.node.courier.incoming(parcel, scene.ke.id)
    receive.take(scene.ke.house, answer, scene.vn.id)

    [returned] = receipts_of(scene.ke, done.act)
    assert (returned.agency, returned.reason) == (scene.vn.agency, "refused.reader-key-retired")
    assert not has(scene.vn, done.act)


# What does not verify.


def tampered(scene: Scene) -> tuple[Done, Item]:
    """Let Kenya ask; return the docket beside an envelope of which one bit was turned."""
    done = scene.ke.seat().ask(asked())
    [item] = read(scene.vn, made(scene.ke, scene.vn)).items
    turned = bytes([item.envelope[-1] ^ 1])
    return done, replace(item, envelope=item.envelope[:-1] + turned)


def test_a_tampered_envelope_is_refused_and_kept_as_evidence_once(scene: Scene) -> None:
    done, item = tampered(scene)
    leaves = size(scene.vn)

    answers = [told(scene.ke, scene.vn, items=(item,)) for _ in range(3)]

    assert [[each.code for each in answer.refusals] for answer in answers] == [
        ["untrusted.differs.envelope"]
    ] * 3
    assert not has(scene.vn, done.act)
    assert kept_against(scene.vn) == [("docket", item.docket)]
    assert size(scene.vn) == leaves + 1
    assert all(answer.receipts == () for answer in answers)
    assert scene.vn.verify().sound


def test_what_was_tampered_with_on_the_way_still_arrives_when_it_is_sent_again(
    scene: Scene,
) -> None:
    done, item = tampered(scene)
    told(scene.ke, scene.vn, items=(item,))
    scene.hours.pass_(minutes=2)

    scene.sync()

    assert copy_of(scene.ke, done.act).state == CopyState.DELIVERED
    assert scene.vn.seat().thread(done.thread).thread.request is not None


def test_a_good_docket_beside_a_bad_one_arrives(scene: Scene) -> None:
    bad, item = tampered(scene)
    good = scene.ke.seat().ask(asked())
    scene.hours.pass_(minutes=2)
    whole = read(scene.vn, made(scene.ke, scene.vn)).items

    answer = told(scene.ke, scene.vn, items=(item, *whole[1:]))

    assert [has(scene.vn, each.act) for each in (bad, good)] == [False, True]
    assert len(answer.refusals) == len(answer.receipts) == 1


def test_a_refused_docket_is_tried_again_later_and_later(scene: Scene) -> None:
    done, item = tampered(scene)
    del done
    vn = scene.vn.node.courier
    real = vn.incoming

    def bad(sealed: bytes, node: str) -> bytes:
        parcel = read(scene.vn, sealed)
        items = (item,) if parcel.items else ()
        return real(again(scene.vn, parcel, items=items), scene.ke.id)

    vn.incoming = bad  # type: ignore[method-assign]
    scene.hours.pass_(minutes=2)

    waits = []
    for _ in range(4):
        scene.ke.node.courier.exchange(scene.vn.id)
        assert not is_due(scene.ke)
        [row] = waiting_rows(scene.ke)
        waits.append(row.next_at - scene.ke.house.millis())
        scene.hours.now += timedelta(milliseconds=waits[-1])
    assert waits == sorted(waits)
    assert waits[-1] >= 4 * waits[0] > 0


STRANGER = SigningKey(b"k" * 32)


def _unproven(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    return replace(item, proof=item.proof[:-1])


def _elsewhere(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    return replace(item, proof=(bytes(32), *item.proof[1:]))


def _at_another_index(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    return bent(item, scene.vn, index=said_in(item).index - 1)


def _salted_otherwise(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    return bent(item, scene.vn, salt=bytes(16))


def _half_salted(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    return bent(item, scene.vn, salt=bytes(8))


def _in_an_unknown_tree(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    return bent(item, scene.vn, size=said_in(item).size + 1)


def _of_another_docket(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    return bent(item, scene.vn, docket="0" * 64)


def _of_another_thread(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    return bent(item, scene.vn, thread=mint(bytes))


def _of_no_copy_of_ours(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    return bent(item, scene.vn, copy="0" * 64)


def _of_a_copy_that_stayed_at_home(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    with scene.ke.house.store.read() as reading:
        home = copies.in_states(reading, [CopyState.HOME])[0]
    return bent(item, scene.vn, copy=home.copy)


def _of_another_node(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    return bent(item, scene.vn, node=scene.ke.id)


def _signed_by_a_stranger(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    return replace(item, receipt=docket_wire.sign(said_in(item), STRANGER).dsse)


def _of_no_stage_that_travels(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    return bent(item, scene.vn, stage=ReceiptStage.SUBMITTED)


def _no_receipt(scene: Scene, item: ReceiptItem) -> ReceiptItem:
    return replace(item, receipt=item.receipt[:-20])


@pytest.mark.parametrize(
    ("turn", "code"),
    [
        (_unproven, "untrusted.proof"),
        (_elsewhere, "untrusted.proof"),
        (_at_another_index, "untrusted.proof"),
        (_salted_otherwise, "untrusted.proof"),
        (_half_salted, "untrusted.proof.opening"),
        (_in_an_unknown_tree, "untrusted.proof.checkpoint"),
        (_of_another_docket, "untrusted.differs.receipt"),
        (_of_another_thread, "untrusted.differs.receipt"),
        (_of_no_copy_of_ours, "untrusted.not-for-us.receipt"),
        (_of_a_copy_that_stayed_at_home, "untrusted.not-for-us.receipt"),
        (_of_another_node, "untrusted.signature.not-his"),
        (_signed_by_a_stranger, "untrusted.signature"),
        (_of_no_stage_that_travels, "untrusted.differs.stage"),
        (_no_receipt, "untrusted.malformed"),
    ],
)
def test_a_receipt_that_does_not_prove_is_evidence_and_no_receipt(
    scene: Scene, turn: Callable[[Scene, ReceiptItem], ReceiptItem], code: str
) -> None:
    done, answer = answered(scene)
    [item] = answer.receipts
    false = turn(scene, item)

    for _ in range(2):
        take(scene, answer, receipts=(false,))

    assert stages(scene.ke, done.act) == []
    assert copy_of(scene.ke, done.act).state == CopyState.SENT
    assert kept_against(scene.ke) == [("receipt", false.receipt)]
    with scene.ke.house.store.read() as reading:
        [row] = receipts.evidence(reading)
        entry = logs.leaves_from(reading, 1, 0)[-1].entry or b""
    assert code in entry.decode()
    assert row.kind == "receipt"
    take(scene, answer)
    assert stages(scene.ke, done.act) == ["delivered"]
    assert scene.ke.verify().sound


def test_a_receipt_without_its_checkpoint_waits_for_one(scene: Scene) -> None:
    done, answer = answered(scene)

    take(scene, answer, logs=())

    assert copy_of(scene.ke, done.act).state == CopyState.SENT
    take(scene, answer)
    assert copy_of(scene.ke, done.act).state == CopyState.DELIVERED


# What people say.


def test_what_a_person_said_is_carried_until_the_other_side_has_it(scene: Scene) -> None:
    done = scene.ask()
    scene.vn.seat().thread(done.thread)
    [row] = waiting_rows(scene.vn)
    assert row.count == 1

    scene.vn.node.courier.exchange(scene.ke.id)

    assert waiting_rows(scene.vn) == ()
    assert stages(scene.ke, done.act) == ["delivered", "opened"]


def test_what_a_person_said_also_goes_with_an_answer(scene: Scene) -> None:
    done = scene.ask()
    scene.vn.seat().thread(done.thread)

    ended = scene.ke.node.courier.call(scene.vn.id)

    assert ended == 2  # the receipt came with the first answer; the second call says it is here
    assert waiting_rows(scene.vn) == ()
    assert stages(scene.ke, done.act) == ["delivered", "opened"]


def test_what_a_person_said_survives_a_lost_answer(scene: Scene) -> None:
    done = scene.ask()
    scene.vn.seat().thread(done.thread)
    scene.weather.deaf = 1
    with pytest.raises(Unreachable):
        scene.vn.node.courier.exchange(scene.ke.id)
    scene.weather.clear()

    scene.vn.node.courier.exchange(scene.ke.id)

    assert waiting_rows(scene.vn) == ()
    assert stages(scene.ke, done.act) == ["delivered", "opened"]


def said_by_lan(scene: Scene) -> tuple[Done, ReceiptItem]:
    """Let somebody at Viet Nam's desk open a question; return his receipt as it travels."""
    shown = AgencyPolicy(shows=OpenedBy.PERSON)
    set_policy(scene.vn.house, scene.vn.agency, shown)
    done = scene.ask()
    scene.vn.seat().thread(done.thread)
    [item] = read(scene.ke, made(scene.vn, scene.ke)).receipts
    return done, item


def signed_by(scene: Scene, item: ReceiptItem, who: str, **changed: object) -> ReceiptItem:
    unlocked = scene.vn.seat(who).unlocked
    said = replace(said_in(item), **changed)  # type: ignore[arg-type]
    return replace(item, receipt=docket_wire.sign(said, unlocked.signing).dsse)


def test_a_person_says_only_what_his_own_key_signs(scene: Scene) -> None:
    done, item = said_by_lan(scene)
    supervisor = scene.vn.seat("supervisor").unlocked
    false = [
        signed_by(scene, item, "supervisor"),  # with another's certificate
        signed_by(
            scene,
            item,
            "supervisor",
            certificate=supervisor.certificate,
            reader=scene.vn.settled.people["investigator"],
        ),
        signed_by(scene, item, "supervisor", certificate="0" * 64),
        signed_by(
            scene,
            item,
            "investigator",
            certificate=scene.vn.card.certificate_of(scene.vn.settled.desk),
        ),
        replace(item, receipt=docket_wire.sign(said_in(item), scene.vn.house.keys.carrier).dsse),
    ]

    answer = told(scene.vn, scene.ke, receipts=tuple(false))

    assert stages(scene.ke, done.act) == ["delivered"]
    assert kinds(scene.ke) == ["receipt"] * len(false)
    # It is kept as evidence and never wanted again: its sender need not send it for ever.
    assert len(answer.taken) == len(false)


def test_an_unreadable_copy_is_said_and_moves_nothing_else(scene: Scene) -> None:
    done, item = said_by_lan(scene)
    other = signed_by(
        scene, item, "investigator", stage=ReceiptStage.UNREADABLE, reason="untrusted.not-for-us"
    )

    answer = told(scene.vn, scene.ke, receipts=(other,))

    assert len(answer.taken) == 1
    assert stages(scene.ke, done.act) == ["delivered", "unreadable"]
    assert copy_of(scene.ke, done.act).state == CopyState.DELIVERED


def test_returning_what_was_delivered_undoes_nothing(scene: Scene) -> None:
    done = scene.ask()
    row = copy_of(scene.ke, done.act)
    said = Receipt(
        stage=ReceiptStage.RETURNED,
        agency=scene.vn.agency,
        to=scene.ke.agency,
        node=scene.vn.id,
        act=done.act,
        copy=row.copy,  # type: ignore[arg-type]
        envelope=row.envelope,  # type: ignore[arg-type]
        thread=done.thread,
        docket=row.docket,  # type: ignore[arg-type]
        at=scene.vn.house.now(),
        reason="refused.expired",
    )
    item = ReceiptItem(receipt=docket_wire.sign(said, scene.vn.house.keys.carrier).dsse)

    told(scene.vn, scene.ke, receipts=(item,))

    assert copy_of(scene.ke, done.act).state == CopyState.DELIVERED
