# SPDX-License-Identifier: Apache-2.0
"""DSSE envelopes: one signed thing has one set of bytes, and every other is refused."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto import dsse
from comity.crypto.signing import QuantumSigningKey, SigningKey, VerifyingKey, key_id
from comity.errors import BadSignature, ComityError, Malformed

VECTORS = Path(__file__).parents[2] / "spec" / "vectors" / "dsse"
AMINA = SigningKey.from_seed(bytes(range(32)))
BINH = SigningKey.from_seed(bytes(range(1, 33)))
LOG = QuantumSigningKey.from_seed(bytes(range(32)))
LIMIT = 100_000


def cases(*kinds: str) -> list[Any]:
    loaded = [(path.stem, json.loads(path.read_text("utf-8"))) for path in VECTORS.iterdir()]
    return [pytest.param(case, id=name) for name, case in sorted(loaded) if case["kind"] in kinds]


@pytest.mark.parametrize("case", cases("envelope"))
def test_every_envelope_vector_has_its_outcome(case: dict[str, Any]) -> None:
    keys = [SigningKey.from_seed(bytes.fromhex(seed)) for seed in case["seeds"]]
    envelope = case["envelope"].encode()

    outcome = "accepted"
    try:
        signed = dsse.read(envelope, LIMIT)
        for key in keys:
            dsse.verify(signed, key.public)
        assert signed.payload == b64decode(case["payload"])
        assert dsse.sign(signed.payload, keys) == envelope
    except ComityError as error:
        outcome = error.cause

    assert outcome == case["outcome"]


@pytest.mark.parametrize("case", cases("published"))
def test_the_published_dsse_vectors_hold(case: dict[str, Any]) -> None:
    message = dsse.pae(case["payload_type"], b64decode(case["payload"]))
    signature = b64decode(case["signature"])

    if "public" not in case:
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        numbers = ec.EllipticCurvePublicNumbers(
            int(case["p256_x"]), int(case["p256_y"]), ec.SECP256R1()
        )
        numbers.public_key().verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
        assert message.hex() == case["pae"]
    elif case["outcome"] == "accepted":
        VerifyingKey(bytes.fromhex(case["public"])).verify(signature, message)
        assert message.hex() == case["pae"]
    else:
        with pytest.raises(BadSignature):
            VerifyingKey(bytes.fromhex(case["public"])).verify(signature, message)


@pytest.mark.parametrize("case", cases("key", "key-id"))
def test_every_key_vector_has_its_outcome(case: dict[str, Any]) -> None:
    raw = bytes.fromhex(case["public"])

    if case["outcome"] == "accepted":
        assert key_id(case["algorithm"], raw) == case["key_id"]
    else:
        with pytest.raises(Malformed) as caught:
            VerifyingKey(raw)
        assert caught.value.cause == case["outcome"]


def test_no_vector_is_left_unread() -> None:
    read = cases("envelope", "published", "key", "key-id")

    assert len(read) == len(list(VECTORS.iterdir()))


@given(
    st.binary(max_size=2000), st.lists(st.sampled_from([AMINA, BINH, LOG]), min_size=1, unique=True)
)
def test_what_is_signed_is_read_and_verified(
    payload: bytes, keys: list[SigningKey | QuantumSigningKey]
) -> None:
    signed = dsse.read(dsse.sign(payload, keys), LIMIT)

    for key in keys:
        dsse.verify(signed, key.public)
    assert signed.payload == payload
    assert [each.key_id for each in signed.signatures] == [key.key_id for key in keys]


@given(st.data(), st.binary(max_size=60))
def test_a_flipped_bit_anywhere_is_refused(data: st.DataObject, payload: bytes) -> None:
    envelope = bytearray(dsse.sign(payload, [AMINA]))
    bit = data.draw(st.integers(0, len(envelope) * 8 - 1))

    envelope[bit // 8] ^= 1 << bit % 8

    with pytest.raises((Malformed, BadSignature)):
        dsse.verify(dsse.read(bytes(envelope), LIMIT), AMINA.public)


@given(st.data())
def test_every_truncation_is_refused(data: st.DataObject) -> None:
    envelope = dsse.sign(b"a payload", [AMINA])
    size = data.draw(st.integers(0, len(envelope) - 1))

    with pytest.raises(Malformed):
        dsse.read(envelope[:size], LIMIT)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        dsse.read(data, LIMIT)


@given(st.text(), st.binary(), st.text(), st.binary())
def test_two_different_things_never_sign_the_same_bytes(
    first_type: str, first: bytes, second_type: str, second: bytes
) -> None:
    same = (first_type, first) == (second_type, second)

    assert (dsse.pae(first_type, first) == dsse.pae(second_type, second)) == same


def test_an_envelope_over_its_limit_is_refused_unread() -> None:
    envelope = dsse.sign(b"a payload", [AMINA])

    with pytest.raises(Malformed) as caught:
        dsse.read(envelope, len(envelope) - 1)

    assert caught.value.cause == "untrusted.malformed.size"
    assert dsse.read(envelope, len(envelope)).payload == b"a payload"


@pytest.mark.parametrize("opening", [b"[", b'{"payload":', b'{"signatures":[', b'{"x":['])
def test_a_deep_envelope_is_refused(opening: bytes) -> None:
    with pytest.raises(Malformed):
        dsse.read(opening * 20_000, 10**7)


def test_another_payload_type_is_read_only_when_asked_for() -> None:
    envelope = dsse.sign(b"payload", [AMINA], "application/vnd.example+json")

    signed = dsse.read(envelope, LIMIT, "application/vnd.example+json")

    dsse.verify(signed, AMINA.public)
    with pytest.raises(Malformed):
        dsse.read(envelope, LIMIT)


def test_a_signature_does_not_carry_over_to_another_payload_type() -> None:
    envelope = dsse.sign(b"payload", [AMINA], "application/vnd.example+json")
    forged = envelope.replace(b"vnd.example", b"vnd.comity_")

    signed = dsse.read(forged, LIMIT, "application/vnd.comity_+json")

    with pytest.raises(BadSignature):
        dsse.verify(signed, AMINA.public)


def test_an_envelope_needs_one_to_eight_distinct_signers() -> None:
    many = [SigningKey.from_seed(sha256(bytes([each])).digest()) for each in range(9)]

    assert len(dsse.read(dsse.sign(b"", many[:8]), LIMIT).signatures) == 8
    for keys in ([], [AMINA, AMINA], many):
        with pytest.raises(ValueError, match="1 to 8"):
            dsse.sign(b"", keys)


def test_no_repr_shows_the_payload() -> None:
    shown = repr(dsse.read(dsse.sign(b"+254700000001", [AMINA, BINH]), LIMIT))

    assert "254700000001" not in shown
    assert AMINA.key_id in shown


def test_a_signed_thing_cannot_be_changed() -> None:
    signed = dsse.read(dsse.sign(b"payload", [AMINA]), LIMIT)

    with pytest.raises(AttributeError):
        signed.payload = b"other"  # type: ignore[misc]  # that is the attack
