# SPDX-License-Identifier: Apache-2.0
"""A thread on pages: take it, ask back, answer; each act is shown before it leaves, and sent once."""

import re
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest
from tests.web.acts import VIETNAM, asked, fill, hidden, officer, send
from tests.web.desk import words
from tests.world import World, WorldNode, question

from comity.domain.statement import Answer
from comity.services.oversight import change_policy


def answers(node: WorldNode, thread: str) -> int:
    acts = node.seat().thread(thread, receipt=False).thread.acts
    return sum(isinstance(each.body, Answer) for each in acts)


def test_an_officer_takes_a_thread_and_answers_it(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"])

    taken = minh.post(f"/t/{thread}/take")
    shown = minh.get(taken.headers["Location"])
    review = fill(
        minh,
        f"/t/{thread}/answer",
        outcome="partly",
        text="Một công ty đã đăng ký.",
        language="vi",
        judicial="no",
        **{"f-operator": "Viettel"},
    )
    sent = minh.post(f"/t/{thread}/answer", **hidden(review), sure="1")
    world.sync()

    assert "You have" in words(shown)
    assert "Who will see this" in words(review)
    assert "Customs, Mombasa" in words(review)
    assert sent.headers["Location"] == f"/t/{thread}?did=answered"
    kenya = world["ke"].seat().thread(thread).thread
    assert kenya.handling.judicial == "no"
    page = words(officer(world["ke"]).get(f"/t/{thread}"))
    assert "Viettel" in page
    assert "Vietnamese" in page


def test_nothing_is_sent_before_it_was_shown_who_will_see_it(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"])

    fill(minh, f"/t/{thread}/answer", outcome="nothing-known")

    assert answers(world["vn"], thread) == 0


def test_an_impatient_thumb_answers_once(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"])
    review = fill(minh, f"/t/{thread}/answer", outcome="nothing-known")

    first = minh.post(f"/t/{thread}/answer", **hidden(review), sure="1")
    second = minh.post(f"/t/{thread}/answer", **hidden(review), sure="1")

    assert first.headers["Location"] == second.headers["Location"]
    assert answers(world["vn"], thread) == 1


def test_who_fills_in_an_old_form_is_told_what_a_colleague_did(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"])
    form = hidden(minh.get(f"/t/{thread}/answer"))
    world["vn"].seat("colleague").take(thread)

    refused = minh.post(f"/t/{thread}/answer", **form, outcome="nothing-known", text="Nichts.")

    assert refused.status_code == 409
    assert "acted on this thread meanwhile" in words(refused)
    assert "Nichts." in refused.text
    assert answers(world["vn"], thread) == 0


def test_what_is_missing_stands_beside_its_field_with_what_was_typed(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"], language="vi")

    refused = fill(minh, f"/t/{thread}/answer", outcome="refused", text="Còn giữ")

    assert refused.status_code == 422
    assert 'id="ground-wrong"' in refused.text
    assert "Còn giữ" in refused.text


def test_who_takes_what_a_colleague_has_is_asked_first(world: World) -> None:
    thread, lan = asked(world), officer(world["vn"], "colleague")
    world["vn"].seat().take(thread)
    world.hours.pass_(minutes=1)

    first = lan.post(f"/t/{thread}/take")
    world.hours.pass_(seconds=5)
    then = lan.post(f"/t/{thread}/take", **hidden(first))

    assert "has it, since" in words(first)
    assert then.status_code == 303
    holder = world["vn"].seat().thread(thread).thread.holder_in(world["vn"].agency)
    assert holder is not None
    assert holder.id == world["vn"].settled.people["colleague"]


def test_what_is_asked_back_is_read_and_given_in_each_ones_own_language(world: World) -> None:
    thread = asked(world)
    minh, amina = officer(world["vn"], language="vi"), officer(world["ke"], language="fr")

    send(minh, f"/t/{thread}/ask-back", reasons="period", language="vi")
    world.sync()
    page = words(amina.get(f"/t/{thread}/answer"))
    given = send(
        amina, f"/t/{thread}/answer", outcome="information", **{"f-period": "2026-11-01/2026-11-20"}
    )
    world.sync()

    assert "période" in page.lower()
    assert given.status_code == 303
    stage = world["vn"].seat().thread(thread).thread.stage
    assert stage == "supplied"


def test_who_cannot_read_a_question_says_so_and_the_clock_runs_on(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"])
    due = world["vn"].seat().thread(thread).thread.due

    send(minh, f"/t/{thread}/cannot-read", languages="vi")
    world.sync()

    kenya = world["ke"].seat().thread(thread).thread
    assert kenya.stage == "cannot-read"
    assert world["vn"].seat().thread(thread).thread.due == due
    assert "Tiếng Việt" in words(officer(world["ke"]).get(f"/t/{thread}"))


@pytest.mark.parametrize("verb", ["answer", "ask-back", "acknowledge", "hand-over", "export"])
def test_another_desks_thread_is_not_there(world: World, verb: str) -> None:
    thread, stranger = asked(world), officer(world["vn"], "supervisor")

    assert stranger.get(f"/t/{'a' * 26}/{verb}").status_code == 422
    assert stranger.get(f"/t/{thread}/{verb}").status_code == 422
    assert stranger.post(f"/t/{thread}/{verb}", outcome="nothing-known", to="x").status_code == 422


def test_a_refusal_on_a_page_says_what_to_do_there_and_names_no_command(world: World) -> None:
    told = words(officer(world["ke"]).get("/t/2222222222222222"))

    assert (
        "There is no such thread for you. Look at Today: what waits for you stands there." in told
    )
    assert "comity" not in told


def test_another_site_answers_nothing(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"])
    review = fill(minh, f"/t/{thread}/answer", outcome="nothing-known")

    strange = minh.post(
        f"/t/{thread}/answer",
        headers={"Sec-Fetch-Site": "cross-site"},
        **hidden(review),
        sure="1",
    )

    assert strange.status_code == 409
    assert answers(world["vn"], thread) == 0


def test_a_thread_is_acknowledged_and_handed_over_with_a_remark(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"])
    minh.post(f"/t/{thread}/take")
    world.hours.pass_(minutes=1)

    send(minh, f"/t/{thread}/acknowledge", expect="2026-11-24T12:00", remark="Registry asked")
    world.hours.pass_(minutes=1)
    handed = fill(
        minh,
        f"/t/{thread}/hand-over",
        to=world["vn"].settled.people["colleague"],
        remark="The registry calls at three",
    )
    world.sync()

    assert handed.headers["Location"].endswith("did=handed-over")
    assert "The registry calls at three" in words(
        officer(world["vn"], "colleague").get(f"/t/{thread}")
    )
    assert "An answer may come" in words(officer(world["ke"]).get(f"/t/{thread}"))


def test_what_has_not_left_is_stopped_by_one_tap(world: World) -> None:
    kenya = world["ke"]
    change_policy(kenya.house, kenya.agency, lambda held: replace(held, stop=60))
    seat = replace(kenya.seat(), house=replace(kenya.house, practice=False))
    done = seat.ask(question(VIETNAM))
    amina = officer(kenya)

    page = amina.get(f"/t/{done.thread}")
    first = amina.post(f"/t/{done.thread}/stop", act=done.act)
    second = amina.post(f"/t/{done.thread}/stop", act=done.act)

    assert "It leaves" in words(page)
    assert first.status_code == second.status_code == 303
    assert kenya.seat().thread(done.thread).thread.stage == "stopped"


def test_an_act_of_another_thread_is_not_stopped_here(world: World) -> None:
    kenya = world["ke"]
    one, other = kenya.seat().ask(question(VIETNAM)), kenya.seat().ask(question(VIETNAM))

    refused = officer(kenya).post(f"/t/{one.thread}/stop", act=other.act)

    assert refused.status_code == 422
    assert kenya.seat().thread(other.thread).thread.stage == "asked"


def test_every_message_is_exported_sealed_to_the_officers_own_key(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"])

    saved = minh.post(f"/t/{thread}/export")

    with zipfile.ZipFile(BytesIO(saved.data)) as bundle:
        sealed = [bundle.read(each) for each in bundle.namelist()]
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert sealed
    assert all(each.startswith(b"age-encryption.org/v1") for each in sealed)
    assert b"timber" not in saved.data


def test_a_file_is_saved_and_never_shown(world: World) -> None:
    kenya = world["ke"]
    named = kenya.seat().attach(BytesIO(b"<script>alert(1)</script>"), "seal.html", "text/html")
    thread = kenya.seat().ask(question(VIETNAM, attachments=(named,))).thread
    world.sync()
    minh = officer(world["vn"])

    page = minh.get(f"/t/{thread}")
    place = f"/t/{thread}/file/{named.blob}"
    seen, saved = minh.get(place), minh.post(place)
    other = minh.get(f"/t/{thread}/file/{'a' * 64}")

    assert place in page.text
    assert "alert(1)" not in seen.text
    assert saved.data == b"<script>alert(1)</script>"
    assert saved.mimetype == "application/octet-stream"
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in saved.headers["Content-Security-Policy"]
    assert other.status_code == 422


def test_nothing_nominal_stands_in_an_address_or_a_title(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"])

    page = minh.get(f"/t/{thread}")

    assert re.findall(r"<title>(.*?)</title>", page.text) == ["Thread"]
    assert not re.search(r'(href|action)="[^"]*(KV-|\+84|MSA)', page.text)


def test_a_letter_goes_with_its_file_which_a_refusal_does_not_lose(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"])
    path, letter = f"/t/{thread}/answer", (BytesIO(b"%not a pdf, a letter"), "letter.txt")
    seen = hidden(minh.get(path))

    refused = minh.post(path, **seen, outcome="refused", file=letter)
    ticket = re.findall(r'name="ticket" value="([^"]+)" checked', refused.text)
    review = minh.post(path, **seen, outcome="letter-attached", ticket=ticket)
    sent = minh.post(path, **hidden(review), sure="1")
    world.sync()

    assert refused.status_code == 422
    assert "letter.txt" in words(refused)
    assert "letter.txt" in words(review)
    assert sent.status_code == 303
    page = officer(world["ke"]).get(f"/t/{thread}")
    assert "letter.txt" in words(page)


def test_a_letter_without_its_file_is_asked_for(world: World) -> None:
    thread, minh = asked(world), officer(world["vn"])

    refused = fill(minh, f"/t/{thread}/answer", outcome="letter-attached")

    assert refused.status_code == 422
    assert 'id="attach-wrong"' in refused.text


def test_a_colleagues_file_goes_on_nobody_elses_form(world: World) -> None:
    thread, vietnam = asked(world), world["vn"]
    minh, lan = officer(vietnam), officer(vietnam, "colleague")
    path, letter = f"/t/{thread}/answer", (BytesIO(b"a letter"), "letter.txt")
    refused = minh.post(path, **hidden(minh.get(path)), outcome="refused", file=letter)
    [ticket] = re.findall(r'name="ticket" value="([^"]+)" checked', refused.text)

    tried = fill(lan, path, outcome="letter-attached", ticket=ticket)
    junk = fill(lan, path, outcome="letter-attached", ticket="AAAA")

    assert (tried.status_code, junk.status_code) == (422, 422)
    assert answers(vietnam, thread) == 0
