# SPDX-License-Identifier: Apache-2.0
"""Proof, USB, before you act, sources, help: the quiet places, and what junk does to them."""

import io
import re

import pytest
from flask import Flask
from tests.web.desk import Visitor, application, words
from tests.world import World, question

from comity.services.postman import use
from comity.services.sources import add_source
from comity.web.help import TASKS


def _file(content: bytes, name: str = "file") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def _asked(world: World) -> str:
    done = world["ke"].seat().ask(question("VN"))
    world.hours.pass_(minutes=2)
    return done.thread


def test_the_proof_of_a_thread_is_handed_out_and_holds_on_another_desk(
    world: World, officer: Visitor
) -> None:
    thread = _asked(world)
    world.sync()
    short = world["ke"].seat().thread(thread).thread.short
    there = Visitor.signed_in(application(world["vn"]), "investigator VN")

    made = officer.post("/proof/make", thread=short)
    checked = there.post("/proof/check", file=_file(made.data))

    assert "attachment" in made.headers["Content-Disposition"]
    assert b"84900000000" not in made.data
    assert "The proof holds." in words(checked)
    assert "Customs, Mombasa" in words(checked)
    assert "checked here" in words(checked)


def test_nobody_proves_a_thread_that_is_not_his(world: World) -> None:
    thread = _asked(world)
    world.sync()
    colleague = Visitor.signed_in(application(world["vn"]), "supervisor VN")

    answer = colleague.post("/proof/make", thread=thread)

    assert answer.status_code in {409, 422}


@pytest.mark.parametrize("junk", [b"", b"{}", b"{}\n", b"\xff\xfe" * 50, b"[" * 2000 + b"\n"])
def test_junk_proves_nothing(officer: Visitor, junk: bytes) -> None:
    answer = officer.post("/proof/check", file=_file(junk))

    assert answer.status_code in {409, 422}
    assert "The proof holds." not in answer.text


def test_a_changed_proof_does_not_hold(world: World, officer: Visitor) -> None:
    thread = _asked(world)
    world.sync()
    made = officer.post("/proof/make", thread=thread)

    at = len(made.data) // 2
    other = b"A" if made.data[at : at + 1] != b"A" else b"B"

    changed = officer.post("/proof/check", file=_file(made.data[:at] + other + made.data[at + 1 :]))

    assert changed.status_code == 409
    assert "The proof holds." not in changed.text


def test_the_record_says_who_vouches_for_it(world: World, officer: Visitor) -> None:
    _asked(world)
    world.sync()

    told = words(officer.get("/proof"))

    assert "Customs, Hai Phong vouches for its first" in told
    assert "Others vouch for its first" in told


def test_a_file_out_is_taken_in_elsewhere_and_answered(world: World, officer: Visitor) -> None:
    _asked(world)
    kenya, vietnam = world["ke"], world["vn"]
    there = Visitor.signed_in(application(vietnam), "investigator VN")

    out = officer.post("/usb/out", agency=vietnam.agency)
    came = there.post("/usb/in", file=_file(out.data))
    back = there.post("/usb/out", agency=kenya.agency)
    done = officer.post("/usb/in", file=_file(back.data))
    again = there.post("/usb/in", file=_file(out.data))

    assert b"84900000000" not in out.data
    assert "1 new message" in words(came)
    assert "1 that had come before" in words(again)
    assert "new receipt" in words(done)
    assert len(vietnam.inbox()) == 1


def test_where_nothing_waits_no_file_is_written(world: World, officer: Visitor) -> None:
    world.sync()

    own = officer.post("/usb/out", agency=world["ke"].agency)
    nobody = officer.post("/usb/out", agency="nobody")

    assert (own.status_code, nobody.status_code) == (422, 422)


@pytest.mark.parametrize("junk", [b"", b"age-encryption.org/v1\n", b"\x00" * 4096])
def test_junk_by_usb_is_refused_in_words(officer: Visitor, junk: bytes) -> None:
    answer = officer.post("/usb/in", file=_file(junk))

    assert answer.status_code in {409, 422}
    assert "no file that one server wrote for another" in words(answer)
    assert officer.post("/usb/in").status_code == 422


