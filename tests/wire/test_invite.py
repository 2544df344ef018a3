# SPDX-License-Identifier: Apache-2.0
"""An invitation verifies by itself, whatever a mail program put around it."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.bureau import Bureau, seed, settled

from comity.crypto import dsse
from comity.crypto.signing import SigningKey
from comity.errors import BadSignature, Malformed, Untrusted
from comity.wire import canonical, invite
from comity.wire.invite import BEGIN, END, Invitation

MOMBASA = settled()
INVITATION = Invitation(roster=MOMBASA.full(), practice=False)
TEXT = invite.write(INVITATION, MOMBASA.roster_key)
STRANGER = SigningKey(seed("stranger"))


def armoured(data: bytes) -> str:
    return f"{BEGIN}\n{base64.b64encode(data).decode()}\n{END}\n"


def said(**change: Any) -> str:
    return invite.write(replace(INVITATION, **change), MOMBASA.roster_key)


def test_an_invitation_comes_back_as_it_was_written() -> None:
    read = invite.read(TEXT)

    assert read.invitation == INVITATION
    assert read.state == MOMBASA.held()


@pytest.mark.parametrize(
    "text",
    [
        f"Dear colleague,\n\n{TEXT}\n--\nSent from my phone",
        TEXT.replace("\n", "\r\n"),
        "\n".join(f"> {line}" for line in TEXT.splitlines()),
        "\n".join(f"   {line}  " for line in TEXT.splitlines()),
        TEXT.replace("\n", "\n\n"),
    ],
    ids=["mail", "crlf", "quoted", "indented", "double"],
)
def test_what_a_mail_program_put_around_it_does_no_harm(text: str) -> None:
    assert invite.read(text).state == MOMBASA.held()


def test_its_practice_flag_cannot_be_changed_on_the_way() -> None:
    signed = dsse.read(base64.b64decode("".join(TEXT.splitlines()[1:-1])), invite.TEXT_LIMIT)
    changed = signed.payload.replace(b'"practice":false', b'"practice":true')
    forged = dsse.sign(changed, [STRANGER])

    with pytest.raises(BadSignature):
        invite.read(armoured(forged))


def test_an_invitation_that_another_key_signed_is_refused() -> None:
    with pytest.raises(BadSignature, match="absent"):
        invite.read(invite.write(INVITATION, STRANGER))


def test_a_root_that_does_not_give_the_agencys_id_is_refused() -> None:
    other = Bureau("other")
    other.issue(other.node)
    root = replace(other.root, agency=MOMBASA.id)
    signed = replace(
        other.full(),
        agency=MOMBASA.id,
        root=dsse.sign(canonical.encode(root), [other.root_key]),
    )

    with pytest.raises(BadSignature, match="root"):
        invite.read(invite.write(Invitation(roster=signed, practice=False), other.roster_key))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "armour"),
        (BEGIN, "armour"),
        (f"{END}\n{BEGIN}", "armour"),
        (TEXT + TEXT, "armour"),
        (f"{BEGIN}\n{TEXT}", "armour"),
        (f"{BEGIN}\nnot base64!\n{END}", "armour"),
        (f"{BEGIN}\nAAA\n{END}", "armour"),
        (f"{BEGIN}\nünder\n{END}", "armour"),
        (armoured(b"x"), "dsse"),
        (BEGIN + "A" * (invite.TEXT_LIMIT + 1) + END, "size"),
        ("x" * (invite.AROUND_LIMIT + 1), "size"),
        (said(type="comity/invitation@2"), "type"),
        (said(roster=MOMBASA.difference(1)), "roster"),
        (said(roster=replace(MOMBASA.full(), root=b"")), "roster"),
    ],
)
def test_what_is_no_invitation_is_refused(text: str, told: str) -> None:
    with pytest.raises(Malformed) as caught:
        invite.read(text)

    assert caught.value.cause == f"untrusted.malformed.{told}"


def test_one_that_would_be_too_long_is_not_written() -> None:
    long = replace(MOMBASA.full(), entries=(b"x" * 150_000,))

    with pytest.raises(Malformed, match="size"):
        invite.write(Invitation(roster=long, practice=False), MOMBASA.roster_key)


@given(data=st.data())
def test_a_changed_letter_never_passes(data: st.DataObject) -> None:
    lines = TEXT.splitlines()
    at = data.draw(st.integers(1, len(lines) - 2))
    column = data.draw(st.integers(0, len(lines[at]) - 1))
    other = data.draw(st.sampled_from("ABCDabcd0123+/").filter(lambda c: c != lines[at][column]))
    lines[at] = lines[at][:column] + other + lines[at][column + 1 :]

    with pytest.raises(Untrusted):
        invite.read("\n".join(lines))
