# SPDX-License-Identifier: Apache-2.0
"""Passing on: refused by the program, one tap asks, consent comes, and it goes once."""

import time
from collections.abc import Iterator

import pytest
from tests.web.acts import asked, fill, hidden, officer, send
from tests.web.desk import words
from tests.world import World, WorldNode

from comity.domain.consent import Consent
from comity.domain.statement import Outcome
from comity.services.answer import Reply


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose own clock is nine hours ahead."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


def answered(three: World) -> str:
    """Let Viet Nam answer what Kenya asked; return the thread."""
    thread = asked(three)
    three["vn"].seat().answer(thread, Reply(outcome=Outcome.PARTLY, text="A registered company."))
    three.sync()
    return thread


def ethiopia(three: World) -> str:
    return three["et"].settled.desk


def lines(node: WorldNode) -> int:
    return sum(each.is_note for each in node.inbox())


def test_one_tap_asks_for_the_consent_that_passing_on_needs(three: World) -> None:
    thread, amina = answered(three), officer(three["ke"])
    path = f"/t/{thread}/pass-on"

    refused = fill(amina, path, to=ethiopia(three), ref="CUS/44")
    sent = amina.post(f"/t/{thread}/ask-consent", **hidden(refused), sure="1")
    three.sync()
    minh = officer(three["vn"])
    waits = words(minh.get("/today"))
    asks = words(minh.get(f"/t/{thread}/consent"))
    send(minh, f"/t/{thread}/consent", word="yes")
    three.sync()
    review = fill(amina, path, to=ethiopia(three), ref="CUS/44")
    passed = [amina.post(path, **hidden(review), sure="1") for _ in range(2)]
    three.sync()

    assert "decides whether it goes further" in words(refused)
    assert "Who will see this" in words(refused)
    assert "Customs, Hai Phong" in words(refused)
    assert sent.headers["Location"].endswith("did=consent-asked")
    assert "consent asked" in waits
    assert "Wildlife authority, Addis Ababa" in asks
    assert {each.headers["Location"] for each in passed} == {passed[0].headers["Location"]}
    assert lines(three["et"]) == 1
    note = three["et"].inbox()[0]
    shown = words(officer(three["et"]).get(f"/t/{note.thread}"))
    assert "A registered company." in shown
    assert "told this first" in shown


@pytest.mark.usefixtures("in_tokyo")
def test_consent_ends_by_the_clock_of_the_desk_wherever_its_server_stands(three: World) -> None:
    thread, amina, vietnam = answered(three), officer(three["ke"]), three["vn"]
    refused = fill(amina, f"/t/{thread}/pass-on", to=ethiopia(three), ref="CUS/44")
    amina.post(f"/t/{thread}/ask-consent", **hidden(refused), sure="1")
    three.sync()

    send(officer(vietnam), f"/t/{thread}/consent", word="yes", until="2026-12-01T12:00")
    bodies = [each.body for each in vietnam.seat().thread(thread).thread.acts]

    assert [each.until for each in bodies if isinstance(each, Consent)] == ["2026-12-01T12:00:00Z"]


def test_a_no_is_a_no(three: World) -> None:
    thread, amina = answered(three), officer(three["ke"])
    refused = fill(amina, f"/t/{thread}/pass-on", to=ethiopia(three), ref="CUS/44")
    amina.post(f"/t/{thread}/ask-consent", **hidden(refused), sure="1")
    three.sync()

    send(officer(three["vn"]), f"/t/{thread}/consent", word="no", text="Not while our case runs")
    three.sync()
    tried = fill(amina, f"/t/{thread}/pass-on", to=ethiopia(three), ref="CUS/44")

    assert tried.status_code == 409
    assert "has said no" in words(tried)
    assert lines(three["et"]) == 0


def test_leave_for_court_is_asked_on_a_page_of_its_own(three: World) -> None:
    thread, amina = answered(three), officer(three["ke"])

    sent = send(amina, f"/t/{thread}/ask-consent", use="court", reason="The trial begins")
    three.sync()

    assert sent.status_code == 303
    assert "use it in court" in words(officer(three["vn"]).get(f"/t/{thread}/consent"))


def test_an_id_that_is_none_opens_no_thread(three: World) -> None:
    thread, amina = answered(three), officer(three["ke"])

    tried = amina.post(
        f"/t/{thread}/pass-on", to=ethiopia(three), ref="CUS/44", id="../x", sure="1"
    )

    assert tried.status_code == 422
