# SPDX-License-Identifier: Apache-2.0
"""Nudges, typed: an officer chooses his sentence, an operator the mail server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.carriers.mail_server import PASSWORD, USER, Provider, provider
from tests.cli.desk_top import Countries
from tests.cli.test_json import compare

from comity.node import Node
from comity.services import nudge

MAIL = "minh@mail.example"


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[Provider]:
    with provider(tmp_path) as running:
        yield running


def set_up(countries: Countries, mail: Provider) -> None:
    """Let Hai Phong's operator name the mail server."""
    vn = countries.vn
    authority = countries.folder / "authority.pem"
    authority.write_text(mail.authority)
    vn.environment["COMITY_NUDGE_SECRET"] = PASSWORD
    told = vn.json(
        *("node", "nudge", "--smtp", f"localhost:{mail.port}", "--from", "nudge@x.example"),
        *("--user", USER, "--authority", authority),
    )
    compare("node-nudge", told)
    assert (told["mail"], told["short"]) == (True, False)


def test_an_officer_is_nudged_by_mail_and_stops_it(countries: Countries, mail: Provider) -> None:
    vn = countries.vn
    set_up(countries, mail)
    before = vn.act_json("nudge", "show")
    set_ = vn.act_json("nudge", "set", "--mail", "-", "--sentence", "2", stdin=MAIL.encode())
    compare("nudge-set", set_)
    countries.ask("--urgency", "urgent", "--urgency-reason", "The ship leaves.")
    countries.exchange()
    node = Node.open(vn.home, ask_house=str, clock=vn.clock)
    try:
        count = nudge.look(node.house, "clock", node.outlets())
    finally:
        node.close()
    shown = vn.act("nudge", "show")
    compare("nudge-show", vn.act_json("nudge", "show"))
    tried = vn.act("nudge", "try")
    compare("nudge-off", vn.act_json("nudge", "off"))
    after = vn.act("nudge", "show")

    assert (before["by"], count) == ("", 1)
    assert [each.to for each in mail.mail] == [[MAIL]]
    assert b"Please look in when you can." in mail.mail[0].data
    assert MAIL in shown.out
    assert "21:00 to 07:00 (Asia/Ho_Chi_Minh)" in shown.out
    assert (tried.code, "usage.nudge-often" in tried.err) == (2, True)
    assert MAIL not in tried.err
    assert "You are not nudged." in after.out


def test_he_tries_it(countries: Countries, mail: Provider) -> None:
    vn = countries.vn
    set_up(countries, mail)
    vn.act("nudge", "set", "--mail", "-", "--words", "-", "--quiet", "00:00-00:00", stdin=b"x")
    own = vn.act("nudge", "set", "--mail", MAIL, "--words", "The kettle is on")

    compare("nudge-try", vn.act_json("nudge", "try"))

    assert own.code == 0, own.err
    assert b"The kettle is on" in mail.mail[0].data


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--mail", MAIL, "--sentence", "9"), "usage.nudge-sentence"),
        (("--mail", MAIL, "--words", "News from Kenya"), "usage.nudge-names"),
        (("--mail", MAIL, "--quiet", "late"), "usage.nudge-hours"),
        (("--mail", MAIL, "--telephone", "+254700000000"), "usage.nudge-where"),
        ((), "usage.nudge-where"),
    ],
)
def test_what_will_not_do_is_refused_and_no_address_is_repeated(
    words: tuple[str, ...], code: str, countries: Countries
) -> None:
    refused = countries.vn.act("nudge", "set", *words)

    assert refused.code == 2
    assert code in refused.err
    assert MAIL not in refused.err


def test_an_operator_sets_and_ends_a_gateway(countries: Countries) -> None:
    vn = countries.vn
    vn.environment["COMITY_NUDGE_SECRET"] = "t0ken"
    on = vn.json("node", "nudge", "--gateway", "http://127.0.0.1:9/send")
    program = vn.json("node", "nudge", "--command", "/usr/local/bin/sms")
    plain = vn.type(
        "node", "nudge", "--smtp", "mail.example:25", "--security", "plain", "--from", "a@b.example"
    )
    wrong = vn.type("node", "nudge", "--smtp", "mail.example", "--from", "a@b.example")
    off = vn.json("node", "nudge", "--no-gateway", "--no-mail")
    binary = countries.folder / "authority.pem"
    binary.write_bytes(b"\xff")
    bad = vn.type(
        *("node", "nudge", "--smtp", "m.example:25", "--from", "a@b.example"),
        *("--authority", binary),
    )

    assert (on["short"], program["short"], off["short"], off["mail"]) == (True, True, False, False)
    assert (plain.code, wrong.code, bad.code) == (2, 2, 3)
    assert "usage.nudge-plain" in plain.err
