# SPDX-License-Identifier: Apache-2.0
"""A witness that is no peer vouches for a record, and gets and does nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.templates import copy_of
from tests.world import World, WorldNode, question

from comity.domain.docket import Proven
from comity.domain.ids import AgencyId
from comity.domain.roster import DeskEntry, OfficerEntry
from comity.errors import ComityError, NotAdmitted, NotChecked, Refused, Untrusted
from comity.services import admit, compare, mailbox, witness_only, witnesses
from comity.services.address_book import read_book
from comity.services.admit import Admission
from comity.services.invite import invite
from comity.storage import receipts
from comity.wire import canonical
from comity.wire import docket as docket_wire

DESK = "VN/Anti-smuggling desk"
CAUSE = "refused.not-admitted.witness-only"
FULL = Admission(
    nominated_by="Ministry",
    letter="4/2026",
    called="+1 555 0100",
    number_from="The treaty's annex",
    decided_by=("One", "Other"),
    review="2027-11-24",
)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Found Kenya and Viet Nam, who know each other, and Ethiopia, who knows nobody."""
    apart = (frozenset(("ke", "et")), frozenset(("vn", "et")))
    with World(tmp_path_factory.mktemp("three"), "ke", "vn", "et", strangers=apart) as made:
        return made


@pytest.fixture
def world(three: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(three, tmp_path)


def let_in(of: WorldNode, witness: WorldNode) -> None:
    """Let *witness* in, that it may vouch for the record of *of*, and the other way round."""
    for one, other in ((of, witness), (witness, of)):
        text = invite(other.house, other.agency, to_witness=True)
        witness_only.let_in(one.house, text, admit.fingerprint(other.card), by="Amina Otieno")


def named(world: World) -> tuple[WorldNode, WorldNode, WorldNode]:
    ke, vn, et = world.nodes("ke", "vn", "et")
    let_in(vn, et)
    witnesses.name(vn.house, add=[et.agency], threshold=1)
    world.sync()
    return ke, vn, et


def stages(node: WorldNode, thread: str) -> list[str]:
    return [each.stage.value for each in node.seat().thread(thread).thread.receipts]


def test_it_makes_proven_what_was_delivered(world: World) -> None:
    ke, _, et = named(world)

    done = ke.seat().ask(question(DESK))
    world.sync()

    assert "proven" in stages(ke, done.thread)
    with ke.house.store.read() as reading:
        [*_, told] = receipts.proofs_of(reading, f"comity/{world['vn'].id}/1")
    assert f"comity/{et.id}/witness" in docket_wire.read(told.body, Proven).said.checkpoint
    for node in world:
        assert node.verify().faults == ()


def test_it_is_told_of_a_server_and_of_nobody(world: World) -> None:
    _, vn, et = named(world)
    vn.seat().ask(question("KE/Operations desk"))
    world.sync()

    known = et.knows(vn)
    assert known.nodes
    assert not known.desks
    assert not known.officers
    assert not [
        each for each in known.history.values() if isinstance(each, DeskEntry | OfficerEntry)
    ]
    text = invite(vn.house, vn.agency, to_witness=True)
    for canary in ("Anti-smuggling", "investigator VN"):
        assert canary not in text


@pytest.mark.parametrize("asker", ["vn", "et"])
def test_nothing_is_asked_of_it_and_it_asks_nothing(world: World, asker: str) -> None:
    _, vn, et = named(world)
    of = {"vn": et, "et": vn}[asker]

    with pytest.raises(ComityError) as told:
        world[asker].seat().ask(question(of.agency))
    # Neither knows of anybody there whom one could ask.
    assert told.value.cause == "usage.desk-unknown"


def test_what_is_told_of_its_people_by_others_is_of_no_use(world: World) -> None:
    _, vn, et = world.nodes("ke", "vn", "et")
    text = invite(et.house, et.agency)  # in full, by mistake
    witness_only.let_in(vn.house, text, admit.fingerprint(et.card), by="Linh")

    with pytest.raises(NotAdmitted) as told:
        vn.seat().ask(question(et.agency))
    assert told.value.cause == CAUSE


def test_what_it_asks_all_the_same_is_refused_with_a_code(world: World) -> None:
    """It admits us in full, with the invitation that somebody gave it, and asks."""
    vn, et = world.nodes("vn", "et")
    text = invite(et.house, et.agency)
    witness_only.let_in(vn.house, text, admit.fingerprint(et.card), by="Linh")
    admit.accept(et.house, invite(vn.house, vn.agency), FULL)
    admit.check(et.house, vn.agency, admit.fingerprint(vn.card), by="Abebe")
    world.sync()

    done = et.seat().ask(question(DESK))
    world.sync()

    assert vn.inbox() == ()
    found = et.seat().thread(done.thread).thread.receipts
    assert [e.reason for e in found if e.stage.value == "returned"] == [CAUSE]


def test_it_leaves_nothing_in_a_mailbox_and_collects_nothing(world: World) -> None:
    ke, vn, et = named(world)
    mailbox.host(vn.house, ke.agency)

    with pytest.raises(NotAdmitted, match="witness-only"):
        mailbox.host(vn.house, et.agency)
    with pytest.raises(NotAdmitted, match="witness-only"):
        mailbox.collect(vn.house, canonical.encode(mailbox.Collection()), [et.id])


def test_nobody_makes_a_peer_of_it_by_vouching_and_it_vouches_for_nobody(world: World) -> None:
    ke, vn, et = named(world)

    with pytest.raises(NotAdmitted, match="witness-only"):
        admit.vouch(vn.house, et.agency, ke.agency, by="Linh", reason="They know it.")
    with pytest.raises(NotChecked):
        admit.vouch(vn.house, ke.agency, et.agency, by="Linh", reason="It knows them.")
    with pytest.raises(Refused):
        admit.accept(vn.house, invite(et.house, et.agency), replace(FULL, introduction="x" * 26))
    assert read_book(vn.house).agency(et.agency).standing.witness_only


def test_two_people_admit_it_in_the_ordinary_way(world: World) -> None:
    _, vn, et = named(world)

    admit.accept(vn.house, invite(et.house, et.agency), FULL)

    card = read_book(vn.house).agency(et.agency)
    assert not card.standing.witness_only
    assert card.silent(vn.house.now()) == ""
    world.sync()
    assert vn.verify().sound


def test_other_digits_let_nobody_in(world: World) -> None:
    ke, vn, et = world.nodes("ke", "vn", "et")
    text = invite(et.house, et.agency, to_witness=True)

    with pytest.raises(Untrusted):
        witness_only.let_in(vn.house, text, admit.fingerprint(ke.card), by="Linh")
    with pytest.raises(Refused):
        witness_only.let_in(
            vn.house, invite(ke.house, ke.agency), admit.fingerprint(ke.card), by="L"
        )
    assert et.agency not in read_book(vn.house).cards
    assert AgencyId(ke.agency) in read_book(vn.house).cards


def test_it_is_told_of_no_other_record_that_we_watch(world: World) -> None:
    _, vn, et = named(world)

    assert et.id not in compare.offer(vn.house)
    assert compare.offer(vn.house, [et.id]) == ()
