# SPDX-License-Identifier: Apache-2.0
"""The lock phrase: it locks everything, looks like throttling, and tells two people."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from tests.services.settle import PASSPHRASE
from tests.web.desk import Visitor, words
from tests.web.door import INVESTIGATOR, Phone, first_door, kenya, knock
from tests.world import WorldNode

from comity.crypto.age import Passphrase, decrypt
from comity.crypto.age.scrypt import Passphrase as Scrypt
from comity.errors import Locked, Misused, NotCompetent, NotForUs, Refused
from comity.services import attempts, locked, nudge
from comity.services.export import export
from comity.services.lock_phrase import choose_lock_phrase, drop_lock_phrase, let_in
from comity.services.revoke import revoke
from comity.services.unlock import change_passphrase, unlock

__all__ = ["first_door", "kenya"]
PHRASE = "the old red bicycle"
TWO = ("colleague KE", "supervisor KE")


@pytest.fixture
def armed(kenya: WorldNode) -> WorldNode:
    choose_lock_phrase(kenya.house, INVESTIGATOR, PASSPHRASE, PHRASE, TWO)
    return kenya


def attempt(kenya: WorldNode, passphrase: str, who: str = INVESTIGATOR) -> Locked:
    with pytest.raises(Locked) as refused:
        unlock(kenya.house, who, passphrase)
    return refused.value


def people_told(kenya: WorldNode, who: str = "investigator") -> set[str]:
    with kenya.house.store.read() as reading:
        held = locked.phrase_of(reading, kenya.house, kenya.settled.people[who])
    return set(held.people) if held else set()


@contextmanager
def derivations(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Count the derivations that are paid for; everything else stays as it is."""
    made: list[int] = []
    before = Scrypt._key

    def counted(self: Scrypt, salt: bytes, factor: int) -> bytes:
        made.append(factor)
        return before(self, salt, factor)

    with monkeypatch.context() as patched:
        patched.setattr(Scrypt, "_key", counted)
        yield made


def test_it_ends_every_session_and_his_keys_open_no_more(armed: WorldNode, app: Flask) -> None:
    officer = Visitor.signed_in(app, INVESTIGATOR)

    answer = knock(app, passphrase=PHRASE)

    assert answer.status_code == 403
    assert officer.get("/today").headers["Location"] == "/?over=1"
    armed.world.hours.pass_(minutes=16)
    assert knock(app).status_code == 403
    assert attempt(armed, PASSPHRASE).cause == "unavailable.locked.throttled"


def test_a_thief_with_the_passphrase_the_database_and_the_house_key_opens_nothing(
    armed: WorldNode,
) -> None:
    attempt(armed, PHRASE)

    # With the house key he takes the file out; then his passphrase should open it.
    with pytest.raises(NotForUs):
        decrypt(export(armed.house, armed.settled.people["investigator"]), [Passphrase(PASSPHRASE)])
    # And nothing of the file before is left lying.
    armed.node.close()
    data = b"".join(each.read_bytes() for each in armed.house.home.glob("comity.db*"))
    assert b"age-encryption.org/v1\n-> scrypt" not in data
    armed.restart()


def test_it_looks_like_too_many_attempts(armed: WorldNode, app: Flask) -> None:
    """Another officer's account, hammered; side by side, word by word."""
    for _ in range(14):
        attempt(armed, "a guess", "colleague KE")
        armed.world.hours.pass_(minutes=15)
    attempt(armed, "a guess", "colleague KE")

    forced = words(knock(app, passphrase=PHRASE)).replace(INVESTIGATOR, "")
    hammered = words(knock(app, "colleague KE")).replace("colleague KE", "")

    assert forced == hammered
    later: list[list[str]] = [[], []]
    for minutes in (5, 10, 0, 7, 8, 0):
        armed.world.hours.pass_(minutes=minutes)
        for said, who in zip(later, (INVESTIGATOR, "colleague KE"), strict=True):
            said.append(attempt(armed, "a guess", who).cause)
    assert later[0] == later[1]


