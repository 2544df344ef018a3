# SPDX-License-Identifier: Apache-2.0
"""Holders can be changed, behind nobody's back, and rehearse what they would do."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.holders import PEOPLE, Keepers, appoint
from tests.services.settle import Settled

from comity.domain.recovery import Happened
from comity.errors import (
    Busy,
    Differs,
    Misused,
    Refused,
)
from comity.services import arrangements, escrow, house_escrow
from comity.services.recover_drill import drill, due
from comity.services.recover_join import recover
from comity.services.recover_split import split
from comity.services.unlock import unlock
from comity.storage import housed

NEW = "other words than before"


@pytest.fixture
def kept(kenya: Settled, tmp_path: Path) -> Keepers:
    """Appoint five holders, three of whom are needed, and let everybody unlock once."""
    keepers, _ = appoint(kenya, tmp_path / "shares")
    for each in kenya.people:
        kenya.unlocked(each)
    return keepers


def rows(kenya: Settled) -> list[str]:
    with kenya.house.store.read() as reading:
        return [each.name for each in housed.of_room(reading, escrow.ROOM)]


def officer(kenya: Settled) -> str:
    return kenya.people["investigator"]


# Other holders.


def test_other_holders_take_over_and_old_shares_open_nothing(
    kenya: Settled, kept: Keepers, tmp_path: Path
) -> None:
    old = kept.words("holder 1", "holder 2", "holder 3")
    newer, done = appoint(kenya, tmp_path / "next", needed=2, count=3, old=old)

    assert (done.entry.number, done.escrowed, done.missing) == (2, 8, ())
    assert kenya.card.recovery == done.entry
    assert [each.number for each in house_escrow.find(kenya.house.home)] == [2]
    with pytest.raises(Refused) as refused:
        recover(kenya.house, "investigator KE", NEW, old, decided_by=PEOPLE)
    assert refused.value.cause.startswith("refused.recovery.")
    recover(
        kenya.house,
        "investigator KE",
        NEW,
        newer.words("holder 3", "holder 1"),
        decided_by=PEOPLE,
    )
    assert unlock(kenya.house, "investigator KE", NEW).entry == kenya.card.readers[officer(kenya)]


def test_holders_are_not_changed_behind_their_backs(
    kenya: Settled, kept: Keepers, tmp_path: Path
) -> None:
    for old in ([], kept.words("holder 1", "holder 2")):
        with pytest.raises(Refused) as refused:
            appoint(kenya, tmp_path / "next", old=old)
        assert refused.value.cause in (
            "refused.recovery.old-holders",
            "refused.recovery.too-few",
        )
    assert kenya.card.recovery is not None
    assert kenya.card.recovery.number == 1
    assert not (tmp_path / "next").exists()


def test_where_too_few_are_left_the_escrow_begins_anew(
    kenya: Settled, kept: Keepers, tmp_path: Path
) -> None:
    newer = Keepers()
    done = split(
        kenya.house,
        kenya.agency,
        needed=2,
        holders=newer.holders(2),
        folder=tmp_path / "next",
        decided_by=PEOPLE,
        start_over=True,
    )
    newer.take(done.handed_out)

    assert (done.entry.number, done.escrowed, len(done.missing)) == (2, 0, 3)
    assert rows(kenya) == []
    kenya.unlocked()
    recover(kenya.house, "investigator KE", NEW, newer.words(*newer.keys), decided_by=PEOPLE)
    assert unlock(kenya.house, "investigator KE", NEW).entry == kenya.card.readers[officer(kenya)]


def test_starting_over_needs_something_to_start_over_from(kenya: Settled, tmp_path: Path) -> None:
    with pytest.raises(Misused) as refused:
        split(
            kenya.house,
            kenya.agency,
            needed=2,
            holders=Keepers().holders(2),
            folder=tmp_path,
            decided_by=PEOPLE,
            start_over=True,
        )

    assert refused.value.cause == "usage.recovery.none"


def test_an_unlock_that_raced_a_change_of_holders_seals_nothing_to_the_old(
    kenya: Settled, kept: Keepers, tmp_path: Path
) -> None:
    before, unlocked = kenya.card, kenya.unlocked()
    appoint(kenya, tmp_path / "next", old=kept.words("holder 1", "holder 2", "holder 3"))
    there = rows(kenya)

    assert escrow.keep_up(kenya.house, before, unlocked) == 0

    assert rows(kenya) == there
    assert escrow.missing(kenya.house, kenya.card) == ()


def test_what_was_noted_of_former_holders_is_not_noted_of_these(
    kenya: Settled, kept: Keepers, tmp_path: Path
) -> None:
    known = arrangements.arrangement_of(kenya.house, kenya.agency)
    appoint(kenya, tmp_path / "next", old=kept.words("holder 1", "holder 2", "holder 3"))
    happened = arrangements.event(kenya.house, Happened.REHEARSED)

    with pytest.raises(Busy):
        kenya.house.store.write(lambda w: arrangements.note(w, kenya.house, known, happened))


# Rehearsing.


def test_a_rehearsal_proves_the_shares_and_opens_no_key(kenya: Settled, kept: Keepers) -> None:
    shares = kept.rehearsal("holder 2", "holder 3", "holder 5")

    told = drill(kenya.house, kenya.agency, shares)

    assert told.events[-1].what is Happened.REHEARSED
    assert told.events[-1].shares == (2, 3, 5)
    with pytest.raises(Refused):
        recover(kenya.house, "investigator KE", NEW, shares, decided_by=PEOPLE)


def test_true_shares_are_refused_in_a_rehearsal(kenya: Settled, kept: Keepers) -> None:
    with pytest.raises(Refused) as refused:
        drill(kenya.house, kenya.agency, kept.words(*kept.keys))

    assert refused.value.cause == "refused.recovery.wrong-share"


def test_a_test_that_was_changed_is_noticed(kenya: Settled, kept: Keepers) -> None:
    told = arrangements.arrangement_of(kenya.house, kenya.agency)
    row = arrangements.row_of(kenya.house, replace(told, answer="0" * 64))
    kenya.house.store.write(lambda w: housed.put(w, [row]))

    with pytest.raises(Differs):
        drill(kenya.house, kenya.agency, kept.rehearsal(*kept.keys))


def test_where_nobody_holds_shares_nothing_is_due(kenya: Settled) -> None:
    assert not due(kenya.house, kenya.agency)


def test_what_was_last_rehearsed_a_year_ago_is_due(kenya: Settled, kept: Keepers) -> None:
    told = arrangements.arrangement_of(kenya.house, kenya.agency)
    long_ago = tuple(replace(each, at=each.at - timedelta(days=366)) for each in told.events)
    row = arrangements.row_of(kenya.house, replace(told, events=long_ago))
    kenya.house.store.write(lambda w: housed.put(w, [row]))

    assert due(kenya.house, kenya.agency)


def test_a_rehearsal_is_due_after_a_year(kenya: Settled, kept: Keepers) -> None:
    told = arrangements.arrangement_of(kenya.house, kenya.agency)

    assert not due(kenya.house, kenya.agency)
    assert not told.is_due(told.rehearsed + timedelta(days=364))
    assert told.is_due(told.rehearsed + timedelta(days=365))
