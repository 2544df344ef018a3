# SPDX-License-Identifier: Apache-2.0
"""A statement is judged when it was seen, by a certificate that was good then."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.scene import AMINA, HAIPHONG, KENYA, PORT, STRANGER
from tests.domain.test_values import DESK, OFFICER
from tests.strategies import NOW, moments

from comity.domain.ids import CertificateHash, DeskId, OfficerId, digest
from comity.domain.roster import Entry, OfficerEntry, RevocationEntry
from comity.domain.statement import Author
from comity.domain.time import written
from comity.domain.trust import author_at, certificate_at, judged, revocations
from comity.errors import BadSignature, Stale, Untrusted

BEGINS, ENDS = NOW, NOW + timedelta(days=365)
HASH = CertificateHash(digest(b"amina"))
DESK_HASH = CertificateHash(digest(b"desk"))
ENTRY = replace(OFFICER, agency=KENYA, id=AMINA, desks=(DeskId(PORT),), begins=BEGINS, ends=ENDS)
STOLEN_AT = NOW + timedelta(days=20)
NOTICED_AT = NOW + timedelta(days=30)
HISTORY: dict[CertificateHash, Entry] = {HASH: ENTRY, DESK_HASH: replace(DESK, agency=KENYA)}
AUTHOR = Author(agency=KENYA, officer=AMINA, certificate=HASH)


def revoked(
    since: str = "", at: datetime = NOTICED_AT, agency: str = KENYA
) -> dict[CertificateHash, Entry]:
    word = RevocationEntry(
        agency=agency,  # type: ignore[arg-type]  # an id of the scene
        certificate=HASH,
        at=at,
        compromised_since=since,
        reason="stolen",
    )
    return {**HISTORY, CertificateHash(digest(f"{since} {at}".encode())): word}


@pytest.mark.parametrize(
    ("at", "cause"),
    [
        (BEGINS - timedelta(seconds=1), "untrusted.stale.not-yet"),
        (ENDS, "untrusted.stale.expired"),
    ],
)
def test_a_certificate_counts_from_its_beginning_to_its_end(at: datetime, cause: str) -> None:
    assert certificate_at(HISTORY, HASH, BEGINS) is ENTRY
    with pytest.raises(Stale) as refused:
        certificate_at(HISTORY, HASH, at)

    assert refused.value.cause == cause


def test_a_certificate_that_nobody_knows_is_refused() -> None:
    with pytest.raises(BadSignature, match="unknown"):
        certificate_at(HISTORY, CertificateHash(digest(b"other")), NOW)


def test_a_revocation_is_no_certificate() -> None:
    history = revoked()
    word = next(each for each, entry in history.items() if isinstance(entry, RevocationEntry))

    with pytest.raises(BadSignature, match="unknown"):
        certificate_at(history, word, NOW)


def test_what_was_judged_before_the_revocation_stays_good() -> None:
    history = revoked()

    assert certificate_at(history, HASH, NOTICED_AT - timedelta(seconds=1)) is ENTRY
    with pytest.raises(Stale, match="revoked"):
        certificate_at(history, HASH, NOTICED_AT)


def test_what_a_thief_signed_before_he_was_noticed_is_refused() -> None:
    history = revoked(written(STOLEN_AT))

    assert certificate_at(history, HASH, STOLEN_AT - timedelta(seconds=1)) is ENTRY
    with pytest.raises(Stale, match="revoked"):
        certificate_at(history, HASH, STOLEN_AT)


def test_a_theft_whose_time_cannot_be_read_ends_everything() -> None:
    with pytest.raises(Stale, match="revoked"):
        certificate_at(revoked("last summer"), HASH, BEGINS)


def test_compromised_later_than_revoked_lengthens_nothing() -> None:
    with pytest.raises(Stale, match="revoked"):
        certificate_at(revoked(written(ENDS)), HASH, NOTICED_AT)


def test_of_two_revocations_the_earlier_stands() -> None:
    history = revoked() | revoked(at=STOLEN_AT)

    assert revocations(history) == {HASH: STOLEN_AT}
    with pytest.raises(Stale, match="revoked"):
        certificate_at(history, HASH, STOLEN_AT, revoked=revocations(history))


def test_nobody_revokes_what_another_agency_certified() -> None:
    history = revoked(agency=STRANGER)

    assert revocations(history) == {}
    assert certificate_at(history, HASH, NOTICED_AT) is ENTRY


@given(moments, st.lists(moments, max_size=3))
def test_more_revocations_never_make_a_certificate_good(
    at: datetime, times: list[datetime]
) -> None:
    history = dict(HISTORY)
    good = []
    for time in [None, *times]:
        history |= revoked(at=time) if time else {}
        try:
            certificate_at(history, HASH, at)
            good.append(True)
        except Untrusted:
            good.append(False)

    assert good == sorted(good, reverse=True)


def test_an_author_signs_with_his_own_certificate_for_his_own_desk() -> None:
    found: OfficerEntry = author_at(HISTORY, replace(AUTHOR, desk=PORT), NOW)

    assert found is ENTRY


@pytest.mark.parametrize(
    ("author", "why"),
    [
        (replace(AUTHOR, certificate=DESK_HASH), "not-an-officer"),
        (replace(AUTHOR, agency=STRANGER), "not-his"),
        (replace(AUTHOR, officer=OfficerId(HAIPHONG)), "not-his"),
        (replace(AUTHOR, desk=HAIPHONG), "not-his-desk"),
    ],
)
def test_an_author_who_uses_what_is_not_his_is_refused(author: Author, why: str) -> None:
    with pytest.raises(BadSignature) as refused:
        author_at(HISTORY, author, NOW)

    assert refused.value.cause == f"untrusted.signature.{why}"


def test_the_earliest_cosignature_judges_and_until_then_our_own_receipt() -> None:
    assert judged(NOW).provisional
    assert judged(NOW).at == NOW
    assert judged(NOW, [ENDS, BEGINS]).at == BEGINS
    assert not judged(NOW, [ENDS]).provisional
