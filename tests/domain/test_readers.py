# SPDX-License-Identifier: Apache-2.0
"""Who will see this is shown before every send, and each of them is checked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.domain.scene import (
    AMINA,
    HAIPHONG,
    KENYA,
    LAN,
    MINH,
    OVERSIGHT,
    STRANGER,
    THREAD,
    VIETNAM,
)
from tests.domain.test_values import DESK, OFFICER
from tests.strategies import END, NOW

from comity.domain.docket import DocketStage
from comity.domain.ids import AgencyId, CertificateHash, DeskId, OfficerId, digest
from comity.domain.policy import Exclusion
from comity.domain.readers import (
    Age,
    Intent,
    Invited,
    WillSee,
    age_of,
    check_age,
    check_readers,
    will_see,
)
from comity.domain.roster import AgencyType, DeskEntry, Entry, OfficerEntry, RevocationEntry
from comity.domain.statement import Reader, ReaderKind, Why
from comity.errors import Excluded, NeedsReason, NotCompetent, Refused

BEGAN = NOW - timedelta(days=10)
HISTORIES: dict[AgencyId, dict[CertificateHash, Entry]] = {KENYA: {}, VIETNAM: {}, STRANGER: {}}


def officer(agency: AgencyId, id: OfficerId, why: Why, **more: object) -> Invited:  # noqa: A002  # the entry's own field
    entry = replace(OFFICER, agency=agency, id=id, begins=BEGAN, ends=END)
    return invited(entry, why, **more)


def desk(agency: AgencyId, id: str, why: Why, **more: object) -> Invited:  # noqa: A002  # the entry's own field
    entry = replace(DESK, agency=agency, id=DeskId(id), begins=BEGAN, ends=END)
    return invited(entry, why, **more)


def invited(entry: OfficerEntry | DeskEntry, why: Why, **more: object) -> Invited:
    certificate = CertificateHash(digest(f"{entry.agency} {entry.id}".encode()))
    HISTORIES[entry.agency][certificate] = entry
    made = Invited(type=AgencyType.AGENCY, entry=entry, certificate=certificate, why=why)
    return replace(made, **more)  # type: ignore[arg-type]  # fields by their names


AUTHOR = officer(KENYA, AMINA, Why.AUTHOR)
TO = desk(VIETNAM, HAIPHONG, Why.ADDRESSED, members=(LAN, MINH), others=2)
COPY = desk(KENYA, OVERSIGHT, Why.OVERSIGHT)
ASKS = Intent(thread=THREAD, stage=DocketStage.ASKED, at=NOW)


def check(*who: Invited, intent: Intent = ASKS, exclusions: tuple[Exclusion, ...] = ()) -> None:
    check_readers(who, intent, histories=HISTORIES, exclusions=exclusions)


def test_everybody_who_will_see_it_is_shown_once_with_the_reason() -> None:
    shown = will_see([COPY, TO, replace(COPY, why=Why.MUST_COPY), AUTHOR])

    assert shown == (
        WillSee(
            agency=KENYA,
            id=AMINA,
            display="officer 17",
            kind=ReaderKind.OFFICER,
            why=Why.AUTHOR,
            members=0,
        ),
        WillSee(
            agency=VIETNAM,
            id=HAIPHONG,
            display="Port desk",
            kind=ReaderKind.DESK,
            why=Why.ADDRESSED,
            members=4,
        ),
        WillSee(
            agency=KENYA,
            id=OVERSIGHT,
            display="Port desk",
            kind=ReaderKind.DESK,
            why=Why.OVERSIGHT,
            members=0,
        ),
    )


def test_a_person_is_shown_by_name_where_his_agency_says_it() -> None:
    named = replace(AUTHOR, entry=replace(AUTHOR.entry, name="Amina"))

    assert [each.display for each in will_see([named])] == ["Amina"]


def test_whoever_is_invited_becomes_a_reader_at_his_present_epoch() -> None:
    assert TO.reader == Reader(
        agency=VIETNAM, id=HAIPHONG, kind=ReaderKind.DESK, epoch=1, why=Why.ADDRESSED
    )


def test_readers_in_good_standing_pass() -> None:
    check(AUTHOR, TO, COPY)


def test_a_reader_whom_no_roster_knows_is_refused() -> None:
    unknown = replace(TO, certificate=CertificateHash(digest(b"made up")))

    with pytest.raises(Refused) as refused:
        check(AUTHOR, unknown)

    assert refused.value.cause == "refused.reader-unknown"


def test_a_reader_of_an_agency_that_we_do_not_know_is_refused() -> None:
    with pytest.raises(Refused, match="reader-unknown"):
        check_readers([TO], ASKS, histories={})


def test_a_reader_out_of_his_time_is_refused() -> None:
    with pytest.raises(Refused, match="reader-expired"):
        check(AUTHOR, TO, intent=replace(ASKS, at=NOW + timedelta(days=9999)))


def test_a_revoked_reader_is_refused() -> None:
    word = RevocationEntry(
        agency=VIETNAM,
        certificate=TO.certificate,
        at=BEGAN,
        compromised_since="",
        reason="lost",
    )
    histories = {
        **HISTORIES,
        VIETNAM: {**HISTORIES[VIETNAM], CertificateHash(digest(b"word")): word},
    }

    with pytest.raises(Refused, match="reader-revoked"):
        check_readers([AUTHOR, TO], ASKS, histories=histories)


@pytest.mark.parametrize("who", [HAIPHONG, MINH])
def test_an_excluded_reader_is_refused_without_saying_who(who: str) -> None:
    exclusion = Exclusion(thread=THREAD, readers=frozenset([who]))

    with pytest.raises(Excluded) as refused:
        check(AUTHOR, TO, exclusions=(exclusion,))

    assert refused.value.values == {}


@pytest.mark.parametrize(
    ("kind", "why", "stage", "coercive", "cause"),
    [
        (AgencyType.BODY, Why.ADDRESSED, DocketStage.ASKED, False, "body-reads-no-request"),
        (AgencyType.BODY, Why.OVERSIGHT, DocketStage.ANSWERED, False, "body-reads-no-request"),
        (AgencyType.NGO, Why.OVERSIGHT, DocketStage.ASKED, False, "ngo-not-a-party"),
        (AgencyType.NGO, Why.OVERSIGHT, DocketStage.TOLD, False, "ngo-not-a-party"),
        (AgencyType.NGO, Why.AUTHOR, DocketStage.ASKED, False, "ngo-asks-nothing"),
        (AgencyType.NGO, Why.ADDRESSED, DocketStage.ASKED, True, "nothing-coercive"),
        (AgencyType.BODY, Why.ADDRESSED, DocketStage.TOLD, True, "nothing-coercive"),
    ],
)
def test_between_states_no_ngo_and_no_body_reads(
    kind: AgencyType,
    why: Why,
    stage: DocketStage,
    coercive: bool,  # noqa: FBT001  # a column of the table
    cause: str,
) -> None:
    outsider = desk(STRANGER, HAIPHONG, why, type=kind)
    intent = replace(ASKS, stage=stage, coercive=coercive)

    with pytest.raises(NotCompetent) as refused:
        check(AUTHOR, TO, outsider, intent=intent)

    assert refused.value.cause == f"refused.not-competent.{cause}"


@pytest.mark.parametrize(
    ("kind", "why", "stage"),
    [
        (AgencyType.NGO, Why.ADDRESSED, DocketStage.ASKED),
        (AgencyType.NGO, Why.AUTHOR, DocketStage.TOLD),
        (AgencyType.NGO, Why.AUTHOR, DocketStage.REFUSED),
        (AgencyType.BODY, Why.ADDRESSED, DocketStage.TOLD),
        (AgencyType.CENTRAL_AUTHORITY, Why.OVERSIGHT, DocketStage.ASKED),
    ],
)
def test_an_ngo_may_be_asked_and_may_tell(kind: AgencyType, why: Why, stage: DocketStage) -> None:
    check(TO, desk(STRANGER, OVERSIGHT, why, type=kind), intent=replace(ASKS, stage=stage))


@pytest.mark.parametrize(
    ("days", "age"),
    [(-1, Age.FRESH), (7, Age.FRESH), (8, Age.WARN), (30, Age.WARN), (31, Age.REASON)],
)
def test_an_old_roster_warns_and_a_very_old_one_needs_a_reason(days: int, age: Age) -> None:
    now = NOW + timedelta(days=days)

    assert age_of(NOW, now) is age
    assert check_age(NOW, now, reason="no link since the storm") is age


def test_sealing_to_a_roster_over_thirty_days_old_without_a_reason_is_refused() -> None:
    with pytest.raises(NeedsReason) as refused:
        check_age(NOW, NOW + timedelta(days=45), reason=" ")

    assert refused.value.values == {"days": 45}
