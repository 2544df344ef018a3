# SPDX-License-Identifier: Apache-2.0
"""An identity file is what stock age reads, and has one spelling."""

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import SigningKey
from comity.domain.ids import OfficerId, mint
from comity.errors import Malformed
from comity.wire import identity
from comity.wire.identity import LIMIT, Factors, IdentityFile, Passkey

PASSKEY = Passkey(host="desk.customs.example", id=bytes(range(16)), public=b"\xa5" * 77)
FACTORS = Factors(phone=bytes(20), sheet=bytes(range(32)), passkeys=(PASSKEY, PASSKEY))


def made(readings: int = 2, factors: Factors = FACTORS) -> IdentityFile:
    return IdentityFile(
        officer=OfficerId(mint(os.urandom)),
        signing=SigningKey.generate(),
        factors=factors,
        reading=tuple(HybridIdentity.generate() for _ in range(readings)),
        storage=HybridIdentity.generate(),
    )


FILE = made()
WRITTEN = identity.write(FILE)


def test_what_is_written_is_read() -> None:
    read = identity.read(WRITTEN)

    assert read == FILE
    assert read.signing.seed == FILE.signing.seed


def test_every_line_is_a_remark_or_a_key_that_age_knows() -> None:
    lines = WRITTEN.decode("ascii").splitlines()

    keys = [each for each in lines if not each.startswith("#")]

    assert keys == [str(each) for each in (*FILE.reading, FILE.storage)]
    assert all(each.startswith("AGE-SECRET-KEY-PQ-1") for each in keys)


@pytest.mark.parametrize(
    "factors",
    [
        Factors(),
        Factors(phone=bytes(20)),
        Factors(sheet=bytes(32)),
        Factors(passkeys=(PASSKEY,)),
    ],
)
def test_whatever_he_signs_in_by_is_read_again(factors: Factors) -> None:
    file = made(factors=factors)

    assert identity.read(identity.write(file)) == file
    assert bool(factors) is (factors != Factors())


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone": bytes(19)},
        {"sheet": bytes(33)},
        {"passkeys": (PASSKEY,) * 9},
    ],
)
def test_no_other_secrets_are_kept_there(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Factors(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "Desk"},
        {"host": ""},
        {"host": "a b"},
        {"id": b""},
        {"id": bytes(1024)},
        {"public": b""},
        {"public": bytes(2049)},
    ],
)
def test_a_passkey_has_a_host_and_a_size(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Passkey(**{"host": "desk.example", "id": b"1", "public": b"2", **wrong})


def test_it_never_shows_a_key() -> None:
    shown = repr(FILE)

    assert "phone" not in shown
    assert "sheet" not in shown

    assert FILE.signing.seed.hex() not in shown
    assert "SECRET" not in shown


@given(st.integers(min_value=0, max_value=len(WRITTEN) - 1))
def test_a_cut_file_is_refused(at: int) -> None:
    with pytest.raises(Malformed):
        identity.read(WRITTEN[:at])


@given(st.integers(min_value=0, max_value=len(WRITTEN) - 1), st.integers(min_value=0, max_value=7))
def test_a_changed_byte_is_refused_or_is_another_key(at: int, bit: int) -> None:
    changed = WRITTEN[:at] + bytes([WRITTEN[at] ^ 1 << bit]) + WRITTEN[at + 1 :]

    try:
        read = identity.read(changed)
    except Malformed:
        return
    assert identity.write(read) == changed


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 100,
        WRITTEN + b"# more\n",
        b"\n" + WRITTEN,
        WRITTEN.replace(b"\n", b"\r\n"),
        WRITTEN.replace(b"identity@1", b"identity@2"),
        WRITTEN.replace(b"# storage\n", b""),
        WRITTEN.replace(b"# reading, newest first", b"# reading"),
        WRITTEN.replace(b"# officer: ", b"# officer: A"),
        WRITTEN.replace(b"seed: ", b"seed: 00"),
        WRITTEN.replace(b"# totp-seed: ", b"# other-seed: "),
        WRITTEN.replace(b"# totp-seed: 00", b"# totp-seed: "),
        WRITTEN.replace(b"# passkey: desk.customs.example", b"# passkey: DESK"),
        WRITTEN.replace(b"# passkey: ", b"# passkey: more "),
        identity.write(made(0)),
        b"#" * (LIMIT + 1),
    ],
)
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        identity.read(data)

    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None or refused.value.__suppress_context__
