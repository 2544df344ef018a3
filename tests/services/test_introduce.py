# SPDX-License-Identifier: Apache-2.0
"""One agency introduces two others: each decides by itself, within a scope and until an end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.settle import ADMISSION
from tests.templates import copy_of, two_strangers
from tests.world import World, WorldNode, question

from comity.domain.introduction import Scope
from comity.domain.policy import Sensitivity
from comity.domain.roster import Audience
from comity.domain.standing import MarkCode, SuspendCode
from comity.errors import (
    Misused,
    NotAdmitted,
    NotChecked,
    NotCompetent,
    Refused,
    TooLate,
    Untrusted,
)
from comity.ledger.leaf import LeafType
from comity.services import admit, introductions, suspend
from comity.services.address_book import read_book
from comity.services.introduce import Made, all_made, introduce, scope_of
from comity.services.introductions import Received, State
from comity.services.invite import invite
from comity.storage import logs

__all__ = ["two_strangers"]
TWO = ("A. Nguyen", "B. Tran")
ANYTHING = Scope(kinds=("*",), purposes=("*",), sensitivity=Sensitivity.COERCIVE)


@pytest.fixture
def world(two_strangers: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(two_strangers, tmp_path)


def introduced(world: World, scope: Scope = ANYTHING, days: int = 90) -> Made:
    """Let Kenya introduce Viet Nam and Ethiopia, and let it arrive."""
    ke, vn, et = world.nodes("ke", "vn", "et")
    seat = ke.seat()
    made = introduce(
        seat.unlocked,
        ke.house,
        (vn.agency, et.agency),
        scope,
        until=world.hours.now + timedelta(days=days),
        reason="Ivory from Addis Ababa goes to Hai Phong.",
    )
    world.sync()
    return made


def came(node: WorldNode) -> tuple[Received, ...]:
    with node.house.store.read() as reading:
        return introductions.received(reading, node.house)


def outcomes(node: WorldNode) -> list[list[str]]:
    with node.house.store.read() as reading:
        return [[side.outcome for side in made.sides] for made in all_made(reading, node.house)]


def accept(node: WorldNode) -> None:
    [one] = [each for each in came(node) if each.state is State.WAITING]
    introductions.accept(node.house, one.id, decided_by=TWO)


def both_accept(world: World) -> None:
    for each in world.nodes("vn", "et"):
        accept(each)
    world.sync()


def digits(node: WorldNode) -> str:
    return admit.fingerprint(node.card)


def test_two_strangers_are_told_of_each_other_and_exchange_once_both_accepted(
    world: World,
) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")

    made = introduced(world)
    [told] = came(et)
    both_accept(world)
    done = vn.seat().ask(question("ET/Duty desk"))
    world.sync()

    assert (told.id, told.root, told.introduction.agency) == (
        made.id,
        vn.card.root,
        ke.agency,
    )
    assert outcomes(ke) == [["accepted", "accepted"]]
    assert [each.thread for each in et.inbox()] == [done.thread]
    # Who introduced sees that it was accepted, and nothing of what passes.
    assert ke.inbox() == ()
    card = vn.knows(et)
    assert (card.vouched_by, card.checked_at) == (ke.agency, None)
    assert admit.admission_of(vn.house, et.agency) is not None
    for node in world:
        assert node.verify().faults == ()


def test_nothing_passes_before_two_people_of_the_other_side_decided(world: World) -> None:
    vn, et = world.nodes("vn", "et")
    introduced(world)
    accept(vn)
    done = vn.seat().ask(question("ET/Duty desk"))

    for _ in range(3):
        world.carry()
    assert et.inbox() == ()

    accept(et)
    world.sync()
    assert [each.thread for each in et.inbox()] == [done.thread]


def test_it_takes_two_people_to_accept_and_once_is_enough(world: World) -> None:
    vn = world["vn"]
    made = introduced(world)

    for deciders in (("A. Nguyen",), ("A. Nguyen", "a.  nguyen"), ()):
        with pytest.raises(Misused, match="admission-deciders"):
            introductions.accept(vn.house, made.id, decided_by=deciders)
    with pytest.raises(Misused, match="introduction-unknown"):
        introductions.accept(vn.house, "a" * 26, decided_by=TWO)
    accept(vn)
    with pytest.raises(Refused, match="introduction-decided"):
        introductions.accept(vn.house, made.id, decided_by=TWO)
    with pytest.raises(Refused, match="introduction-decided"):
        introductions.decline(vn.house, made.id)


def test_who_declines_tells_that_and_no_more(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    made = introduced(world)

    introductions.decline(vn.house, made.id)
    world.sync()

    assert outcomes(ke) == [["declined", ""]]
    assert et.agency not in read_book(vn.house).cards


def test_what_passes_stays_within_the_scope(world: World) -> None:
    vn = world["vn"]
    scope = scope_of(world["ke"].house, "container/intelligence", Sensitivity.NOMINAL)
    introduced(world, scope)
    both_accept(world)
    fields = {"container": ("MSKU9070323",), "asked": ("movements",)}

    with pytest.raises(NotAdmitted, match="introduced-kind"):
        vn.seat().ask(question("ET/Duty desk"))
    with pytest.raises(NotAdmitted, match="introduced-purpose"):
        vn.seat().ask(question("ET/Duty desk", kind="container", fields=fields, use="evidence"))
    vn.seat().ask(question("ET/Duty desk", kind="container", fields=fields))


def test_what_is_more_sensitive_than_the_scope_is_refused(world: World) -> None:
    introduced(world, replace(ANYTHING, sensitivity=Sensitivity.PLAIN))
    both_accept(world)

    with pytest.raises(NotAdmitted, match="introduced-sensitivity"):
        world["vn"].seat().ask(question("ET/Duty desk"))


def test_after_thirty_days_without_a_voice_nothing_passes_until_it_is_compared(
    world: World,
) -> None:
    vn, et = world.nodes("vn", "et")
    introduced(world)
    both_accept(world)
    world.hours.pass_(hours=24 * 29)
    world.sync()
    assert suspend.look(vn.house) == ()

    world.hours.pass_(hours=25)
    with pytest.raises(NotAdmitted, match="introduction-uncompared"):
        vn.seat().ask(question("ET/Duty desk"))
    assert suspend.look(vn.house) == (et.agency,)
    told = vn.knows(et).standing.suspension
    assert told is not None
    assert (told.code, told.by) == (SuspendCode.INTRODUCTION_UNCOMPARED, "")
    with pytest.raises(Refused, match="introduction-uncompared"):
        suspend.lift(vn.house, et.agency, decided_by=TWO, reason="we like them")

    admit.check(vn.house, et.agency, digits(et), by="A. Nguyen")
    assert not vn.knows(et).suspended
    assert suspend.look(vn.house) == ()


def test_at_its_end_an_introduction_ends_though_the_key_was_compared(world: World) -> None:
    vn, et = world.nodes("vn", "et")
    introduced(world, days=10)
    both_accept(world)
    admit.check(vn.house, et.agency, digits(et), by="A. Nguyen")

    world.hours.pass_(hours=24 * 10)
    with pytest.raises(NotAdmitted, match="introduction-ended"):
        vn.seat().ask(question("ET/Duty desk"))
    assert suspend.look(vn.house) == (et.agency,)

    # Until it is admitted in the ordinary way, on a letter and a call.
    admit.accept(vn.house, invite(et.house, et.agency), ADMISSION)
    card = vn.knows(et)
    assert (card.suspended, card.standing.introduced) == (False, None)
    assert card.checked_at is not None
    with pytest.raises(Refused, match="admitted-already"):
        admit.accept(vn.house, invite(et.house, et.agency), ADMISSION)
    assert vn.verify().faults == ()


def test_no_name_goes_on_the_word_of_one_that_was_suspended(world: World) -> None:
    ke, vn = world.nodes("ke", "vn")
    introduced(world)
    both_accept(world)
    suspend.suspend(vn.house, ke.agency, code=SuspendCode.POLICY, by="A. Nguyen")

    with pytest.raises(NotChecked):
        vn.seat().ask(question("ET/Duty desk"))


def test_an_introduction_that_came_too_late_is_not_accepted(world: World) -> None:
    made = introduced(world, days=1)
    world.hours.pass_(hours=25)

    with pytest.raises(TooLate, match="introduction"):
        introductions.accept(world["vn"].house, made.id, decided_by=TWO)


def test_only_who_compared_both_keys_introduces(world: World) -> None:
    """A chain of introductions would carry one liar's word as far as it goes."""
    ke, vn, et = world.nodes("ke", "vn", "et")
    introduced(world)
    both_accept(world)
    until = world.hours.now + timedelta(days=5)

    with pytest.raises(NotChecked, match="introduced"):
        introduce(vn.seat().unlocked, vn.house, (ke.agency, et.agency), ANYTHING, until=until)
    admit.check(vn.house, et.agency, digits(et), by="A. Nguyen")
    introduce(vn.seat().unlocked, vn.house, (ke.agency, et.agency), ANYTHING, until=until)
    world.sync()

    # Kenya knows Ethiopia already; Ethiopia has not compared the key of who introduces now.
    assert outcomes(vn) == [["known", "declined"]]
    assert [each.state for each in came(ke)] == [State.KNOWN]


