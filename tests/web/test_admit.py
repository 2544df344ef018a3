# SPDX-License-Identifier: Apache-2.0
"""An agency is admitted on a page: two decide, why is written down, and nobody else may."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.services.settle import ADMISSION
from tests.templates import copy_of
from tests.web.desk import Visitor, application, words
from tests.world import World, WorldNode

from comity.errors import Misused, NotCompetent
from comity.services import admit
from comity.services.address_book import read_book
from comity.services.admit import admission_of
from comity.services.invite import invite
from comity.services.office import Office
from comity.web.forms import Upload

PLACE = "/people/admit"


@pytest.fixture
def world(two_strangers: World, tmp_path: Path) -> Iterator[World]:
    """Viet Nam and Ethiopia do not know each other."""
    yield from copy_of(two_strangers, tmp_path)


@pytest.fixture
def head(world: World) -> Visitor:
    return Visitor.signed_in(application(world["vn"]), "supervisor VN")


def _told(world: World, **other: Any) -> dict[str, Any]:
    ethiopia, vietnam = world["et"], world["vn"]
    return {
        "invitation": invite(ethiopia.house, ethiopia.agency),
        "nominated-by": "Ministry of Justice",
        "letter": "MJ/2026/9",
        "called": "+251 11 000 0000",
        "number-from": "the embassy",
        "colleague": vietnam.settled.people["colleague"],
        "review": "2027-11-24",
        **{name.replace("_", "-"): each for name, each in other.items()},
    }


def _known(node: WorldNode, other: WorldNode) -> bool:
    return other.agency in read_book(node.house).cards


def test_two_admit_an_agency_and_compare_its_key_next(world: World, head: Visitor) -> None:
    vietnam, ethiopia = world["vn"], world["et"]

    listed = head.get("/people").text
    done = head.post(PLACE, **_told(world))
    shown = words(head.get(done.headers["Location"]))

    assert f'href="{PLACE}"' in listed
    assert done.status_code == 303
    told = admission_of(vietnam.house, ethiopia.agency)
    assert told is not None
    assert told.decided_by == ("supervisor VN", "colleague VN")
    assert (told.nominated_by, told.number_from) == ("Ministry of Justice", "the embassy")
    assert "Compare by voice" in shown
    assert admit.fingerprint(ethiopia.card) in shown
    assert not read_book(vietnam.house).agency(ethiopia.agency).checked_at


@pytest.mark.parametrize("before", [0, 300_000])
def test_the_invitation_may_come_as_a_file_with_a_mail_around_it(
    world: World, head: Visitor, before: int
) -> None:
    told = _told(world)
    mail = b"> see below\r\n" + b"." * before + told["invitation"].encode()
    file = (io.BytesIO(mail), "invitation.txt")

    done = head.post(PLACE, **{**told, "invitation": "", "file": file})

    assert done.status_code == 303
    assert _known(world["vn"], world["et"])


def test_an_investigator_who_posts_admits_nobody(world: World) -> None:
    officer = Visitor.signed_in(application(world["vn"]), "investigator VN")

    answers = [officer.get(PLACE), officer.post(PLACE, **_told(world))]

    assert {each.status_code for each in answers} == {409}
    assert PLACE not in officer.get("/people").text
    assert not _known(world["vn"], world["et"])


def test_a_form_of_another_site_admits_nobody(world: World, head: Visitor) -> None:
    answer = head.post(PLACE, headers={"Sec-Fetch-Site": "cross-site"}, **_told(world))

    assert answer.status_code == 409
    assert not _known(world["vn"], world["et"])


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("invitation", ""),
        ("invitation", "no invitation at all"),
        ("nominated-by", ""),
        ("letter", ""),
        ("called", ""),
        ("number-from", " "),
        ("colleague", ""),
        ("review", ""),
        ("review", "soon"),
        ("review", "2020-01-01"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    world: World, head: Visitor, field: str, typed: str
) -> None:
    answer = head.post(PLACE, **{**_told(world), field: typed, "remark": "x"})

    assert answer.status_code in {409, 422}
    assert f'id="{field}-wrong"' in answer.text
    assert field == "called" or "+251 11 000 0000" in answer.text
    assert not _known(world["vn"], world["et"])


def test_a_cut_or_changed_invitation_admits_nobody(world: World, head: Visitor) -> None:
    whole = _told(world)["invitation"]
    middle = len(whole) // 2
    changed = whole[:middle] + ("A" if whole[middle] != "A" else "B") + whole[middle + 1 :]

    answers = [head.post(PLACE, **_told(world, invitation=e)) for e in (whole[:middle], changed)]

    assert all('id="invitation-wrong"' in each.text for each in answers)
    assert not _known(world["vn"], world["et"])


def test_nobody_decides_with_himself_or_in_two_others_names(world: World, head: Visitor) -> None:
    vietnam, ethiopia = world["vn"], world["et"]
    alone = head.post(PLACE, **_told(world, colleague=vietnam.settled.people["supervisor"]))
    text = invite(ethiopia.house, ethiopia.agency)

    with pytest.raises(NotCompetent):
        Office.of(vietnam.seat("supervisor")).admit(text, replace(ADMISSION, review="2027-11-24"))

    assert 'id="colleague-wrong"' in alone.text
    assert not _known(vietnam, ethiopia)


def test_ones_own_or_a_known_agency_is_not_admitted_again(world: World, head: Visitor) -> None:
    vietnam, kenya = world["vn"], world["ke"]

    own = head.post(PLACE, **_told(world, invitation=invite(vietnam.house, vietnam.agency)))
    known = head.post(PLACE, **_told(world, invitation=invite(kenya.house, kenya.agency)))

    assert (own.status_code, known.status_code) == (422, 409)
    assert all('id="invitation-wrong"' in each.text for each in (own, known))


def test_a_file_is_read_whole_or_refused_however_few_bytes_it_gives_at_once() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 3))

    def upload() -> Upload:
        return Upload(name="invitation.txt", media="text/plain", stream=Slow(b"0123456789"))

    assert upload().read(10) == b"0123456789"
    with pytest.raises(Misused):
        upload().read(9)
