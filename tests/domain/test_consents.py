# SPDX-License-Identifier: Apache-2.0
"""Consent is the originator's word, on what he was asked, and the last one stands."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.domain.scene import (
    AMINA,
    EVE,
    HAIPHONG,
    JUMA,
    KENYA,
    LAN,
    MINH,
    MINUTE,
    NOTE,
    PORT,
    STRANGER,
    VIETNAM,
    Scene,
    an_id,
)

from comity.domain.clocks import Standing
from comity.domain.consent import Consent, ConsentRequest, Word
from comity.domain.consents import Asking, askings, may_speak, pending
from comity.domain.docket import ClockClass, DocketStage
from comity.domain.handling import Handling
from comity.domain.ids import ActId, AgencyId
from comity.domain.onward import Use
from comity.domain.release import clock_of, stage_of
from comity.domain.statement import Basis, PassOn
from comity.domain.steps import next_steps
from comity.domain.thread import Effect, Stage

ETHIOPIA = AgencyId(an_id("ethiopia"))
PASSED = PassOn(
    kind="phone",
    kind_version=1,
    ref="MSA/116",
    short="KV-4823",
    recipient=VIETNAM,
    original=b"{}",
    use="intelligence",
    handling=Handling(),
    basis=Basis(code="untoc-18-4"),
    mandate=an_id("mandate"),
)


def wish(to: ActId, **changed: object) -> ConsentRequest:
    body = ConsentRequest(to=to, use=Use.PASS_ON, holder=KENYA, agencies=(ETHIOPIA,))
    return replace(body, **changed)  # type: ignore[arg-type]  # as the test says it


def word(request: ActId, told: ActId, **changed: object) -> Consent:
    body = Consent(
        to=request,
        word=Word.YES,
        act=told,
        use=Use.PASS_ON,
        holder=KENYA,
        agencies=(ETHIOPIA,),
    )
    return replace(body, **changed)  # type: ignore[arg-type]  # likewise


def asked(scene: Scene, **changed: object) -> tuple[ActId, ActId]:
    """Let Viet Nam's desk answer, and Kenya ask for consent; return both acts."""
    answer = scene.answer(scene.ask(), desk=HAIPHONG)
    return answer, scene.ask(wish(answer, **changed))


def only(scene: Scene) -> Asking:
    [found] = askings(scene.folded())
    return found


def effect_of(scene: Scene, act: ActId) -> tuple[Effect, str]:
    found = next(each for each in scene.folded().acts if each.id == act)
    return found.effect, found.why


def test_who_told_it_is_asked_and_it_waits_for_him_with_a_clock() -> None:
    scene = Scene()
    _, request = asked(scene)

    found = only(scene)

    assert (found.act, found.by, found.of, found.open) == (request, KENYA, VIETNAM, True)
    assert found.due is not None
    assert found.due.answer - found.at == timedelta(days=3)
    assert found.standing(found.at + MINUTE) is Standing.FINE
    assert found.standing(found.at + timedelta(days=4)) is Standing.LATE
    assert pending(scene.folded(), VIETNAM) == (found,)
    assert pending(scene.folded(), KENYA) == ()
    assert scene.folded().stage is Stage.ANSWERED


def test_what_is_urgent_is_answered_within_hours() -> None:
    scene = Scene()

    asked(scene, urgent=True)

    due = only(scene).due
    assert due is not None
    assert due.answer - due.received == timedelta(hours=8)


def test_to_give_consent_is_the_next_step_until_there_is_a_word() -> None:
    scene = Scene(viewer=VIETNAM)
    answer, request = asked(scene)
    assert next_steps(scene.folded(), VIETNAM) == ("consent",)
    assert next_steps(scene.folded(), KENYA) == ("acknowledge", "ask-back")

    scene.by_asked(word(request, answer), desk=HAIPHONG, by=MINH)

    assert next_steps(scene.folded(), VIETNAM) == ()
    assert only(scene).word is not None
    assert only(scene).standing(scene.now + timedelta(days=9)) is Standing.FINE


def test_the_last_word_stands() -> None:
    scene = Scene()
    answer, request = asked(scene)
    scene.by_asked(word(request, answer))
    last = scene.by_asked(word(request, answer, word=Word.NO))

    found = only(scene)

    assert found.given == last
    assert found.word is not None
    assert found.word.word is Word.NO


@pytest.mark.parametrize("later", [Word.YES, Word.NO])
def test_of_two_words_that_come_together_the_one_said_later_stands(later: Word) -> None:
    scene = Scene()
    answer, request = asked(scene)
    first = Word.NO if later is Word.YES else Word.YES
    for said in (first, later):
        scene.by_asked(word(request, answer, word=said))
    came = scene.seen[-1].judged_at
    scene.seen[-2:] = [replace(each, judged_at=came) for each in scene.seen[-2:]]

    found = only(scene).word

    assert found is not None
    assert found.word is later


def test_of_two_words_of_one_moment_the_no_stands() -> None:
    scene = Scene()
    answer, request = asked(scene)
    when = scene.now + MINUTE
    for said in (Word.NO, Word.YES, Word.CONDITIONS):
        scene.by_asked(word(request, answer, word=said), at=when)

    found = only(scene).word

    assert found is not None
    assert found.word is Word.NO


def test_while_a_word_is_held_nobody_is_asked_for_another() -> None:
    scene = Scene(viewer=VIETNAM)
    answer, request = asked(scene)
    scene.held.add(scene.by_asked(word(request, answer)))

    assert (only(scene).word, only(scene).open) == (None, False)
    assert pending(scene.folded(), VIETNAM) == ()


