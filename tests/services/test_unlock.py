# SPDX-License-Identifier: Apache-2.0
"""A passphrase opens one officer's keys; guessing is slow, and tells nothing."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from tests.services.settle import PASSPHRASE, Settled, settle

from comity.crypto.age import HybridIdentity, Passphrase, decrypt, encrypt
from comity.crypto.age.scrypt import WRITE_FACTOR
from comity.domain.ids import DeskId
from comity.errors import Busy, Damaged, Locked, Misused, NotCompetent, NotForUs
from comity.services import attempts, home
from comity.services.attempts import attempt, memory_of_machine, places
from comity.services.desks import NewDesk, change_members, open_desk
from comity.services.enrol import VALIDITY
from comity.services.export import export, keep
from comity.services.house import House
from comity.services.revoke import revoke
from comity.services.unlock import change_passphrase, renewed, unlock
from comity.storage import housed, keys, leases
from comity.wire import identity


@dataclass
class Hours:
    now: datetime = datetime(2026, 11, 23, 4, 40, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **told: float) -> None:
        self.now += timedelta(**told)


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def kenya(first_kenya: Settled, tmp_path: Path, hours: Hours) -> Iterator[Settled]:
    made = first_kenya.copied(tmp_path, hours)
    yield made
    home.close(made.house)


def wrong(house: House, who: str = "investigator KE", passphrase: str = "a guess") -> Locked:
    with pytest.raises(Locked) as locked:
        unlock(house, who, passphrase)
    return locked.value


def test_the_right_passphrase_opens_his_keys_and_his_desks(kenya: Settled) -> None:
    unlocked = unlock(kenya.house, "investigator KE", PASSPHRASE)

    assert unlocked.entry.id == kenya.people["investigator"]
    assert unlocked.certificate == kenya.card.certificate_of(unlocked.entry.id)
    assert set(unlocked.desks) == {kenya.desk}
    desk = kenya.card.readers[kenya.desk]
    assert str(unlocked.desks[kenya.desk][0].recipient) == desk.reading


def test_nothing_of_him_is_shown(kenya: Settled) -> None:
    shown = repr(kenya.unlocked())

    assert "SECRET" not in shown
    assert kenya.unlocked().signing.seed.hex() not in shown


@pytest.mark.parametrize("passphrase", ["a guess", "", "\x00", "\ud800", "x" * 300])
def test_whatever_is_typed_instead_says_the_same(kenya: Settled, passphrase: str) -> None:
    for who in ("investigator KE", "nobody", "", "x" * 5000, "\ud800"):
        assert wrong(kenya.house, who, passphrase).cause == "unavailable.locked.passphrase"


def test_three_wrong_ones_are_free_and_then_each_wait_is_twice_the_last(
    kenya: Settled, hours: Hours
) -> None:
    waits = []
    for _ in range(2):
        assert wrong(kenya.house).cause == "unavailable.locked.passphrase"
    for _ in range(12):
        assert wrong(kenya.house).cause == "unavailable.locked.passphrase"
        locked = wrong(kenya.house)
        assert locked.cause == "unavailable.locked.throttled"
        waits.append(locked.values["seconds"])
        hours.pass_(seconds=int(locked.values["seconds"]))

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_while_he_must_wait_the_right_passphrase_does_not_help(
    kenya: Settled, hours: Hours
) -> None:
    for _ in range(3):
        wrong(kenya.house)

    assert wrong(kenya.house, passphrase=PASSPHRASE).cause == "unavailable.locked.throttled"
    hours.pass_(seconds=1)
    unlock(kenya.house, "investigator KE", PASSPHRASE)


def test_the_right_passphrase_ends_the_count(kenya: Settled) -> None:
    for _ in range(5):
        wrong(kenya.house)
        wrong(kenya.house)
        unlock(kenya.house, "investigator KE", PASSPHRASE)


def test_a_day_without_an_attempt_ends_the_count(kenya: Settled, hours: Hours) -> None:
    for _ in range(3):
        wrong(kenya.house)
    hours.pass_(hours=25)

    for _ in range(3):
        assert wrong(kenya.house).cause == "unavailable.locked.passphrase"


def test_a_clock_that_was_put_back_locks_nobody_out_for_years(kenya: Settled, hours: Hours) -> None:
    hours.pass_(days=3650)
    for _ in range(9):
        with pytest.raises(Locked):
            unlock(kenya.house, "investigator KE", "a guess")
    hours.pass_(days=-3650)

    unlock(kenya.house, "investigator KE", PASSPHRASE)


def test_he_is_counted_by_whatever_name_he_is_called(kenya: Settled) -> None:
    for who in ("investigator KE", "officer 1", kenya.people["investigator"]):
        assert wrong(kenya.house, who).cause == "unavailable.locked.passphrase"

    assert wrong(kenya.house, "INVESTIGATOR KE").cause == "unavailable.locked.throttled"
    unlock(kenya.house, "colleague KE", PASSPHRASE)


def test_a_name_that_nobody_has_is_slowed_like_one_that_somebody_has(kenya: Settled) -> None:
    for _ in range(3):
        assert wrong(kenya.house, "nobody").cause == "unavailable.locked.passphrase"

    assert wrong(kenya.house, "Nobody ").cause == "unavailable.locked.throttled"


def test_a_restart_and_a_second_process_do_not_help(kenya: Settled, hours: Hours) -> None:
    other = home.open_(kenya.house.home, ask_house=str, clock=hours)
    for house in (kenya.house, other, kenya.house):
        wrong(house)

    assert wrong(other).cause == "unavailable.locked.throttled"
    home.close(other)


def test_an_attempt_is_used_up_before_it_is_paid_for(kenya: Settled) -> None:
    for _ in range(3):
        with (
            pytest.raises(KeyboardInterrupt),
            attempt(kenya.house, kenya.people["investigator"], ""),
        ):
            raise KeyboardInterrupt

    assert wrong(kenya.house).cause == "unavailable.locked.throttled"


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_guesses_at_once_are_counted_one_by_one(
    tmp_path: Path, hours: Hours, engine: str, request: pytest.FixtureRequest
) -> None:
    url = "" if engine == "sqlite" else request.getfixturevalue("blank_postgres_url")
    house = settle(tmp_path, clock=hours, url=url).house
    other = home.open_(house.home, ask_house=str, clock=hours)
    causes: list[str] = []

    def guess(at: House) -> None:
        try:
            unlock(at, "investigator KE", "a guess")
        except Locked as locked:
            causes.append(locked.cause)

    threads = [threading.Thread(target=guess, args=(at,)) for at in (house, other) * 6]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert causes.count("unavailable.locked.passphrase") == 3
    assert causes.count("unavailable.locked.throttled") == 9
    home.close(house)
    home.close(other)


def test_the_database_does_not_tell_who_was_tried(kenya: Settled) -> None:
    wrong(kenya.house, "Amina Hassan")
    wrong(kenya.house, "investigator KE")

    with kenya.house.store.read() as reading:
        rows = housed.of_room(reading, attempts.ROOM)
    assert sorted(row.name[:7] for row in rows) == sorted(
        ["nobody-", kenya.people["investigator"][:7]]
    )
    assert all(len(row.name) in (11, 26) for row in rows)


def test_guessed_names_do_not_fill_the_disk(kenya: Settled) -> None:
    places_of = {attempts._nobody(kenya.house, str(number)) for number in range(200_000)}

    assert len(places_of) <= 65_536


@pytest.mark.slow
def test_a_name_that_nobody_has_costs_the_same(tmp_path: Path, hours: Hours) -> None:
    real = replace(settle(tmp_path, clock=hours).house, practice=False)
    sealed = encrypt(b"", [Passphrase("something", factor=WRITE_FACTOR)])
    officer = real_officer(real, sealed)
    took = {}

    for who in (officer, "nobody"):
        begun = time.process_time()
        wrong(real, who)
        took[who] = time.process_time() - begun

    assert 0.6 < took["nobody"] / took[officer] < 1.7
    home.close(real)


def real_officer(house: House, sealed: bytes) -> str:
    """Put *sealed* in the place of an officer's file: one sealed as on a real node."""
    with house.store.read() as reading:
        row = reading.connection.exec_driver_sql("SELECT officer, agency FROM identities").first()
    assert row is not None
    house.store.write(lambda w: keep(w, house, row.agency, row.officer, sealed))
    return str(row.officer)


