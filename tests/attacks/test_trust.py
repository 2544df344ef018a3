# SPDX-License-Identifier: Apache-2.0
"""Liars among peers: two histories shown to two, false introductions, old rosters again and again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.attacks.test_ledgers import sent_by_hand
from tests.services.parcels import kinds, sealed_from
from tests.templates import copy_of, two_strangers
from tests.wire.bureau import Bureau
from tests.world import World, WorldNode, question

from comity.crypto.signing import SigningKey
from comity.domain.compared import ConsistencyAsked, SeenNotes
from comity.domain.ids import mint
from comity.domain.introduction import Introduction, Scope
from comity.domain.policy import Sensitivity
from comity.domain.standing import MarkCode, OnFork, SuspendCode
from comity.errors import NotAdmitted, Untrusted
from comity.ledger import checkpoint, note
from comity.ledger.checkpoint import Checkpoint
from comity.services import admit, compare, introductions, stand, suspend
from comity.services.address_book import read_book
from comity.services.introductions import State
from comity.services.rosters import full_update, issue
from comity.storage import outbox, witness
from comity.wire import notice as notice_wire
from comity.wire import roster as roster_wire
from comity.wire.parcel import LogState

__all__ = ["two_strangers"]
TWO = ("A. Nguyen", "B. Tran")
SCOPE = Scope(kinds=("*",), purposes=("*",), sensitivity=Sensitivity.NOMINAL)


@pytest.fixture
def apart(two_strangers: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(two_strangers, tmp_path)


def marks(node: WorldNode, other: WorldNode) -> list[str]:
    return [each.code.value for each in node.knows(other).standing.marks]


def show_other_history(world: World, liar: WorldNode, to: WorldNode, size: int) -> None:
    """Let *liar* sign, with its ledger's own key, a history that only *to* is shown."""
    false = Checkpoint(f"comity/{liar.id}/1", size, b"\x01" * 32)
    signed = note.write(checkpoint.sign(false, liar.house.keys.ledger))
    sent_by_hand(world, liar, to, logs=(LogState(note=signed, old=0),))


def head(node: WorldNode) -> int:
    found = node.house.store.head()
    assert found is not None
    return found.size


def carry(*nodes: WorldNode, rounds: int = 3) -> None:
    """Let *nodes* call one another, and nobody else."""
    for _ in range(rounds):
        for each in nodes:
            each.node.courier.sync([other.id for other in nodes if other is not each])


# A node that shows two histories to two peers


def test_a_node_that_shows_two_peers_two_histories_of_one_size_is_caught_when_they_compare(
    world: World,
) -> None:
    ke, vn, et = world
    vn.seat().ask(question("KE/Operations desk"))
    carry(ke, vn)
    show_other_history(world, vn, et, seen(ke, vn))
    assert (kinds(ke), kinds(et)) == ([], [])

    compare.offer(ke.house)
    carry(ke, et)

    # Both have both notes, each signed by the liar, and say so.
    assert kinds(ke).count("fork") == kinds(et).count("fork") == 1
    assert marks(ke, vn) == marks(et, vn) == [MarkCode.FORKED]
    with pytest.raises(NotAdmitted, match="held"):
        ke.seat().ask(question("VN/Anti-smuggling desk"))
    assert marks(ke, et) == marks(et, ke) == []
    for node in (ke, et):
        assert node.verify().faults == ()


def seen(witness_: WorldNode, other: WorldNode) -> int:
    with witness_.house.store.read() as reading:
        return next(e.size for e in witness.every(reading) if other.id in e.origin)


def test_two_histories_of_different_sizes_are_caught_by_the_proof_that_is_asked_for(
    world: World,
) -> None:
    ke, vn, et = world
    vn.seat().ask(question("KE/Operations desk"))
    carry(ke, vn)
    show_other_history(world, vn, et, 3)

    compare.offer(ke.house)
    carry(ke, et)
    assert kinds(ke) + kinds(et) == []
    # Its program proves what it has: that leads elsewhere than to what the other was shown.
    carry(ke, vn)
    carry(et, vn)
    carry(ke, et)
    carry(et, vn)

    assert "fork" in kinds(ke)
    assert marks(ke, vn) == [MarkCode.FORKED]
    assert "fork" in kinds(et)


def test_a_node_that_shows_no_proof_is_held_to_it(world: World) -> None:
    ke, vn, et = world
    vn.seat().ask(question("KE/Operations desk"))
    carry(ke, vn)
    show_other_history(world, vn, et, head(vn) + 40)  # larger than it ever was: no proof is there

    compare.offer(et.house)
    carry(ke, et)
    world.hours.pass_(hours=24 * 3 + 1)
    sent_by_hand(world, vn, et)  # a program that says nothing to it, and is heard all the same
    compare.look(et.house)

    assert MarkCode.UNPROVEN in marks(et, vn)
    assert "unproven" in kinds(et)
    assert et.knows(vn).standing.held == MarkCode.UNPROVEN


