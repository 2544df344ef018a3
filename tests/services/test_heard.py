# SPDX-License-Identifier: Apache-2.0
"""A receipt counts if who says it may, signed it, and its leaf is where it says; else it is kept."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.services.letters import (
    REQUEST,
    START,
    Letter,
    Post,
    codes,
    desk_of,
    evidence,
    opened,
    real,
    row_of,
)
from tests.services.settle import Settled

from comity.crypto.signing import SigningKey
from comity.domain.docket import Docket, OpenedBy, Proven, Receipt, ReceiptStage
from comity.domain.ids import CertificateHash, CopyId, OfficerId, ThreadId, digest, mint
from comity.domain.time import to_millis
from comity.errors import Refused
from comity.ledger import checkpoint, note
from comity.ledger.leaf import LeafType, Opening
from comity.ledger.proof import verify_inclusion
from comity.services.heard import submitted, submitted_proof
from comity.services.oversight import AgencyPolicy, set_policy
from comity.services.revoke import revoke
from comity.services.thread import OpenThread
from comity.storage import copies, logs, receipts, witness
from comity.storage.copies import CopyState
from comity.storage.witness import Witnessed
from comity.wire import docket as docket_wire
from comity.wire.docket import Released

STRANGER = SigningKey.from_seed(bytes([7]) * 32)


def stages(found: OpenThread, copy: CopyId) -> list[str]:
    return sorted(each.stage.value for each in found.thread.receipts if each.copy == copy)


def delivered(settled: Settled, sent: Letter) -> receipts.Receipt:
    with settled.house.store.read() as reading:
        rows = receipts.by_copies(reading, [sent.signed.copy])
    return next(row for row in rows if row.stage == ReceiptStage.DELIVERED)


def put(settled: Settled, said: Receipt, key: SigningKey, proof: bytes = b"") -> str:
    """Put a receipt into the database as if it had been taken in."""
    released = docket_wire.sign(said, key)
    row = receipts.Receipt(
        receipt=released.digest,
        copy=said.copy,
        stage=said.stage,
        agency=said.agency,
        at=0,
        stored_at=to_millis(START),
        origin=said.origin,
        size=said.size,
        body=released.dsse,
        proof=proof,
    )
    settled.house.store.write(lambda w: receipts.add(w, [row]))
    return row.receipt


def read(row: receipts.Receipt) -> Receipt:
    return docket_wire.read(row.body, Receipt).said


def test_each_stage_is_shown_from_submitted_to_opened(post: Post) -> None:
    sent = post.ask()
    opened(post.vn)
    post.sync()

    found = opened(post.ke)

    assert stages(found, sent.signed.copy) == ["delivered", "opened", "proven", "submitted"]
    assert found.mistrusted == ()


def test_before_it_has_left_only_our_own_node_speaks(post: Post) -> None:
    sent = post.send(REQUEST)

    assert stages(opened(post.ke), sent.signed.copy) == ["submitted"]


def test_a_copy_that_was_returned_says_why(post: Post) -> None:
    sent = post.send(REQUEST)
    row = row_of(post.ke, sent)
    said = Receipt(
        stage=ReceiptStage.RETURNED,
        agency=post.ke.agency,
        to=post.ke.agency,
        node=post.ke.house.keys.node,
        act=sent.act,
        copy=sent.signed.copy,
        envelope=sent.envelope.id,
        thread=real(),
        docket=sent.released.digest,
        at=START,
        reason="refused.reader-revoked",
    )
    put(post.ke, said, post.ke.house.keys.carrier)
    post.ke.house.store.write(lambda w: copies.set_state(w, [row.copy], CopyState.RETURNED))

    found = opened(post.ke)

    [told] = [r for r in found.thread.receipts if r.stage is ReceiptStage.RETURNED]
    assert told.reason == "refused.reader-revoked"
    assert found.mistrusted == ()


LIES: dict[str, dict[str, Any]] = {
    "untrusted.signature.absent": {"key": STRANGER},
    "untrusted.differs.receipt": {"act": mint(bytes)},
    "untrusted.signature.not-his": {"node": mint(bytes)},
    "untrusted.proof.opening": {"salt": b"short"},
    "untrusted.proof.root": {"salt": bytes(16)},
    "untrusted.proof.size": {"index": 999},
    "untrusted.proof.checkpoint": {"size": 999},
    "untrusted.proof.origin": {"origin": f"comity/{mint(bytes)}/1"},
}


@pytest.mark.parametrize("code", sorted(LIES))
def test_a_receipt_that_does_not_verify_is_kept_once_and_counts_for_nothing(
    post: Post, code: str
) -> None:
    sent = post.ask()
    good = delivered(post.ke, sent)
    changed = dict(LIES[code])
    key = changed.pop("key", post.vn.house.keys.carrier)
    assert isinstance(key, SigningKey)
    lie = put(
        post.ke,
        replace(read(good), at=START + timedelta(seconds=9), **changed),
        key,
        proof=good.proof,
    )

    first, second = opened(post.ke), opened(post.ke)

    assert codes(first) == codes(second) == [code]
    assert [each.subject for each in evidence(post.ke)] == [lie]
    assert [each.agency for each in first.mistrusted] == [post.vn.agency]
    assert {r.at for r in first.thread.receipts} == {START}


def test_a_proof_of_broken_length_leads_nowhere(post: Post) -> None:
    sent = post.ask()
    good = delivered(post.ke, sent)
    said = replace(read(good), at=START + timedelta(seconds=9))
    put(post.ke, said, post.vn.house.keys.carrier, proof=good.proof + b"x")

    assert codes(opened(post.ke)) == ["untrusted.proof.opening"]


def test_a_receipt_whose_bytes_are_not_those_that_its_row_names_is_refused(post: Post) -> None:
    sent = post.ask()
    good = delivered(post.ke, sent)
    other = replace(good, receipt=digest(b"other"))
    post.ke.house.store.write(lambda w: receipts.add(w, [other]))

    assert codes(opened(post.ke)) == ["untrusted.differs.receipt"]


def test_what_a_node_may_not_say_is_not_heard(post: Post) -> None:
    sent = post.ask()
    good = read(delivered(post.ke, sent))
    own = post.ke
    for stage, agency, key in (
        (ReceiptStage.DELIVERED, own.agency, own.house.keys.carrier),
        (ReceiptStage.SUBMITTED, post.vn.agency, post.vn.house.keys.carrier),
        (ReceiptStage.PROVEN, post.vn.agency, post.vn.house.keys.carrier),
    ):
        put(own, replace(good, stage=stage, agency=agency, at=START), key)

    assert codes(opened(own)) == ["untrusted.signature.not-his"] * 3


def test_a_checkpoint_that_its_ledger_did_not_sign_proves_nothing(post: Post) -> None:
    sent = post.ask()
    ke, vn = post.ke, post.vn
    good = delivered(ke, sent)
    said = replace(read(good), size=999)
    forged = checkpoint.sign(checkpoint.Checkpoint(said.origin, 999, bytes(32)), STRANGER)
    shown = Witnessed(origin=said.origin, size=999, root=bytes(32), note=note.write(forged), at=0)
    ke.house.store.write(lambda w: witness.seen(w, [shown]))
    put(ke, said, vn.house.keys.carrier, proof=good.proof)

    assert codes(opened(ke)) == ["untrusted.signature.absent"]


def persons(post: Post, sent: Letter, **changed: object) -> Receipt:
    reader = post.vn.unlocked()
    said = Receipt(
        stage=ReceiptStage.OPENED,
        agency=post.vn.agency,
        to=post.ke.agency,
        node=post.vn.house.keys.node,
        act=sent.act,
        copy=sent.signed.copy,
        envelope=sent.envelope.id,
        thread=real(),
        docket=sent.released.digest,
        at=START,
        shows=OpenedBy.PERSON,
        reader=post.vn.desk,
        certificate=reader.certificate,
    )
    return replace(said, **changed)  # type: ignore[arg-type]  # a lie of any type


def test_a_person_says_only_for_himself_or_his_desk_that_it_was_opened(post: Post) -> None:
    sent = post.ask()
    ke, key = post.ke, post.vn.unlocked().signing
    author = ke.unlocked()
    desk = next(h for h, e in ke.card.current.items() if getattr(e, "id", "") == ke.desk)
    lies = [
        (persons(post, sent, reader=post.vn.oversight), key, "not-his-desk"),
        (persons(post, sent, reader=OfficerId(mint(bytes))), key, "not-his-desk"),
        (persons(post, sent), STRANGER, "absent"),
        (persons(post, sent, certificate=CertificateHash(digest(b"?"))), key, "unknown"),
        (persons(post, sent, agency=ke.agency, certificate=author.certificate), key, "not-his"),
        (persons(post, sent, to=post.vn.agency), key, "not-his"),
    ]
    for said, signer, _ in lies:
        put(ke, said, signer)

    assert desk
    assert sorted(codes(opened(ke))) == sorted(f"untrusted.signature.{why}" for *_, why in lies)
    assert [r for r in opened(ke).thread.receipts if r.stage is ReceiptStage.OPENED] == []


def test_a_desk_signs_nothing(post: Post) -> None:
    sent = post.ask()
    vn = post.vn
    certificate = vn.card.certificate_of(vn.desk)
    put(post.ke, persons(post, sent, certificate=certificate), vn.unlocked().signing)

    assert codes(opened(post.ke)) == ["untrusted.signature.not-an-officer"]


def test_what_a_stolen_key_said_was_opened_is_not_believed(post: Post) -> None:
    vn = post.vn
    set_policy(vn.house, vn.agency, AgencyPolicy(shows=OpenedBy.PERSON))
    sent = post.ask()
    opened(vn)
    post.sync()
    revoke(
        vn.house,
        vn.people["investigator"],
        reason="stolen",
        compromised_since=START - timedelta(minutes=1),
    )
    post.send(REQUEST, of=vn, who="colleague", thread=ThreadId(mint(bytes)))
    post.sync()

    found = opened(post.ke)

    assert "opened" not in stages(found, sent.signed.copy)
    assert codes(found) == ["untrusted.stale.revoked"]


def test_a_notice_that_another_signed_proves_nothing(post: Post) -> None:
    sent = post.send(REQUEST)
    ke = post.ke
    post.couriers[ke.house.keys.node].exchange(post.vn.house.keys.node)
    good = read(delivered(ke, sent))
    for agency in (post.vn.agency, mint(bytes)):
        notice = docket_wire.sign(
            Proven(
                agency=agency,  # type: ignore[arg-type]  # a stranger's too
                to=ke.agency,
                node=post.vn.house.keys.node,
                origin=good.origin,
                size=good.size,
                at=START,
                checkpoint="",
            ),
            STRANGER,
        )
        row = receipts.Proven(origin=good.origin, size=good.size, at=0, body=notice.dsse)
        ke.house.store.write(lambda w, row=row: receipts.add_proven(w, [row]))  # type: ignore[misc]  # bound at once

    assert "proven" not in stages(opened(ke), sent.signed.copy)


def test_the_submitted_receipt_is_made_from_our_own_leaf_and_holds_by_itself(post: Post) -> None:
    sent = post.ask()
    house = post.ke.house
    with house.store.read() as reading:
        [row] = copies.by_ids(reading, [sent.signed.copy])
        head = reading.head()
        item = submitted_proof(reading, house, row)
    assert head is not None

    released: Released[Receipt] = docket_wire.read(item.receipt, Receipt)
    said = docket_wire.verify(released, house.keys.carrier.public)
    shown = checkpoint.verify(note.read(head.note), said.origin, house.keys.ledger.public)
    leaf = Opening(LeafType.DOCKET, said.salt, sent.released.payload)

    verify_inclusion(said.index, shown.size, leaf.hash, item.proof, shown.root)
    assert (said.stage, said.size) == (ReceiptStage.SUBMITTED, shown.size)
    assert docket_wire.read(sent.released.dsse, Docket).digest == said.docket


def test_nothing_is_submitted_before_it_is_released_nor_after_it_was_erased(post: Post) -> None:
    sent = post.ask()
    house = post.ke.house
    row = row_of(post.ke, sent)
    house.store.write(lambda w: logs.erase(w, row.log, [row.leaf]))

    with house.store.read() as reading:
        for asked, why in (
            (replace(row, state=CopyState.HELD), "not-submitted"),
            (replace(row, log=0), "not-submitted"),
            (row, "erased"),
        ):
            with pytest.raises(Refused, match=why):
                submitted_proof(reading, house, asked)
    assert submitted(replace(row, state=CopyState.STOPPED), house) is None


def test_a_copy_that_stays_at_home_was_handed_to_nobody(post: Post) -> None:
    sent = post.send(REQUEST, to=post.ke, readers=[desk_of(post.ke, post.ke)])

    assert stages(opened(post.ke), sent.signed.copy) == []
