# SPDX-License-Identifier: Apache-2.0
"""When nobody answers, typed: J1, steps 8 and 9, and what a supervisor sees of it."""

from datetime import datetime, timedelta

import pytest
from tests.cli.desk_top import AMINA, LAN, MINH, NUMBER, Countries
from tests.cli.test_json import compare

from comity.cli.main import now
from comity.node import Node
from comity.services import duties

DESK = ("--desk", "Anti-smuggling desk")
TELEPHONE = "+84 225 000 000"


class Hours:
    """The clock of both countries, for every command that is typed."""

    def __init__(self, countries: Countries) -> None:
        self.ahead = timedelta()
        countries.ke.clock = countries.vn.clock = self

    def __call__(self) -> datetime:
        return now() + self.ahead

    def pass_(self, **hours: float) -> None:
        self.ahead += timedelta(**hours)


@pytest.fixture
def hours(countries: Countries) -> Hours:
    return Hours(countries)


def publish(countries: Countries) -> None:
    """Let Hai Phong's desk publish its hours, its holidays and its urgent telephone."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    spans = [word for day in days for word in ("--hours", f"{day} 08:00-24:00")]
    told = countries.vn.type(
        *("desk", "duty", *DESK, *spans, "--holiday", "2099-01-01"),
        *("--urgent-telephone", "-"),
        stdin=TELEPHONE.encode(),
    )
    assert told.code == 0, told.err
    countries.exchange()


def test_unopened_at_a_quarter_to_eleven(countries: Countries, hours: Hours) -> None:
    publish(countries)
    ke, vn = countries.ke, countries.vn
    dry = ke.act(
        *("ask", "--to", "VN", "--kind", "phone", "--ref", "1", "--set", "number=-", "--dry-run"),
        *("--urgency", "urgent", "--urgency-reason", "The ship leaves."),
        stdin=NUMBER.encode(),
    )
    short = countries.ask()
    countries.exchange()
    hours.pass_(hours=3)

    shown = ke.act_json("urgent", short, "--reason", "-", "--dry-run", stdin=b"The ship sails.")
    told = ke.act("urgent", short, "--reason", "-", stdin=b"The ship sails.")
    again = ke.act("urgent", short, "--reason", "x")
    rung = ke.act_json("call", short)
    countries.exchange()
    vn_inbox = vn.act_json("inbox")["items"]
    back = vn.act_json("ask-back", short, "--reason", "period", "--field", "period")
    countries.exchange()
    read = ke.act("show", short, "--lang", "sw")
    ke.act_json("answer", short, "--outcome", "information", "--text", "1-20 November")
    countries.exchange()

    assert dry.code == 0, dry.err
    for each in (TELEPHONE, "there.", "2099-01-01"):
        assert each in dry.out
    assert shown["items"][1]["display"] == "Anti-smuggling desk"
    assert told.code == 0, told.err
    for each in (TELEPHONE, short, "Read this aloud", "K (Kilo)", "is urgent now"):
        assert each in told.out
    assert NUMBER not in told.out
    assert "312 kg" not in told.out
    assert "refused.too-late.urgent-already" in again.err
    ring = rung["ring"]
    assert (ring["telephone"], ring["language"]) == (TELEPHONE, "en")
    assert ring["there"].endswith("+07:00")
    assert short in ring["sentence"]
    [line] = vn_inbox
    due = datetime.fromisoformat(line["due"]) - hours()
    assert timedelta(hours=7) < due < timedelta(hours=9)
    assert back["stage"] == "asked-back"
    assert "[period]" in read.out
    assert vn.act_json("show", short)["stage"] == "supplied"


def test_one_sentence_in_vietnamese(countries: Countries) -> None:
    vn, ke = countries.vn, countries.ke
    vn.type("desk", "add", "--name", "Night desk", "--language", "vi", "--member", MINH)
    countries.exchange()
    told = ke.act_json(
        *("ask", "--to", "VN/Night desk", "--kind", "phone", "--ref", "1", "--set", "number=-"),
        *("--urgency", "urgent", "--urgency-reason", "x"),
        stdin=NUMBER.encode(),
    )

    spoken = ke.act("call", told["short"])

    assert "có một câu hỏi khẩn" in spoken.out
    assert "Kenya" in spoken.out
    assert told["short"] in spoken.out
    assert "They publish no telephone number" in spoken.out


def test_silence_and_reminders_are_shown_on_both_sides(countries: Countries, hours: Hours) -> None:
    ke, vn, lan = countries.ke, countries.vn, countries.vn.sits(LAN)
    short = countries.ask("--urgency", "urgent", "--urgency-reason", "The ship leaves.")
    countries.exchange()
    hours.pass_(hours=5)
    look(countries)

    here = ke.act_json("inbox")
    there = vn.act_json("inbox")
    chief = lan.act_json("inbox")
    reminded = ke.act("remind", short)
    again = ke.act("remind", short)
    shown = ke.act("show", short)
    told = ke.act_json("show", short)
    text = ke.act("inbox")

    assert [(each["limit"], each["to"], each["short"]) for each in here["overdue"]] == [
        ("half", "asker", short)
    ]
    assert here["items"][0]["silence"] == "not-opened"
    assert there["overdue"][0]["to"] in ("desk", "alternates")
    assert [each["to"] for each in chief["overdue"]] == ["supervisor"]
    assert chief["items"] == []
    assert (reminded.code, again.code) == (0, 1)
    assert "refused.too-late.reminded-already" in again.err
    assert "Delivered, and not opened within 2 h." in shown.out
    assert "Brought to whoever asked" in shown.out
    assert [each["what"] for each in told["reminders"]] == ["acknowledge.asker", "half.asker"]
    assert "Overdue" in text.out
    assert f"comity call {short}" in text.out


def look(countries: Countries) -> None:
    """Let both servers look at the clock, as they do while they run."""
    for each in (countries.ke, countries.vn):
        node = Node.open(each.home, ask_house=str, clock=each.clock)
        try:
            duties.look(node.house, "clock")
        finally:
            node.close()


def test_stand_ins_limits_and_hours_are_set_by_whoever_runs_the_server(
    countries: Countries,
) -> None:
    vn = countries.vn
    named = vn.json("desk", "stand-in", *DESK, "--alternate", MINH, "--head", LAN)
    stranger = vn.type("desk", "stand-in", *DESK, "--alternate", LAN)
    limits = vn.json("limits", "--clock", "urgent", "--delivered", "30")
    longer = vn.type("limits", "--clock", "urgent", "--delivered", "61")
    loose = vn.type("limits", "--delivered", "30")
    shown = vn.type("limits")
    cleared = vn.json(
        "desk", "duty", *DESK, "--hours", "always", "--holiday", "none", "--zone", "UTC"
    )
    wrong = vn.type("desk", "duty", *DESK, "--hours", "mon 25:00-26:00")
    desk = vn.json("roster")["items"][0]

    assert len(named["alternates"]) == 1
    assert (stranger.code, longer.code, loose.code, wrong.code) == (2, 2, 2, 2)
    assert "usage.alternate-not-a-member" in stranger.err
    assert limits["items"][0] == {"clock": "urgent", "delivered": 30, "opened": 120}
    assert "30 min" in shown.out
    assert cleared["desk"] == "Anti-smuggling desk"
    assert (desk["hours"], desk["zone"], desk["holidays"]) == ([], "UTC", [])
    assert AMINA not in shown.out


def test_what_they_tell_programs_keeps_its_shape(countries: Countries, hours: Hours) -> None:
    ke, vn = countries.ke, countries.vn
    compare("desk-duty", vn.json("desk", "duty", *DESK, "--urgent-telephone", TELEPHONE))
    compare("desk-stand-in", vn.json("desk", "stand-in", *DESK, "--alternate", MINH))
    compare("limits", vn.json("limits"))
    short = countries.ask()
    countries.exchange()

    compare("urgent", ke.act_json("urgent", short, "--reason", "x"))
    compare("call", ke.act_json("call", short))
    countries.exchange()
    hours.pass_(hours=5)
    look(countries)
    compare("remind", ke.act_json("remind", short))
    compare("inbox-overdue", ke.act_json("inbox"))
