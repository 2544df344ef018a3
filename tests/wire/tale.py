# SPDX-License-Identifier: Apache-2.0
"""The tale that the vectors tell: Mombasa asks Hai Phong whose telephone this is.

Every key is made of one byte repeated, every id of one letter: nobody's real key, and easy to see.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import SigningKey
from comity.domain.consent import Consent, ConsentRequest, Word
from comity.domain.docket import (
    BlobRef,
    ClockClass,
    Docket,
    DocketReader,
    DocketStage,
    OpenedBy,
    OrderedDocket,
    Proven,
    Receipt,
    ReceiptStage,
)
from comity.domain.handling import Handling, Leave, See
from comity.domain.ids import (
    ActId,
    AgencyId,
    BlobId,
    CertificateHash,
    NodeId,
    OfficerId,
    ThreadId,
    digest,
)
from comity.domain.onward import Use
from comity.domain.pressing import Limit, Reminder, Urgent
from comity.domain.recall_order import RecallOrder
from comity.domain.statement import (
    Acknowledgement,
    Answer,
    AskBack,
    Attachment,
    Author,
    Basis,
    Body,
    Countersignature,
    Decision,
    HandOver,
    Note,
    Outcome,
    PassOn,
    Reader,
    ReaderKind,
    RefusalGround,
    Request,
    Statement,
    Stop,
    Take,
    Urgency,
    Why,
    type_of,
)
from comity.domain.taking_back import NumberedRecall, Recall, Taking, Withdrawal
from comity.wire import order

AT: Final = datetime(2026, 11, 23, 7, 40, tzinfo=UTC)
AMINA: Final = SigningKey.from_seed(bytes([1]) * 32)
"""The author."""
CARRIER: Final = SigningKey.from_seed(bytes([2]) * 32)
"""Of the node in Mombasa, which releases."""
THEIR_CARRIER: Final = SigningKey.from_seed(bytes([3]) * 32)
DESK: Final = HybridIdentity.from_seed(bytes([4]) * 32)
"""The desk in Hai Phong."""
HER: Final = HybridIdentity.from_seed(bytes([5]) * 32)
"""Amina's own reading key: the author is always a reader."""
STRANGER: Final = HybridIdentity.from_seed(bytes([6]) * 32)
NODE: Final = HybridIdentity.from_seed(bytes([7]) * 32)
"""Opens the parcels of the node in Hai Phong."""
SEED: Final = bytes(range(32))

KE, VN, ET = AgencyId("k" * 26), AgencyId("v" * 26), AgencyId("e" * 26)
MOMBASA, HAI_PHONG = NodeId("m" * 26), NodeId("h" * 26)
ACT, THREAD = ActId("a" * 26), ThreadId("t" * 26)
OFFICER, THEIR_DESK = OfficerId("o" * 26), "d" * 26
ORIGIN: Final = f"comity/{HAI_PHONG}/1"

PHOTOGRAPH: Final = Attachment(
    blob=BlobId(digest(b"sealed photograph")),
    size=123_456,
    seed=SEED,
    clear=digest(b"photograph"),
    length=118_784,
    name="seal.jpg",
    media="image/jpeg",
)
QUESTION_BODY: Final = Request(
    kind="phone",
    kind_version=1,
    ref="CID/MSA/2026/1123",
    short="KV-4821",
    fields={"number": ("+84900000000",), "period": ("2026-10-01/2026-11-20",)},
    facts="Container declared as timber, opened at Kilindini: 312 kg of raw ivory. "
    "The consignee in Hải Phòng gave this number. \u202b\u0627\u0644\u0639\u0627\u062c\u202c",
    offence="wildlife-trafficking",
    why_you="The number is Vietnamese.",
    link="It stands on the bill of lading.",
    use="intelligence",
    handling=Handling(see=See.DESK, onward=Leave.ASK, condition="Not before the arrest."),
    urgency=Urgency.URGENT,
    urgency_reason="The ship leaves tonight.",
    basis=Basis(code="untoc-27-1"),
    mandate="n" * 26,
    attachments=(PHOTOGRAPH,),
)
BODIES: Final[Mapping[str, Body]] = {
    type_of(each): each
    for each in (
        QUESTION_BODY,
        Note(
            kind="container",
            kind_version=1,
            ref="CID/MSA/2026/1124",
            short="KV-4822",
            fields={"container": ("MSKU0383250",)},
            facts="A second container of the same shipper is at sea.",
            offence="wildlife-trafficking",
            why_you="It is bound for your port.",
            handling=Handling(original="3x5x2:1AC"),
            basis=Basis(code="untoc-18-4"),
            mandate="n" * 26,
        ),
        Acknowledgement(to=ACT, expect="2026-11-23T15:40:00Z", remark="Đang kiểm tra."),
        AskBack(to=ACT, reasons=("more-detail",), fields=("period",), text="Which days?"),
        Answer(
            to=ACT,
            outcome=Outcome.REFUSED,
            ground=RefusalGround.ONGOING_CASE,
            text="Not while our own case runs.",
        ),
        Take(to=ACT),
        HandOver(to=ACT, taker=THEIR_DESK, remark="Night shift."),
        Countersignature(to=ACT, decision=Decision.RETURN, reason="Name the mandate."),
        Stop(to=ACT),
        ConsentRequest(
            to=ACT,
            use=Use.PASS_ON,
            holder=KE,
            agencies=(ET,),
            named="Wildlife authority, Addis Ababa (ET)",
            purpose="intelligence",
            reason="The ship calls there first.",
            urgent=True,
        ),
        Consent(
            to=ACT,
            word=Word.CONDITIONS,
            act=ACT,
            use=Use.PASS_ON,
            holder=KE,
            agencies=(ET,),
            handling=Handling(condition="Not before the arrest."),
            until="2026-12-23T07:40:00Z",
            text="By their duty desk alone.",
        ),
        PassOn(
            kind="phone",
            kind_version=1,
            ref="CID/MSA/2026/1125",
            short="KE-4823",
            recipient=ET,
            original=b"{}",
            remark="As told on the telephone.",
            use="intelligence",
            handling=Handling(),
            basis=Basis(code="untoc-18-4"),
            mandate="n" * 26,
            attachments=(PHOTOGRAPH,),
        ),
        Urgent(to=ACT, reason="The ship leaves tonight."),
        Reminder(to=ACT, limit=Limit.ACKNOWLEDGE),
        Recall(acts=(ACT,), what=Taking.RECALL, text="It names somebody else."),
        NumberedRecall(acts=(ACT,), what=Taking.RECALL, short="KV-4821"),
        Withdrawal(to=ACT, text="The container was found."),
    )
}


