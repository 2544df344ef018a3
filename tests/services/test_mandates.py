# SPDX-License-Identifier: Apache-2.0
"""A mandate says by which law, how far and until when; what it names must exist."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.services.settle import Settled

from comity.domain.ids import AgencyId, DeskId
from comity.domain.mandate import covers
from comity.domain.verdict import Allowed
from comity.errors import Misused, NotAdmitted
from comity.services.mandates import NewMandate, add_mandate
from comity.wire.soundness import check_entry, check_root

NEW = NewMandate(
    law="Wildlife Conservation and Management Act, 2013, s. 12",
    signed_by="Director General",
    kinds=("phone", "note"),
    countries=("vn", "ET"),
    purposes=("intelligence",),
    ends=datetime(2030, 1, 1, tzinfo=UTC),
)


def test_a_mandate_stands_in_the_roster_and_covers_what_it_names(kenya: Settled) -> None:
    entry = add_mandate(
        kenya.house, kenya.agency, replace(NEW, must_copy=(kenya.oversight, kenya.oversight))
    )

    assert entry in kenya.card.mandates
    assert (entry.countries, entry.must_copy) == (("VN", "ET"), (kenya.oversight,))
    covered = covers(
        [entry], kind="phone", country="VN", purpose="intelligence", at=kenya.house.now()
    )
    assert covered == Allowed(by=entry.id)


def test_what_is_certified_here_is_sound_to_peers(kenya: Settled) -> None:
    add_mandate(kenya.house, kenya.agency, replace(NEW, law="x" * 400))

    check_root(kenya.card.root)
    for each in kenya.card.current.values():
        check_entry(each)


def test_its_end_is_a_moment_and_not_a_local_hour(kenya: Settled) -> None:
    east = timezone(timedelta(hours=7))
    ends = datetime(2030, 1, 1, 7, 0, 0, 5, tzinfo=east)

    entry = add_mandate(kenya.house, kenya.agency, replace(NEW, ends=ends))

    assert entry.ends == datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"law": " "}, "usage.field-missing"),
        ({"signed_by": ""}, "usage.field-missing"),
        ({"law": "x" * 401}, "usage.field-long"),
        ({"kinds": ()}, "usage.field-missing"),
        ({"kinds": ("weather",)}, "usage.field-value"),
        ({"countries": ("Kenya",)}, "usage.field-value"),
        ({"countries": ()}, "usage.field-missing"),
        ({"purposes": ("curiosity",)}, "usage.field-value"),
        ({"purposes": ()}, "usage.field-missing"),
        ({"must_copy": (DeskId("a" * 26),)}, "usage.desk-unknown"),
        ({"ends": datetime(2020, 1, 1, tzinfo=UTC)}, "usage.mandate-ended"),
        ({"ends": datetime(2030, 1, 1)}, "usage.mandate-ended"),  # noqa: DTZ001 the point
    ],
)
def test_what_is_no_mandate_is_said_and_leaves_nothing(
    kenya: Settled, changed: dict[str, object], cause: str
) -> None:
    number = kenya.card.number

    with pytest.raises(Misused) as refused:
        add_mandate(kenya.house, kenya.agency, replace(NEW, **changed))  # type: ignore[arg-type] # odd on purpose

    assert refused.value.cause == cause
    assert kenya.card.number == number


def test_another_agency_s_mandate_is_not_ours_to_give(kenya: Settled) -> None:
    with pytest.raises(NotAdmitted):
        add_mandate(kenya.house, AgencyId("a" * 26), NEW)
