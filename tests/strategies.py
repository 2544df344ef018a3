# SPDX-License-Identifier: Apache-2.0
"""Hypothesis strategies for every domain value, for the tests of all rooms.

``from tests.strategies import statements``. Texts are any Unicode that JSON can carry; everything
else is drawn from what the values themselves allow.
"""

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from comity.domain import ids, time
from comity.domain.consent import Consent, ConsentRequest, Word
from comity.domain.docket import (
    BLOB_LIMIT,
    BlobRef,
    ClockClass,
    Docket,
    DocketReader,
    DocketStage,
    OpenedBy,
    Proven,
    Receipt,
    ReceiptStage,
)
from comity.domain.handling import Action, Credibility, Handling, Leave, Sanitise, See, Source
from comity.domain.onward import Use
from comity.domain.pressing import Limit, Reminder, Urgent
from comity.domain.roster import (
    AgencyType,
    Audience,
    DeskEntry,
    Entry,
    MandateEntry,
    NamedWitness,
    NodeEntry,
    OfficerEntry,
    RevocationEntry,
    Role,
    Root,
    RosterHead,
    WitnessesEntry,
)
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

T = TypeVar("T")

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 7, 40, tzinfo=UTC)
END = datetime(2030, 1, 1, tzinfo=UTC)


def some(each: SearchStrategy[T], most: int = 3) -> SearchStrategy[tuple[T, ...]]:
    return st.lists(each, max_size=most).map(tuple)


# Characters that JSON cannot carry are the lone surrogates alone.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.sampled_from(["", "Port desk", "Bàn chống buôn lậu", "officer 17", "مكتب", '"\\\u2028'])
codes = st.from_regex(r"[a-z][a-z0-9-]{0,11}", fullmatch=True)
field_names = st.from_regex(r"[a-z][a-z0-9_]{0,11}", fullmatch=True)
numbers = st.integers(min_value=0, max_value=2**53 - 1)
epochs = st.integers(min_value=1, max_value=99)
keys = st.binary(min_size=32, max_size=32)
moments = st.integers(min_value=0, max_value=int((END - BEGINNING).total_seconds())).map(
    lambda seconds: BEGINNING + timedelta(seconds=seconds)
)
written = st.one_of(st.just(""), moments.map(time.written))
random_ids = st.binary(min_size=16, max_size=16).map(ids.base32)
digests = st.binary(max_size=8).map(ids.digest)

agency_ids = random_ids.map(ids.AgencyId)
officer_ids = random_ids.map(ids.OfficerId)
desk_ids = random_ids.map(ids.DeskId)
node_ids = random_ids.map(ids.NodeId)
act_ids = random_ids.map(ids.ActId)
thread_ids = random_ids.map(ids.ThreadId)
copy_ids = digests.map(ids.CopyId)
envelope_ids = digests.map(ids.EnvelopeId)
blob_ids = digests.map(ids.BlobId)
certificates = digests.map(ids.CertificateHash)
languages = st.sampled_from(["sw", "en", "vi", "fr", "ar", "zh-Hans"])
countries = st.sampled_from(["KE", "VN", "ET", "FR", "XA"])
zones = st.sampled_from(["Africa/Nairobi", "Asia/Ho_Chi_Minh", "Europe/Paris", "UTC"])
recipients = st.sampled_from(["age1pq1qqqq", "age1pq1zzzz"])
field_values = st.dictionaries(field_names, some(texts), max_size=4)

handlings = st.builds(
    Handling,
    source=st.sampled_from(Source),
    credibility=st.sampled_from(Credibility),
    see=st.sampled_from(See),
    onward=st.sampled_from(Leave),
    judicial=st.sampled_from(Leave),
    action=st.sampled_from(Action),
    sanitise=st.sampled_from(Sanitise),
    expires=written,
    condition=texts,
    original=st.one_of(
        st.just(""),
        st.sampled_from(["3x5x2:1AC", "3x5x2:1AP", "4x4:B2 H1 H2", "4x4:nonsense", "other:x"]),
    ),
)

