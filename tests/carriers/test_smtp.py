# SPDX-License-Identifier: Apache-2.0
"""Mail goes over verified TLS or not at all, tells one sentence, and is given up in time."""

import email
import email.policy
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.carriers.mail_server import PASSWORD, USER, Provider, dripping, provider

from comity.carriers.smtp import MailNudge
from comity.errors import Unreachable
from comity.services.nudge_settings import Security, Smtp

NOW = datetime(2026, 11, 23, 4, 40, 7, 123456, tzinfo=UTC)
SENTENCE, TO = "Có việc đang chờ anh.", "amina@mail.example"


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[Provider]:
    with provider(tmp_path) as running:
        yield running


def nudge(running: Provider, *, seconds: float = 30, **changed: object) -> MailNudge:
    given: dict[str, object] = {
        "host": "localhost",
        "port": running.port,
        "sender": "nudge@customs.example",
        "user": USER,
        "password": PASSWORD,
        "authority": running.authority,
        **changed,
    }
    return MailNudge(
        settings=Smtp(**given),  # type: ignore[arg-type]  # as the test says it
        clock=lambda: NOW,
        seconds=seconds,
    )


def test_one_sentence_is_handed_over_encrypted_and_signed_in(mail: Provider) -> None:
    nudge(mail).send(TO, SENTENCE)

    [kept] = mail.mail
    assert (kept.sender, kept.to) == ("nudge@customs.example", [TO])
    assert (kept.encrypted, kept.user) == (True, USER)
    read = email.message_from_bytes(kept.data, policy=email.policy.default)
    assert read.get_content().strip() == SENTENCE
    assert read["Subject"] == SENTENCE


def test_a_curious_provider_sees_nothing_of_the_machine_or_the_program(mail: Provider) -> None:
    nudge(mail).send(TO, SENTENCE)

    [kept] = mail.mail
    read = email.message_from_bytes(kept.data, policy=email.policy.default)
    assert set(read.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    }
    assert kept.helo == "customs.example"
    assert read["Message-ID"].endswith("@customs.example>")
    assert str(read["Date"]) == "Mon, 23 Nov 2026 04:40:07 +0000"
    for each in (socket.gethostname().encode(), b"comity", b"Comity", b"python"):
        assert each not in kept.data


def test_tls_at_once_is_spoken_too(tmp_path: Path) -> None:
    with provider(tmp_path, at_once=True) as running:
        nudge(running, security=Security.TLS, user="", password="").send(TO, SENTENCE)

    assert len(running.mail) == 1  # a server that speaks nothing else


@pytest.mark.parametrize("how", ["unknown", "another-name", "no-tls", "password", "refused"])
def test_nothing_is_said_to_a_server_that_cannot_be_trusted_and_no_error_holds_the_address(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # This server says nothing any more after a wrong password.
    monkeypatch.setattr("comity.carriers.smtp.WAIT", 1.0)
    name = "other.example" if how == "another-name" else "localhost"
    with provider(tmp_path, name=name, plain=how == "no-tls") as running:
        running.refuse = how == "refused"
        changed: dict[str, str] = {
            "unknown": {"authority": ""},
            "password": {"password": "wrong"},
        }.get(how, {})
        with pytest.raises(Unreachable) as refused:
            nudge(running, seconds=30, **changed).send(TO, SENTENCE)

    assert running.mail == []
    assert TO not in repr(refused.value)
    assert TO not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_nobody_who_listens_is_given_up_at_once() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable):
        nudge(Provider(port=port), authority="", user="", password="").send(TO, SENTENCE)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_server_that_drips_is_left(security: Security) -> None:
    with dripping() as port:
        began = time.monotonic()
        with pytest.raises(Unreachable):
            nudge(Provider(port=port), seconds=0.5, security=security).send(TO, SENTENCE)

    assert time.monotonic() - began < 5
