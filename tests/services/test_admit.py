# SPDX-License-Identifier: Apache-2.0
"""A peer is let in by two people, its key is compared by voice, and both are on record."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.services.guests import admitted, card, found, housed, invitation
from tests.services.settle import ADMISSION
from tests.wire.bureau import AT, Bureau, settled

from comity.domain.ids import AgencyId
from comity.domain.roster import AgencyType, NodeEntry
from comity.domain.standing import SuspendCode
from comity.errors import ComityError, Misused, NotAdmitted, NotCompetent, Refused, Untrusted
from comity.ledger.leaf import LeafType
from comity.services import admit, home, suspend, verify
from comity.services.address_book import read_book
from comity.services.admit import VoiceCheck
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.invite import invite
from comity.services.rosters import issue
from comity.services.suspend import Decided
from comity.storage import housed as housed_rows
from comity.storage import logs, peers
from comity.wire import canonical
from comity.wire import invite as invite_wire


@pytest.fixture
def theirs() -> Bureau:
    return settled("hai phong", "VN")


def cause(error: pytest.ExceptionInfo[ComityError]) -> str:
    return error.value.cause


def opened(house: House, room: str) -> list[bytes]:
    with house.store.read() as reading:
        rows = housed_rows.of_room(reading, room)
    return [house.vault.open(row.body, f"{row.room}/{row.name}") for row in rows]


# Inviting


def test_an_invitation_of_ours_is_what_a_peer_needs(house: House) -> None:
    own = read_book(house).own[0]

    read = invite_wire.read(invite(house, own.id))

    assert read.state.root == own.root
    assert read.invitation.practice
    assert any(isinstance(each, NodeEntry) for each in read.state.entries.values())


def test_a_large_agency_can_be_invited_and_tells_the_rest_later(house: House) -> None:
    own = read_book(house).own[0]
    base = Bureau("any").officer("x", agency=own.id)
    issue(house, own.id, add=[replace(base, label=f"officer {i}") for i in range(2990)])

    text = invite(house, own.id)
    read = invite_wire.read(text)

    assert len(text) <= invite_wire.TEXT_LIMIT
    assert read.state.lacking
    assert len(read.state.hashes) == 2991


def test_only_our_own_agencies_invite(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)

    with pytest.raises(Misused, match="agency-not-ours"):
        invite(house, theirs.id)
    with pytest.raises(NotAdmitted):
        invite(house, AgencyId("a" * 26))


# Admitting


def test_two_houses_admit_each_other(house: House, tmp_path: Path) -> None:
    (tmp_path / "vn").mkdir()
    other = housed(tmp_path / "vn")
    ours, others = read_book(house).own[0], read_book(other).own[0]

    told = admit.accept(house, invite(other, others.id), ADMISSION)
    admit.accept(other, invite(house, ours.id), ADMISSION)

    assert told.state.entries == others.state.entries
    assert read_book(other).agency(ours.id).node == ours.node
    assert verify.verify(house).sound
    other.store.close()


def test_an_admission_is_on_record_for_whoever_asks_in_five_years(
    house: House, theirs: Bureau
) -> None:
    told = admitted(house, theirs)

    assert admit.admission_of(house, told.id) == ADMISSION
    assert admit.admission_of(house, read_book(house).own[0].id) is None
    assert told.admitted_at is not None
    with house.store.read() as reading:
        assert peers.by_nodes(reading, [told.node.node])[0].address == told.node.address
        [log] = logs.every(reading)
        types = [each.type for each in logs.leaves_from(reading, log.log, 0)]
    assert types.count(LeafType.KEY) == 2
    assert verify.verify(house).sound


def test_who_admitted_is_in_clear_nowhere(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)
    house.store.write(lambda _: None)

    names = (b"A. Mwangi", b"Ministry of the Interior", b"Customs of hai phong")
    for path in house.home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(name in content for name in names), path.name


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"decided_by": ("A. Mwangi",)}, "usage.admission-deciders"),
        ({"decided_by": ("A. Mwangi", " a.  mwangi ")}, "usage.admission-deciders"),
        ({"decided_by": ("A. Mwangi", "", "  ")}, "usage.admission-deciders"),
        ({"decided_by": ()}, "usage.admission-deciders"),
        ({"nominated_by": " "}, "usage.admission-missing"),
        ({"letter": ""}, "usage.admission-missing"),
        ({"called": ""}, "usage.admission-missing"),
        ({"number_from": ""}, "usage.admission-missing"),
        ({"letter": "x" * 1001}, "usage.field-long"),
        ({"review": "soon"}, "usage.admission-review"),
        ({"review": ""}, "usage.admission-review"),
    ],
)
def test_an_admission_that_is_not_whole_is_refused(change: Any, told: str) -> None:
    with pytest.raises(Misused) as caught:
        replace(ADMISSION, **change)

    assert cause(caught) == told


def test_a_review_in_the_past_is_refused(house: House, theirs: Bureau) -> None:
    with pytest.raises(Misused, match="admission-review"):
        admit.accept(house, invitation(theirs), replace(ADMISSION, review="2020-01-01"))


def test_a_practice_node_and_a_real_one_never_admit_each_other(
    house: House, theirs: Bureau
) -> None:
    with pytest.raises(Refused, match="practice"):
        admit.accept(house, invitation(theirs, practice=False), ADMISSION)
    with pytest.raises(Refused, match="practice"):
        admit.accept(replace(house, practice=False), invitation(theirs), ADMISSION)

    assert not read_book(house).peers


def test_a_peer_is_admitted_once(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)

    with pytest.raises(Refused, match="admitted-already"):
        admitted(house, theirs)


def test_our_own_agencies_are_not_peers(house: House, tmp_path: Path) -> None:
    own = read_book(house).own[0]
    with pytest.raises(Misused, match="agency-own"):
        admit.accept(house, invite(house, own.id), ADMISSION)

    impostor = Bureau("impostor", "FR")
    impostor.issue(replace(impostor.node, node=house.keys.node, origin=""))
    with pytest.raises(Misused, match="agency-own"):
        admitted(house, impostor)

    found(house, tmp_path, "Kenya Customs")
    assert not read_book(house).peers


def test_an_invitation_that_does_not_verify_writes_nothing(house: House, theirs: Bureau) -> None:
    text = invitation(theirs)
    before = house.store.version()

    with pytest.raises(Untrusted):
        admit.accept(house, text[:500] + text[510:], ADMISSION)
    with pytest.raises(Untrusted):
        admit.accept(house, "Dear colleague, please find attached", ADMISSION)

    assert house.store.version() == before


def test_a_node_under_anothers_id_is_not_admitted(house: House, theirs: Bureau) -> None:
    admitted(house, theirs)
    impostor = Bureau("impostor", "FR")
    impostor.issue(replace(impostor.node, node=theirs.node.node, origin=""))

    with pytest.raises(Untrusted, match="id-taken"):
        admitted(house, impostor)


# Comparing by voice


def test_a_key_that_was_read_aloud_is_checked(house: House, theirs: Bureau) -> None:
    told = admitted(house, theirs)
    assert told.checked_at is None

    admit.check(house, told.id, admit.fingerprint(told).replace(" ", "-"), by="A. Mwangi")

    assert card(house, theirs).checked_at is not None
    assert card(house, theirs).admitted_at == told.admitted_at
    [said] = opened(house, admit.CHECKS)
    assert canonical.decode(said, VoiceCheck, limit=1000).by == "A. Mwangi"
    assert verify.verify(house).sound


def test_the_digits_of_another_key_are_not_believed(house: House, theirs: Bureau) -> None:
    told = admitted(house, theirs)
    own = read_book(house).own[0]

    with pytest.raises(Untrusted, match="fingerprint"):
        admit.check(house, told.id, admit.fingerprint(own), by="A. Mwangi")
    with pytest.raises(Misused, match="fingerprint"):
        admit.check(house, told.id, "12345", by="A. Mwangi")
    with pytest.raises(Misused, match="field-missing"):
        admit.check(house, told.id, admit.fingerprint(told), by=" ")

    assert card(house, theirs).checked_at is None


def test_nobody_checks_our_own_key(house: House) -> None:
    own = read_book(house).own[0]

    with pytest.raises(Misused, match="agency-own"):
        admit.check(house, own.id, admit.fingerprint(own), by="A. Mwangi")


# Vouching and suspending


def checked(house: House, bureau: Bureau) -> AgencyCard:
    told = admitted(house, bureau)
    admit.check(house, told.id, admit.fingerprint(told), by="A. Mwangi")
    return card(house, bureau)


def test_a_checked_peer_may_vouch_for_another(house: House, theirs: Bureau) -> None:
    voucher, other = checked(house, theirs), settled("da nang", "VN")
    admitted(house, other)

    admit.vouch(house, other.id, voucher.id, by="A. Mwangi", reason="met in Hanoi")

    assert card(house, other).vouched_by == voucher.id
    [said] = opened(house, suspend.HISTORY)
    assert canonical.decode(said, Decided, limit=1000).reason == "met in Hanoi"
    assert verify.verify(house).sound


def test_who_is_not_checked_vouches_for_nobody(house: House, theirs: Bureau) -> None:
    other = settled("da nang", "VN")
    told = admitted(house, other)
    unchecked = admitted(house, theirs)

    for voucher in (unchecked.id, told.id):
        with pytest.raises(Refused, match="not-checked"):
            admit.vouch(house, told.id, voucher, by="A. Mwangi", reason="met")


def test_a_suspended_peer_vouches_for_nobody(house: House, theirs: Bureau) -> None:
    voucher, other = checked(house, theirs), settled("da nang", "VN")
    admitted(house, other)
    suspend.suspend(house, voucher.id, code=SuspendCode.COMPROMISED, by="A. Mwangi")

    with pytest.raises(Refused, match="not-checked"):
        admit.vouch(house, other.id, voucher.id, by="A. Mwangi", reason="met")


def test_a_suspended_peer_may_come_back_as_it_was(house: House, theirs: Bureau) -> None:
    before = checked(house, theirs)

    suspend.suspend(house, before.id, code=SuspendCode.COMPROMISED, by="A. Mwangi")
    assert card(house, theirs).suspended
    suspend.lift(house, before.id, decided_by=("A. Mwangi", "B. Otieno"), reason="new seal")

    after = card(house, theirs)
    assert (after.suspended, after.checked_at) == (False, before.checked_at)
    assert len(opened(house, suspend.HISTORY)) == 2
    assert verify.verify(house).sound


def test_how_we_stand_to_a_peer_needs_a_name_and_a_reason(house: House, theirs: Bureau) -> None:
    told = admitted(house, theirs)

    with pytest.raises(Misused, match="field-missing"):
        suspend.suspend(house, told.id, code=SuspendCode.OTHER, by="")
    with pytest.raises(Misused, match="field-missing"):
        suspend.lift(house, told.id, decided_by=("A. Mwangi", "B. Otieno"), reason=" ")
    own = read_book(house).own[0].id
    with pytest.raises(Misused, match="agency-own"):
        suspend.suspend(house, own, code=SuspendCode.OTHER, by="A. Mwangi")


# A body of states admits nobody alone.


@pytest.fixture
def secretariat(tmp_path: Path) -> Iterator[House]:
    """Make the house of a body of states, which knows nobody."""
    house = home.create(
        tmp_path / "secretariat",
        key_home="file",
        ask_house=str,
        clock=lambda: AT + timedelta(days=2),
        random=os.urandom,
        practice=True,
    )
    found(house, tmp_path, "Regional network", "XN", AgencyType.BODY)
    yield house
    house.store.close()


def test_a_body_admits_its_first_peer_and_no_other_alone(
    secretariat: House, theirs: Bureau
) -> None:
    admitted(secretariat, theirs)
    before = secretariat.store.version()

    with pytest.raises(NotCompetent, match="body-alone"):
        admitted(secretariat, settled("lome", "TG"))
    with pytest.raises(Refused, match="admitted-already"):
        admitted(secretariat, theirs)

    assert secretariat.store.version() == before


def test_an_agency_whose_server_a_body_shares_admits_whom_it_will(
    house: House, tmp_path: Path, theirs: Bureau
) -> None:
    found(house, tmp_path, "Regional network", "XN", AgencyType.BODY)

    for each in (theirs, settled("lome", "TG")):
        admitted(house, each)

    assert len(read_book(house).peers) == 2