authors = st.builds(
    Author,
    agency=agency_ids,
    officer=officer_ids,
    certificate=certificates,
    desk=st.one_of(st.just(""), desk_ids),
    display=names,
)
readers = st.builds(
    Reader,
    agency=agency_ids,
    id=random_ids,
    kind=st.sampled_from(ReaderKind),
    epoch=epochs,
    why=st.sampled_from(Why),
)
attachments = st.builds(
    Attachment,
    blob=blob_ids,
    size=numbers,
    seed=keys,
    clear=digests,
    length=numbers,
    name=texts,
    media=st.sampled_from(["image/jpeg", "application/pdf"]),
)
bases = st.builds(
    Basis,
    code=st.sampled_from(["untoc-18-4", "untoc-27-1", "mandate", "other"]),
    text=texts,
)
requests = st.builds(
    Request,
    kind=codes,
    kind_version=epochs,
    ref=texts,
    short=st.just("KV-4821"),
    fields=field_values,
    facts=texts,
    offence=codes,
    why_you=texts,
    link=texts,
    use=codes,
    handling=handlings,
    urgency=st.sampled_from(Urgency),
    urgency_reason=texts,
    basis=bases,
    mandate=random_ids,
    attachments=some(attachments, 2),
    spoken=names,
)
notes = st.builds(
    Note,
    kind=codes,
    kind_version=epochs,
    ref=texts,
    short=st.just("KV-4822"),
    fields=field_values,
    facts=texts,
    offence=codes,
    why_you=texts,
    handling=handlings,
    basis=bases,
    mandate=random_ids,
    attachments=some(attachments, 2),
)
acknowledgements = st.builds(Acknowledgement, to=act_ids, expect=written, remark=texts)
ask_backs = st.builds(
    AskBack, to=act_ids, reasons=some(codes), fields=some(field_names), text=texts
)
answers = st.builds(
    Answer,
    to=act_ids,
    outcome=st.sampled_from(Outcome),
    ground=st.sampled_from(["", *RefusalGround]),
    competent=texts,
    fields=field_values,
    text=texts,
    ref=texts,
    handling=handlings,
    attachments=some(attachments, 2),
)
takes = st.builds(Take, to=act_ids)
hand_overs = st.builds(HandOver, to=act_ids, taker=random_ids, remark=texts)
countersignatures = st.builds(
    Countersignature,
    to=act_ids,
    decision=st.sampled_from(Decision),
    reason=texts,
    confirms_spoken=st.booleans(),
)
stops = st.builds(Stop, to=act_ids)
consent_requests = st.builds(
    ConsentRequest,
    to=act_ids,
    use=st.sampled_from(Use),
    holder=agency_ids,
    agencies=some(agency_ids),
    named=texts,
    purpose=codes,
    reason=texts,
    urgent=st.booleans(),
)
consents = st.builds(
    Consent,
    to=act_ids,
    word=st.sampled_from(Word),
    act=act_ids,
    use=st.sampled_from(Use),
    holder=agency_ids,
    agencies=some(agency_ids),
    purpose=codes,
    handling=handlings,
    until=written,
    text=texts,
    signed=st.binary(max_size=40),
    certified=some(st.binary(max_size=40), 2),
)
pass_ons = st.builds(
    PassOn,
    kind=codes,
    kind_version=epochs,
    ref=texts,
    short=st.just("KE-4823"),
    recipient=agency_ids,
    original=st.binary(max_size=40),
    consent=st.binary(max_size=40),
    certified=some(st.binary(max_size=40), 2),
    remark=texts,
    use=codes,
    handling=handlings,
    basis=bases,
    mandate=random_ids,
    attachments=some(attachments, 2),
)
urgents = st.builds(Urgent, to=act_ids, reason=texts)
reminders = st.builds(Reminder, to=act_ids, limit=st.sampled_from(Limit))
bodies: SearchStrategy[Body] = st.one_of(
    requests,
    notes,
    acknowledgements,
    ask_backs,
    answers,
    takes,
    hand_overs,
    countersignatures,
    stops,
    consent_requests,
    consents,
    pass_ons,
    urgents,
    reminders,
)
"""Every body that this version writes; an unknown one has no type of its own."""


def statements_of(body: SearchStrategy[Body]) -> SearchStrategy[Statement]:
    return body.flatmap(_statements_of)


def _statements_of(body: Body) -> SearchStrategy[Statement]:
    return st.builds(
        Statement,
        type=st.just(type_of(body)),
        act=act_ids,
        thread=thread_ids,
        at=moments,
        author=authors,
        to=agency_ids,
        readers=some(readers),
        shown=some(readers),
        language=languages,
        roster=epochs,
        roster_reason=texts,
        body=st.just(body),
    )


statements = statements_of(bodies)