def test_who_tells_the_truth_is_not_held_to_anything(world: World) -> None:
    ke, vn, et = world
    vn.seat().ask(question("KE/Operations desk"))
    carry(ke, vn)
    vn.seat().ask(question("ET/Duty desk"))
    carry(et, vn)
    assert seen(ke, vn) != seen(et, vn)

    compare.offer(ke.house)
    compare.offer(et.house)
    world.sync()
    world.hours.pass_(hours=24 * 4)
    world.sync()
    for node in world:
        compare.look(node.house)

    for node in (ke, et):
        assert (kinds(node), marks(node, vn)) == ([], [])


def test_nobody_is_told_of_a_ledger_that_he_does_not_watch_himself(apart: World) -> None:
    ke, vn, et = apart
    vn.seat().ask(question("KE/Operations desk"))
    et.seat().ask(question("KE/Operations desk"))
    apart.sync()

    compare.offer(ke.house)
    before = len(apart.travelled)
    apart.sync()

    # Only tags went; neither recognised any, and nobody answered with a note.
    assert len(apart.travelled) > before
    for node in (vn, et):
        with node.house.store.read() as reading:
            assert outbox.pending(reading) == ()
        assert kinds(node) == []


def test_a_forged_note_is_evidence_against_who_told_it(world: World) -> None:
    ke, vn, et = world
    vn.seat().ask(question("KE/Operations desk"))
    carry(ke, vn)
    false = Checkpoint(f"comity/{vn.id}/1", seen(ke, vn), b"\x01" * 32)
    signed = note.write(checkpoint.sign(false, SigningKey(b"k" * 32))).decode()
    told = SeenNotes(node=et.id, at=et.house.now(), notes=(signed,))

    data = notice_wire.sign(told, et.house.keys.carrier).dsse
    sent_by_hand(world, et, ke, notices=(data,))

    assert kinds(ke) == ["notice"]
    assert marks(ke, vn) == []


@pytest.mark.parametrize(
    ("rule", "held", "suspended"),
    [
        (OnFork.WARN, "", False),
        (OnFork.HOLD, "forked", False),
        (OnFork.SUSPEND, "forked", True),
    ],
)
def test_what_follows_from_a_fork_is_the_agencys_rule(
    world: World,
    rule: OnFork,
    held: str,
    suspended: bool,  # noqa: FBT001  # of the table above
) -> None:
    ke, vn, _ = world
    stand.set_on_fork(ke.house, rule)
    vn.seat().ask(question("KE/Operations desk"))
    carry(ke, vn)

    show_other_history(world, vn, ke, seen(ke, vn))

    card = ke.knows(vn)
    assert (card.standing.held, card.suspended) == (held, suspended)
    assert marks(ke, vn) == ["forked"]


def test_while_it_is_held_receipts_flow_and_two_people_end_it(world: World) -> None:
    ke, vn, _ = world
    done = ke.seat().ask(question("VN/Anti-smuggling desk"))
    vn.seat().ask(question("KE/Operations desk"))
    carry(ke, vn)
    show_other_history(world, vn, ke, seen(ke, vn))
    theirs = vn.seat().ask(question("KE/Operations desk"))
    world.hours.pass_(minutes=5)
    carry(ke, vn)

    assert theirs.thread in {each.thread for each in ke.inbox()}
    stages = [each.stage for each in vn.seat().thread(theirs.thread).thread.receipts]
    assert "delivered" in stages
    with pytest.raises(NotAdmitted, match="held"):
        ke.seat().ask(question("VN/Anti-smuggling desk"))

    suspend.lift(ke.house, vn.agency, decided_by=TWO, reason="their disk was exchanged")
    again = ke.seat().ask(question("VN/Anti-smuggling desk"))
    world.hours.pass_(minutes=5)
    carry(ke, vn)
    assert {done.thread, again.thread} <= {each.thread for each in vn.inbox()}


def test_what_waited_when_two_histories_were_seen_does_not_leave(world: World) -> None:
    ke, vn, _ = world
    vn.seat().ask(question("KE/Operations desk"))
    carry(ke, vn)
    done = ke.seat().ask(question("VN/Anti-smuggling desk"))
    show_other_history(world, vn, ke, seen(ke, vn))

    carry(ke, vn)

    assert done.thread not in {each.thread for each in vn.inbox()}


