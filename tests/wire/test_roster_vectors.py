# SPDX-License-Identifier: Apache-2.0
"""Every vector of keys.md has the outcome that it states (``make_vectors.py`` writes them)."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.wire import roster_cases
from tests.wire.roster_cases import told

from comity.crypto import dsse
from comity.errors import ComityError
from comity.wire import invite, roster
from comity.wire.roster import RosterState

VECTORS = sorted((Path(__file__).parents[2] / "spec" / "vectors" / "roster").iterdir())
CASES = {path.stem: json.loads(path.read_text("utf-8")) for path in VECTORS}
Given = Mapping[str, Any]  # what json.loads returns


def check_root(given: Given) -> None:
    read = roster.read_root(given["dsse"].encode())
    roster.check_first(read)

    assert (
        json.loads(dsse.read(given["dsse"].encode(), roster.SIGNED_LIMIT).payload) == given["says"]
    )
    assert read.agency == given["says"]["agency"]


def check_succession(given: Given) -> None:
    before = roster.read_root(given["before"].encode())
    roster.check_first(before)

    roster.follows(roster.read_root(given["after"].encode()), before)


def check_entry(given: Given) -> None:
    entry = roster.read_entry(given["entry"].encode())

    assert roster.entry_hash(entry) == given["hash"]


def check_update(given: Given) -> None:
    root = roster.read_root(given["root"].encode())
    state: RosterState | None = None
    for each in (*given["held"], given["update"]):
        state = roster.apply(state, roster.read_update(each.encode()), root=root)

    assert told(state) == given["says"]


def check_invitation(given: Given) -> None:
    assert told(invite.read(given["text"]).state) == given["says"]


CHECKS: Mapping[str, Callable[[Given], None]] = {
    "root": check_root,
    "succession": check_succession,
    "entry": check_entry,
    "update": check_update,
    "invitation": check_invitation,
}


@pytest.mark.parametrize("name", CASES)
def test_a_vector_has_the_outcome_that_it_states(name: str) -> None:
    case = CASES[name]

    try:
        CHECKS[case["kind"]](case)
        outcome = "accepted"
    except ComityError as error:
        outcome = error.cause

    assert outcome == case["outcome"]
    assert name.startswith("bad-") == (outcome != "accepted")


def test_there_are_good_and_bad_vectors_of_every_kind() -> None:
    good = {case["kind"] for case in CASES.values() if case["outcome"] == "accepted"}
    bad = {case["kind"] for case in CASES.values() if case["outcome"] != "accepted"}

    assert good == bad == set(CHECKS)


def test_this_version_still_makes_the_vectors() -> None:
    """A change of the wire shows here, and begins in spec/."""
    assert dict(roster_cases.rosters()) == CASES
