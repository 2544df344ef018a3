# SPDX-License-Identifier: Apache-2.0
"""The vault: a housed value opens in its place, under its key, unchanged, or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto.vault import OVERHEAD, Vault
from comity.errors import ComityError, Damaged

SPEC = Path(__file__).parents[2] / "spec" / "vectors" / "vault"
RFC = Path(__file__).parent / "vectors" / "rfc8452_aes256.json"
HOUSE_KEY = bytes(range(32))
VAULT = Vault(HOUSE_KEY)
ROOMS = st.from_regex(r"[a-z][a-z0-9-]{0,31}", fullmatch=True)
NAMES = st.from_regex(r"[ -~]{1,40}", fullmatch=True)
PLACES = st.builds(lambda room, name: f"{room}/{name}", ROOMS, NAMES)


def cases(*kinds: str) -> list[Any]:
    loaded = [(path.stem, json.loads(path.read_text("utf-8"))) for path in SPEC.iterdir()]
    return [pytest.param(case, id=name) for name, case in sorted(loaded) if case["kind"] in kinds]


@pytest.mark.parametrize("case", json.loads(RFC.read_text("utf-8"))["cases"])
def test_the_cipher_is_the_one_of_rfc_8452(case: dict[str, str]) -> None:
    key, nonce, data, plaintext, sealed = (
        bytes.fromhex(case[it]) for it in ("key", "nonce", "data", "plaintext", "sealed")
    )

    assert AESGCMSIV(key).encrypt(nonce, plaintext, data) == sealed
    assert AESGCMSIV(key).decrypt(nonce, sealed, data) == plaintext
    with pytest.raises(InvalidTag):
        AESGCMSIV(key).decrypt(nonce, sealed, data + b"x")


@pytest.mark.parametrize("case", cases("locked"))
def test_every_vault_vector_has_its_outcome(case: dict[str, str]) -> None:
    nonce, sealed, plaintext = (bytes.fromhex(case[it]) for it in ("nonce", "sealed", "plaintext"))
    vault = Vault(bytes.fromhex(case["house_key"]), random=lambda _: nonce)

    outcome = "accepted"
    try:
        assert vault.open(sealed, case["place"]) == plaintext
        assert vault.lock(plaintext, case["place"]) == sealed
    except ComityError as error:
        outcome = error.cause

    assert outcome == case["outcome"]


@pytest.mark.parametrize("case", cases("tag"))
def test_every_tag_vector_holds(case: dict[str, str]) -> None:
    vault = Vault(bytes.fromhex(case["house_key"]))

    assert vault.tag(bytes.fromhex(case["value"]), case["room"]).hex() == case["tag"]


def test_no_vector_is_left_unread() -> None:
    assert len(cases("locked", "tag")) == len(list(SPEC.iterdir()))


@given(st.binary(max_size=1000), PLACES)
def test_what_is_locked_opens_in_its_place(value: bytes, place: str) -> None:
    sealed = VAULT.lock(value, place)

    assert VAULT.open(sealed, place) == value
    assert len(sealed) == len(value) + OVERHEAD


@given(st.binary(max_size=100), PLACES, PLACES)
def test_a_row_moved_to_another_place_is_refused(value: bytes, place: str, other: str) -> None:
    sealed = VAULT.lock(value, place)

    if place == other:
        assert VAULT.open(sealed, other) == value
    else:
        with pytest.raises(Damaged):
            VAULT.open(sealed, other)


@given(st.data(), st.binary(max_size=50))
def test_a_flipped_bit_is_refused(data: st.DataObject, value: bytes) -> None:
    sealed = bytearray(VAULT.lock(value, "policies/ke"))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))

    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(Damaged):
        VAULT.open(bytes(sealed), "policies/ke")


@given(st.data())
def test_every_truncation_is_refused(data: st.DataObject) -> None:
    sealed = VAULT.lock(b"a value", "policies/ke")
    size = data.draw(st.integers(0, len(sealed) - 1))

    with pytest.raises(Damaged):
        VAULT.open(sealed[:size], "policies/ke")


def test_another_house_key_opens_nothing() -> None:
    sealed = VAULT.lock(b"a value", "policies/ke")

    with pytest.raises(Damaged) as caught:
        Vault(bytes(32)).open(sealed, "policies/ke")

    assert "a value" not in str(caught.value)


def test_a_value_locked_twice_looks_different() -> None:
    assert VAULT.lock(b"a value", "policies/ke") != VAULT.lock(b"a value", "policies/ke")


def test_a_nonce_that_comes_twice_tells_only_that_values_are_equal() -> None:
    stuck = Vault(HOUSE_KEY, random=bytes)

    first, second = (stuck.lock(value, "policies/ke") for value in (b"value one", b"value two"))

    assert first != second
    clear = bytes(a ^ b for a, b in zip(b"value one", b"value two", strict=True))
    masked = bytes(a ^ b for a, b in zip(first[13:22], second[13:22], strict=True))
    assert clear != masked


@given(st.binary(max_size=50), st.binary(max_size=50), ROOMS, ROOMS)
def test_tags_are_equal_exactly_when_room_and_value_are(
    first: bytes, second: bytes, room: str, other: str
) -> None:
    same = (first, room) == (second, other)

    assert (VAULT.tag(first, room) == VAULT.tag(second, other)) == same
    assert len(VAULT.tag(first, room)) == 32


def test_a_room_called_tag_shares_no_key_with_the_tags() -> None:
    sealed = VAULT.lock(b"a value", "tag/policies")

    with pytest.raises(Damaged):
        VAULT.open(sealed, "policies/x")
    assert VAULT.tag(b"", "tag") != VAULT.tag(b"", "policies")


@pytest.mark.parametrize(
    "place", ["", "policies", "/x", "policies/", "Policies/x", "a b/x", "policies/\n", "é/x", "p/é"]
)
def test_a_place_is_a_room_and_a_name(place: str) -> None:
    with pytest.raises(ValueError, match="place"):
        VAULT.lock(b"", place)
    with pytest.raises(ValueError, match="place"):
        VAULT.open(bytes(40), place)


@pytest.mark.parametrize("room", ["", "a/b", "A", "a" * 33])
def test_a_room_is_a_short_lowercase_word(room: str) -> None:
    with pytest.raises(ValueError, match="room"):
        VAULT.tag(b"", room)


def test_a_house_key_has_32_bytes_and_is_never_shown() -> None:
    with pytest.raises(ValueError, match="32"):
        Vault(bytes(31))

    assert repr(VAULT) == "Vault()"


def test_a_remembered_key_counts_for_tags_that_were_made_before_too() -> None:
    old, vault = Vault(bytes(32)), Vault(HOUSE_KEY)
    before = vault.tag(b"a value", "short")

    vault.remember({"short": old.tag_key("short")})

    assert before != vault.tag(b"a value", "short") == old.tag(b"a value", "short")
