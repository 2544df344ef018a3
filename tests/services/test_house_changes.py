# SPDX-License-Identifier: Apache-2.0
"""The house key changes, and its holders can open the home at every moment of it."""

import os
from pathlib import Path

import pytest
from tests.services.holders import Keepers, appoint
from tests.services.settle import PASSPHRASE, Settled

from comity.errors import Locked, Unavailable
from comity.services import close_node as closing
from comity.services import home, house_escrow, next_key, rotate_house
from comity.services.close_node import close_node
from comity.services.house import House
from comity.services.reopen_node import reopen_node
from comity.services.unlock import unlock
from comity.services.verify import verify


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def kept(kenya: Settled, tmp_path: Path) -> Keepers:
    keepers, _ = appoint(kenya, tmp_path / "shares")
    kenya.unlocked()
    house_escrow.keep_up(kenya.house)
    home.close(kenya.house)
    return keepers


def changed(kenya: Settled) -> None:
    rotate_house.rotate_house(
        kenya.house.home, ask_house=str, ask_new=str, clock=kenya.house.clock, random=os.urandom
    )


def nobody(*_: object, **__: object) -> House:
    raise Locked("house")


def shut(kenya: Settled, monkeypatch: pytest.MonkeyPatch) -> None:
    """Close the node, with nobody there to open it."""
    with monkeypatch.context() as away:
        away.setattr(closing, "open_", nobody)
        close_node(kenya.house.home, ask_house=str, clock=kenya.house.clock)


def reopened(kenya: Settled, kept: Keepers) -> None:
    path, clock = kenya.house.home, kenya.house.clock
    words = kept.words("holder 2", "holder 3", "holder 5")
    reopen_node(path, words, key_home="file", ask_house=str, clock=clock)
    kenya.house = home.open_(path, ask_house=str, clock=clock)
    assert unlock(kenya.house, "investigator KE", PASSPHRASE).desks
    assert verify(kenya.house).sound


@pytest.mark.parametrize("step", ["relock", "promote"])
def test_a_node_closed_where_a_change_of_its_key_was_cut_short_is_reopened_by_its_holders(
    kenya: Settled, kept: Keepers, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as cut:
        cut.setattr(rotate_house, step, killed)
        with pytest.raises(Killed):
            changed(kenya)
    assert (kenya.house.home / "house.key.next").exists()

    shut(kenya, monkeypatch)

    assert [each.name for each in kenya.house.home.glob("house.key*")] == []
    reopened(kenya, kept)


def test_a_node_closed_while_its_key_changes_keeps_no_copy_of_it(
    kenya: Settled, kept: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote = next_key.promote

    def meanwhile(following: object) -> None:
        promote(following)  # type: ignore[arg-type]  # as it came
        kenya.house.home.joinpath("closed").touch()

    monkeypatch.setattr(rotate_house, "promote", meanwhile)
    with pytest.raises(Unavailable):
        changed(kenya)

    assert [each.name for each in kenya.house.home.glob("house.key*")] == []
    reopened(kenya, kept)


def test_after_the_change_its_holders_have_the_new_key_and_no_other_file_stays(
    kenya: Settled, kept: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(kenya)

    assert [each.suffix for each in kenya.house.home.glob("house.escrow.*")] == [".1"]
    shut(kenya, monkeypatch)
    reopened(kenya, kept)


def test_a_home_put_back_without_its_escrow_or_with_another_days_gets_its_own(
    kenya: Settled, kept: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = kenya.house.home.glob("house.escrow.*")
    before = path.read_bytes()
    changed(kenya)
    for spoil in (path.unlink, lambda: path.write_bytes(before)):
        spoil()
        house = home.open_(kenya.house.home, ask_house=str, clock=kenya.house.clock)
        assert house_escrow.keep_up(house) == 1
        assert house_escrow.keep_up(house) == 0
        home.close(house)

    shut(kenya, monkeypatch)
    reopened(kenya, kept)
