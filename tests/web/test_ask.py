# SPDX-License-Identifier: Apache-2.0
"""Asking on pages: four of them, what was typed is kept, and nothing goes that the rules refuse."""

import gzip
import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.services.settle import ADMISSION
from tests.web.desk import Visitor, application, words
from tests.world import World, WorldNode

from comity.domain.policy import Mode, Policy, Rule
from comity.domain.standing import MarkCode, SuspendCode
from comity.domain.statement import Outcome, Request, Urgency
from comity.services import admit
from comity.services.answer import Reply
from comity.services.desk_duty import NewDuty, set_duty
from comity.services.invite import invite
from comity.services.oversight import AgencyPolicy, set_policy
from comity.services.revoke import revoke
from comity.services.suspend import mark as mark_node
from comity.services.suspend import suspend
from comity.services.typed_for import to_confirm

TYPED: dict[str, Any] = {
    "f_number": "+84 912 345 678",
    "facts": "312 kg of ivory in a container declared as timber.",
    "offence": "other",
    "offence_text": "Wildlife Act, s.92",
    "why_you": "The number was written on the seal.",
    "ref": "MSA/114",
}


def photograph() -> bytes:
    """Return a photograph with what a camera writes beside it."""
    exif, sink = Image.Exif(), io.BytesIO()
    exif[0x0110] = "A telephone that says its name"
    Image.new("RGB", (64, 48), "gray").save(sink, "JPEG", exif=exif)
    return sink.getvalue()


def begun(officer: Visitor, there: WorldNode, kind: str = "phone") -> str:
    """Return the address of a draft of *kind* to the desk *there*."""
    place = officer.post("/ask", to=there.settled.desk).headers["Location"]
    officer.post(place, kind=kind)
    return str(place)