@pytest.mark.parametrize(
    ("who", "passphrase"),
    [
        (INVESTIGATOR, "a guess"),
        (INVESTIGATOR, PHRASE),
        ("colleague KE", "a guess"),
        ("nobody", "a guess"),
        ("nobody", ""),
        (INVESTIGATOR, "\x00"),
    ],
)
def test_every_attempt_that_fails_costs_two_derivations(
    armed: WorldNode, monkeypatch: pytest.MonkeyPatch, who: str, passphrase: str
) -> None:
    with derivations(monkeypatch) as made:
        attempt(armed, passphrase, who)

    assert len(made) == 2


def test_so_does_the_right_passphrase_with_a_wrong_code(
    armed: WorldNode, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    Phone(armed)

    with derivations(monkeypatch) as made:
        knock(app, code="000000")

    assert len(made) == 2


@pytest.mark.parametrize("passphrase", [PASSPHRASE, "a guess", PHRASE])
def test_so_does_every_attempt_once_it_is_locked(
    armed: WorldNode, monkeypatch: pytest.MonkeyPatch, passphrase: str
) -> None:
    attempt(armed, PHRASE)
    armed.world.hours.pass_(minutes=15)

    with derivations(monkeypatch) as made:
        refused = attempt(armed, passphrase)

    assert len(made) == 2
    throttled = "unavailable.locked.throttled"
    assert refused.cause == (throttled if passphrase == PHRASE else "unavailable.locked.passphrase")


def test_who_has_to_wait_is_told_so_no_sooner_than_who_is_wrong(armed: WorldNode) -> None:
    attempts._PACE._took.clear()
    attempts._PACE.failed(10, 0.3)

    import time  # noqa: PLC0415  # the one place that looks at a real clock

    for _ in range(3):
        attempt(armed, "a guess", "nobody at all")
    pace = attempts._PACE._took[10]
    begun = time.monotonic()
    attempt(armed, "a guess", "nobody at all")

    assert time.monotonic() - begun >= pace * 0.9


def test_the_two_are_told_at_once_and_nobody_else(armed: WorldNode, app: Flask) -> None:
    attempt(armed, PHRASE)

    told = {
        who: "has locked everything of theirs" in words(Visitor.signed_in(app, who).get("/today"))
        for who in (*TWO, "administrator KE")
    }

    assert told == {"colleague KE": True, "supervisor KE": True, "administrator KE": False}


def test_one_of_the_two_lets_him_in_again_with_an_administrator(
    armed: WorldNode, app: Flask
) -> None:
    attempt(armed, PHRASE)
    officer = armed.settled.people["investigator"]
    colleague = Visitor.signed_in(app, "colleague KE")
    path = f"/let-in/{officer}"

    asked = colleague.get(path)
    without = colleague.post(path, who="supervisor KE", passphrase=PASSPHRASE)
    done = colleague.post(path, who="administrator KE", passphrase=PASSPHRASE)

    assert "Make sure, face to face" in words(asked)
    assert without.status_code == 409
    assert done.headers["Location"] == "/today"
    assert knock(app).status_code == 303
    assert "has locked" not in words(colleague.get("/today"))
    assert people_told(armed) == set()


def test_nobody_else_lets_him_in(armed: WorldNode, app: Flask) -> None:
    attempt(armed, PHRASE)
    officer = armed.settled.people["investigator"]
    administrator = Visitor.signed_in(app, "administrator KE")

    assert administrator.get(f"/let-in/{officer}").status_code == 422
    alone = administrator.post(f"/let-in/{officer}", who="administrator KE", passphrase=PASSPHRASE)
    assert alone.status_code == 422
    with pytest.raises(Refused, match="not-locked"):
        locked.lift(armed.house, unlock(armed.house, "administrator KE", PASSPHRASE), officer)
    helper, supervisor = map(armed.settled.unlocked, ("colleague", "supervisor"))
    with pytest.raises(NotCompetent):
        let_in(armed.house, helper, officer, supervisor)
    assert knock(app).status_code == 403


def test_a_stolen_lock_row_without_his_people_s_keys_is_of_no_use(armed: WorldNode) -> None:
    """A corrupt operator takes the mark away: the file itself is still theirs to open."""
    attempt(armed, PHRASE)
    officer = armed.settled.people["investigator"]
    armed.house.store.write(lambda w: locked.forget_lock(w, officer))

    assert attempt(armed, PASSPHRASE).cause == "unavailable.locked.passphrase"


def test_it_is_no_passphrase_of_his(armed: WorldNode) -> None:
    with pytest.raises(Misused, match="lock-phrase-same"):
        choose_lock_phrase(armed.house, INVESTIGATOR, PASSPHRASE, PASSPHRASE, TWO)
    with pytest.raises(Misused, match="lock-phrase-same"):
        change_passphrase(armed.house, INVESTIGATOR, PASSPHRASE, PHRASE)
    assert unlock(armed.house, INVESTIGATOR, PASSPHRASE).entry.id


@pytest.mark.parametrize(
    "people",
    [(), ("colleague KE",), ("colleague KE", "colleague KE"), (INVESTIGATOR, "colleague KE")],
)
def test_two_others_are_told(kenya: WorldNode, people: tuple[str, ...]) -> None:
    with pytest.raises(Misused, match="lock-phrase-people"):
        choose_lock_phrase(kenya.house, INVESTIGATOR, PASSPHRASE, PHRASE, people)


def test_a_short_one_is_refused_on_a_real_node(kenya: WorldNode) -> None:
    real = replace(kenya.house, practice=False)
    with pytest.raises(Misused, match=r"passphrase\.short"):
        choose_lock_phrase(real, INVESTIGATOR, PASSPHRASE, "short", TWO)


def test_who_drops_it_is_locked_out_by_nothing(armed: WorldNode) -> None:
    drop_lock_phrase(armed.house, INVESTIGATOR, PASSPHRASE)

    assert attempt(armed, PHRASE).cause == "unavailable.locked.passphrase"
    assert unlock(armed.house, INVESTIGATOR, PASSPHRASE).entry.id


def test_it_is_set_on_a_page(kenya: WorldNode, app: Flask) -> None:
    officer = Visitor.signed_in(app, INVESTIGATOR)
    people = [kenya.settled.people[each] for each in ("colleague", "supervisor")]
    form: dict[str, Any] = {"phrase": PHRASE, "passphrase": PASSPHRASE, "people": people}

    twice = officer.post("/sign-in/lock", again="another", **form)
    done = officer.post("/sign-in/lock", again=PHRASE, **form)

    assert twice.status_code == 422
    assert done.status_code == 303
    assert "colleague KE" not in words(officer.get("/sign-in"))
    assert people_told(kenya) == set(people)
    knock(app, passphrase=PHRASE)
    assert officer.get("/today").headers["Location"] == "/?over=1"


def test_the_two_are_nudged_if_they_are_nudged_at_all(armed: WorldNode) -> None:
    sent: list[tuple[str, str]] = []

    class Outlet:
        def send(self, to: str, sentence: str) -> None:
            sent.append((to, sentence))

    colleague = armed.settled.unlocked("colleague")
    nudge.wish(colleague, armed.house, telephone="+254700000001", sentence="Please ring back.")
    armed.world.hours.pass_(hours=3)
    outlets = nudge.Outlets(short=Outlet())
    before = nudge.look(armed.house, "here", outlets)
    attempt(armed, PHRASE)

    after = nudge.look(armed.house, "here", outlets)

    assert (before, after) == (0, 1)
    assert sent == [("+254700000001", "Please ring back.")]


def test_whose_two_have_left_is_locked_all_the_same(armed: WorldNode) -> None:
    for who in ("colleague", "supervisor"):
        revoke(armed.house, armed.settled.people[who], reason="left")

    attempt(armed, PHRASE)
    armed.world.hours.pass_(minutes=16)

    assert attempt(armed, PASSPHRASE).cause == "unavailable.locked.passphrase"