# Few at once.


@pytest.mark.parametrize(
    ("memory", "factor", "at_once"),
    [
        (256 << 20, 17, 1),
        (1 << 30, 17, 2),
        (2 << 30, 17, 2),
        (64 << 30, 17, 2),
        (1 << 30, 10, 8),
    ],
)
def test_as_many_at_once_as_a_quarter_of_memory_holds(
    memory: int, factor: int, at_once: int
) -> None:
    assert places(memory, factor) == at_once


def test_memory_is_the_machine_s_or_what_its_group_may_have(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"

    limit.write_text("max\n")
    assert attempts._group_limit(limit) == attempts._NO_LIMIT
    limit.write_text("536870912\n")
    assert attempts._group_limit(limit) == 512 << 20
    assert attempts._group_limit(tmp_path / "absent") == attempts._NO_LIMIT
    assert 0 < memory_of_machine() < attempts._NO_LIMIT


def test_who_finds_every_place_taken_waits_and_is_not_counted(
    kenya: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "PATIENCE", 0.1)
    monkeypatch.setattr(attempts, "PLACES_MOST", 1)

    with attempt(kenya.house, kenya.people["supervisor"], ""):
        for _ in range(5):
            with pytest.raises(Busy, match=r"unavailable\.busy\.unlocks"):
                unlock(kenya.house, "investigator KE", "a guess")

    unlock(kenya.house, "investigator KE", PASSPHRASE)


def test_who_waits_gets_the_place_that_comes_free(
    kenya: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "PLACES_MOST", 1)
    opened: list[str] = []
    waiting = threading.Thread(target=lambda: opened.append(kenya.unlocked().entry.id))

    with attempt(kenya.house, kenya.people["supervisor"], ""):
        waiting.start()
        waiting.join(timeout=0.2)
        assert opened == []
    waiting.join()

    assert opened == [kenya.people["investigator"]]


def test_a_place_that_a_killed_process_held_comes_free(
    kenya: Settled, hours: Hours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "PATIENCE", 0.05)
    monkeypatch.setattr(attempts, "PLACES_MOST", 1)
    now = kenya.house.millis()
    until = now + attempts.LEASE_MILLIS
    kenya.house.store.write(lambda w: leases.claim(w, "unlock/0", "killed", now, until))

    with pytest.raises(Busy):
        kenya.unlocked()
    hours.pass_(seconds=31)
    kenya.unlocked()


# What is not well.


def test_an_identity_file_that_is_another_s_or_broken_is_damage(kenya: Settled) -> None:
    officer = kenya.people["investigator"]
    for broken in (
        export(kenya.house, kenya.people["colleague"]),
        encrypt(b"no keys", [Passphrase(PASSPHRASE, factor=10)]),
        export(kenya.house, officer)[:-1],
    ):
        kenya.house.store.write(
            partial(keep, house=kenya.house, agency=kenya.agency, officer=officer, sealed=broken)
        )
        with pytest.raises(Damaged) as damaged:
            unlock(kenya.house, officer, PASSPHRASE)
        assert damaged.value.cause == "unavailable.damaged.identity"


def test_a_desk_key_that_does_not_open_keeps_him_from_no_other(kenya: Settled) -> None:
    officer = kenya.people["investigator"]
    stranger = HybridIdentity.generate()
    reading = kenya.unlocked().reading[0].recipient
    sealed = {
        "a": b"age-encryption.org/v1\n",
        "b": encrypt(b"x", [stranger.recipient]),
        "c": encrypt(b"\xff", [reading]),
    }
    rows = [
        keys.DeskKey(
            desk=each * 26,
            epoch=1,
            member=officer,
            sealed=kenya.house.vault.lock(body, f"desk-keys/{each * 26}/1/{officer}"),
        )
        for each, body in sealed.items()
    ]
    # And one that is good, but that nobody here locked, or locked for another's place.
    good = encrypt(str(HybridIdentity.generate()).encode(), [reading])
    elsewhere = kenya.house.vault.lock(good, f"desk-keys/{'d' * 26}/2/{officer}")
    rows += [
        keys.DeskKey(desk="d" * 26, epoch=1, member=officer, sealed=good),
        keys.DeskKey(desk="e" * 26, epoch=1, member=officer, sealed=elsewhere),
    ]
    kenya.house.store.write(lambda w: keys.put_desk_keys(w, rows))

    assert set(kenya.unlocked().desks) == {kenya.desk}


def test_whose_certificate_ended_is_told_so_only_with_his_passphrase(
    kenya: Settled, hours: Hours
) -> None:
    hours.pass_(seconds=VALIDITY.total_seconds())

    assert wrong(kenya.house).cause == "unavailable.locked.passphrase"
    with pytest.raises(NotCompetent) as refused:
        kenya.unlocked()
    assert refused.value.cause == "refused.not-competent.certificate"


def test_who_was_revoked_is_a_stranger(kenya: Settled) -> None:
    revoke(kenya.house, kenya.people["investigator"], reason="left")

    assert wrong(kenya.house, passphrase=PASSPHRASE).cause == "unavailable.locked.passphrase"


def test_a_clock_a_little_behind_makes_nobody_a_stranger(kenya: Settled, hours: Hours) -> None:
    hours.pass_(minutes=-1)

    kenya.unlocked()


# Later.


def test_a_new_passphrase_opens_and_the_old_one_does_not(kenya: Settled) -> None:
    before = export(kenya.house, kenya.people["investigator"])

    change_passphrase(kenya.house, "investigator KE", PASSPHRASE, "other words")

    wrong(kenya.house, passphrase=PASSPHRASE)
    assert (
        unlock(kenya.house, "investigator KE", "other words").entry.id
        == kenya.people["investigator"]
    )
    with pytest.raises(NotForUs):
        decrypt(export(kenya.house, kenya.people["investigator"]), [Passphrase(PASSPHRASE)])
    identity.read(decrypt(before, [Passphrase(PASSPHRASE)]))


def test_only_who_knows_the_old_passphrase_sets_a_new_one(kenya: Settled) -> None:
    with pytest.raises(Locked):
        change_passphrase(kenya.house, "investigator KE", "a guess", "other words")

    kenya.unlocked()


def test_a_new_passphrase_on_a_real_node_is_no_child_s_play(kenya: Settled) -> None:
    real = replace(kenya.house, practice=False)
    with pytest.raises(Misused) as refused:
        change_passphrase(real, "investigator KE", PASSPHRASE, "short")

    assert refused.value.cause == "usage.passphrase.short"
    kenya.unlocked()


def test_who_is_revoked_while_he_changes_his_passphrase_gets_no_file_back(
    kenya: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = kenya.people["investigator"]

    def meanwhile(house: House) -> int:
        revoke(house, officer, reason="left")
        return 10

    monkeypatch.setattr("comity.services.unlock.factor_of", meanwhile)
    with pytest.raises(NotCompetent):
        change_passphrase(kenya.house, officer, PASSPHRASE, "other words")

    with kenya.house.store.read() as reading:
        assert keys.identities(reading, [officer]) == ()


def test_a_session_learns_of_its_desks(kenya: Settled) -> None:
    session = kenya.unlocked("supervisor")
    assert renewed(kenya.house, session) is session

    change_members(kenya.house, kenya.unlocked(), kenya.desk, join=[kenya.people["supervisor"]])
    after = renewed(kenya.house, session)

    assert set(after.desks) == {kenya.desk, kenya.oversight}
    assert after.certificate != session.certificate
    assert after.remembered is session.remembered
    assert renewed(kenya.house, after) is after


def test_a_session_learns_of_a_desk_s_next_epoch(kenya: Settled) -> None:
    session = kenya.unlocked()
    change_members(kenya.house, kenya.unlocked("colleague"), kenya.desk)

    after = renewed(kenya.house, session)

    assert len(after.desks[kenya.desk]) == 2
    assert after.desks[kenya.desk][1] == session.desks[kenya.desk][0]
    assert after.certificate == session.certificate


def test_a_session_does_not_outlive_a_revocation(kenya: Settled) -> None:
    session = kenya.unlocked()
    revoke(kenya.house, kenya.people["investigator"], reason="stolen")

    with pytest.raises(NotCompetent):
        renewed(kenya.house, session)


def test_a_desk_that_was_closed_is_nothing_to_wait_for(kenya: Settled) -> None:
    desk = open_desk(
        kenya.house, kenya.agency, NewDesk(name="Night"), [kenya.people["investigator"]]
    )
    session = kenya.unlocked()
    revoke(kenya.house, desk.id, reason="superseded")

    assert renewed(kenya.house, session) is session
    assert DeskId(desk.id) in session.desks
