# SPDX-License-Identifier: Apache-2.0
"""Statements and envelopes: what was signed is what is read, by those it was sealed to alone."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import strategies

from comity.crypto.age import HybridIdentity, decrypt, encrypt
from comity.crypto.signing import SigningKey
from comity.domain.handling import Handling
from comity.domain.ids import (
    ActId,
    AgencyId,
    CertificateHash,
    EnvelopeId,
    OfficerId,
    ThreadId,
    digest,
    mint,
)
from comity.domain.statement import (
    Acknowledgement,
    Answer,
    AskBack,
    Author,
    Basis,
    Body,
    Countersignature,
    Decision,
    HandOver,
    Note,
    Outcome,
    Reader,
    ReaderKind,
    Request,
    Statement,
    Stop,
    Take,
    Unknown,
    Urgency,
    Why,
    type_of,
)
from comity.errors import BadSignature, Differs, Malformed, NotForUs, Untrusted
from comity.wire import canonical, envelope, statement

AT = datetime(2026, 11, 23, 7, 40, tzinfo=UTC)
AMINA = SigningKey.from_seed(bytes([1]) * 32)
READER = HybridIdentity.from_seed(bytes([2]) * 32)
DESK = HybridIdentity.from_seed(bytes([3]) * 32)
STRANGER = HybridIdentity.from_seed(bytes([4]) * 32)
ID = mint(lambda size: bytes(range(size)))
ACT = ActId(ID)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
FIELDS = st.dictionaries(
    st.from_regex(r"[a-z][a-z_]{0,10}", fullmatch=True), st.tuples(TEXT), max_size=3
)


def requests() -> st.SearchStrategy[Request]:
    return st.builds(
        Request,
        kind=st.just("phone"),
        kind_version=st.just(1),
        ref=TEXT,
        short=st.just("KV-4821"),
        fields=FIELDS,
        facts=TEXT,
        offence=TEXT,
        why_you=TEXT,
        link=TEXT,
        use=TEXT,
        handling=st.builds(Handling, condition=TEXT),
        urgency=st.sampled_from(Urgency),
        urgency_reason=TEXT,
        basis=st.builds(Basis, code=st.just("other"), text=TEXT),
        mandate=st.just(ID),
        attachments=st.just(()),
        spoken=TEXT,
    )


def bodies() -> st.SearchStrategy[Body]:
    to = st.just(ACT)
    return st.one_of(
        requests(),
        st.builds(
            Note,
            kind=st.just("phone"),
            kind_version=st.just(1),
            ref=TEXT,
            short=TEXT,
            fields=FIELDS,
            facts=TEXT,
            offence=TEXT,
            why_you=TEXT,
            handling=st.builds(Handling),
            basis=st.builds(Basis, code=st.just("untoc-18-4"), text=st.just("")),
            mandate=st.just(ID),
            attachments=st.just(()),
        ),
        st.builds(Acknowledgement, to=to, remark=TEXT),
        st.builds(AskBack, to=to, reasons=st.tuples(TEXT), text=TEXT),
        st.builds(
            Answer,
            to=to,
            outcome=st.sampled_from(Outcome),
            fields=FIELDS,
            text=TEXT,
            handling=st.builds(Handling),
            attachments=st.just(()),
        ),
        st.builds(Take, to=to),
        st.builds(HandOver, to=to, taker=st.just(ID), remark=TEXT),
        st.builds(
            Countersignature,
            to=to,
            decision=st.sampled_from(Decision),
            reason=TEXT,
            confirms_spoken=st.booleans(),
        ),
        st.builds(Stop, to=to),
    )


def stated(body: Body, kind: str = "") -> Statement:
    return Statement(
        type=kind or type_of(body),
        act=ACT,
        thread=ThreadId(ID),
        at=AT,
        author=Author(
            agency=AgencyId("ke"), officer=OfficerId(ID), certificate=CertificateHash(digest(b""))
        ),
        to=AgencyId("vn"),
        readers=(
            Reader(agency=AgencyId("vn"), id=ID, kind=ReaderKind.DESK, epoch=1, why=Why.ADDRESSED),
        ),
        language="sw",
        roster=3,
        body=body,
    )


PLAIN = stated(Acknowledgement(to=ACT, remark="tunaendelea"))


@given(bodies())
@settings(max_examples=60, deadline=None)
def test_every_statement_goes_to_the_wire_and_back(body: Body) -> None:
    said = stated(body)

    signed = statement.sign(said, AMINA)

    assert statement.verify(signed.dsse, AMINA.public) == signed
    assert statement.author_of(signed.dsse).statement == said
    assert signed.copy == statement.copy_id(signed.payload)


def test_copies_of_an_act_share_their_body_and_not_their_header() -> None:
    home = replace(PLAIN, to=AgencyId("ke"), readers=())

    assert statement.body_digest(home) == statement.body_digest(PLAIN)
    assert statement.copy_id(statement.write(home)) != statement.copy_id(statement.write(PLAIN))


def test_a_statement_of_an_unknown_type_is_kept_to_the_byte() -> None:
    raw = canonical.encode({"shape": "new", "parts": ["a"]})
    said = stated(Unknown(raw=raw), kind="comity/dance@2")

    back = statement.read(statement.write(said))

    assert back == said
    assert statement.body_digest(back) == digest(raw)


def test_another_key_did_not_sign_it() -> None:
    signed = statement.sign(PLAIN, AMINA)

    with pytest.raises(BadSignature):
        statement.verify(signed.dsse, SigningKey.from_seed(bytes(32)).public)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_byte_of_a_signed_statement_is_refused(data: st.DataObject) -> None:
    changed = bytearray(statement.sign(PLAIN, AMINA).dsse)
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(Untrusted):
        statement.verify(bytes(changed), AMINA.public)


@given(strategies.statements)
@settings(max_examples=60)
def test_whatever_may_be_said_goes_to_the_wire_and_back(said: Statement) -> None:
    assert statement.verify(statement.sign(said, AMINA).dsse, AMINA.public).statement == said


def test_every_truncation_is_refused() -> None:
    signed = statement.sign(PLAIN, AMINA).dsse

    for size in range(len(signed)):
        with pytest.raises(Malformed):
            statement.author_of(signed[:size])


@given(st.data())
@settings(max_examples=60)
def test_every_flipped_bit_of_an_envelope_is_refused(data: st.DataObject) -> None:
    sealed = envelope.seal(statement.sign(PLAIN, AMINA).dsse, [READER.recipient])
    changed = bytearray(sealed.sealed)
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(Differs):
        envelope.open_(bytes(changed), [READER], named=sealed.id)
    with pytest.raises(Untrusted):
        envelope.open_(bytes(changed), [READER], named=EnvelopeId(digest(bytes(changed))))


def _changed(**changes: Any) -> bytes:
    value = json.loads(statement.write(PLAIN))
    value.update(changes)
    return canonical.encode({name: each for name, each in value.items() if each != "gone"})


@pytest.mark.parametrize(
    "payload",
    [
        _changed(act="not an id"),
        _changed(at="2026-11-23T10:40:00+03:00"),
        _changed(roster="3"),
        _changed(body="gone"),
        _changed(body={"to": ID}),
        _changed(body={"to": ID, "expect": "", "remark": "", "more": "1"}),
        _changed(surprise=1),
        _changed(shown="gone"),
        _changed(readers=json.loads(statement.write(PLAIN))["readers"] * 65),
        _changed(language="x" * statement.STATEMENT_LIMIT),
    ],
)
def test_a_statement_of_the_wrong_shape_is_refused(payload: bytes) -> None:
    with pytest.raises(Malformed):
        statement.read(payload)


def test_a_statement_over_the_limit_is_not_signed() -> None:
    with pytest.raises(Malformed):
        statement.sign(replace(PLAIN, language="x" * statement.STATEMENT_LIMIT), AMINA)


@given(st.integers(0, 5000))
@settings(max_examples=30, deadline=None)
def test_an_envelope_opens_for_its_readers_and_hides_the_exact_size(size: int) -> None:
    signed = b"{" + b"x" * size + b"}"

    sealed = envelope.seal(signed, [READER.recipient, DESK.recipient])

    assert envelope.open_(sealed.sealed, [STRANGER, DESK], named=sealed.id) == signed
    assert decrypt(sealed.sealed, [READER]).rstrip(b"\n") == signed


def test_what_a_stock_tool_opens_is_json() -> None:
    sealed = envelope.seal(statement.sign(PLAIN, AMINA).dsse, [READER.recipient])

    assert json.loads(decrypt(sealed.sealed, [READER]))["payloadType"].endswith("comity+json")


def test_an_envelope_is_refused_to_strangers_under_another_name_and_with_odd_padding() -> None:
    sealed = envelope.seal(b"{}", [READER.recipient])
    odd = encrypt(b"{}" + b"\n" * 100, [READER.recipient])

    with pytest.raises(NotForUs):
        envelope.open_(sealed.sealed, [STRANGER], named=sealed.id)
    with pytest.raises(Differs):
        envelope.open_(sealed.sealed, [READER], named=EnvelopeId(digest(b"")))
    with pytest.raises(Malformed):
        envelope.open_(odd, [READER], named=EnvelopeId(digest(odd)))
    with pytest.raises(Malformed):
        envelope.open_(bytes(envelope.ENVELOPE_LIMIT + 1), [READER], named=sealed.id)
