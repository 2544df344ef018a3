# SPDX-License-Identifier: Apache-2.0
"""A desk's key is its members' alone, and changes with them."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.services.settle import PASSPHRASE, Settled

from comity.crypto.age import HybridRecipient, decrypt, encrypt
from comity.domain.ids import AgencyId, DeskId, OfficerId
from comity.domain.roster import Audience, DeskEntry, Role
from comity.domain.statement import Author
from comity.domain.trust import author_at
from comity.errors import Misused, NotAdmitted, NotCompetent, NotForUs, Stale
from comity.services import desks, home
from comity.services.desks import NewDesk, change_members, open_desk
from comity.services.enrol import Person, enrol
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.revoke import revoke
from comity.services.unlock import unlock
from comity.storage import keys


def desk_of(kenya: Settled) -> DeskEntry:
    found = kenya.card.readers[kenya.desk]
    assert isinstance(found, DeskEntry)
    return found


def to_desk(desk: DeskEntry) -> bytes:
    return encrypt(b"to the desk", [HybridRecipient.parse(desk.reading)])


def signs_for(kenya: Settled, unlocked: Unlocked) -> None:
    author = Author(
        agency=kenya.agency,
        officer=unlocked.entry.id,
        certificate=unlocked.certificate,
        desk=kenya.desk,
    )
    author_at(kenya.card.history, author, datetime(2026, 11, 25, tzinfo=UTC))


def test_what_is_sealed_to_a_desk_opens_for_each_member_and_nobody_else(kenya: Settled) -> None:
    sealed = to_desk(desk_of(kenya))

    for who in ("investigator", "colleague"):
        assert decrypt(sealed, kenya.unlocked(who).identities) == b"to the desk"
    with pytest.raises(NotForUs):
        decrypt(sealed, kenya.unlocked("supervisor").identities)


def test_a_desk_is_told_to_peers_with_its_hours_and_telephone(kenya: Settled) -> None:
    new = NewDesk(
        name=" Night desk ",
        languages=("sw", "en"),
        zone="Africa/Nairobi",
        hours=("mon 18:00-06:00",),
        holidays=("2026-12-25",),
        urgent_telephone="+254 41 000 0000",
    )

    entry = open_desk(kenya.house, kenya.agency, new, [kenya.people["colleague"]])

    assert kenya.card.readers[entry.id] == entry
    assert (entry.name, entry.audience, entry.epoch) == ("Night desk", Audience.PEERS, 1)
    assert (entry.zone, entry.hours) == ("Africa/Nairobi", ("mon 18:00-06:00",))
    assert kenya.card.members(entry.id) == (kenya.people["colleague"],)
    assert set(kenya.unlocked("colleague").desks) == {kenya.desk, entry.id}


def test_a_desk_may_be_for_home_alone(kenya: Settled) -> None:
    new = NewDesk(name="Internal", abroad=False)

    entry = open_desk(kenya.house, kenya.agency, new, [kenya.people["supervisor"]])

    assert entry.audience is Audience.HOME


@pytest.mark.parametrize(
    ("new", "cause"),
    [
        (NewDesk(name=" "), "usage.field-missing"),
        (NewDesk(name="operations DESK"), "usage.desk-exists"),
        (NewDesk(name="Night\ndesk"), "usage.field-value"),
        (NewDesk(name="Night", zone="Mars/Olympus"), "usage.zone"),
        (NewDesk(name="Night", hours=("always",)), "usage.hours"),
        (NewDesk(name="Night", holidays=("Christmas",)), "usage.holiday"),
        (NewDesk(name="Night", languages=("English",)), "usage.field-value"),
        (NewDesk(name="Night", urgent_telephone="1" * 61), "usage.field-long"),
    ],
)
def test_what_cannot_be_a_desk_is_said_and_leaves_nothing(
    kenya: Settled, new: NewDesk, cause: str
) -> None:
    number = kenya.card.number

    with pytest.raises(Misused) as refused:
        open_desk(kenya.house, kenya.agency, new, [kenya.people["colleague"]])

    assert refused.value.cause == cause
    assert kenya.card.number == number


def test_a_desk_needs_members_who_are_its_agency_s_officers(kenya: Settled) -> None:
    for members, cause in (
        ([], "usage.field-missing"),
        ([OfficerId("a" * 26)], "usage.officer-unknown"),
        ([OfficerId(kenya.desk)], "usage.officer-unknown"),
    ):
        with pytest.raises(Misused) as refused:
            open_desk(kenya.house, kenya.agency, NewDesk(name="Night"), members)
        assert refused.value.cause == cause
    with pytest.raises(NotAdmitted):
        open_desk(kenya.house, AgencyId("a" * 26), NewDesk(name="Night"), [])


def test_a_desk_has_no_more_members_than_it_can_be_sealed_to(
    kenya: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "MEMBERS_MOST", 1)
    with pytest.raises(Misused) as refused:
        open_desk(
            kenya.house,
            kenya.agency,
            NewDesk(name="Night"),
            [kenya.people["colleague"], kenya.people["investigator"]],
        )
    assert refused.value.cause == "usage.field-many"


def test_one_name_is_one_desk_also_when_two_open_it_at_once(kenya: Settled) -> None:
    other = home.open_(kenya.house.home, ask_house=str, clock=kenya.house.clock)
    refused: list[str] = []

    def night(house: House) -> None:
        try:
            open_desk(house, kenya.agency, NewDesk(name="Night"), [kenya.people["colleague"]])
        except Misused as error:
            refused.append(error.cause)

    threads = [threading.Thread(target=night, args=(each,)) for each in (kenya.house, other)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert refused == ["usage.desk-exists"]
    assert [each.name for each in kenya.card.desks].count("Night") == 1
    home.close(other)


# Joining and leaving.


def test_a_joiner_reads_what_comes_later_and_nothing_before(kenya: Settled) -> None:
    before = to_desk(desk_of(kenya))
    supervisor = kenya.people["supervisor"]

    entry = change_members(kenya.house, kenya.unlocked(), kenya.desk, join=[supervisor])

    joined = kenya.unlocked("supervisor")
    assert entry == desk_of(kenya)
    assert entry.epoch == 2
    assert decrypt(to_desk(entry), joined.identities) == b"to the desk"
    with pytest.raises(NotForUs):
        decrypt(before, joined.identities)
    signs_for(kenya, joined)


def test_who_stays_reads_both_epochs_with_the_certificate_he_had(kenya: Settled) -> None:
    before = to_desk(desk_of(kenya))
    session = kenya.unlocked()

    entry = change_members(kenya.house, session, kenya.desk, join=[kenya.people["supervisor"]])

    stayed = kenya.unlocked()
    assert stayed.certificate == session.certificate
    for sealed in (before, to_desk(entry)):
        assert decrypt(sealed, stayed.identities) == b"to the desk"
    assert len([e for e in kenya.card.officers if e.id == stayed.entry.id]) == 1


def test_a_leaver_gets_nothing_later_and_signs_for_the_desk_no_more(kenya: Settled) -> None:
    session = kenya.unlocked("colleague")
    signs_for(kenya, session)

    entry = change_members(
        kenya.house, kenya.unlocked(), kenya.desk, leave=[kenya.people["colleague"]]
    )

    left = kenya.unlocked("colleague")
    assert kenya.desk not in left.desks
    for keys_of in (session, left):
        with pytest.raises(NotForUs):
            decrypt(to_desk(entry), keys_of.identities)
    with pytest.raises(Stale):
        signs_for(kenya, session)
    assert kenya.card.members(kenya.desk) == (kenya.people["investigator"],)
    with kenya.house.store.read() as reading:
        rows = keys.desk_members(reading, kenya.desk)
    assert {row.member for row in rows} == {kenya.people["investigator"]}


def test_nobody_joins_and_leaves_at_once_or_he_would_leave_with_the_new_key(
    kenya: Settled,
) -> None:
    leaver = kenya.people["colleague"]

    with pytest.raises(Misused) as raised:
        change_members(kenya.house, kenya.unlocked(), kenya.desk, join=[leaver], leave=[leaver])

    assert raised.value.cause == "usage.field-value"
    assert leaver in kenya.card.members(kenya.desk)


def test_who_was_no_member_has_nothing_to_leave(kenya: Settled) -> None:
    supervisor = kenya.people["supervisor"]
    before = kenya.card.readers[supervisor]

    change_members(kenya.house, kenya.unlocked(), kenya.desk, leave=[supervisor])

    assert kenya.card.readers[supervisor] == before
    assert kenya.unlocked("supervisor").entry == before


def test_who_left_a_desk_still_signs_for_himself(kenya: Settled) -> None:
    change_members(kenya.house, kenya.unlocked(), kenya.desk, leave=[kenya.people["colleague"]])

    left = kenya.unlocked("colleague")

    author = Author(agency=kenya.agency, officer=left.entry.id, certificate=left.certificate)
    assert author_at(kenya.card.history, author, kenya.house.now()) == left.entry


def test_a_leaver_may_come_back_and_leave_again(kenya: Settled) -> None:
    colleague = kenya.people["colleague"]
    house = replace(kenya.house, clock=lambda: datetime(2026, 11, 24, tzinfo=UTC))
    for _ in range(2):
        change_members(house, kenya.unlocked(), kenya.desk, leave=[colleague])
        assert kenya.desk not in kenya.unlocked("colleague").entry.desks

        change_members(house, kenya.unlocked(), kenya.desk, join=[colleague])
        signs_for(kenya, kenya.unlocked("colleague"))


def test_the_last_one_does_not_leave(kenya: Settled) -> None:
    with pytest.raises(Misused) as refused:
        change_members(
            kenya.house,
            kenya.unlocked("supervisor"),
            kenya.oversight,
            leave=[kenya.people["supervisor"]],
        )
    assert refused.value.cause == "usage.field-missing"


def test_only_a_member_changes_a_desk(kenya: Settled) -> None:
    supervisor = kenya.unlocked("supervisor")

    with pytest.raises(NotCompetent) as refused:
        change_members(kenya.house, supervisor, kenya.desk, join=[supervisor.entry.id])
    assert refused.value.cause == "refused.not-competent.not-a-member"


def test_a_session_from_before_he_left_changes_nothing(kenya: Settled) -> None:
    session = kenya.unlocked("colleague")
    change_members(kenya.house, kenya.unlocked(), kenya.desk, leave=[session.entry.id])

    with pytest.raises(NotCompetent):
        change_members(kenya.house, session, kenya.desk, join=[session.entry.id])


def test_a_revoked_session_and_another_s_key_change_nothing(kenya: Settled) -> None:
    session = kenya.unlocked("colleague")
    forged = replace(session, signing=kenya.unlocked("supervisor").signing)
    with pytest.raises(NotCompetent):
        change_members(kenya.house, forged, kenya.desk)

    revoke(kenya.house, session.entry.id, reason="left")
    with pytest.raises(NotCompetent) as refused:
        change_members(kenya.house, session, kenya.desk)
    assert refused.value.cause == "refused.not-competent.certificate"


def test_a_desk_that_is_not_there_is_not_changed(kenya: Settled) -> None:
    for desk in (DeskId("a" * 26), DeskId(kenya.people["colleague"])):
        with pytest.raises(Misused) as refused:
            change_members(kenya.house, kenya.unlocked(), desk)
        assert refused.value.cause == "usage.desk-unknown"


def test_two_members_who_change_a_desk_at_once_both_have_their_way(kenya: Settled) -> None:
    other = home.open_(kenya.house.home, ask_house=str, clock=kenya.house.clock)
    new = enrol(kenya.house, kenya.agency, Person(name="New"), PASSPHRASE)
    supervisor = kenya.people["supervisor"]
    changes = (
        (kenya.house, kenya.unlocked(), [new.id]),
        (other, kenya.unlocked("colleague"), [supervisor]),
    )

    threads = [
        threading.Thread(
            target=lambda h, by, who: change_members(h, by, kenya.desk, join=who), args=each
        )
        for each in changes
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    entry = desk_of(kenya)
    assert entry.epoch == 3
    members = {new.id, supervisor, kenya.people["investigator"], kenya.people["colleague"]}
    assert set(kenya.card.members(kenya.desk)) == members
    for who in ("New", "supervisor KE", "investigator KE", "colleague KE"):
        unlocked = unlock(kenya.house, who, PASSPHRASE)
        assert decrypt(to_desk(entry), unlocked.identities) == b"to the desk"
    home.close(other)


# After a revocation.


def test_the_next_epoch_is_shut_to_an_officer_who_was_revoked(kenya: Settled) -> None:
    colleague = kenya.unlocked("colleague")
    revoke(kenya.house, colleague.entry.id, reason="left")

    entry = change_members(kenya.house, kenya.unlocked(), kenya.desk)

    with pytest.raises(NotForUs):
        decrypt(to_desk(entry), colleague.identities)


def test_a_desk_that_nobody_sits_at_is_taken_up_by_whoever_answers_for_it(kenya: Settled) -> None:
    administrator = enrol(
        kenya.house,
        kenya.agency,
        Person(name="Administrator", roles=(Role.ADMINISTRATOR,), abroad=False),
        PASSPHRASE,
    )
    new = enrol(kenya.house, kenya.agency, Person(name="New"), PASSPHRASE)
    for who in ("investigator", "colleague"):
        revoke(kenya.house, kenya.people[who], reason="left")
    with pytest.raises(NotCompetent):
        change_members(
            kenya.house, unlock(kenya.house, "New", PASSPHRASE), kenya.desk, join=[new.id]
        )

    by = unlock(kenya.house, "Administrator", PASSPHRASE)
    entry = change_members(kenya.house, by, kenya.desk, join=[new.id])

    assert kenya.card.members(kenya.desk) == (new.id,)
    assert administrator.id not in kenya.card.members(kenya.desk)
    opened = unlock(kenya.house, "New", PASSPHRASE)
    assert decrypt(to_desk(entry), opened.identities) == b"to the desk"