def test_an_old_roster_told_again_and_again_is_held_against_its_node(world: World) -> None:
    ke, vn, _ = world
    old = roster_wire.write_update(full_update(vn.house, vn.card))
    issue(vn.house, vn.agency)
    world.sync()

    for _ in range(6):
        sent_by_hand(world, vn, ke, rosters=(old,))
    assert marks(ke, vn) == []
    for _ in range(3):
        sent_by_hand(world, vn, ke, rosters=(old,))

    assert marks(ke, vn) == [MarkCode.REPLAYED]
    assert ke.knows(vn).standing.held == ""  # it warns, and holds nothing back


# Lying introducers


def impostor_of(node: WorldNode) -> Bureau:
    """Return an agency that calls itself as *node*'s, with keys of the liar's own."""
    made = Bureau("impostor", node.card.country, name=node.card.name)
    made.issue(made.node, made.desk("Port desk"))
    return made


def introduction(
    by: WorldNode, to: WorldNode, update: bytes, introduces: str, **changed: object
) -> bytes:
    """Return an introduction that *by* makes by hand, with its real keys."""
    seat, now = by.seat(), by.house.now()
    said = Introduction(
        id=mint(by.house.random),
        agency=by.agency,
        node=by.id,
        officer=seat.unlocked.entry.id,
        certificate=seat.unlocked.certificate,
        to=to.agency,
        introduces=introduces,  # type: ignore[arg-type]
        scope=SCOPE,
        at=now,
        until=now + timedelta(days=60),
        checked_at=now,
        reason="",
        practice=True,
        roster=update,
    )
    made = replace(said, **changed)  # type: ignore[arg-type]
    return notice_wire.sign(made, by.house.keys.carrier, seat.unlocked.signing).dsse


def states(node: WorldNode) -> list[str]:
    with node.house.store.read() as reading:
        return [each.state.value for each in introductions.received(reading, node.house)]


def test_a_false_key_that_is_introduced_is_caught_by_the_voice_and_marked(apart: World) -> None:
    ke, vn, et = apart
    false = impostor_of(et)
    update = roster_wire.write_update(false.full())
    sent_by_hand(apart, ke, vn, notices=(introduction(ke, vn, update, false.id),))
    with vn.house.store.read() as reading:
        [told] = introductions.received(reading, vn.house)
    introductions.accept(vn.house, told.id, decided_by=TWO)

    with pytest.raises(Untrusted, match="fingerprint"):
        admit.check(vn.house, false.id, admit.fingerprint(et.card), by="A. Nguyen")

    assert read_book(vn.house).agency(false.id).standing.held == MarkCode.KEY_DIFFERS
    assert marks(vn, ke) == [MarkCode.FALSE_INTRODUCTION]
    assert kinds(vn) == ["introduction"]
    # Its word counts no more until two people have looked at it.
    suspend.suspend(vn.house, false.id, code=SuspendCode.KEY_DIFFERS, by="A. Nguyen")
    sent_by_hand(apart, ke, vn, notices=(introduction(ke, vn, update_of(et), et.agency),))
    assert sorted(states(vn)) == ["accepted", "refused"]


def update_of(node: WorldNode) -> bytes:
    return roster_wire.write_update(full_update(node.house, node.card))


def test_an_introduction_of_a_known_name_with_another_key_is_evidence(world: World) -> None:
    ke, vn, et = world
    false = impostor_of(et)
    update = roster_wire.write_update(false.full())

    sent_by_hand(world, ke, vn, notices=(introduction(ke, vn, update, false.id),))

    assert (kinds(vn), states(vn)) == (["notice"], [])


@pytest.mark.parametrize("what", ["of-another", "to-another", "to-itself", "of-ours", "bent"])
def test_an_introduction_that_is_not_what_it_says_is_evidence(apart: World, what: str) -> None:
    ke, vn, et = apart
    match what:
        case "of-another":
            data = introduction(ke, vn, update_of(et), "z" * 26)
        case "to-another":
            data = introduction(ke, et, update_of(vn), vn.agency)
        case "of-ours":
            data = introduction(ke, vn, update_of(vn), "z" * 26)
        case "to-itself":
            data = introduction(ke, vn, update_of(et), et.agency)
            data = data.replace(b'"payload":"', b'"payload":"AA', 1)
        case _:
            data = introduction(ke, vn, update_of(et)[:-30] + b"x" * 30, et.agency)

    sent_by_hand(apart, ke, vn, notices=(data,))

    assert (kinds(vn), states(vn)) == (["notice"], [])


