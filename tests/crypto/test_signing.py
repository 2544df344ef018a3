# SPDX-License-Identifier: Apache-2.0
"""Signing keys: the published vectors hold, forgeries fail, unsound keys never become keys."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto.signing import (
    QuantumSigningKey,
    QuantumVerifyingKey,
    SigningKey,
    VerifyingKey,
    quantum_verifying_key,
    verifying_key,
)
from comity.errors import BadSignature, Malformed, Untrusted

VECTORS = Path(__file__).parent / "vectors"
AMINA = SigningKey.from_seed(bytes(range(32)))
BINH = SigningKey.from_seed(bytes(range(1, 33)))
LOG = QuantumSigningKey.from_seed(bytes(range(32)))


def vectors(name: str) -> Any:
    return json.loads((VECTORS / name).read_text("utf-8"))


# RFC 8032 §7.1, tests 1 to 3.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_the_vectors_of_rfc_8032_hold(seed: str, public: str, message: str, signature: str) -> None:
    key = SigningKey.from_seed(bytes.fromhex(seed))

    signed = key.sign(bytes.fromhex(message))

    assert key.public.raw.hex() == public
    assert signed.hex() == signature
    key.public.verify(signed, bytes.fromhex(message))


@pytest.mark.parametrize("case", vectors("wycheproof_ed25519.json")["cases"], ids=lambda c: c["id"])
def test_every_wycheproof_ed25519_case_has_its_outcome(case: dict[str, Any]) -> None:
    raw, message, signature = (bytes.fromhex(case[it]) for it in ("key", "message", "signature"))

    if "SmallOrderPublicKey" in case["flags"]:
        with pytest.raises(Malformed):
            verifying_key(raw)
    elif case["result"] == "invalid":
        with pytest.raises(BadSignature):
            verifying_key(raw).verify(signature, message)
    else:
        verifying_key(raw).verify(signature, message)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=500))
def test_what_a_key_signs_its_public_half_verifies(seed: bytes, message: bytes) -> None:
    key = SigningKey.from_seed(seed)

    signature = key.sign(message)

    assert len(signature) == 64
    VerifyingKey(key.public.raw).verify(signature, message)


@given(st.data(), st.binary(min_size=1, max_size=100))
def test_a_flipped_bit_is_refused(data: st.DataObject, message: bytes) -> None:
    whole = bytearray(AMINA.sign(message) + message)
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))

    whole[bit // 8] ^= 1 << bit % 8

    with pytest.raises(BadSignature):
        AMINA.public.verify(bytes(whole[:64]), bytes(whole[64:]))


@given(st.binary(max_size=100).filter(lambda it: len(it) != 64))
def test_a_signature_of_another_length_is_refused(signature: bytes) -> None:
    with pytest.raises(BadSignature):
        AMINA.public.verify(signature, b"message")


def test_another_officers_signature_is_refused() -> None:
    with pytest.raises(BadSignature) as caught:
        AMINA.public.verify(BINH.sign(b"message"), b"message")

    assert caught.value.values == {"key": AMINA.key_id}


def test_a_key_in_a_second_encoding_is_refused() -> None:
    for y in range(2**255 - 19, 2**255):
        for sign in (0, 1 << 255):
            with pytest.raises(Malformed):
                VerifyingKey((y | sign).to_bytes(32, "little"))


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    for make in (VerifyingKey, SigningKey, QuantumVerifyingKey, QuantumSigningKey):
        with pytest.raises(Malformed) as caught:
            make(bytes(size))

        assert caught.value.values == {"size": size}


def test_no_repr_shows_a_seed() -> None:
    for key in (AMINA, LOG):
        shown = repr(key)

        assert key.seed.hex() not in shown
        assert repr(key.seed) not in shown
        assert key.key_id in shown


def test_keys_are_equal_when_their_public_halves_are() -> None:
    again = SigningKey.from_seed(AMINA.seed)

    assert again == AMINA
    assert hash(again) == hash(AMINA)
    assert AMINA != BINH
    assert QuantumSigningKey.from_seed(LOG.seed) == LOG


def test_a_key_is_made_from_the_randomness_it_is_given() -> None:
    seed = bytes(range(7, 39))

    made = SigningKey.generate(lambda size: seed[:size])
    quantum = QuantumSigningKey.generate(lambda size: seed[:size])

    assert (made.seed, quantum.seed) == (seed, seed)
    assert SigningKey.generate() != SigningKey.generate()


def test_a_key_is_parsed_once() -> None:
    assert verifying_key(AMINA.public.raw) is verifying_key(bytes(AMINA.public.raw))
    assert quantum_verifying_key(LOG.public.raw) is quantum_verifying_key(bytes(LOG.public.raw))


def test_a_key_id_is_a_short_lowercase_word_of_its_algorithm() -> None:
    assert len(AMINA.key_id) == len(LOG.key_id) == 26
    assert AMINA.key_id.islower()
    assert AMINA.key_id == AMINA.public.key_id
    assert LOG.key_id == LOG.public.key_id


def test_ml_dsa_public_keys_follow_from_the_published_seeds() -> None:
    for case in vectors("wycheproof_mldsa44.json")["seeds"]:
        key = QuantumSigningKey.from_seed(bytes.fromhex(case["seed"]))

        assert sha256(key.public.raw).hexdigest() == case["key_sha256"]


@pytest.mark.parametrize("case", vectors("wycheproof_mldsa44.json")["cases"], ids=lambda c: c["id"])
def test_the_wycheproof_ml_dsa_cases_have_their_outcome(case: dict[str, Any]) -> None:
    raw, message, context, signature = (
        b64decode(case[it]) for it in ("key", "message", "context", "signature")
    )

    if case["result"] == "invalid":
        with pytest.raises(Untrusted):
            quantum_verifying_key(raw).verify(signature, message, context)
    else:
        quantum_verifying_key(raw).verify(signature, message, context)


def test_an_ml_dsa_signature_holds_in_its_own_context_only() -> None:
    signature = LOG.sign(b"message", b"checkpoint")

    LOG.public.verify(signature, b"message", b"checkpoint")

    assert len(signature) == 2420
    for message, context in (
        (b"message", b""),
        (b"message", b"other"),
        (b"massage", b"checkpoint"),
    ):
        with pytest.raises(BadSignature):
            LOG.public.verify(signature, message, context)


def test_a_context_has_at_most_255_bytes() -> None:
    LOG.public.verify(LOG.sign(b"message", bytes(255)), b"message", bytes(255))

    with pytest.raises(ValueError, match="255"):
        LOG.sign(b"message", bytes(256))
    with pytest.raises(BadSignature):
        LOG.public.verify(bytes(2420), b"message", bytes(256))