@pytest.mark.parametrize(
    ("changed", "by", "desk", "why"),
    [
        ({}, MINH, "", "not-originator"),
        ({}, MINH, PORT, "not-originator"),
        ({"use": Use.COURT}, LAN, "", "not-as-asked"),
        ({"holder": ETHIOPIA}, LAN, "", "not-as-asked"),
        ({"act": ActId(an_id("another"))}, LAN, "", "not-as-asked"),
        ({"agencies": (ETHIOPIA, STRANGER)}, LAN, "", "not-as-asked"),
    ],
)
def test_a_word_of_another_or_on_something_else_does_not_count(
    changed: dict[str, object], by: str, desk: str, why: str
) -> None:
    scene = Scene()
    answer, request = asked(scene)

    given = scene.by_asked(word(request, answer, **changed), by=by, desk=desk)

    assert effect_of(scene, given) == (Effect.STRANGER, why)
    assert only(scene).open


def test_consent_may_be_given_to_less_than_was_asked() -> None:
    scene = Scene()
    answer, request = asked(scene, agencies=(ETHIOPIA, STRANGER))

    given = scene.by_asked(word(request, answer))

    assert effect_of(scene, given) == (Effect.APPLIED, "")


def test_the_holder_cannot_consent_to_his_own_wish() -> None:
    scene = Scene()
    answer, request = asked(scene)

    given = scene.ask(word(request, answer))

    assert effect_of(scene, given) == (Effect.STRANGER, "side")


def test_nobody_else_asks_or_consents() -> None:
    scene = Scene()
    answer, request = asked(scene)

    strange = scene.act(wish(answer), by=EVE, of=STRANGER, to=VIETNAM)
    given = scene.act(word(request, answer), by=EVE, of=STRANGER, to=KENYA)

    assert effect_of(scene, strange) == (Effect.STRANGER, "not-party")
    assert effect_of(scene, given) == (Effect.STRANGER, "not-party")


def test_consent_is_asked_to_what_was_told_and_given_to_what_was_asked() -> None:
    scene = Scene()
    answer, request = asked(scene)
    heard = scene.ask_back(answer)

    to_own = scene.ask(wish(scene.ask()))
    to_nothing = scene.ask(wish(heard))
    to_no_request = scene.by_asked(word(answer, answer))
    unseen = scene.by_asked(word(ActId(an_id("unseen")), answer))

    assert effect_of(scene, to_own)[0] is Effect.STRANGER
    assert effect_of(scene, to_nothing)[0] is Effect.STRANGER
    assert effect_of(scene, to_no_request)[0] is Effect.STRANGER
    assert effect_of(scene, unseen) == (Effect.WAITING, "target-unseen")
    assert [each.act for each in askings(scene.folded())] == [request]


def test_who_only_passed_it_on_may_refuse_and_may_not_consent() -> None:
    scene = Scene(viewer=VIETNAM)
    passed = scene.ask(PASSED)
    request = scene.by_asked(wish(passed, holder=VIETNAM))

    given = scene.ask(word(request, passed, holder=VIETNAM))
    refused = scene.ask(word(request, passed, holder=VIETNAM, word=Word.NO))

    assert effect_of(scene, given) == (Effect.STRANGER, "not-originator")
    assert effect_of(scene, refused) == (Effect.APPLIED, "")


def test_another_agencys_word_may_be_brought() -> None:
    scene = Scene(viewer=VIETNAM)
    passed = scene.ask(PASSED)
    request = scene.by_asked(wish(passed, holder=VIETNAM))
    first = ActId(an_id("told long ago"))

    brought = scene.ask(word(request, first, holder=VIETNAM, signed=b"{}"), by=JUMA)

    assert effect_of(scene, brought) == (Effect.APPLIED, "")
    assert only(scene).given == brought


def test_what_is_passed_on_opens_a_thread_like_a_note() -> None:
    scene = Scene(viewer=VIETNAM)
    scene.ask(PASSED)

    thread = scene.folded()

    assert (thread.stage, thread.short, thread.passed_on) == (Stage.TOLD, "KV-4823", PASSED)
    assert (thread.request, thread.note) == (None, None)
    assert dict(thread.refs) == {KENYA: "MSA/116"}
    assert next_steps(thread, VIETNAM) == ("acknowledge", "take")
    scene.ask(NOTE)
    assert scene.folded().passed_on == PASSED


def test_what_was_stopped_may_be_passed_on_again() -> None:
    scene = Scene()
    scene.stop(scene.ask(PASSED))

    assert next_steps(scene.folded(), KENYA) == ("pass-on",)
    assert Scene().folded().passed_on is None


def test_dockets_tell_of_consent_that_it_is_asked_or_given_and_how_soon() -> None:
    request, act = ActId(an_id("request")), ActId(an_id("act"))
    said = wish(act)

    assert stage_of(said) is DocketStage.CONSENT_ASKED
    assert clock_of(said) is ClockClass.SOON
    assert clock_of(replace(said, urgent=True)) is ClockClass.URGENT
    assert stage_of(word(request, act)) is DocketStage.CONSENT_GIVEN
    assert clock_of(word(request, act)) is ClockClass.NONE
    assert stage_of(PASSED) is DocketStage.TOLD


def test_the_author_speaks_for_what_he_told_and_so_does_his_desk() -> None:
    scene = Scene()
    answer, _ = asked(scene)
    author = next(each for each in scene.seen if each.statement.act == answer).statement.author

    assert may_speak(replace(author, desk=""), author)
    assert may_speak(replace(author, officer=MINH), author)
    assert not may_speak(replace(author, officer=MINH, desk=""), author)
    assert not may_speak(replace(author, agency=KENYA, officer=AMINA), author)
    own = replace(author, desk="")
    assert not may_speak(replace(own, officer=MINH), own)