def said(body: Body) -> Statement:
    return Statement(
        type=type_of(body),
        act=ACT,
        thread=THREAD,
        at=AT,
        author=Author(
            agency=KE,
            officer=OFFICER,
            certificate=CertificateHash(digest(b"certificate")),
            display="officer 17",
        ),
        to=VN,
        readers=(
            Reader(agency=KE, id=OFFICER, kind=ReaderKind.OFFICER, epoch=1, why=Why.AUTHOR),
            Reader(agency=VN, id=THEIR_DESK, kind=ReaderKind.DESK, epoch=2, why=Why.ADDRESSED),
        ),
        language="en",
        roster=7,
        body=body,
    )


QUESTION: Final = said(QUESTION_BODY)
RELEASE: Final = Docket(
    agency=KE,
    to=VN,
    act=ACT,
    copy=digest(b"copy"),  # type: ignore[arg-type]  # a stand-in until the copy is signed
    envelope=digest(b"envelope"),  # type: ignore[arg-type]  # likewise
    size=8192,
    thread=THREAD,
    blobs=(BlobRef(id=PHOTOGRAPH.blob, size=PHOTOGRAPH.size),),
    readers=(DocketReader(id=THEIR_DESK, kind=ReaderKind.DESK, epoch=2),),
    stage=DocketStage.ASKED,
    clock=ClockClass.URGENT,
    at=AT,
)
ORDER: Final = RecallOrder(
    agency=KE,
    thread=THREAD,
    acts=(ACT,),
    what=Taking.RECALL,
    author=OFFICER,
    certificate=CertificateHash(digest(b"certificate")),
    at=AT,
)
ORDERED: Final = OrderedDocket(
    agency=KE,
    to=VN,
    act=ActId("b" * 26),
    copy=RELEASE.copy,
    envelope=RELEASE.envelope,
    size=8192,
    thread=THREAD,
    readers=RELEASE.readers,
    stage=DocketStage.TAKEN_BACK,
    at=AT,
    recalls=(ACT,),
    order=order.sign(ORDER, AMINA).dsse,
)
DELIVERED: Final = Receipt(
    stage=ReceiptStage.DELIVERED,
    agency=VN,
    to=KE,
    node=HAI_PHONG,
    act=ACT,
    copy=RELEASE.copy,
    envelope=RELEASE.envelope,
    thread=THREAD,
    docket=digest(b"docket"),
    at=AT,
    origin=ORIGIN,
    index=4,
    size=9,
    salt=bytes(range(16)),
)
OPENED: Final = Receipt(
    stage=ReceiptStage.OPENED,
    agency=VN,
    to=KE,
    node=HAI_PHONG,
    act=ACT,
    copy=RELEASE.copy,
    envelope=RELEASE.envelope,
    thread=THREAD,
    docket=digest(b"docket"),
    at=AT,
    shows=OpenedBy.DESK,
    reader=THEIR_DESK,
)
NOTICE: Final = Proven(
    agency=VN,
    to=KE,
    node=HAI_PHONG,
    origin=ORIGIN,
    size=9,
    at=AT,
    checkpoint=f"{ORIGIN}\n9\n{base64.b64encode(bytes(32)).decode()}\n",
)


def text_of(data: bytes) -> str:
    return base64.b64encode(data).decode()
