# SPDX-License-Identifier: Apache-2.0
"""Passphrases: the right one opens, none is shown, and no file makes us work too long."""

import pytest

from comity.crypto.age import Passphrase, decrypt, encrypt
from comity.crypto.age.header import Stanza
from comity.errors import Malformed, Misused, NotForUs

LIGHT = 4
SEALED = encrypt(b"keys", [Passphrase("ivory coast line", factor=LIGHT)])


def test_the_right_passphrase_opens_and_a_wrong_one_does_not() -> None:
    assert decrypt(SEALED, [Passphrase("ivory coast line")]) == b"keys"
    with pytest.raises(NotForUs):
        decrypt(SEALED, [Passphrase("ivory coast lime")])


def test_a_passphrase_beyond_ascii_opens() -> None:
    sealed = encrypt(b"keys", [Passphrase("sừng tê giác", factor=LIGHT)])

    assert decrypt(sealed, [Passphrase("sừng tê giác")]) == b"keys"


def test_no_representation_shows_a_passphrase() -> None:
    secret = Passphrase("ivory coast line")

    assert "ivory" not in f"{secret} {secret!r} {[secret]}"


def test_an_empty_passphrase_is_refused() -> None:
    with pytest.raises(Misused, match="passphrase-empty"):
        Passphrase("")


def test_a_passphrase_that_is_no_text_is_refused_without_being_shown() -> None:
    with pytest.raises(Misused, match="passphrase-text") as refused:
        Passphrase("ivory\udcff")

    assert "ivory" not in f"{refused.value!r}{refused.value.__cause__!r}"
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("factor", [-1, 0, 19])
def test_nothing_is_written_that_could_not_be_read(factor: int) -> None:
    with pytest.raises(Misused, match="work-factor"):
        Passphrase("p", factor=factor)


def test_what_is_written_costs_an_attacker_two_to_the_seventeenth() -> None:
    assert Passphrase("p").factor == 17
    assert Passphrase("p").limit == 18


@pytest.mark.parametrize("factor", ["19", "99", "0", "", "+4", "-4", "04", "0x4", "4 ", "x", "٤"])
def test_a_work_factor_out_of_form_or_bounds_is_refused_without_work(factor: str) -> None:
    stanza = Passphrase("p", factor=LIGHT).wrap(bytes(16))

    with pytest.raises(Malformed):
        Passphrase("p").unwrap((Stanza(stanza.type, (stanza.arguments[0], factor), stanza.body),))


def test_a_bound_can_be_set_by_who_opens() -> None:
    sealed = encrypt(b"keys", [Passphrase("p", factor=LIGHT + 1)])

    assert decrypt(sealed, [Passphrase("p", limit=LIGHT + 1)]) == b"keys"
    with pytest.raises(Malformed):
        decrypt(sealed, [Passphrase("p", limit=LIGHT)])


def test_a_malformed_stanza_is_refused() -> None:
    right = Passphrase("p", factor=LIGHT).wrap(bytes(16))
    salt, factor = right.arguments
    wrong = [
        Stanza("scrypt", (salt,), right.body),
        Stanza("scrypt", (salt, factor, "more"), right.body),
        Stanza("scrypt", (salt[:-2], factor), right.body),
        Stanza("scrypt", (salt + "==", factor), right.body),
        Stanza("scrypt", (salt, factor), right.body[:-1]),
        Stanza("scrypt", (salt, factor), right.body + b"\0"),
    ]

    for stanza in wrong:
        with pytest.raises(Malformed):
            Passphrase("p").unwrap((stanza,))


def test_a_passphrase_stanza_stands_alone() -> None:
    stanza = Passphrase("p", factor=LIGHT).wrap(bytes(16))

    for other in (stanza, Stanza("grease", (), b"")):
        with pytest.raises(Malformed):
            Passphrase("p").unwrap((stanza, other))
        with pytest.raises(Malformed):
            Passphrase("p").unwrap((other, stanza))
    assert Passphrase("p").unwrap((Stanza("grease", (), b""),)) is None
