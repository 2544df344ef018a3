# SPDX-License-Identifier: Apache-2.0
"""A closed node opens for nobody, until enough holders have reopened it."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.services.holders import PEOPLE, Keepers, appoint
from tests.services.settle import PASSPHRASE, Settled, inhabit, settle

from comity.domain.ids import AgencyId
from comity.domain.recovery import Happened
from comity.errors import Damaged, Malformed, Misused, Refused, Unavailable
from comity.services import arrangements, closed, home, house_escrow
from comity.services.close_node import Closed, close_node
from comity.services.closed import is_closed
from comity.services.house import House
from comity.services.recover_join import recover
from comity.services.reopen_node import needed, reopen_node
from comity.services.unlock import unlock
from comity.services.verify import verify
from comity.wire.recovery import write_house


@pytest.fixture
def kept(kenya: Settled, tmp_path: Path) -> Keepers:
    """Appoint five holders, three of whom are needed, and stop the node."""
    keepers, _ = appoint(kenya, tmp_path / "shares")
    kenya.unlocked()
    kenya.house.store.close()
    return keepers


def shut(kenya: Settled, *, without_recovery: bool = False) -> Closed:
    return close_node(
        kenya.house.home,
        ask_house=str,
        clock=kenya.house.clock,
        without_recovery=without_recovery,
    )


def opened(kenya: Settled, ask: Callable[[], str] = str) -> House:
    return home.open_(kenya.house.home, ask_house=ask, clock=kenya.house.clock)


def reopen(
    kenya: Settled, given: list[str], *, key_home: str = "file", words: str = ""
) -> tuple[AgencyId, tuple[int, ...]]:
    done = reopen_node(
        kenya.house.home,
        given,
        key_home=key_home,
        ask_house=lambda: words,
        clock=kenya.house.clock,
    )
    return done.agency, done.shares


def test_closing_destroys_every_copy_of_the_key_but_the_escrow(
    kenya: Settled, kept: Keepers
) -> None:
    path, key = kenya.house.home, kenya.house.vault.house_key
    (path / ".house-key-killed").write_bytes(key)

    done = shut(kenya)

    assert (done.escrows, done.fresh, done.remains) == (1, True, ())
    assert not (path / "house.key").exists()
    for each in path.rglob("*"):
        assert not each.is_file() or key not in each.read_bytes()


def test_a_closed_node_opens_for_nobody(kenya: Settled, kept: Keepers) -> None:
    shut(kenya)

    with pytest.raises(Unavailable) as refused:
        opened(kenya)

    assert refused.value.cause == "unavailable.closed"


def test_a_copy_of_the_key_put_back_does_not_open_it_and_is_destroyed(
    kenya: Settled, kept: Keepers
) -> None:
    shut(kenya)
    kenya.house.home.joinpath("house.key").write_bytes(kenya.house.vault.house_key)

    with pytest.raises(Unavailable):
        opened(kenya)

    assert not kenya.house.home.joinpath("house.key").exists()


def test_enough_holders_reopen_it_and_everything_opens_again(kenya: Settled, kept: Keepers) -> None:
    shut(kenya)
    assert needed(kenya.house.home) == 3

    told = reopen(kenya, kept.words("holder 2", "holder 3", "holder 5"))

    assert told == (kenya.agency, (2, 3, 5))
    kenya.house = opened(kenya)
    assert unlock(kenya.house, "investigator KE", PASSPHRASE).desks
    assert verify(kenya.house).sound
    last = arrangements.arrangement_of(kenya.house, kenya.agency).events[-1]
    assert (last.what, last.shares) == (Happened.REOPENED, (2, 3, 5))
    recover(kenya.house, "investigator KE", "new words", kept.words(*kept.keys), decided_by=PEOPLE)


def test_its_key_may_live_elsewhere_from_then_on(kenya: Settled, kept: Keepers) -> None:
    shut(kenya)

    reopen(kenya, kept.words(*kept.keys), key_home="prompt", words="the operator's words")

    assert home.read_settings(kenya.house.home).key_home == "prompt"
    with pytest.raises(Unavailable):
        opened(kenya)
    kenya.house = opened(kenya, lambda: "the operator's words")


def test_too_few_or_wrong_holders_reopen_nothing(
    kenya: Settled, kept: Keepers, tmp_path: Path
) -> None:
    shut(kenya)
    for given, cause in (
        (kept.words("holder 1", "holder 2"), "refused.recovery.too-few"),
        ([], "refused.recovery.too-few"),
        (kept.rehearsal(*kept.keys), "refused.recovery.wrong-share"),
    ):
        with pytest.raises(Refused) as refused:
            reopen(kenya, given)
        assert refused.value.cause == cause
    with pytest.raises(Malformed):
        reopen(kenya, ["abandon ability able"])
    assert is_closed(kenya.house.home)
    assert not (kenya.house.home / "house.key").exists()


def test_a_node_without_holders_is_not_closed_by_mistake(kenya: Settled) -> None:
    kenya.house.store.close()

    with pytest.raises(Refused) as refused:
        shut(kenya)

    assert refused.value.cause == "refused.recovery.no-escrow"
    kenya.house = opened(kenya)


def test_it_may_be_closed_for_good(kenya: Settled) -> None:
    kenya.house.store.close()

    done = shut(kenya, without_recovery=True)

    assert (done.escrows, done.remains) == (0, ())
    with pytest.raises(Refused) as refused:
        reopen(kenya, [])
    assert refused.value.cause == "refused.recovery.no-escrow"


def test_whoever_is_at_the_machine_can_close_it_without_its_passphrase(
    kenya: Settled, kept: Keepers
) -> None:
    shut(kenya)
    reopen(kenya, kept.words(*kept.keys), key_home="prompt", words="the operator's words")

    done = shut(kenya)

    assert (done.escrows, done.fresh) == (1, False)
    reopen(kenya, kept.words(*kept.keys))
    kenya.house = opened(kenya)


def test_closing_twice_is_closing_once(kenya: Settled, kept: Keepers) -> None:
    shut(kenya)

    done = shut(kenya)

    assert (done.escrows, done.remains) == (1, ())
    reopen(kenya, kept.words(*kept.keys))
    kenya.house = opened(kenya)


def test_a_kill_after_the_mark_leaves_no_key_behind(kenya: Settled, kept: Keepers) -> None:
    closed.mark(kenya.house.home)  # and the process is gone
    assert (kenya.house.home / "house.key").exists()

    with pytest.raises(Unavailable):
        opened(kenya)

    assert not (kenya.house.home / "house.key").exists()
    reopen(kenya, kept.words(*kept.keys))
    kenya.house = opened(kenya)


def test_a_kill_while_it_is_reopened_leaves_it_closed_and_the_key_in_place(
    kenya: Settled, kept: Keepers
) -> None:
    shut(kenya)
    closed.begin_reopening(kenya.house.home)
    home.rehouse(
        kenya.house.home, kenya.house.vault.house_key, key_home="file", ask_house=str
    )  # and the process is gone

    with pytest.raises(Unavailable):
        opened(kenya)

    assert (kenya.house.home / "house.key").exists()
    assert shut(kenya).escrows == 1
    assert not (kenya.house.home / "house.key").exists()
    reopen(kenya, kept.words(*kept.keys))
    kenya.house = opened(kenya)


def test_a_key_that_was_lost_with_its_machine_comes_back_from_its_holders(
    kenya: Settled, kept: Keepers
) -> None:
    (kenya.house.home / "house.key").unlink()  # a TPM that broke, a passphrase nobody knows
    with pytest.raises(Misused):
        opened(kenya)

    done = shut(kenya)
    reopen(kenya, kept.words(*kept.keys))

    assert (done.escrows, done.fresh) == (1, False)
    kenya.house = opened(kenya)
    assert unlock(kenya.house, "investigator KE", PASSPHRASE).desks


def test_a_full_disk_keeps_nobody_from_closing(kenya: Settled, kept: Keepers) -> None:
    beside = kenya.house.home / f".house.escrow.{kenya.agency}.1"
    beside.mkdir()  # where the escrow would be made anew nothing can be written

    done = shut(kenya)

    assert (done.escrows, done.fresh) == (1, True)
    beside.rmdir()
    reopen(kenya, kept.words(*kept.keys))
    kenya.house = opened(kenya)


def test_an_escrow_that_was_never_certified_is_not_counted_on(
    kenya: Settled, kept: Keepers
) -> None:
    path = kenya.house.home / f"house.escrow.{kenya.agency}.1"
    (told,) = house_escrow.find(kenya.house.home)
    orphan = path.with_name(f"house.escrow.{kenya.agency}.2")  # as a killed split leaves it
    orphan.write_bytes(write_house(replace(told, number=2)))
    path.unlink()
    path.with_name(f".{path.name}").mkdir()  # and no other can be written

    with pytest.raises(Refused) as refused:
        shut(kenya)

    assert refused.value.cause == "refused.recovery.no-escrow"


def test_a_damaged_escrow_is_made_anew(kenya: Settled, kept: Keepers) -> None:
    path = kenya.house.home / f"house.escrow.{kenya.agency}.1"
    path.write_bytes(b"{}")
    assert house_escrow.find(kenya.house.home) == ()

    assert shut(kenya).escrows == 1

    reopen(kenya, kept.words(*kept.keys))
    kenya.house = opened(kenya)


def test_what_this_user_may_not_destroy_is_named(
    kenya: Settled, kept: Keepers, tmp_path: Path
) -> None:
    settings = kenya.house.home / "node.toml"
    settings.write_text(settings.read_text().replace('"file"', '"credential"'))
    stores = (tmp_path / "encrypted", tmp_path / "plain")
    for each in stores:
        each.mkdir()
    (stores[0] / "comity-house").write_bytes(b"sealed to this machine")
    (stores[1] / "comity-house").mkdir()  # nothing that can be removed so

    done = close_node(kenya.house.home, ask_house=str, clock=kenya.house.clock, system=stores)

    assert done.remains == (stores[1] / "comity-house",)
    assert not (stores[0] / "comity-house").exists()


def test_an_open_home_is_not_reopened(kenya: Settled, kept: Keepers) -> None:
    with pytest.raises(Misused) as refused:
        reopen(kenya, kept.words(*kept.keys))
    assert refused.value.cause == "usage.recovery.not-closed"
    shut(kenya)
    with pytest.raises(Misused) as refused:
        reopen(kenya, kept.words(*kept.keys), key_home="credential")
    assert refused.value.cause == "usage.key-home"


def test_another_homes_records_are_not_opened_with_this_key(
    kenya: Settled, kept: Keepers, tmp_path: Path
) -> None:
    shut(kenya)
    other = settle(tmp_path / "other", "ET")
    other.house.store.close()
    shutil.copy(other.house.home / "comity.db", kenya.house.home / "comity.db")

    with pytest.raises(Damaged):
        reopen(kenya, kept.words(*kept.keys))

    assert is_closed(kenya.house.home)
    assert not (kenya.house.home / "house.key").exists()


def test_the_holders_of_either_agency_of_a_shared_server_reopen_it(
    kenya: Settled, tmp_path: Path
) -> None:
    ethiopia = inhabit(kenya.house, tmp_path, "ET")
    first, _ = appoint(kenya, tmp_path / "ke")
    second, _ = appoint(ethiopia, tmp_path / "et", needed=2, count=2)
    kenya.house.store.close()

    assert shut(kenya).escrows == 2

    assert reopen(kenya, second.words(*second.keys)) == (ethiopia.agency, (1, 2))
    assert shut(kenya).escrows == 2
    assert reopen(kenya, first.words("holder 1", "holder 2", "holder 3"))[0] == kenya.agency
    kenya.house = opened(kenya)
