# SPDX-License-Identifier: Apache-2.0
"""A node works from dockets, and a docket that lies about its statement is caught."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import strategies

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import SigningKey
from comity.domain.docket import (
    BlobRef,
    ClockClass,
    Docket,
    DocketReader,
    DocketStage,
    Proven,
    Receipt,
    ReceiptStage,
)
from comity.domain.ids import (
    ActId,
    AgencyId,
    BlobId,
    CertificateHash,
    CopyId,
    EnvelopeId,
    NodeId,
    OfficerId,
    ThreadId,
    digest,
    mint,
)
from comity.domain.statement import (
    Acknowledgement,
    Answer,
    Attachment,
    Author,
    Outcome,
    Reader,
    ReaderKind,
    Statement,
    Unknown,
    Why,
    type_of,
)
from comity.errors import BadSignature, Differs, Malformed, Untrusted
from comity.wire import docket, envelope, statement

AT = datetime(2026, 11, 23, 7, 40, tzinfo=UTC)
CARRIER = SigningKey.from_seed(bytes([9]) * 32)
AMINA = SigningKey.from_seed(bytes([1]) * 32)
ID, OTHER = mint(lambda size: bytes(range(size))), mint(bytes)
KE, VN = AgencyId("ke"), AgencyId("vn")
BLOB = BlobId(digest(b"blob"))
ATTACHED = Attachment(
    blob=BLOB, size=9, seed=bytes(32), clear=digest(b""), length=0, name="", media=""
)
SAID = Statement(
    type=type_of(Answer(to=ActId(ID), outcome=Outcome.PARTLY)),
    act=ActId(ID),
    thread=ThreadId(ID),
    at=AT,
    to=VN,
    language="en",
    roster=1,
    author=Author(agency=KE, officer=OfficerId(OTHER), certificate=CertificateHash(digest(b""))),
    readers=(
        Reader(agency=KE, id=OTHER, kind=ReaderKind.OFFICER, epoch=1, why=Why.AUTHOR),
        Reader(agency=VN, id=ID, kind=ReaderKind.DESK, epoch=2, why=Why.ADDRESSED),
    ),
    body=Answer(to=ActId(ID), outcome=Outcome.PARTLY, attachments=(ATTACHED,)),
)
OPENED = statement.sign(SAID, AMINA)
SEALED = envelope.seal(OPENED.dsse, [HybridIdentity.from_seed(bytes([3]) * 32).recipient])
HONEST = Docket(
    agency=KE,
    to=VN,
    act=SAID.act,
    copy=OPENED.copy,
    envelope=SEALED.id,
    size=len(SEALED.sealed),
    thread=SAID.thread,
    blobs=(BlobRef(id=BLOB, size=9),),
    readers=(DocketReader(id=ID, kind=ReaderKind.DESK, epoch=2),),
    stage=DocketStage.ANSWERED,
    clock=ClockClass.NONE,
    at=AT,
)
RECEIPT = Receipt(
    stage=ReceiptStage.DELIVERED,
    agency=VN,
    to=KE,
    node=NodeId(ID),
    act=SAID.act,
    copy=OPENED.copy,
    envelope=SEALED.id,
    thread=SAID.thread,
    docket=digest(b""),
    at=AT,
    origin="comity/x/1",
    index=4,
    size=9,
    salt=bytes(16),
)
PROVEN = Proven(
    agency=VN, to=KE, node=NodeId(ID), origin="comity/x/1", size=9, at=AT, checkpoint="note"
)


@pytest.mark.parametrize("said", [HONEST, RECEIPT, PROVEN])
def test_what_a_node_says_goes_to_the_wire_and_back(said: Any) -> None:
    signed = docket.sign(said, CARRIER)

    back = docket.read(signed.dsse, type(said))

    assert back == signed
    assert docket.verify(back, CARRIER.public) == said
    assert back.digest == digest(signed.payload)


@given(st.one_of(strategies.dockets, strategies.receipts, strategies.proven))
@settings(max_examples=60)
def test_whatever_a_node_may_say_goes_to_the_wire_and_back(said: Any) -> None:
    signed = docket.sign(said, CARRIER)

    assert docket.verify(docket.read(signed.dsse, type(said)), CARRIER.public) == said


def test_every_truncation_is_refused() -> None:
    signed = docket.sign(HONEST, CARRIER).dsse

    for size in range(len(signed)):
        with pytest.raises(Malformed):
            docket.read(signed[:size], Docket)


def test_another_node_did_not_sign_it() -> None:
    with pytest.raises(BadSignature):
        docket.verify(docket.sign(HONEST, CARRIER), AMINA.public)


def test_a_receipt_is_no_docket() -> None:
    with pytest.raises(Malformed):
        docket.read(docket.sign(RECEIPT, CARRIER).dsse, Docket)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_byte_is_refused(data: st.DataObject) -> None:
    changed = bytearray(docket.sign(HONEST, CARRIER).dsse)
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(Untrusted):
        docket.verify(docket.read(bytes(changed), Docket), CARRIER.public)


def test_an_honest_docket_agrees_with_its_statement() -> None:
    docket.compare(HONEST, OPENED, SEALED)


def test_the_author_is_a_reader_of_his_own_nodes_copy() -> None:
    said = replace(
        SAID,
        to=KE,
        readers=SAID.readers[:1],
        body=Acknowledgement(to=SAID.act),
        type="comity/acknowledgement@1",
    )
    opened = statement.sign(said, AMINA)
    home = replace(
        HONEST,
        to=KE,
        copy=opened.copy,
        blobs=(),
        readers=(DocketReader(id=OTHER, kind=ReaderKind.OFFICER, epoch=1),),
    )

    docket.compare(home, opened, SEALED)


def test_what_a_later_version_attaches_is_not_called_a_lie() -> None:
    said = replace(SAID, type="comity/parcel-of-ivory@1", body=Unknown(raw=b'{"files":1}'))
    opened = statement.sign(said, AMINA)

    docket.compare(replace(HONEST, copy=opened.copy), opened, SEALED)


@pytest.mark.parametrize(
    ("lie", "field"),
    [
        ({"act": ActId(OTHER)}, "act"),
        ({"thread": ThreadId(OTHER)}, "thread"),
        ({"copy": CopyId(digest(b""))}, "copy"),
        ({"envelope": EnvelopeId(digest(b""))}, "envelope"),
        ({"size": 1}, "envelope"),
        ({"agency": VN}, "agency"),
        ({"to": KE}, "agency"),
        ({"readers": ()}, "readers"),
        ({"readers": (DocketReader(id=ID, kind=ReaderKind.DESK, epoch=3),)}, "readers"),
        ({"blobs": ()}, "blobs"),
        ({"blobs": (BlobRef(id=BLOB, size=8),)}, "blobs"),
    ],
)
def test_a_docket_that_lies_is_caught(lie: dict[str, Any], field: str) -> None:
    with pytest.raises(Differs) as caught:
        docket.compare(replace(HONEST, **lie), OPENED, SEALED)

    assert caught.value.cause == f"untrusted.differs.{field}"