def test_a_cut_file_is_taken_in_as_far_as_it_is_whole(world: World, officer: Visitor) -> None:
    _asked(world)
    out = officer.post("/usb/out", agency=world["vn"].agency)
    there = Visitor.signed_in(application(world["vn"]), "investigator VN")

    cut = there.post("/usb/in", file=_file(out.data[:-10]))

    assert cut.status_code == 200
    assert 'class="notice late"' in cut.text


def test_what_others_keep_is_fetched_at_once(world: World, officer: Visitor) -> None:
    use(world["ke"].house, world["vn"].agency)

    before = words(officer.get("/usb"))
    fetched = words(officer.post("/usb/fetch"))

    assert "not visited yet" in before
    assert "could not be reached" in fetched


def test_before_acting_the_law_is_looked_up_and_a_lawyer_recorded(officer: Visitor) -> None:
    found = officer.post("/before", dealing="hold", matter="phone", country="KE")
    recorded = officer.post(
        "/before/record",
        dealing="hold",
        matter="phone",
        country="KE",
        answer="conditions",
        lawyer="J. Achieng, advocate",
        text="Only while a report is prepared.",
    )

    assert found.status_code == 200
    assert "J. Achieng, advocate answered on" in words(recorded)
    assert "Only while a report is prepared." in words(
        officer.post("/before", dealing="hold", matter="phone", country="KE")
    )


@pytest.mark.parametrize(
    "form",
    [
        ("hold", "phone", "QQ"),
        ("sell", "phone", "KE"),
        ("hold", "everything", "KE"),
        ("", "", ""),
    ],
)
def test_no_law_is_looked_up_for_nonsense(officer: Visitor, form: tuple[str, str, str]) -> None:
    dealing, matter, country = form

    answer = officer.post("/before", dealing=dealing, matter=matter, country=country)
    recorded = officer.post(
        "/before/record",
        dealing=dealing,
        matter=matter,
        country=country,
        answer="unknown",
        lawyer="x",
    )

    assert (answer.status_code, recorded.status_code) == (422, 422)


def test_a_source_is_a_number_and_a_name_on_one_page_alone(
    app: Flask, world: World, officer: Visitor
) -> None:
    kept = officer.post("/sources", name="Juma Invented", contact="+254 700 000 123")
    found = re.search(r"S-[0-9]{4}", kept.text)
    assert found is not None
    number = found[0]
    listed = officer.get("/sources")
    shown = officer.post("/sources/show", number=number)
    colleague = Visitor.signed_in(app, "colleague KE")

    assert number in listed.text
    assert "Juma Invented" not in listed.text
    assert "Juma Invented" in shown.text
    assert number not in colleague.get("/sources").text
    assert colleague.post("/sources/show", number=number).status_code == 422
    assert colleague.post("/sources/remove", number=number, again=number).status_code == 422
    assert "Juma" not in kept.text


def test_a_source_is_removed_by_whoever_types_the_number_twice(
    world: World, officer: Visitor
) -> None:
    number = add_source(world["ke"].seat().unlocked, world["ke"].house, name="Juma Invented")

    slip = officer.post("/sources/remove", number=number, again="S-0000")
    done = officer.post("/sources/remove", number=number, again=number)

    assert (slip.status_code, done.status_code) == (422, 303)
    assert number not in officer.get("/sources").text


@pytest.mark.parametrize("task", TASKS)
def test_each_task_has_a_short_page(officer: Visitor, task: str) -> None:
    page = officer.get(f"/help/{task}")

    assert page.status_code == 200
    assert len(words(page).split()) < 250


def test_there_is_no_help_for_what_nobody_does(officer: Visitor) -> None:
    assert officer.get("/help").status_code == 200
    assert officer.get("/help/nothing").status_code == 422


@pytest.mark.parametrize(
    "place", ["/more", "/people", "/agency", "/proof", "/usb", "/before", "/sources", "/help"]
)
def test_whoever_is_not_signed_in_sees_none_of_it(app: Flask, place: str) -> None:
    stranger = Visitor.at(app)

    assert stranger.get(place).headers["Location"] == "/"
    assert stranger.post(f"{place}/x").status_code in {303, 404, 405}