blob_refs = st.builds(BlobRef, id=blob_ids, size=st.integers(1, BLOB_LIMIT))
docket_readers = st.builds(
    DocketReader, id=random_ids, kind=st.sampled_from(ReaderKind), epoch=epochs
)
dockets = st.builds(
    Docket,
    agency=agency_ids,
    to=agency_ids,
    act=act_ids,
    copy=copy_ids,
    envelope=envelope_ids,
    size=numbers,
    thread=thread_ids,
    blobs=some(blob_refs),
    readers=some(docket_readers),
    stage=st.sampled_from(DocketStage),
    clock=st.sampled_from(ClockClass),
    at=moments,
    expires=written,
    recalls=some(act_ids),
    supersedes=st.one_of(st.just(""), act_ids),
)
receipts = st.builds(
    Receipt,
    stage=st.sampled_from(ReceiptStage),
    agency=agency_ids,
    to=agency_ids,
    node=node_ids,
    act=act_ids,
    copy=copy_ids,
    envelope=envelope_ids,
    thread=thread_ids,
    docket=digests,
    at=moments,
    origin=st.sampled_from(["", "comity/x/1"]),
    index=numbers,
    size=numbers,
    salt=st.binary(max_size=16),
    shows=st.sampled_from(OpenedBy),
    reader=st.one_of(st.just(""), random_ids),
    certificate=st.one_of(st.just(""), digests),
    reason=st.one_of(st.just(""), codes),
)
proven = st.builds(
    Proven,
    agency=agency_ids,
    to=agency_ids,
    node=node_ids,
    origin=st.just("comity/x/1"),
    size=numbers,
    at=moments,
    checkpoint=texts,
)

roots = st.builds(
    Root,
    agency=agency_ids,
    name=names,
    country=countries,
    kind=st.sampled_from(AgencyType),
    root=keys,
    successor=digests,
    roster=keys,
    at=moments,
)
officers = st.builds(
    OfficerEntry,
    agency=agency_ids,
    id=officer_ids,
    audience=st.sampled_from(Audience),
    name=names,
    label=names,
    signing=keys,
    reading=recipients,
    epoch=epochs,
    storage=recipients,
    roles=some(st.sampled_from(Role)),
    languages=some(languages),
    desks=some(desk_ids),
    begins=moments,
    ends=moments,
)
days = st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
hours = st.builds(
    lambda day, begins, ends: f"{day} {begins}-{ends}",
    days,
    st.sampled_from(["00:00", "02:30", "08:00", "13:30", "22:00"]),
    st.sampled_from(["06:00", "12:00", "17:00", "24:00"]),
)
holidays = st.dates(BEGINNING.date(), END.date()).map(lambda day: day.isoformat())
desks = st.builds(
    DeskEntry,
    agency=agency_ids,
    id=desk_ids,
    audience=st.sampled_from(Audience),
    name=names,
    reading=recipients,
    epoch=epochs,
    languages=some(languages),
    zone=zones,
    hours=some(hours, 7),
    holidays=some(holidays),
    urgent_telephone=st.sampled_from(["", "+254 700 000 000"]),
    oversight=st.booleans(),
    begins=moments,
    ends=moments,
)
nodes = st.builds(
    NodeEntry,
    agency=agency_ids,
    node=node_ids,
    address=st.sampled_from(["", "https://ke.example:8443"]),
    carrier=keys,
    parcel=recipients,
    tls=st.one_of(st.just(""), digests),
    origin=st.just("comity/x/1"),
    ledger=keys,
    ledger_quantum=st.binary(max_size=64),
    witness=keys,
    begins=moments,
    ends=moments,
)
mandates = st.builds(
    MandateEntry,
    agency=agency_ids,
    id=random_ids,
    law=texts,
    kinds=some(st.sampled_from(["*", "phone", "person"])),
    countries=some(st.sampled_from(["*", "KE", "VN"])),
    purposes=some(st.sampled_from(["*", "intelligence", "evidence"])),
    signed_by=names,
    must_copy=some(desk_ids),
    begins=moments,
    ends=moments,
)
revocations = st.builds(
    RevocationEntry,
    agency=agency_ids,
    certificate=certificates,
    at=moments,
    compromised_since=written,
    reason=codes,
)
named_witnesses = st.builds(NamedWitness, node=node_ids, key=keys)
witnesses = st.builds(
    lambda agency, named, compared: WitnessesEntry(
        agency=agency,
        threshold=(len(named) + 1) // 2,
        witnesses=tuple(named),
        compared=compared,
        begins=NOW,
        ends=NOW,
    ),
    agency_ids,
    st.lists(named_witnesses, max_size=3, unique_by=(lambda w: w.node, lambda w: w.key)),
    st.booleans(),
)
entries: SearchStrategy[Entry] = st.one_of(officers, desks, nodes, mandates, revocations, witnesses)


@st.composite
def _heads(draw: st.DrawFn) -> RosterHead:
    number = draw(epochs)
    return RosterHead(
        agency=draw(agency_ids),
        number=number,
        previous="" if number == 1 else draw(digests),
        at=draw(moments),
        peers_root=draw(digests),
        home_root=draw(digests),
    )


heads = _heads()
