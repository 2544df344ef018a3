# SPDX-License-Identifier: Apache-2.0
"""A revocation ends every certificate of a key, now or from when it was stolen."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.services.settle import Settled, inhabit

from comity.domain.ids import CertificateHash, Digest
from comity.domain.roster import NodeEntry, OfficerEntry
from comity.domain.statement import Author
from comity.domain.trust import author_at
from comity.errors import Locked, Misused, Refused, Stale
from comity.services.desks import NewDesk, change_members, open_desk
from comity.services.export import export
from comity.services.mandates import NewMandate, add_mandate
from comity.services.revoke import revoke


def certificates(kenya: Settled, who: str) -> list[CertificateHash]:
    return [
        named
        for named, each in kenya.card.history.items()
        if isinstance(each, OfficerEntry) and each.id == kenya.people[who]
    ]


def signed(kenya: Settled, certificate: CertificateHash, at: datetime) -> None:
    author = Author(
        agency=kenya.agency, officer=kenya.people["investigator"], certificate=certificate
    )
    author_at(kenya.card.history, author, at)


def test_who_left_signs_no_more_with_any_certificate_he_ever_had(kenya: Settled) -> None:
    before = kenya.house.now()
    had = certificates(kenya, "investigator")
    assert len(had) == 2  # one without a desk, one with

    revoked = revoke(kenya.house, kenya.people["investigator"], reason="left")

    for each in had:
        with pytest.raises(Stale):
            signed(kenya, each, kenya.house.now())
    signed(kenya, had[1], before)  # what he signed in his time stands
    assert {each.certificate for each in revoked.entries} == set(had)
    assert {each.reason for each in revoked.entries} == {"left"}
    assert revoked.desks == (kenya.desk,)
    assert kenya.people["investigator"] not in kenya.card.readers


def test_what_a_thief_signed_before_he_was_noticed_is_refused(kenya: Settled) -> None:
    named = certificates(kenya, "investigator")[1]
    stolen = kenya.house.now()
    signed(kenya, named, stolen + timedelta(seconds=1))

    revoked = revoke(
        kenya.house, kenya.people["investigator"], reason="stolen", compromised_since=stolen
    )

    assert {each.compromised_since for each in revoked.entries} == {
        stolen.strftime("%Y-%m-%dT%H:%M:%SZ")
    }
    with pytest.raises(Stale):
        signed(kenya, named, stolen)
    signed(kenya, named, stolen - timedelta(seconds=1))


def test_his_keys_are_destroyed_here(kenya: Settled) -> None:
    revoke(kenya.house, kenya.people["investigator"], reason="misuse")

    with pytest.raises(Misused):
        export(kenya.house, kenya.people["investigator"])
    with pytest.raises(Locked):
        kenya.unlocked()
    kenya.unlocked("colleague")


def test_one_of_his_certificates_means_him(kenya: Settled) -> None:
    first, second = certificates(kenya, "investigator")

    revoked = revoke(kenya.house, first, reason="lost")

    assert {each.certificate for each in revoked.entries} == {first, second}
    with pytest.raises(Locked):
        kenya.unlocked()


def test_it_may_turn_out_that_his_key_was_stolen_earlier(kenya: Settled) -> None:
    named = certificates(kenya, "investigator")[1]
    early = kenya.house.now()
    revoke(kenya.house, kenya.people["investigator"], reason="left")

    revoke(kenya.house, kenya.people["investigator"], reason="stolen", compromised_since=early)

    with pytest.raises(Stale):
        signed(kenya, named, early)


def test_who_is_revoked_already_is_not_revoked_again(kenya: Settled) -> None:
    early = kenya.house.now()
    officer = kenya.people["investigator"]
    revoke(kenya.house, officer, reason="stolen", compromised_since=early)
    number = kenya.card.number

    for since in (None, early, early + timedelta(seconds=1)):
        with pytest.raises(Refused) as refused:
            revoke(kenya.house, officer, reason="stolen", compromised_since=since)
        assert refused.value.cause == "refused.revoked-already"
    assert kenya.card.number == number


def test_only_desks_whose_newest_key_he_knows_need_another(kenya: Settled) -> None:
    closed = open_desk(
        kenya.house, kenya.agency, NewDesk(name="Night"), [kenya.people["colleague"]]
    )
    revoke(kenya.house, closed.id, reason="superseded")
    change_members(kenya.house, kenya.unlocked(), kenya.desk, leave=[kenya.people["colleague"]])

    assert revoke(kenya.house, kenya.people["colleague"], reason="left").desks == ()


def test_a_desk_is_closed_with_every_epoch_it_had(kenya: Settled) -> None:
    change_members(kenya.house, kenya.unlocked(), kenya.desk)

    revoked = revoke(kenya.house, kenya.desk, reason="superseded")

    assert len(revoked.entries) == 2
    assert revoked.desks == ()
    assert kenya.desk not in kenya.card.readers
    kenya.unlocked()
    open_desk(
        kenya.house,
        kenya.agency,
        NewDesk(name="Operations desk"),
        [kenya.people["investigator"]],
    )


def test_a_mandate_ends(kenya: Settled) -> None:
    entry = add_mandate(
        kenya.house,
        kenya.agency,
        NewMandate(law="Order 7", signed_by="Minister", ends=datetime(2030, 1, 1, tzinfo=UTC)),
    )

    revoke(kenya.house, entry.id, reason="superseded")

    assert entry not in kenya.card.mandates
    assert len(kenya.card.mandates) == 1


def test_an_agency_of_the_same_home_keeps_its_people(kenya: Settled, tmp_path: Path) -> None:
    ethiopia = inhabit(kenya.house, tmp_path, "ET")

    revoke(kenya.house, ethiopia.people["investigator"], reason="left")

    assert len(kenya.card.officers) == 3
    assert len(ethiopia.card.officers) == 2


def test_what_cannot_be_revoked_is_said(kenya: Settled) -> None:
    node = next(k for k, v in kenya.card.current.items() if isinstance(v, NodeEntry))
    officer = kenya.people["investigator"]
    soon = kenya.house.now() + timedelta(days=1)
    number = kenya.card.number

    for subject, reason, since, cause in (
        (officer, "bored", None, "usage.revocation-reason"),
        ("a" * 26, "left", None, "usage.certificate-unknown"),
        ("", "left", None, "usage.certificate-unknown"),
        (node, "left", None, "usage.certificate-unknown"),
        (Digest("0" * 64), "left", None, "usage.certificate-unknown"),
        (officer, "stolen", soon, "usage.compromised-since"),
        (officer, "stolen", datetime(2026, 1, 1), "usage.compromised-since"),  # noqa: DTZ001 the point
    ):
        with pytest.raises(Misused) as refused:
            revoke(kenya.house, subject, reason=reason, compromised_since=since)
        assert refused.value.cause == cause

    assert kenya.card.number == number
