# SPDX-License-Identifier: Apache-2.0
"""A recall follows what was passed on: each hand acts on the originator's own order, and he hears."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.services.onward import ADDIS, YES, befriended, consented, joined, wish
from tests.templates import copy_of, three_countries
from tests.world import World, WorldNode

from comity.domain.handling import Handling, See
from comity.domain.ids import ActId, ThreadId
from comity.domain.policy import Mode, Policy, Rule
from comity.domain.statement import Decision
from comity.domain.taking_back import Correction, Taking
from comity.domain.tally import Held
from comity.errors import ComityError
from comity.services import recall_rules
from comity.services.keep import keep, let_go
from comity.services.oversight import AgencyPolicy, set_policy
from comity.services.recall import Wish
from comity.services.recall_onward import said_in
from comity.services.recall_rules import Ground, KeepingRules
from comity.services.recalled_onward import onward_in
from comity.services.release import Done
from comity.services.tally import tally_of
from comity.storage import copies, envelopes
from comity.storage.copies import CopyState

__all__ = ["three_countries"]


@pytest.fixture
def world(three_countries: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(three_countries, tmp_path)


def answer_of(vn: WorldNode, thread: ThreadId) -> ActId:
    """Return what Hai Phong told in *thread*."""
    acts = vn.seat().thread(thread).thread.acts
    return next(
        e.id for e in acts if e.agency == vn.agency and e.body.__class__.__name__ == "Answer"
    )


def passed_on(world: World) -> tuple[ThreadId, Done]:
    """Let Mombasa pass on to Addis Ababa what Hai Phong told it, with consent."""
    thread = consented(world)
    done = world["ke"].seat().pass_on(thread, ADDIS)
    world.sync()
    return thread, done


def take_back(world: World, thread: ThreadId, **how: object) -> Done:
    """Let Hai Phong take back what it told, by a recall unless told, and let it arrive."""
    vn = world["vn"]
    wish_ = Wish(**{"acts": (answer_of(vn, thread),), "what": Taking.RECALL, **how})  # type: ignore[arg-type]
    done = vn.seat().take_back(thread, wish_)
    world.sync()
    return done


def tally(world: World, thread: ThreadId) -> dict[str, tuple[Held, str]]:
    """Return what Hai Phong knows of each holder, by country, and through whom."""
    vn = world["vn"]
    [taken] = vn.seat().thread(thread).thread.taken_back
    names = {node.agency: country for country, node in world._nodes.items()}
    return {
        names[each.agency]: (each.held, names.get(each.via, "") if each.via else "")
        for each in tally_of(vn.house, taken).answers
    }


def bytes_of(node: WorldNode, act: str) -> list[str]:
    """Return the states of the copies of *act* whose sealed bytes are still at *node*."""
    with node.house.store.read() as reading:
        rows = copies.by_acts(reading, [act])
        sealed = envelopes.get(reading, [row.envelope for row in rows if row.state != "removed"])
    return [row.state for row in rows if sealed.get(row.envelope)]


def test_what_was_passed_on_is_removed_there_and_the_originator_sees_both(world: World) -> None:
    ke, _, et = world
    thread, done = passed_on(world)
    et.seat().thread(done.thread)

    take_back(world, thread)

    assert tally(world, thread) == {"ke": (Held.REMOVED, ""), "et": (Held.REMOVED, "ke")}
    assert bytes_of(et, done.act) == []
    assert bytes_of(ke, done.act) == []  # what was recalled is inside it
    with et.house.store.read() as reading:
        [row] = copies.by_acts(reading, [done.act])
        [said] = said_in(reading, et.house, done.thread)
    assert row.state == CopyState.REMOVED
    assert (said.agency, said.act) == (ke.agency, done.act)
    for node in world:
        assert node.verify().sound


def test_who_was_away_is_not_reached_and_then_is(world: World) -> None:
    _, _, et = world
    thread, _ = passed_on(world)
    world.weather.away.add(et.id)
    vn = world["vn"]
    vn.seat().take_back(thread, Wish(acts=(answer_of(vn, thread),), what=Taking.RECALL))
    for _ in range(6):
        world.carry()
        world.hours.pass_(minutes=2)
    assert tally(world, thread) == {"ke": (Held.REMOVED, ""), "et": (Held.NOT_REACHED, "ke")}

    world.weather.away.clear()
    world.hours.pass_(hours=2)
    world.sync()

    assert tally(world, thread)["et"] == (Held.REMOVED, "ke")


def test_a_holder_beyond_may_keep_it_with_his_ground_or_ask_first(world: World) -> None:
    _, _, et = world
    thread, done = passed_on(world)
    recall_rules.set_rules(et.house, et.agency, KeepingRules(ask=True))

    take_back(world, thread)
    assert tally(world, thread)["et"] == (Held.PENDING, "ke")
    world.hours.pass_(minutes=1)
    keep(et.seat().unlocked, et.house, done.thread, Ground.EVIDENCE)
    world.sync()
    assert tally(world, thread)["et"] == (Held.KEPT, "ke")
    world.hours.pass_(minutes=1)
    let_go(et.seat().unlocked, et.house, done.thread)
    world.sync()

    assert tally(world, thread)["et"] == (Held.REMOVED, "ke")
    assert bytes_of(et, done.act) == []


def test_what_the_passer_keeps_he_lets_go_of_whole(world: World) -> None:
    ke, _, et = world
    thread, done = passed_on(world)
    keep(ke.seat().unlocked, ke.house, thread, Ground.COURT_ORDER)

    take_back(world, thread)
    assert tally(world, thread) == {"ke": (Held.KEPT, ""), "et": (Held.REMOVED, "ke")}
    assert bytes_of(ke, done.act) != []
    let_go(ke.seat().unlocked, ke.house, thread)

    assert bytes_of(ke, done.act) == []
    assert et.verify().sound


@pytest.mark.parametrize(
    "how",
    [
        {"what": Taking.CORRECT, "correction": Correction.WRONG_PERSON},
        {"what": Taking.NARROW, "handling": replace(Handling(), see=See.NAMED)},
    ],
    ids=["correct", "narrow"],
)
def test_a_correction_and_a_narrowing_go_on_too_and_remove_nothing(
    world: World, how: dict[str, object]
) -> None:
    _, _, et = world
    thread, done = passed_on(world)

    take_back(world, thread, **how)

    assert tally(world, thread) == {"ke": (Held.MARKED, ""), "et": (Held.MARKED, "ke")}
    assert bytes_of(et, done.act) != []
    with et.house.store.read() as reading:
        assert len(said_in(reading, et.house, done.thread)) == 1


def test_it_goes_from_hand_to_hand_and_every_answer_comes_back(world: World) -> None:
    ke, vn, et = world
    lome = joined(world, "TG")
    thread, sent = passed_on(world)
    befriended(ke, lome)
    et.seat().ask_consent(sent.thread, wish(to=("TG",)))
    world.sync()
    ke.seat().ask_consent(thread, wish(to=("TG",), holder="ET"))
    world.sync()
    vn.seat().give_consent(thread, YES)
    world.sync()
    ke.seat().bring_consent(sent.thread, thread)
    world.sync()
    done = et.seat().pass_on(sent.thread, replace(ADDIS, to="TG/Container desk", ref="ET/3"))
    world.sync()
    assert bytes_of(lome, done.act) != []

    take_back(world, thread)

    assert tally(world, thread) == {
        "ke": (Held.REMOVED, ""),
        "et": (Held.REMOVED, "ke"),
        "tg": (Held.REMOVED, "ke"),
    }
    assert bytes_of(lome, done.act) == []  # by keys that were shown: it never admitted Viet Nam


def test_a_stick_that_brings_it_back_after_that_brings_nothing(world: World) -> None:
    ke, _, et = world
    thread, done = passed_on(world)
    parcels = [each for each in world.travelled if (each.sender, each.recipient) == (ke.id, et.id)]
    take_back(world, thread)

    for each in parcels:
        world.hand_over(each.sender, each.recipient, each.parcel)

    assert bytes_of(et, done.act) == []


def test_what_never_left_is_told_nobody(world: World) -> None:
    thread = consented(world)
    ke, _, et = world
    done = ke.seat().pass_on(thread, ADDIS)
    ke.seat().stop(done.act)

    take_back(world, thread)

    assert tally(world, thread) == {"ke": (Held.REMOVED, "")}
    with et.house.store.read() as reading:
        assert said_in(reading, et.house, done.thread) == ()


def test_what_waits_for_a_countersignature_does_not_leave_any_more(world: World) -> None:
    ke, _, et = world
    thread = consented(world)
    rule = Rule(mode=Mode.COUNTERSIGN, kind="note", peer=et.agency)
    set_policy(ke.house, ke.agency, AgencyPolicy(policy=Policy(rules=(rule,))))
    done = ke.seat().pass_on(thread, ADDIS)
    assert done.held

    take_back(world, thread)

    assert tally(world, thread) == {"ke": (Held.REMOVED, "")}
    with pytest.raises(ComityError):
        ke.seat("supervisor").countersign(done.act, Decision.APPROVE)
    world.sync()
    assert bytes_of(ke, done.act) == bytes_of(et, done.act) == []


def test_whoever_opens_it_there_sees_that_it_was_corrected_and_by_whom(world: World) -> None:
    ke, vn, et = world
    thread, done = passed_on(world)

    take_back(world, thread, what=Taking.CORRECT, correction=Correction.CLEARED)

    [(said, order)] = onward_in(et.house, et.seat().thread(done.thread))
    assert (said.agency, order.agency, order.what) == (ke.agency, vn.agency, Taking.CORRECT)


def test_nothing_is_told_twice(world: World) -> None:
    ke, vn, et = world
    thread, done = passed_on(world)
    act = answer_of(vn, thread)
    vn.seat().take_back(thread, Wish(acts=(act,), what=Taking.RECALL))
    world.sync()
    before = tally(world, thread)

    world.sync()

    assert tally(world, thread) == before
    with et.house.store.read() as reading:
        assert len(said_in(reading, et.house, done.thread)) == 1
    assert ke.verify().sound
