# SPDX-License-Identifier: Apache-2.0
"""Hybrid identities and recipients: their lines, their secrets, their stanzas."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from comity.crypto.age import HybridIdentity, HybridRecipient, base64, bech32
from comity.crypto.age.header import Stanza
from comity.crypto.age.hybrid import LOW_ORDER
from comity.errors import Malformed

AMINA = HybridIdentity.from_seed(bytes(range(32)))
KEY = bytes(range(16))
STANZA = AMINA.recipient.wrap(KEY)
SPEC_IDENTITY = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
"""The example of c2sp.org/age; its recipient begins and ends as below."""
LOW_SHARES = sorted(
    (point | top << 255).to_bytes(32, "little") for point in LOW_ORDER for top in (0, 1)
)


def test_the_example_of_the_specification_has_its_stated_recipient() -> None:
    line = str(HybridIdentity.parse(SPEC_IDENTITY).recipient)

    assert line.startswith("age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87pzf5zr")
    assert line.endswith("ze9pyyzk3tlhl53k2ykx3qheyty7saeq0d3fzv49zc0k")
    assert len(line) == 1959


def test_identities_and_recipients_are_their_age_lines() -> None:
    assert str(AMINA).startswith("AGE-SECRET-KEY-PQ-1")
    assert HybridIdentity.parse(str(AMINA)) == AMINA
    assert HybridIdentity.parse(str(AMINA)).recipient == AMINA.recipient
    assert HybridRecipient.parse(str(AMINA.recipient)) == AMINA.recipient
    assert HybridRecipient.from_raw(AMINA.recipient.raw) == AMINA.recipient
    assert HybridIdentity.from_seed(AMINA.seed) == AMINA


def test_every_generated_identity_is_another() -> None:
    assert HybridIdentity.generate() != HybridIdentity.generate()
    assert HybridIdentity.generate(bytes) == HybridIdentity.from_seed(bytes(32))


def test_no_representation_shows_a_secret() -> None:
    shown = f"{AMINA!r} {[AMINA]} {AMINA.recipient!r}"

    assert "SECRET" not in shown.upper()
    assert repr(AMINA.seed) not in shown
    assert AMINA.seed.hex() not in shown
    assert str(AMINA.recipient)[:24] in shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1pq1",
        str(AMINA.recipient)[:-1],
        str(AMINA.recipient).upper(),
        str(AMINA.recipient) + "\n",
        str(AMINA).lower(),
        str(AMINA),
        "x" * 9000,
        bech32.encode("age1pq", b"short"),
        bech32.encode("age1pq", AMINA.recipient.raw + b"\0"),
        bech32.encode("age", AMINA.recipient.raw),
        bech32.encode("age1pq", b"\xff" * 1216),
    ],
)
def test_a_line_that_is_no_recipient_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        HybridRecipient.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        str(AMINA.recipient),
        str(AMINA).lower(),
        "AGE1",
        bech32.encode("age-secret-key-", AMINA.seed).upper(),
        bech32.encode("age-secret-key-pq-", AMINA.seed[1:]).upper(),
    ],
)
def test_a_line_that_is_no_identity_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        HybridIdentity.parse(text)

    assert not text or text not in str(refused.value)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_seed_has_thirty_two_bytes(size: int) -> None:
    with pytest.raises(Malformed):
        HybridIdentity.from_seed(bytes(size))


@pytest.mark.parametrize("share", LOW_SHARES)
def test_a_share_of_low_order_is_one_that_gives_zero_and_is_refused(share: bytes) -> None:
    encapsulated = base64.decode(STANZA.arguments[0].encode())[:-32] + share
    stanza = Stanza(STANZA.type, (base64.encode(encapsulated).decode(),), STANZA.body)

    with pytest.raises(ValueError, match="shared key"):
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(share))
    with pytest.raises(Malformed):
        AMINA.unwrap((stanza,))
    with pytest.raises(Malformed):
        HybridRecipient.from_raw(AMINA.recipient.raw[:-32] + share)


@pytest.mark.parametrize(
    "stanza",
    [
        Stanza(STANZA.type, (), STANZA.body),
        Stanza(STANZA.type, (*STANZA.arguments, "more"), STANZA.body),
        Stanza(STANZA.type, (STANZA.arguments[0] + "AAAA",), STANZA.body),
        Stanza(STANZA.type, (STANZA.arguments[0][:-4],), STANZA.body),
        Stanza(STANZA.type, (STANZA.arguments[0] + "=",), STANZA.body),
        Stanza(STANZA.type, STANZA.arguments, STANZA.body + b"\0"),
        Stanza(STANZA.type, STANZA.arguments, STANZA.body[:-1]),
    ],
)
def test_a_malformed_stanza_is_refused_even_if_another_opens(stanza: Stanza) -> None:
    for stanzas in ((stanza, STANZA), (STANZA, stanza)):
        with pytest.raises(Malformed):
            AMINA.unwrap(stanzas)


def test_a_stanza_is_found_wherever_it_stands() -> None:
    other = HybridIdentity.from_seed(bytes(32))
    stanzas = (Stanza("grease", (), b""), other.recipient.wrap(bytes(16)), STANZA, STANZA)

    assert AMINA.unwrap(stanzas) == KEY
    assert other.unwrap((STANZA,)) is None


def test_a_file_key_can_be_wrapped_again_beside_the_file() -> None:
    binh = HybridIdentity.from_seed(bytes(32))
    found = AMINA.unwrap((STANZA,))
    assert found is not None

    assert binh.unwrap((binh.recipient.wrap(found),)) == KEY
