# SPDX-License-Identifier: Apache-2.0
"""Whoever follows somebody goes on for him, and for whom he followed; a circle leads nowhere."""

from datetime import UTC, datetime, timedelta

import pytest

from comity.domain.ids import AgencyId, OfficerId, base32
from comity.domain.roster import Entry, RestartEntry, SuccessorEntry
from comity.domain.successor import FARTHEST, successor_of

AT = datetime(2026, 11, 23, 7, 40, tzinfo=UTC)
AGENCY = AgencyId(base32(bytes(16)))


def who(number: int) -> OfficerId:
    return OfficerId(base32(number.to_bytes(16, "big")))


def follows(officer: int, successor: int, day: int = 0) -> SuccessorEntry:
    begins = AT + timedelta(days=day)
    return SuccessorEntry(
        agency=AGENCY,
        officer=who(officer),
        successor=who(successor),
        begins=begins,
        ends=begins + timedelta(days=3650),
    )


def test_nobody_follows_unless_it_was_said() -> None:
    assert successor_of([], who(1)) is None
    assert successor_of([follows(2, 3)], who(1)) is None


def test_whoever_was_named_last_follows_in_whatever_order_it_is_read() -> None:
    said: list[Entry] = [follows(1, 2), follows(1, 3, day=1)]

    assert successor_of(said, who(1)) == who(3)
    assert successor_of(said[::-1], who(1)) == who(3)


def test_whoever_follows_may_be_followed() -> None:
    said = [follows(1, 2), follows(2, 3, day=1), follows(3, 4, day=2)]

    assert successor_of(said, who(1)) == who(4)
    assert successor_of(said, who(3)) == who(4)
    assert successor_of(said, who(4)) is None


def test_a_circle_leads_nowhere_and_so_does_what_has_no_end() -> None:
    circle = [follows(1, 2), follows(2, 3), follows(3, 2)]
    endless = [follows(each, each + 1) for each in range(FARTHEST + 8)]

    assert successor_of(circle, who(1)) is None
    assert successor_of(endless, who(0)) is None


def test_nobody_follows_himself() -> None:
    with pytest.raises(ValueError, match="himself"):
        follows(1, 1)


def test_a_restart_names_a_number_that_there_may_have_been() -> None:
    begun = RestartEntry(agency=AGENCY, number=0, begins=AT, ends=AT + timedelta(days=1))

    assert begun.number == 0
    with pytest.raises(ValueError, match="negative"):
        RestartEntry(agency=AGENCY, number=-1, begins=AT, ends=AT)