def test_a_question_is_asked_in_four_pages_and_arrives(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"])

    filled = officer.post(f"{place}/form", **TYPED)
    shown = words(officer.get(filled.headers["Location"]))
    sent = officer.post(f"{place}/send")
    world.sync()

    assert "Anti-smuggling desk" in shown
    assert "Wildlife Act, section 12" in shown
    assert "It is on its way" in words(officer.get(sent.headers["Location"]))
    assert [each.kind for each in world["vn"].inbox()] == ["phone"]


def test_pressed_twice_it_is_sent_once(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"])
    officer.post(f"{place}/form", **TYPED)

    officer.post(f"{place}/send")
    again = officer.post(f"{place}/send")
    world.sync()

    assert again.status_code == 422
    assert "sent or removed already" in words(again)
    assert len(world["vn"].inbox()) == 1


def test_what_was_typed_stays_beside_what_is_wrong(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"], "container")

    refused = officer.post(f"{place}/form", **{**TYPED, "f_container": "CSQU3054384"})

    assert refused.status_code == 422
    assert 'id="f_container-wrong"' in refused.text
    assert "The last digit does not fit the others" in words(refused)
    assert "CSQU3054384" in refused.text
    assert TYPED["facts"] in refused.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("vi", "Chữ số cuối không khớp"), ("sw", "Tarakimu ya mwisho"), ("en", "The last digit")],
)
def test_a_wrong_check_digit_is_said_in_the_readers_language(
    world: World, language: str, said: str
) -> None:
    officer = Visitor.signed_in(application(world["ke"]), "investigator KE", language=language)
    place = begun(officer, world["vn"], "container")

    refused = officer.post(f"{place}/form", **{**TYPED, "f_container": "CSQU3054384"})

    assert said in words(refused)
    assert "CSQU3054384" in refused.text


def test_an_empty_field_is_named_by_its_label_and_not_by_its_code(
    world: World, officer: Visitor
) -> None:
    place = begun(officer, world["vn"])

    refused = officer.post(f"{place}/form", **{**TYPED, "why_you": " "})

    assert "The field “Why you ask them” is empty" in words(refused)
    assert "why_you" not in words(refused)


def test_every_kind_of_field_arrives_as_it_was_meant(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"], "seizure")
    typed = {
        **TYPED,
        "f_date": "24/11/2026",
        "f_country": "VN",
        "f_species": ["African savannah elephant", ""],
        "f_specimen": ["TUS", ""],
        "f_quantity": ["312,5", "", ""],
        "f_quantity_unit": ["KGM", "KGM", "KGM"],
        "f_container": "csqu 305438-3",
        "f_route": ["KE", "MY", "", ""],
        "f_asked": ["method", "marks"],
        "see": "agency",
        "onward": "no",
        "judicial": "no",
        "condition": "Not to the press.",
        "expires": "2027-01-31",
        "use": "evidence",
        "urgency": "urgent",
        "urgency_reason": "The ship leaves tonight.",
        "language": "sw",
    }

    filled = officer.post(f"{place}/form", **typed)
    assert filled.status_code == 303, words(filled)
    thread = officer.post(f"{place}/send").headers["Location"].rsplit("/", 1)[1]
    world.sync()
    opened = world["vn"].seat().thread(thread).thread.opening
    assert opened is not None
    body = opened.body

    assert isinstance(body, Request)
    assert body.fields == {
        "date": ("2026-11-24",),
        "country": ("VN",),
        "species": ("Loxodonta africana",),
        "specimen": ("TUS",),
        "quantity": ("312.5 KGM",),
        "container": ("CSQU3054383",),
        "route": ("KE", "MY"),
        "asked": ("method", "marks"),
    }
    assert (body.handling.see, body.handling.onward, body.handling.judicial) == (
        "agency",
        "no",
        "no",
    )
    assert body.handling.expires == "2027-01-31T23:59:59Z"
    assert (body.use, body.urgency) == ("evidence", Urgency.URGENT)
    assert opened.statement.language == "sw"


def test_a_period_may_be_open_at_one_end(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"])

    filled = officer.post(f"{place}/form", **TYPED, f_period_from="2026-11-01", f_period_to="")
    turned = officer.post(
        f"{place}/form", **TYPED, f_period_from="2026-11-20", f_period_to="2026-11-01"
    )

    assert filled.status_code == 303
    assert 'id="f_period-wrong"' in turned.text
    assert 'value="2026-11-20"' in turned.text


def test_urgent_without_a_reason_is_said_beside_it(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"])

    refused = officer.post(f"{place}/form", **TYPED, urgency="urgent")

    assert "needs the reason why it is urgent" in words(refused)
    assert 'href="#urgency_reason"' in refused.text


def test_a_grading_of_another_system_only_narrows(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"])

    wrong = officer.post(f"{place}/form", **TYPED, grading="9Z")
    officer.post(f"{place}/form", **TYPED, grading="1AC A1", onward="yes")
    thread = officer.post(f"{place}/send").headers["Location"].rsplit("/", 1)[1]
    opened = world["ke"].seat().thread(thread).thread.opening

    assert "This handling code is not one" in words(wrong)
    assert opened is not None
    assert isinstance(opened.body, Request)
    assert opened.body.handling.onward == "ask"
    assert opened.body.handling.original == "3x5x2:1AC A1"


def test_what_a_grading_binds_stays_beside_what_is_typed(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"])
    grading = "1AC A1 expires=2027-01-31T00:00:00Z: Not before the raid."

    officer.post(f"{place}/form", **TYPED, grading=grading, condition="Never to the press.")
    thread = officer.post(f"{place}/send").headers["Location"].rsplit("/", 1)[1]
    handling = world["ke"].seat().thread(thread).thread.handling

    assert handling.expires == "2027-01-31T00:00:00Z"
    assert "Not before the raid." in handling.condition
    assert "Never to the press." in handling.condition


def test_what_is_prefilled_is_shown(world: World, officer: Visitor) -> None:
    form = officer.get(f"{begun(officer, world['vn'])}/form").text

    for name, code in (
        ("see", "desk"),
        ("onward", "ask"),
        ("judicial", "ask"),
        ("urgency", "normal"),
    ):
        assert re.search(rf'name="{name}"[^>]*value="{code}" checked', form)
    assert "It was found in the course of this case." in form


def test_a_draft_is_listed_and_taken_up_again_after_signing_in(
    world: World, officer: Visitor
) -> None:
    place = begun(officer, world["vn"])
    officer.post(f"{place}/form", do="keep", facts="Half a sentence")
    officer.post("/leave")

    again = Visitor.signed_in(application(world["ke"]), "investigator KE")

    assert f'href="{place}/form"' in again.get("/ask").text
    assert f'href="{place}/form"' in again.get("/today").text
    assert "Half a sentence" in again.get(f"{place}/form").text


def test_a_draft_is_removed_after_asking_once(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"])
    id_ = place.rsplit("/", 1)[1]

    asked = words(officer.get(f"/draft/{id_}/remove"))
    officer.post(f"/draft/{id_}/remove")

    assert "gone for good" in asked
    assert officer.get(f"{place}/form").status_code == 422


@pytest.mark.parametrize(
    "path",
    ["{p}", "{p}/form", "{p}/send", "{p}/elsewhere", "{p}/ecomessage.txt", "/draft/{id}/remove"],
)
def test_nobody_elses_draft_is_shown_or_touched(world: World, officer: Visitor, path: str) -> None:
    place = begun(officer, world["vn"])
    officer.post(f"{place}/form", **TYPED)
    named = path.format(p=place, id=place.rsplit("/", 1)[1])
    colleague = Visitor.signed_in(application(world["ke"]), "colleague KE")

    shown, posted = colleague.get(named), colleague.post(named, **TYPED, kind="phone")

    assert shown.status_code == 422
    assert posted.status_code in {405, 422}
    assert "312 kg" not in shown.text + posted.text
    assert "MSA/114" in officer.get(f"{place}/form").text


def test_a_browser_sees_that_its_copy_is_old_even_at_the_same_instant(
    world: World, officer: Visitor
) -> None:
    place = begun(officer, world["vn"])

    forms = officer.get(f"{place}/form").text
    for _ in range(2):  # the clock of the world stands still
        officer.post(f"{place}/form", **TYPED, do="add")
        forms += officer.get(f"{place}/form").text

    assert len(set(re.findall('data-kept="([^"]+)"', forms))) == 3


def test_a_strange_page_sends_nothing(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"])
    officer.post(f"{place}/form", **TYPED)

    answer = officer.post(f"{place}/send", headers={"Sec-Fetch-Site": "cross-site"})
    world.sync()

    assert answer.status_code == 409
    assert world["vn"].inbox() == ()


@pytest.mark.parametrize(
    "junk",
    [
        {"urgency": "soonest"},
        {"use": "revenge"},
        {"see": "everybody"},
        {"basis": "none"},
        {"language": "not a tag"},
        {"desk": "a" * 26},
        {"f_found": "moon"},
        {"expires": "next week"},
        {"expires": "2020-01-01"},
        {"bars": "Nobody at all"},
        {"facts": "x" * 40_000},
        {"f_number": "\n".join(f"+849123456{n}" for n in range(10, 70))},
    ],
)
def test_junk_is_refused_in_words_and_nothing_is_lost(
    world: World, officer: Visitor, junk: dict[str, Any]
) -> None:
    place = begun(officer, world["vn"])

    refused = officer.post(f"{place}/form", **{**TYPED, **junk})

    assert refused.status_code in {409, 422}
    assert "unavailable" not in refused.text
    assert "This cannot go as it is." in officer.get(f"{place}/send").text


def test_a_suspended_agency_says_so_on_its_card_and_other_ways_are_open(
    world: World, officer: Visitor
) -> None:
    place = begun(officer, world["vn"])
    officer.post(f"{place}/form", **TYPED)
    suspend(world["ke"].house, world["vn"].agency, code=SuspendCode.POLICY, by="A. Mwangi")

    whom, send = officer.get("/ask"), officer.get(f"{place}/send")
    pressed = officer.post(f"{place}/send")

    assert f'value="{world["vn"].settled.desk}"' not in whom.text
    assert '<option value="VN"' in whom.text
    assert "This cannot go as it is." in words(send)
    assert f"{place}/elsewhere" in send.text
    assert pressed.status_code == 409
    assert officer.get(f"{place}/elsewhere").status_code == 200


def test_without_a_mandate_the_page_says_what_is_missing_and_whom_to_ask(
    world: World, officer: Visitor
) -> None:
    place = begun(officer, world["vn"])
    (mandate,) = world["ke"].card.mandates
    revoke(world["ke"].house, mandate.id, reason="superseded")

    refused = officer.post(f"{place}/form", **TYPED)

    assert "Your agency holds no mandate to share abroad" in words(refused)
    assert "Ask who signs mandates in your agency" in words(refused)
    assert TYPED["facts"] in refused.text


def test_a_countersignature_is_said_before_it_is_sent(world: World, officer: Visitor) -> None:
    rule = Rule(mode=Mode.COUNTERSIGN)
    set_policy(world["ke"].house, world["ke"].agency, AgencyPolicy(policy=Policy(rules=(rule,))))
    place = begun(officer, world["vn"])
    officer.post(f"{place}/form", **TYPED)

    shown = words(officer.get(f"{place}/send"))
    sent = officer.post(f"{place}/send").headers["Location"]
    world.sync()

    assert "It waits until the oversight desk has signed: Oversight desk" in shown
    assert "Waits for a second signature" in words(officer.get(sent))
    assert world["vn"].inbox() == ()


def test_it_can_be_stopped_before_it_leaves(world: World, officer: Visitor) -> None:
    object.__setattr__(world["ke"].house, "practice", False)
    place = begun(officer, world["vn"])
    officer.post(f"{place}/form", **TYPED)

    before = words(officer.get(f"{place}/send"))
    sent = officer.post(f"{place}/send").headers["Location"]
    shown = officer.get(sent)
    stopped = officer.post(f"{sent}/stop").headers["Location"]
    late = officer.post(f"{sent}/stop")
    world.hours.pass_(minutes=5)
    world.sync()

    assert "you can stop it for 60 seconds" in before
    assert "It leaves in 60 seconds" in words(shown)
    assert shown.headers["Refresh"] == "61"
    assert "It was stopped before it left" in words(officer.get(stopped))
    assert late.status_code in {409, 422}
    assert world["vn"].inbox() == ()


def test_after_its_minute_it_cannot_be_stopped(world: World, officer: Visitor) -> None:
    object.__setattr__(world["ke"].house, "practice", False)
    place = begun(officer, world["vn"])
    officer.post(f"{place}/form", **TYPED)
    sent = officer.post(f"{place}/send").headers["Location"]
    world.hours.pass_(minutes=2)
    world.sync()

    late = officer.post(f"{sent}/stop")

    assert late.status_code == 409
    assert "It is on its way" in words(officer.get(sent))
    assert len(world["vn"].inbox()) == 1


def test_a_colleague_cannot_stop_what_another_sent(world: World, officer: Visitor) -> None:
    object.__setattr__(world["ke"].house, "practice", False)
    place = begun(officer, world["vn"])
    officer.post(f"{place}/form", **TYPED)
    sent = officer.post(f"{place}/send").headers["Location"]
    colleague = Visitor.signed_in(application(world["ke"]), "colleague KE")

    assert colleague.post(f"{sent}/stop").status_code == 409


def test_a_desk_shows_its_hours_in_words(world: World, officer: Visitor) -> None:
    there = world["vn"]
    hours = [f"{day} {at}" for day in ("mon", "tue") for at in ("08:00-11:30", "13:30-17:00")]
    new = NewDuty(zone="Asia/Ho_Chi_Minh", hours=tuple(hours), holidays=("2027-01-01",))
    set_duty(there.house, there.agency, there.settled.desk, new)
    world.sync()

    shown = words(officer.get("/ask"))

    assert "It is 11:44 there. Nobody is there until 13:30." in re.sub(r"11:\d\d", "11:44", shown)
    assert "Mon\u2013Tue 08:00\u201311:30, 13:30\u201317:00" in shown
    assert "Their next holiday: 1 January 2027" in shown
    assert "Key checked by voice, 23 November 2026" in shown


def test_how_soon_a_desk_answers_is_said_from_five_answers_on(
    world: World, officer: Visitor
) -> None:
    kenya, there = world["ke"], world["vn"]
    said = []
    for number in range(5):
        place = begun(officer, there)
        officer.post(f"{place}/form", **TYPED)
        sent = officer.post(f"{place}/send").headers["Location"].rsplit("/", 1)[1]
        world.sync()
        world.hours.pass_(hours=3 + number)
        there.seat().answer(sent, Reply(outcome=Outcome.NOTHING_KNOWN))
        world.sync()
        officer = Visitor.signed_in(application(kenya), "investigator KE")
        said.append("Usually answers in 5 h" in words(officer.get("/ask")))

    assert said == [False, False, False, False, True]


def test_a_photograph_goes_without_what_the_camera_wrote(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"])
    picture = photograph()

    added = officer.post(
        f"{place}/form", **TYPED, do="add", photograph=(io.BytesIO(picture), "seal.jpg")
    )
    shown = officer.get(added.headers["Location"])
    officer.post(f"{place}/form", **TYPED)
    thread = officer.post(f"{place}/send").headers["Location"].rsplit("/", 1)[1]
    opened = world["ke"].seat().thread(thread).thread.opening

    assert "seal.jpg" in shown.text
    assert TYPED["facts"] in shown.text
    assert opened is not None
    assert isinstance(opened.body, Request)
    (file,) = opened.body.attachments
    sink = io.BytesIO()
    world["ke"].seat().detach(file, sink)
    assert b"telephone" in picture
    assert b"telephone" not in sink.getvalue()


def test_a_file_can_be_taken_out_again(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"])
    officer.post(f"{place}/form", do="add", document=(io.BytesIO(b"text"), "note.txt"))
    (blob,) = re.findall(r'name="drop" value="([0-9a-f]+)"', officer.get(f"{place}/form").text)

    officer.post(f"{place}/form", drop=blob)

    assert "note.txt" not in officer.get(f"{place}/form").text


def test_no_form_weighs_more_than_fifteen_kilobytes(world: World, officer: Visitor) -> None:
    for kind in world["ke"].house.kinds:
        form = officer.get(f"{begun(officer, world['vn'], kind)}/form")
        assert len(gzip.compress(form.data, 6)) <= 15_000, kind
    assert len(gzip.compress(officer.get("/ask").data, 6)) <= 15_000


def test_what_a_sender_should_know_stands_above_send(world: World, officer: Visitor) -> None:
    kenya, there = world["ke"], world["vn"]
    new = NewDuty(holidays=("2027-01-01",), urgent_telephone="+84 225 000 0000")
    set_duty(there.house, there.agency, there.settled.desk, new)
    world.sync()
    kenya.house.store.write(
        lambda w: mark_node(w, kenya.house, there.id, MarkCode.ROSTER_FORKED, "x")
    )
    place = begun(officer, there)
    urgent: dict[str, Any] = {
        "urgency": "urgent",
        "urgency_reason": "The ship leaves.",
        "language": "sw",
    }

    officer.post(f"{place}/form", **TYPED, **urgent)
    shown = words(officer.get(f"{place}/send"))

    assert "In an urgent case, call +84 225 000 0000." in shown
    assert "Their next holiday: 1 January 2027" in shown
    assert "They read English; you write in another language." in shown
    assert "Customs, Hai Phong: it told two lists of its people under one number" in shown


def test_nothing_with_a_name_goes_to_a_key_that_nobody_checked(tmp_path: Path) -> None:
    with World(tmp_path, "ke", "vn", strangers=[frozenset(("ke", "vn"))]) as world:
        kenya, there = world["ke"], world["vn"]
        admit.accept(kenya.house, invite(there.house, there.agency), ADMISSION)
        officer = Visitor.signed_in(application(kenya), "investigator KE")
        place = begun(officer, there)

        shown = words(officer.get("/ask"))
        refused = officer.post(f"{place}/form", **TYPED)

        assert "Key not checked yet" in shown
        assert "nobody has checked the other agency's key by voice" in words(refused)


def test_keys_older_than_a_month_need_a_reason_beside_them(world: World, officer: Visitor) -> None:
    place = begun(officer, world["vn"])
    world.hours.pass_(hours=24 * 32)
    officer = Visitor.signed_in(application(world["ke"]), "investigator KE")
    place = begun(officer, world["vn"])

    refused = officer.post(f"{place}/form", **TYPED)
    filled = officer.post(f"{place}/form", **TYPED, roster_reason="The ship leaves.")

    assert 'id="roster_reason-wrong"' in refused.text
    assert filled.status_code == 303
    assert "older than a month" in words(officer.get(f"{place}/send"))


def test_what_a_colleague_dictates_is_asked_and_both_names_stand(
    world: World, officer: Visitor
) -> None:
    kenya = world["ke"]
    place = begun(officer, world["vn"])
    officer.post(f"{place}/form", **TYPED)

    offered = officer.get(f"{place}/send").text
    sent = officer.post(f"{place}/send", typed_for=kenya.settled.people["colleague"])
    [typed] = to_confirm(kenya.seat("colleague").unlocked, kenya.house)
    lan = Visitor.signed_in(application(kenya), "colleague KE")
    confirmed = lan.post(f"/typed/{typed.act}", word="yes")

    assert "A colleague who dictates this" in offered
    assert sent.status_code == confirmed.status_code == 303
    assert typed.by == kenya.settled.people["investigator"]
    assert "Dictated by colleague KE, who has confirmed it." in words(
        officer.get(f"/t/{typed.thread}")
    )


@pytest.mark.parametrize("whom", ["investigator", "nobody"])
def test_nothing_is_asked_for_somebody_who_cannot_have_dictated_it(
    world: World, officer: Visitor, whom: str
) -> None:
    kenya = world["ke"]
    place = begun(officer, world["vn"])
    officer.post(f"{place}/form", **TYPED)

    refused = officer.post(f"{place}/send", typed_for=kenya.settled.people.get(whom, whom))

    assert refused.status_code in {409, 422}
    assert kenya.inbox() == ()
    assert officer.get(f"{place}/send").status_code == 200