def test_an_introducer_that_we_did_not_check_is_not_heard(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    introduced(world)
    both_accept(world)
    admit.check(et.house, vn.agency, digits(vn), by="A. Abebe")
    admit.check(et.house, ke.agency, digits(ke), by="A. Abebe")

    # Viet Nam has not compared Ethiopia's key: what it says of others does not count there.
    made = introduce(
        et.seat().unlocked,
        et.house,
        (vn.agency, ke.agency),
        ANYTHING,
        until=world.hours.now + timedelta(days=5),
    )
    world.sync()

    [told] = [each for each in came(vn) if each.id == made.id]
    assert (told.state, told.why) == (State.REFUSED, "refused.not-checked.introducer")


def test_an_introduction_is_of_two_others_with_an_end(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    unlocked, soon = ke.seat().unlocked, world.hours.now + timedelta(days=5)

    for pair in ((vn.agency, vn.agency), (ke.agency, vn.agency)):
        with pytest.raises(Misused, match="introduction-self"):
            introduce(unlocked, ke.house, pair, ANYTHING, until=soon)
    for until in (world.hours.now, soon + timedelta(days=500)):
        with pytest.raises(Misused, match="introduction-end"):
            introduce(unlocked, ke.house, (vn.agency, et.agency), ANYTHING, until=until)
    suspend.suspend(ke.house, vn.agency, code=SuspendCode.POLICY, by="A. Mwangi")
    with pytest.raises(NotAdmitted, match="suspended"):
        introduce(unlocked, ke.house, (vn.agency, et.agency), ANYTHING, until=soon)


@pytest.mark.parametrize("text", ["", " , ", "gossip", "phone/gossip"])
def test_a_scope_names_kinds_and_purposes_that_there_are(world: World, text: str) -> None:
    with pytest.raises(Misused):
        scope_of(world["ke"].house, text, Sensitivity.PLAIN)


def test_a_voice_that_reads_another_key_holds_and_marks_everything(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    introduced(world)
    both_accept(world)

    with pytest.raises(Untrusted, match="fingerprint"):
        admit.check(vn.house, et.agency, digits(ke), by="A. Nguyen")

    assert vn.knows(et).standing.held == MarkCode.KEY_DIFFERS
    assert [each.code for each in vn.knows(ke).standing.marks] == [MarkCode.FALSE_INTRODUCTION]
    with pytest.raises(NotAdmitted, match="held"):
        vn.seat().ask(question("ET/Duty desk"))
    # Somebody had misheard: the right digits take it back for the key; two people for the word.
    admit.check(vn.house, et.agency, digits(et), by="A. Nguyen")
    assert vn.knows(et).standing.held == ""
    assert vn.verify().faults == ()


def test_what_was_decided_is_a_leaf_that_names_nobody(world: World) -> None:
    vn = world["vn"]
    introduced(world)
    both_accept(world)

    with vn.house.store.read() as reading:
        [log] = logs.every(reading)
        leaves = [
            each.entry
            for each in logs.leaves_from(reading, log.log, 0)
            if each.type == LeafType.STANDING and each.entry
        ]
    assert len(leaves) == 2
    assert not any(name.encode() in each for each in leaves for name in TWO)


def test_who_is_not_shown_abroad_cannot_introduce(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    unlocked = ke.seat().unlocked
    hidden = replace(unlocked, entry=replace(unlocked.entry, audience=Audience.HOME))

    with pytest.raises(NotCompetent, match="not-abroad"):
        introduce(
            hidden,
            ke.house,
            (vn.agency, et.agency),
            ANYTHING,
            until=world.hours.now + timedelta(days=5),
        )
