# SPDX-License-Identifier: Apache-2.0
"""An officer who leaves hands on what is his own, typed: who gains sight is shown first."""

import re

from tests.cli.desk_top import AMINA, JOSEPH, Countries
from tests.cli.test_json import compare


def in_person(countries: Countries, *how: str) -> str:
    """Let Viet Nam ask Amina Otieno in person; return the number of the thread."""
    roster = countries.ke.json("roster")
    labels = {each["name"]: each["label"] for each in roster["items"] if "label" in each}
    done = countries.vn.act_json(
        *("ask", "--to", f"KE/{labels[AMINA]}", "--kind", "phone", "--ref", "1", *how),
        *("--set", "number=-"),
        stdin=b"+84901234567",
    )
    countries.exchange()
    return str(done["short"])


def test_who_gains_sight_is_shown_and_then_the_successor_reads(countries: Countries) -> None:
    ke, short = countries.ke, in_person(countries)
    assert ke.sits(JOSEPH).act("show", short).code == 2

    dry = ke.sits(AMINA).act("hand-over", "--all", "--to", JOSEPH, "--dry-run")
    assert dry.code == 0, dry.err
    assert "1 thread would go to" in dry.out
    assert "Nothing was sent." in dry.out
    assert ke.sits(JOSEPH).act("show", short).code == 2
    done = ke.sits(AMINA).act_json(
        "hand-over", "--all", "--to", JOSEPH, "--remark", "See the file."
    )

    compare("hand-over-all", done)
    assert [(each["short"], each["letters"], each["why"]) for each in done["items"]] == [
        (short, 1, "")
    ]
    shown = ke.sits(JOSEPH).act("show", short).out
    assert "See the file." in shown
    assert "+84901234567" in re.sub(r"\s", "", shown)
    assert ke.json("verify")["ok"]


def test_what_stays_is_said_with_why(countries: Countries) -> None:
    ke, short = countries.ke, in_person(countries, "--see", "named")

    done = ke.sits(AMINA).act("hand-over", "--all", "--to", JOSEPH)

    assert "1 thread stays with you." in done.err
    assert "[named]" in done.out
    assert ke.sits(JOSEPH).act("show", short).code == 2


def test_one_thread_or_all_and_a_trial_of_either(countries: Countries) -> None:
    short = countries.ask()
    ke = countries.ke
    neither = ke.act("hand-over", "--to", JOSEPH)
    both = ke.act("hand-over", short, "--all", "--to", JOSEPH)
    dry = ke.act_json("hand-over", short, "--to", JOSEPH, "--dry-run")

    assert (neither.code, both.code) == (2, 2)
    assert {each["display"] for each in dry["items"]} == {
        "officer 1",
        "Operations desk",
        "Oversight",
    }
    holder = ke.act_json("show", short)
    assert "handed-over" not in str(holder)
