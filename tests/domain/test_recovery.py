# SPDX-License-Identifier: Apache-2.0
"""What is known of holders: a wrong share is named, and a rehearsal falls due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comity.domain.ids import AgencyId, digest
from comity.domain.recovery import Arrangement, Event, Happened, KeyKind, name_of, wrong
from comity.domain.roster import RecoveryEntry

AT = datetime(2026, 11, 23, 7, 40, tzinfo=UTC)
DIGESTS = tuple(digest(each) for each in (b"one", b"two", b"three"))


def happened(what: Happened, at: datetime = AT) -> Event:
    return Event(at=at, what=what, subject="", shares=(), decided_by=())


KEPT = Arrangement(
    agency=AgencyId("a" * 26),
    number=1,
    needed=2,
    recipient="age1pq1",
    shares=DIGESTS,
    rehearsal=DIGESTS,
    test=b"sealed",
    answer=DIGESTS[0],
    holders=("A", "B", "C"),
    events=(happened(Happened.SPLIT),),
)
ENTRY: dict[str, Any] = {
    "agency": AgencyId("a" * 26),
    "number": 1,
    "recipient": "age1pq1",
    "needed": 2,
    "holders": 3,
    "begins": AT,
    "ends": AT + timedelta(days=1),
}


def test_a_key_is_named_by_whose_and_which_it_is() -> None:
    assert name_of("k7", KeyKind.READING, 4) == "k7/reading/4"


def test_the_first_wrong_share_is_named_by_its_place() -> None:
    one, two, three = DIGESTS

    assert wrong(DIGESTS, [(3, three), (1, one)]) == 0
    assert wrong(DIGESTS, [(3, three), (1, two), (2, one)]) == 2
    assert wrong(DIGESTS, [(4, one)]) == 1
    assert wrong(DIGESTS, [(0, three)]) == 1
    assert wrong(DIGESTS, []) == 0


def test_a_rehearsal_is_due_a_year_after_shares_were_last_seen_to_open() -> None:
    later = AT + timedelta(days=100)
    rehearsed = replace(KEPT, events=(*KEPT.events, happened(Happened.REHEARSED, later)))

    assert KEPT.rehearsed == AT
    assert KEPT.is_due(AT + timedelta(days=365))
    assert rehearsed.rehearsed == later
    assert not rehearsed.is_due(AT + timedelta(days=365))


def test_every_holder_has_a_share_and_its_rehearsal() -> None:
    with pytest.raises(ValueError, match="holder"):
        replace(KEPT, holders=("A", "B"))
    with pytest.raises(ValueError, match="share"):
        replace(KEPT, answer="42")


def test_what_happened_has_a_time_in_utc() -> None:
    with pytest.raises(ValueError, match="at"):
        happened(Happened.SPLIT, datetime(2026, 11, 23))  # noqa: DTZ001


@pytest.mark.parametrize(
    "change", [{"number": 0}, {"needed": 1}, {"needed": 4}, {"needed": 2, "holders": 17}]
)
def test_an_agency_certifies_only_holders_that_can_be(change: dict[str, int]) -> None:
    RecoveryEntry(**ENTRY)
    with pytest.raises(ValueError, match="holders"):
        RecoveryEntry(**{**ENTRY, **change})
