# SPDX-License-Identifier: Apache-2.0
"""A value that exists is valid: ids, times, certificates, statements and dockets refuse the rest."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.domain import ids, time
from comity.domain.docket import (
    BLOB_LIMIT,
    BlobRef,
    Docket,
    DocketReader,
    DocketStage,
    Proven,
    Receipt,
    ReceiptStage,
)
from comity.domain.roster import (
    AgencyType,
    Audience,
    DeskEntry,
    MandateEntry,
    NodeEntry,
    OfficerEntry,
    RevocationEntry,
    Role,
    Root,
    RosterHead,
    entries_root,
)
from comity.domain.statement import (
    TYPES,
    Acknowledgement,
    Attachment,
    Author,
    Reader,
    ReaderKind,
    Statement,
    Unknown,
    Why,
    type_of,
)

AT = datetime(2026, 11, 23, 7, 40, tzinfo=UTC)
LATER = AT + timedelta(days=365)
ID = ids.mint(lambda size: bytes(range(size)))
DIGEST = ids.digest(b"")
KEY = bytes(32)

ROOT = Root(
    agency=ids.agency_id(KEY),
    name="Customs, Mombasa",
    country="KE",
    kind=AgencyType.AGENCY,
    root=KEY,
    successor=DIGEST,
    roster=KEY,
    at=AT,
)
OFFICER = OfficerEntry(
    agency=ROOT.agency,
    id=ids.OfficerId(ID),
    audience=Audience.PEERS,
    name="",
    label="officer 17",
    signing=KEY,
    reading="age1pq",
    epoch=1,
    storage="age1pq",
    roles=(Role.INVESTIGATOR,),
    languages=("sw",),
    desks=(),
    begins=AT,
    ends=LATER,
)
DESK = DeskEntry(
    agency=ROOT.agency,
    id=ids.DeskId(ID),
    audience=Audience.PEERS,
    name="Port desk",
    reading="age1pq",
    epoch=1,
    languages=("sw",),
    zone="Africa/Nairobi",
    hours=(),
    holidays=(),
    urgent_telephone="",
    oversight=False,
    begins=AT,
    ends=LATER,
)
NODE = NodeEntry(
    agency=ROOT.agency,
    node=ids.NodeId(ID),
    address="",
    carrier=KEY,
    parcel="age1pq",
    tls="",
    origin="comity/x/1",
    ledger=KEY,
    ledger_quantum=b"",
    witness=KEY,
    begins=AT,
    ends=LATER,
)
MANDATE = MandateEntry(
    agency=ROOT.agency,
    id=ID,
    law="An Act",
    kinds=("*",),
    countries=("VN",),
    purposes=("*",),
    signed_by="The Commissioner",
    must_copy=(),
    begins=AT,
    ends=LATER,
)
REVOCATION = RevocationEntry(
    agency=ROOT.agency,
    certificate=ids.CertificateHash(DIGEST),
    at=AT,
    compromised_since="",
    reason="left",
)
HEAD = RosterHead(
    agency=ROOT.agency, number=1, previous="", at=AT, peers_root=DIGEST, home_root=DIGEST
)
AUTHOR = Author(
    agency=ROOT.agency, officer=ids.OfficerId(ID), certificate=ids.CertificateHash(DIGEST)
)
READER = Reader(agency=ROOT.agency, id=ID, kind=ReaderKind.DESK, epoch=1, why=Why.ADDRESSED)
ATTACHMENT = Attachment(
    blob=ids.BlobId(DIGEST),
    size=1,
    seed=KEY,
    clear=DIGEST,
    length=1,
    name="seal.jpg",
    media="image/jpeg",
)
STATEMENT = Statement(
    type="comity/acknowledgement@1",
    act=ids.ActId(ID),
    thread=ids.ThreadId(ID),
    at=AT,
    author=AUTHOR,
    to=ROOT.agency,
    readers=(READER,),
    language="sw",
    roster=1,
    body=Acknowledgement(to=ids.ActId(ID)),
)
DOCKET = Docket(
    agency=ROOT.agency,
    to=ROOT.agency,
    act=ids.ActId(ID),
    copy=ids.CopyId(DIGEST),
    envelope=ids.EnvelopeId(DIGEST),
    size=1,
    thread=ids.ThreadId(ID),
    readers=(DocketReader(id=ID, kind=ReaderKind.DESK, epoch=1),),
    stage=DocketStage.ASKED,
    at=AT,
)
RECEIPT = Receipt(
    stage=ReceiptStage.DELIVERED,
    agency=ROOT.agency,
    to=ROOT.agency,
    node=ids.NodeId(ID),
    act=ids.ActId(ID),
    copy=ids.CopyId(DIGEST),
    envelope=ids.EnvelopeId(DIGEST),
    thread=ids.ThreadId(ID),
    docket=DIGEST,
    at=AT,
)
PROVEN = Proven(
    agency=ROOT.agency,
    to=ROOT.agency,
    node=ids.NodeId(ID),
    origin="comity/x/1",
    size=1,
    at=AT,
    checkpoint="",
)


@pytest.mark.parametrize(
    ("value", "wrong", "word"),
    [
        (ROOT, {"root": b"short"}, "root"),
        (ROOT, {"successor": "no digest"}, "successor"),
        (OFFICER, {"id": "NOT-AN-ID"}, "id"),
        (OFFICER, {"ends": LATER.replace(tzinfo=None)}, "ends"),
        (DESK, {"id": DIGEST}, "id"),
        (NODE, {"node": ""}, "node"),
        (NODE, {"begins": AT.replace(microsecond=1)}, "begins"),
        (MANDATE, {"id": "m1"}, "id"),
        (REVOCATION, {"certificate": ID}, "certificate"),
        (HEAD, {"number": 0}, "roster"),
        (HEAD, {"number": 2}, "roster"),
        (HEAD, {"previous": DIGEST}, "roster"),
        (AUTHOR, {"officer": "amina"}, "officer"),
        (AUTHOR, {"certificate": DIGEST.upper()}, "certificate"),
        (READER, {"id": "desk"}, "reader"),
        (ATTACHMENT, {"seed": b"short"}, "attachment"),
        (ATTACHMENT, {"blob": "x"}, "blob"),
        (STATEMENT, {"act": "x"}, "act"),
        (STATEMENT, {"at": AT.astimezone(timezone(timedelta(hours=3)))}, "at"),
        (DOCKET, {"copy": ID}, "copy"),
        (DOCKET, {"thread": DIGEST}, "thread"),
        (DOCKET, {"size": -1}, "docket"),
        (RECEIPT, {"docket": ""}, "docket"),
        (RECEIPT, {"act": "x"}, "act"),
        (RECEIPT, {"thread": "x"}, "thread"),
        (RECEIPT, {"envelope": "x"}, "envelope"),
        (RECEIPT, {"index": -1}, "receipt"),
        (RECEIPT, {"size": -1}, "receipt"),
        (PROVEN, {"at": AT.replace(tzinfo=None)}, "at"),
    ],
)
def test_a_value_that_would_be_wrong_does_not_come_to_be(
    value: Any, wrong: dict[str, Any], word: str
) -> None:
    with pytest.raises(ValueError, match=f"^{word}: "):
        replace(value, **wrong)


def test_a_blob_is_named_by_its_digest() -> None:
    with pytest.raises(ValueError, match="blob"):
        BlobRef(id=ids.BlobId("x"), size=1)
    for size in (-1, 0, BLOB_LIMIT + 1):
        with pytest.raises(ValueError, match="blob"):
            BlobRef(id=ids.BlobId(DIGEST), size=size)


def test_a_value_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        DOCKET.size = 2  # type: ignore[misc]  # the promise under test


@given(st.binary(min_size=16, max_size=16))
def test_a_minted_id_is_written_as_an_id(raw: bytes) -> None:
    made = ids.mint(lambda size: raw[:size])

    ids.check_random("made", made)
    assert len(made) == 26


def test_an_agency_keeps_the_name_of_its_first_root_key() -> None:
    assert ids.agency_id(KEY) == ids.agency_id(bytes(32))
    assert ids.agency_id(KEY) != ids.agency_id(bytes([1]) + bytes(31))


@given(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_time_goes_to_the_wire_and_the_database_and_back(at: datetime) -> None:
    whole = time.whole(at)

    assert time.read(time.written(whole)) == whole
    assert time.from_millis(time.to_millis(whole)) == whole
    time.check_instant("at", whole)


@pytest.mark.parametrize(
    "text", ["", "2026-11-23", "2026-11-23T07:40:00+00:00", "2026-11-23T7:40:00Z"]
)
def test_a_time_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time"):
        time.read(text)


@given(st.permutations([ids.CertificateHash(ids.digest(bytes([i]))) for i in range(4)]))
def test_the_root_of_a_roster_does_not_depend_on_order(
    hashes: list[ids.CertificateHash],
) -> None:
    raw = sorted(bytes.fromhex(each) for each in hashes)

    assert entries_root(hashes) == sha256(b"".join(raw)).hexdigest()
    assert entries_root([*hashes, hashes[0]]) == entries_root(hashes)
    assert entries_root(hashes[1:]) != entries_root(hashes)


def test_every_body_has_one_wire_type_and_an_unknown_one_has_none() -> None:
    assert type_of(STATEMENT.body) == "comity/acknowledgement@1"
    assert len({*TYPES.values()}) == len(TYPES)
    with pytest.raises(ValueError, match="unknown"):
        type_of(Unknown(raw=b"{}"))


Check = Callable[[str, str], None]


@pytest.mark.parametrize("check", [ids.check_random, ids.check_digest])
def test_an_empty_text_is_no_id(check: Check) -> None:
    with pytest.raises(ValueError, match="x: "):
        check("x", "")


@pytest.mark.parametrize("origin", ["a" * 5000, "ke.example/\x1b[2J", "ké.example/1"])
def test_an_origin_in_a_receipt_cannot_paint_on_a_terminal(origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        replace(RECEIPT, origin=origin)
