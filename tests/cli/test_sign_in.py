# SPDX-License-Identifier: Apache-2.0
"""By what somebody signs in, from the command line; and a desk of one's own."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime

import pytest
from tests.cli.desk_top import AMINA, JOSEPH, PASSPHRASE, WANJIRU, Countries, typed

from comity.crypto import one_time
from comity.domain.ids import mint
from comity.node import Node
from comity.services import second_factor
from comity.services.epochs import sign_in
from comity.services.sessions import Caller, open_sessions

PROGRAM = [sys.executable, "-c", "from comity.cli.main import main; main()"]
PHRASE = "the old red bicycle"


def opened(countries: Countries) -> Node:
    return Node.open(countries.ke.home, ask_house=str, clock=lambda: datetime.now(UTC))


def test_a_sheet_is_printed_and_its_codes_open(countries: Countries) -> None:
    ke = countries.ke
    made = ke.json("officer", "codes", AMINA)
    node = opened(countries)
    sessions = open_sessions(node.house)

    code = made["items"][0]["code"]
    _, session = sessions.begin(AMINA, PASSPHRASE, Caller(code=code))
    shown = ke.json("officer", "factors")
    node.close()

    assert len(made["items"]) == 20
    assert session.unlocked.entry.id == made["id"]
    assert 19 in {each["codes"] for each in shown["items"]}
    assert "Each opens once" in ke.type("officer", "codes", AMINA).out


def test_a_phone_is_set_up_at_a_terminal(countries: Countries) -> None:
    node = opened(countries)
    unlocked = sign_in(node.house, AMINA, PASSPHRASE)
    seed = second_factor.offer(unlocked, node.house, mint(bytes)).seed
    given = {
        "COMITY_HOME": str(countries.ke.home),
        "COMITY_PASSPHRASE": PASSPHRASE,
        "COMITY_CODE": one_time.shown_at(seed, datetime.now(UTC)),
        "LC_ALL": "C",
    }

    wrong = typed(
        ["officer", "phone", AMINA], {**given, "COMITY_CODE": "1"}, b"", countries.ke.capture
    )
    done = typed(["officer", "phone", AMINA], given, b"", countries.ke.capture, random=bytes)

    assert wrong.code == 2
    assert done.code == 0, done.err
    assert one_time.secret(seed)[:4] in done.out
    assert second_factor.stands(node.house, unlocked.entry.id).phone
    removed = countries.ke.type("officer", "without", AMINA, "phone")
    assert removed.code == 0
    assert not second_factor.stands(node.house, unlocked.entry.id).any
    node.close()


def test_an_agency_wants_a_second_factor_or_leaves_it_to_its_officers(countries: Countries) -> None:
    ke = countries.ke

    wanted = ke.json("officer", "factors", "--rule", "required")
    refused = [ke.type("officer", "codes", AMINA), ke.type("officer", "without", AMINA, "sheet")]
    free = ke.json("officer", "factors", "--rule", "free")

    assert (wanted["rule"], free["rule"]) == ("required", "free")
    assert [each.code for each in refused] == [0, 1]
    assert "Set up another one first" in refused[1].err
    assert ke.type("officer", "without", AMINA, "sheet").code == 0


def test_a_lock_phrase_locks_the_command_line_too(countries: Countries) -> None:
    ke = countries.ke
    ke.environment["COMITY_LOCK_PHRASE"] = PHRASE
    assert ke.type("officer", "lock-phrase", AMINA, "--tell", JOSEPH).code == 2
    set_ = ke.type("officer", "lock-phrase", AMINA, "--tell", JOSEPH, "--tell", WANJIRU)

    forced = ke.type("inbox", "--as", AMINA, passphrase=PHRASE)
    thief = ke.type("inbox", "--as", AMINA)
    alone = ke.type("officer", "let-in", AMINA, "--as", AMINA)
    helped = ke.type("officer", "let-in", AMINA, "--as", JOSEPH)

    assert set_.code == 0, set_.err
    assert (forced.code, thief.code, alone.code) == (4, 4, 4)
    assert "throttled" in forced.err
    assert "throttled" in thief.err
    assert helped.code == 0, helped.err
    assert ke.type("inbox", "--as", AMINA).code == 0
    assert ke.type("officer", "lock-phrase", AMINA, "--drop").code == 0


@pytest.mark.slow
def test_a_desk_of_one_s_own_is_served_to_this_machine_alone(countries: Countries) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("COMITY_")}
    with subprocess.Popen(
        [*PROGRAM, "--home", str(countries.ke.home), "desk", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        with urllib.request.urlopen(told["desk"], timeout=20) as answer:
            page = answer.read().decode()
        process.send_signal(signal.SIGTERM)
        ended = process.wait(timeout=30)

    assert told["desk"].startswith("http://127.0.0.1:")
    assert "this machine is yours" in page
    assert "Server run by" not in page
    assert ended == 0