def test_an_introduction_that_somebody_else_hands_over_is_evidence_against_him(
    world: World,
) -> None:
    ke, vn, et = world
    data = introduction(ke, vn, update_of(et), et.agency)

    sent_by_hand(world, et, vn, notices=(data,))

    assert (kinds(vn), states(vn)) == (["notice"], [])


def test_an_officer_who_was_never_shown_to_us_signs_no_introduction(apart: World) -> None:
    ke, vn, et = apart
    said = notice_wire.read(introduction(ke, vn, update_of(et), et.agency)).said
    other = notice_wire.sign(said, ke.house.keys.carrier, SigningKey(b"k" * 32))

    sent_by_hand(apart, ke, vn, notices=(other.dsse,))

    assert (kinds(vn), states(vn)) == (["notice"], [])


def test_an_introduction_is_taken_once_whoever_repeats_it(apart: World) -> None:
    ke, vn, et = apart
    data = introduction(ke, vn, update_of(et), et.agency)
    sent_by_hand(apart, ke, vn, notices=(data,))
    with vn.house.store.read() as reading:
        [told] = introductions.received(reading, vn.house)
    introductions.decline(vn.house, told.id)

    sent_by_hand(apart, ke, vn, notices=(data, data))

    assert states(vn) == [State.DECLINED]
    assert kinds(vn) == []


def test_an_introduction_that_has_ended_is_refused_and_nobody_is_asked(apart: World) -> None:
    ke, vn, et = apart
    data = introduction(ke, vn, update_of(et), et.agency)
    apart.hours.pass_(hours=24 * 61)

    sent_by_hand(apart, ke, vn, notices=(data,))

    assert (kinds(vn), states(vn)) == ([], [State.REFUSED])


def test_more_introductions_than_people_can_look_at_are_refused(
    apart: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ke, vn, et = apart
    monkeypatch.setattr("comity.services.introductions_in.WAITING", 2)
    for _ in range(3):
        data = introduction(ke, vn, update_of(et), et.agency)
        sent_by_hand(apart, ke, vn, notices=(data,))

    assert sorted(states(vn)) == ["refused", "waiting", "waiting"]


def test_bytes_that_are_no_notice_are_evidence_and_told_back_as_taken(world: World) -> None:
    ke, vn, _ = world

    answer = ke.node.courier.incoming(sealed_from(vn, ke, notices=(b"nothing",)), vn.id)

    assert answer
    assert kinds(ke) == ["notice"]


def test_two_lists_of_people_under_one_number_are_shown_and_hold_nothing_back(
    world: World,
) -> None:
    ke, vn, _ = world
    backup = vn.backup("backup")
    issue(vn.house, vn.agency)
    world.sync()
    vn.restore(backup)
    world.hours.pass_(minutes=1)
    issue(vn.house, vn.agency)
    other = roster_wire.write_update(full_update(vn.house, vn.card))

    sent_by_hand(world, vn, ke, rosters=(other,))

    assert marks(ke, vn) == [MarkCode.ROSTER_FORKED]
    assert ke.knows(vn).standing.held == ""


def test_nobody_fills_our_home_with_introductions_or_with_questions(
    apart: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ke, vn, et = apart
    monkeypatch.setattr("comity.services.introductions_in.A_DAY", 3)
    monkeypatch.setattr("comity.services.notices.ANSWERS", 4)
    for _ in range(5):
        data = introduction(ke, vn, update_of(et), et.agency)
        sent_by_hand(apart, ke, vn, notices=(data,))
    asked = [
        ConsistencyAsked(
            node=ke.id, at=ke.house.now(), origin=f"comity/{vn.id}/1", old=1, new=2 + each
        )
        for each in range(6)
    ]
    told = tuple(notice_wire.sign(each, ke.house.keys.carrier).dsse for each in asked)
    sent_by_hand(apart, ke, vn, notices=told)

    assert len(states(vn)) == 3
    with vn.house.store.read() as reading:
        assert outbox.count(reading, ke.id, outbox.Item.NOTICE) == 4


def test_a_node_that_was_restored_is_shown_as_restored_and_held_to_nothing(world: World) -> None:
    ke, vn, et = world
    thread = ke.seat().ask(question("VN/Anti-smuggling desk")).thread
    world.sync()
    backup = vn.backup("backup")
    vn.seat().acknowledge(thread)
    world.sync()

    vn.restore(backup)
    world.sync()
    compare.offer(ke.house)
    compare.offer(et.house)
    world.sync()
    world.hours.pass_(hours=24 * 4)
    world.sync()
    for node in (ke, et):
        compare.look(node.house)

    [gap] = compare.restored_of(ke.house, ke.knows(vn))
    assert gap > 0
    assert marks(ke, vn) == marks(et, vn) == []
