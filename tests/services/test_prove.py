# SPDX-License-Identifier: Apache-2.0
"""What leaves the house as proof is checked by anybody, and tells no more than it must."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.templates import copy_of
from tests.world import World, question

from comity.crypto.signing import QuantumSigningKey
from comity.domain.docket import OpenedBy, ReceiptStage
from comity.errors import Misused
from comity.ledger import note, tlog_proof
from comity.services import silence
from comity.services.desks import change_members
from comity.services.duties import sign_quantum
from comity.services.enrol import Person, enrol
from comity.services.erase import erase
from comity.services.ledger import show
from comity.services.oversight import AgencyPolicy, set_policy
from comity.services.prove import check_proof, prove
from comity.wire import proof as proof_wire

DESK = "VN/Anti-smuggling desk"


@pytest.fixture
def world(two_countries: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(two_countries, tmp_path)


def test_the_sender_proves_that_the_other_side_has_it_and_that_somebody_opened_it(
    world: World,
) -> None:
    ke, vn = world
    asked = ke.seat().ask(question(DESK))
    world.sync()
    vn.seat().thread(asked.thread)
    world.sync()

    shown = check_proof(prove(ke.house, asked.act))

    [docket] = shown.dockets
    assert (docket.docket.act, docket.docket.to) == (asked.act, vn.agency)
    assert docket.place.origin == f"comity/{ke.id}/1"
    assert [name for name, _ in docket.place.witnesses] == [f"comity/{vn.id}/witness"]
    assert docket.place.quantum
    by_stage = {each.receipt.stage: each for each in shown.receipts}
    assert set(by_stage) == {ReceiptStage.DELIVERED, ReceiptStage.OPENED}
    delivered = by_stage[ReceiptStage.DELIVERED].place
    assert delivered is not None
    assert delivered.origin == f"comity/{vn.id}/1"
    assert [name for name, _ in delivered.witnesses] == [f"comity/{ke.id}/witness"]
    assert {each.root.name for each in shown.agencies} == {ke.card.name, vn.card.name}


def test_the_recipient_proves_what_the_other_side_released(world: World) -> None:
    ke, vn = world
    asked = ke.seat().ask(question(DESK))
    world.sync()

    [docket] = check_proof(prove(vn.house, asked.thread)).dockets

    assert docket.docket.agency == ke.agency
    assert docket.place.origin == f"comity/{vn.id}/1"


def test_what_stayed_at_home_is_proven_only_when_it_is_asked_for_by_name(world: World) -> None:
    ke, _ = world
    asked = ke.seat().ask(question(DESK))
    found = ke.seat().thread(asked.thread)
    home = next(each.row.copy for each in found.copies if each.row.to == ke.agency)

    of_thread = check_proof(prove(ke.house, asked.thread)).dockets
    of_copy = check_proof(prove(ke.house, home)).dockets

    assert home not in {each.docket.copy for each in of_thread}
    assert [each.docket.copy for each in of_copy] == [home]


def test_a_proof_holds_no_name_of_a_person_and_nothing_that_was_said(world: World) -> None:
    ke, _ = world
    asked = ke.seat().ask(question(DESK, facts="Canary in a container."))
    world.sync()

    proof = prove(ke.house, asked.act)
    opened = b"".join(
        [proof, *(each for told in proof_wire.read(proof).agencies for each in told.entries)]
    )

    for canary in (b"Canary", b"+84900000000", b"MSA/114", b"investigator KE"):
        assert canary not in opened


def test_an_act_that_nobody_has_seen_yet_is_proven_without_witnesses(world: World) -> None:
    ke, _ = world
    asked = ke.seat().ask(question(DESK))

    [docket] = check_proof(prove(ke.house, asked.act)).dockets

    assert docket.place.witnesses == ()
    assert docket.place.quantum


def test_proving_twice_signs_once(world: World) -> None:
    ke, _ = world
    asked = ke.seat().ask(question(DESK))

    one = proof_wire.read(prove(ke.house, asked.act))
    world.hours.pass_(minutes=5)  # a line that is signed anew says when
    other = proof_wire.read(prove(ke.house, asked.act))

    assert other.dockets == one.dockets
    [docket] = one.dockets
    signatures = tlog_proof.read(docket.proof.encode()).note.signatures
    assert note.write_line(signatures[-1]) == sign_quantum(ke.house)


def test_what_stands_under_one_checkpoint_is_signed_once(world: World) -> None:
    ke, vn = world
    asked = ke.seat().ask(question(DESK))
    world.sync()
    vn.seat().acknowledge(asked.thread)
    vn.seat().ask_back(asked.thread, ["period"])
    key = Counting(vn.house.keys.ledger_quantum)
    shelf = vn.house.shelf
    shelf.keys = replace(shelf.keys, ledger_quantum=key)  # type: ignore[arg-type]  # it signs as one

    dockets = check_proof(prove(vn.house, asked.thread)).dockets

    sizes = [each.place.size for each in dockets]
    assert (len(sizes), len(set(sizes))) == (3, 2)
    assert key.signed == 2


class Counting:
    """A key that counts what it signs."""

    def __init__(self, key: QuantumSigningKey) -> None:
        self.public = key.public
        self.signed = 0
        self._key = key

    def sign(self, message: bytes) -> bytes:
        self.signed += 1
        return self._key.sign(message)


def test_people_whose_certificates_never_stood_together_are_shown_by_two_numbers(
    world: World,
) -> None:
    ke, vn = world
    set_policy(vn.house, vn.agency, AgencyPolicy(shows=OpenedBy.PERSON))
    asked = ke.seat().ask(question(DESK))
    world.sync()
    vn.seat().thread(asked.thread)
    joining = enrol(vn.house, vn.agency, Person(name="Joining"), "practice")
    change_members(vn.house, vn.seat().unlocked, vn.settled.desk, join=[joining.id])
    vn.restart()
    vn.seat("colleague").thread(asked.thread)
    world.sync()

    shown = check_proof(prove(ke.house, asked.act))

    said = {each.receipt.certificate for each in shown.receipts}
    assert len(said) >= 2
    assert len(shown.agencies) == 2


def test_no_proof_names_a_person_whom_the_agency_does_not_show(world: World) -> None:
    ke, vn = world
    asked = ke.seat().ask(question(DESK))
    world.sync()
    vn.seat().thread(asked.thread)
    world.sync()

    for node in world:
        told = check_proof(prove(node.house, asked.act)).receipts
        [opened] = [e.receipt for e in told if e.receipt.stage is ReceiptStage.OPENED]
        assert (opened.reader, opened.certificate) == (vn.settled.desk, "")


def test_an_erased_docket_is_not_proven_any_more(world: World) -> None:
    ke, _ = world
    asked = ke.seat().ask(question(DESK))
    found = ke.seat().thread(asked.thread)
    row = next(each.row for each in found.copies if each.row.to != ke.agency)
    erase(ke.house, f"comity/{ke.id}/1", [row.leaf], "order 7")

    assert check_proof(prove(ke.house, asked.act)).dockets == ()


@pytest.mark.parametrize("name", ["", "a" * 26, "0" * 64, "KV-4821"])
def test_what_is_not_here_is_not_proven(world: World, name: str) -> None:
    with pytest.raises(Misused, match="proof-unknown"):
        prove(world["ke"].house, name)


@pytest.mark.parametrize(
    ("origin", "leaf", "ground", "cause"),
    [
        ("comity/other/1", 3, "order 7", "leaf-unknown"),
        ("", 3000, "order 7", "leaf-unknown"),
        ("", 0, "order 7", "leaf-stays"),
        ("", 3, " ", "field-missing"),
    ],
)
def test_what_must_stay_is_not_erased(
    world: World, origin: str, leaf: int, ground: str, cause: str
) -> None:
    ke = world["ke"]
    before = ke.house.store.head()

    with pytest.raises(Misused, match=cause):
        erase(ke.house, origin or f"comity/{ke.id}/1", [leaf], ground)

    assert ke.house.store.head() == before
    assert ke.verify().sound


def test_the_ledger_is_shown_with_its_newest_leaves_and_what_peers_showed(world: World) -> None:
    ke, vn = world
    asked = ke.seat().ask(question(DESK))
    world.sync()

    shown = show(ke.house)

    [log] = shown.logs
    assert log.origin == f"comity/{ke.id}/1"
    assert log.size == len(shown.leaves)
    assert log.note.startswith(f"{log.origin}\n{log.size}\n")
    assert 0 < log.cosigned <= log.size
    [peer] = shown.peers
    assert peer.origin == f"comity/{vn.id}/1"
    assert peer.proven == peer.size
    dockets = [each for each in shown.leaves if each.type == "docket"]
    assert {each.act for each in dockets} == {asked.act}
    assert shown.leaves[0].type == "opening"
    assert [each.index for each in show(ke.house, start=2, limit=3).leaves] == [2, 3, 4]


def test_an_erased_leaf_is_shown_as_such(world: World) -> None:
    ke = world["ke"]
    ke.seat().ask(question(DESK))
    last = show(ke.house).leaves[-1]
    erase(ke.house, f"comity/{ke.id}/1", [last.index], "order 7")

    leaf, erasure = show(ke.house).leaves[-2:]

    assert (leaf.type, leaf.digest, leaf.act) == ("docket", "", "")
    assert erasure.type == "erasure"


def test_that_nothing_came_back_is_proven_by_our_own_word_and_who_vouches_for_it(
    world: World,
) -> None:
    ke, vn = world
    world.weather.away.add(vn.id)
    asked = ke.seat().ask(question(DESK))
    world.hours.pass_(hours=200)
    assert silence.listen(ke.house) == 1
    world.weather.clear()
    world.hours.pass_(hours=2)
    world.sync()

    shown = check_proof(prove(ke.house, asked.act))

    by_stage = {each.receipt.stage: each for each in shown.receipts}
    assert set(by_stage) == {ReceiptStage.NOT_DELIVERED, ReceiptStage.DELIVERED}
    place = by_stage[ReceiptStage.NOT_DELIVERED].place
    assert place is not None
    assert place.origin == f"comity/{ke.id}/1"
    assert place.index > shown.dockets[0].place.index
    assert [name for name, _ in place.witnesses] == [f"comity/{vn.id}/witness"]
    assert ke.verify().sound


def test_a_silence_whose_opening_was_erased_by_law_is_left_out(world: World) -> None:
    ke, vn = world
    world.weather.away.add(vn.id)
    asked = ke.seat().ask(question(DESK))
    world.hours.pass_(hours=200)
    silence.listen(ke.house)
    proven = check_proof(prove(ke.house, asked.act)).receipts[0].place
    assert proven is not None

    erase(ke.house, proven.origin, [proven.index], "order 4/26")

    assert check_proof(prove(ke.house, asked.act)).receipts == ()


@pytest.mark.parametrize("change", ["size = 1", "size = 0", "origin = 'x'", "size = size + 999"])
def test_whoever_moves_the_place_of_a_silence_is_found(world: World, change: str) -> None:
    ke, vn = world
    world.weather.away.add(vn.id)
    ke.seat().ask(question(DESK))
    world.hours.pass_(hours=200)
    silence.listen(ke.house)

    with closing(sqlite3.connect(ke.house.home / "comity.db", isolation_level=None)) as database:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in database.execute(triggers).fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute(f"UPDATE receipts SET {change} WHERE stage = 'not-delivered'")

    assert ("receipts", "proof") in {(each.table, each.column) for each in ke.verify().faults}
