# SPDX-License-Identifier: Apache-2.0
"""What was told goes further as its originator lets it, under every rule that holds for telling."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.services.onward import (
    ADDIS,
    CAREFUL,
    NO,
    YES,
    asked,
    befriended,
    consented,
    joined,
    told,
    wish,
)
from tests.templates import copy_of, three_countries
from tests.world import World, WorldNode, question

from comity.domain.consent import Consent, ConsentRequest, Word
from comity.domain.consents import askings
from comity.domain.handling import Handling, Leave, See
from comity.domain.ids import ActId, AgencyId
from comity.domain.onward import Use
from comity.domain.policy import Exclusion, Mode, Policy, Rule
from comity.domain.roster import AgencyType
from comity.domain.statement import Answer, Decision, PassOn, Why
from comity.domain.thread import Effect, Stage
from comity.errors import (
    Excluded,
    Misused,
    NotChecked,
    NotCompetent,
    Refused,
    TooLate,
)
from comity.services.address_book import read_book
from comity.services.consent import Leave as Said
from comity.services.draft import send
from comity.services.oversight import AgencyPolicy, exclude, set_policy
from comity.services.pass_on import check_passer, draft_pass_on
from comity.services.passed_on_in import Backing, Passed, passed
from comity.services.release import Done
from comity.services.rules import shares
from comity.services.tell import News
from comity.wire.passed_on import unpack

__all__ = ["three_countries"]

ACT, AGENCY = ActId("a" * 26), AgencyId("k" * 26)


@pytest.fixture
def world(three_countries: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(three_countries, tmp_path)


def read(node: WorldNode, done: Done) -> Passed:
    """Return what *node* was passed on, as it is shown there."""
    opening = node.seat().thread(done.thread).thread.opening
    assert opening is not None
    return passed(opening.statement, read_book(node.house), opening.at)


def test_what_may_be_passed_on_goes_without_asking(world: World) -> None:
    ke, _, et = world
    thread = told(world, replace(CAREFUL, onward=Leave.YES))

    done = ke.seat().pass_on(thread, ADDIS)
    world.sync()

    found = read(et, done)
    assert (found.backing, found.chain.hands[0].consent) == (Backing.VERIFIED, None)
    assert isinstance(found.chain.original.body, Answer)
    assert et.seat().thread(done.thread).thread.handling.onward is Leave.YES


def test_what_all_authorities_may_see_is_not_asked_for(world: World) -> None:
    thread = told(world, replace(CAREFUL, see=See.COMMUNITY))

    done = world["ke"].seat().pass_on(thread, ADDIS)
    world.sync()

    assert read(world["et"], done).chain.hands[0].consent is None
    with pytest.raises(Refused, match="consent-not-needed"):
        world["ke"].seat().ask_consent(thread, wish())


@pytest.mark.parametrize(
    ("handling", "code"),
    [
        (replace(CAREFUL, onward=Leave.NO), "refused.pass-on-no"),
        (replace(CAREFUL, expires="2026-11-23T04:50:00Z"), "refused.handling-expired"),
    ],
)
def test_what_may_not_be_passed_on_is_not_even_asked_for(
    world: World, handling: Handling, code: str
) -> None:
    thread = told(world, handling)
    world.hours.pass_(hours=1)

    with pytest.raises(Refused) as passing:
        world["ke"].seat().pass_on(thread, ADDIS)
    with pytest.raises(Refused) as asking:
        world["ke"].seat().ask_consent(thread, wish())

    assert (passing.value.cause, asking.value.cause) == (code, code)


def test_the_originators_condition_and_his_wider_word_both_bind(world: World) -> None:
    ke, vn, et = world
    thread = told(world)
    asked(world, thread)
    given = replace(CAREFUL, judicial=Leave.YES, condition="By their duty desk alone.")
    vn.seat().give_consent(thread, replace(YES, handling=given))
    world.sync()

    done = ke.seat().pass_on(thread, ADDIS)
    world.sync()

    [word] = [each.word for each in askings(ke.seat().thread(thread).thread)]
    assert word is not None
    assert word.word is Word.CONDITIONS
    handling = et.seat().thread(done.thread).thread.handling
    assert (handling.judicial, handling.condition) == (Leave.YES, "By their duty desk alone.")


def test_who_passes_on_may_narrow_and_never_widen(world: World) -> None:
    thread = consented(world)
    meant = replace(ADDIS, handling=replace(CAREFUL, judicial=Leave.NO, onward=Leave.YES))

    done = world["ke"].seat().pass_on(thread, meant)
    world.sync()

    handling = world["et"].seat().thread(done.thread).thread.handling
    assert (handling.judicial, handling.onward) == (Leave.NO, Leave.ASK)


def test_consent_that_names_a_purpose_serves_that_one_alone(world: World) -> None:
    ke, vn, _ = world
    thread = told(world)
    asked(world, thread, wish(purpose="evidence"))
    vn.seat().give_consent(thread, YES)
    world.sync()

    with pytest.raises(Refused, match="needs-consent"):
        ke.seat().pass_on(thread, ADDIS)
    ke.seat().pass_on(thread, replace(ADDIS, use="evidence"))


def test_files_go_on_by_their_seeds_or_are_left_out(world: World) -> None:
    ke, vn, et = world
    photograph = vn.seat().attach(io.BytesIO(b"a card" * 50_000), "card.jpg", "image/jpeg")
    thread = told(world, replace(CAREFUL, onward=Leave.YES), attachments=(photograph,))

    whole = ke.seat().pass_on(thread, ADDIS)
    bare = ke.seat().pass_on(thread, replace(ADDIS, files=False))
    world.sync()

    body = et.seat().thread(whole.thread).thread.passed_on
    assert body is not None
    assert body.attachments == (photograph,)
    sink = io.BytesIO()
    et.seat().detach(photograph, sink)
    assert sink.getvalue() == b"a card" * 50_000
    left = et.seat().thread(bare.thread).thread.passed_on
    assert left is not None
    assert left.attachments == ()


def test_every_rule_for_telling_holds(world: World) -> None:
    ke, _, et = world
    thread = consented(world)

    with pytest.raises(Refused, match="no-mandate"):
        ke.seat().pass_on(thread, replace(ADDIS, mandate="n" * 26))
    with pytest.raises(Misused, match="field-missing"):
        ke.seat().pass_on(thread, replace(ADDIS, ref=" "))
    with pytest.raises(Misused, match="purpose-unknown"):
        ke.seat().pass_on(thread, replace(ADDIS, use="trade"))
    with pytest.raises(Excluded):
        ke.seat().pass_on(thread, replace(ADDIS, bars=("ET",)))
    shown = ke.seat().preview(draft_pass_on(ke.seat().unlocked, ke.house, thread, ADDIS))
    assert {each.why for each in shown.readers} == {
        Why.AUTHOR,
        Why.ADDRESSED,
        Why.OVERSIGHT,
        Why.OWN_DESK,
    }
    world.sync()
    assert et.inbox() == ()


def test_whom_a_thread_bars_gets_nothing_that_was_told_in_it(world: World) -> None:
    ke, _, et = world
    thread = consented(world)
    officer = et.settled.people["colleague"]
    exclude(ke.house, ke.agency, Exclusion(thread=thread, readers=frozenset([officer])))

    with pytest.raises(Excluded):
        ke.seat().pass_on(thread, ADDIS)


def test_what_is_passed_on_may_be_held_and_is_looked_at_again_before_it_goes(
    world: World,
) -> None:
    ke, vn, et = world
    set_policy(
        ke.house, ke.agency, AgencyPolicy(policy=Policy(rules=(Rule(mode=Mode.COUNTERSIGN),)))
    )
    set_policy(vn.house, vn.agency, AgencyPolicy())
    thread = ke.seat().ask(question("VN/Anti-smuggling desk"))
    ke.seat("supervisor").countersign(thread.act, Decision.APPROVE)
    world.sync()
    told_ = vn.seat().tell(
        News(
            to="KE/Operations desk",
            kind="phone",
            ref="HP/9",
            facts="A second number.",
            handling=replace(CAREFUL, onward=Leave.YES, expires="2026-11-23T09:00:00Z"),
        )
    )
    world.sync()
    done = ke.seat().pass_on(told_.thread, ADDIS)
    late = ke.seat().pass_on(told_.thread, ADDIS)
    assert done.held

    ke.seat("supervisor").countersign(done.act, Decision.APPROVE)
    world.sync()
    assert isinstance(read(et, done).chain.hands[0].body, PassOn)
    world.hours.pass_(hours=5)
    with pytest.raises(Refused, match="consent-over"):
        ke.seat("supervisor").countersign(late.act, Decision.APPROVE)


def test_it_can_be_stopped_and_then_nothing_is_seen_abroad(world: World) -> None:
    ke, _, et = world
    thread = consented(world)

    done = ke.seat().pass_on(thread, ADDIS)
    ke.seat().stop(done.act)
    world.sync()

    assert et.inbox() == ()
    stopped = ke.seat().thread(done.thread).thread
    assert stopped.stage is Stage.STOPPED
    assert stopped.acts[0].effect is Effect.STOPPED


def test_our_own_words_and_what_nobody_told_are_not_passed_on(world: World) -> None:
    ke, vn, _ = world
    thread = told(world)

    with pytest.raises(Refused, match="nothing-told"):
        vn.seat().pass_on(vn.seat().tell(_news()).thread, ADDIS)
    with pytest.raises(Misused, match="act-unknown"):
        ke.seat().pass_on(thread, replace(ADDIS, act="x" * 26))
    with pytest.raises(Misused, match="passed-on-back"):
        ke.seat().pass_on(thread, replace(ADDIS, to="VN/Anti-smuggling desk"))
    with pytest.raises(Misused, match="passed-on-back"):
        ke.seat().pass_on(thread, replace(ADDIS, to="KE/Operations desk"))


def test_who_has_only_the_supervisors_copy_passes_nothing_on(world: World) -> None:
    ke, _, _ = world
    thread = told(world, replace(CAREFUL, onward=Leave.YES))

    with pytest.raises(Refused, match="nothing-told"):
        ke.seat("supervisor").pass_on(thread, ADDIS)


def test_a_question_may_be_passed_on_to_whoever_is_competent(world: World) -> None:
    vn, et = world["vn"], world["et"]
    asked_ = (
        world["ke"]
        .seat()
        .ask(question("VN/Anti-smuggling desk", handling=replace(CAREFUL, onward=Leave.YES)))
    )
    world.sync()

    done = vn.seat().pass_on(asked_.thread, replace(ADDIS, ref="HP/9"))
    world.sync()

    assert read(et, done).chain.original.act == asked_.act


def test_ngos_and_bodies_neither_pass_on_nor_read_what_states_ask_and_answer(
    world: World,
) -> None:
    ke = world["ke"]
    thread = told(world)
    opened = ke.seat().thread(thread)
    answer = next(e for e in opened.copies if isinstance(e.statement.body, Answer))
    chain = unpack(answer.statement).chain
    book = read_book(ke.house)
    own, addis = book.agency(ke.agency), book.agency(world["et"].agency)

    def of(card: object, kind: AgencyType) -> object:
        return replace(card, root=replace(card.root, kind=kind))  # type: ignore[attr-defined,type-var]  # a card

    with pytest.raises(NotCompetent, match="ngo-passes-nothing-on"):
        check_passer(chain, of(own, AgencyType.NGO), addis)  # type: ignore[arg-type]  # a card
    with pytest.raises(NotCompetent, match="ngo-not-a-party"):
        check_passer(chain, own, of(addis, AgencyType.NGO))  # type: ignore[arg-type]  # likewise
    with pytest.raises(NotCompetent, match="body-reads-no-request"):
        check_passer(chain, own, of(addis, AgencyType.BODY))  # type: ignore[arg-type]  # likewise


def test_a_no_that_comes_while_he_looks_stops_it(world: World) -> None:
    ke, vn, _ = world
    thread = consented(world)
    draft = draft_pass_on(ke.seat().unlocked, ke.house, thread, ADDIS)
    vn.seat().tell(_news("KE/Operations desk"))
    ke.seat().ask_consent(thread, wish(Use.COURT))
    world.sync()

    with pytest.raises(TooLate, match="moved"):
        send(ke.seat().unlocked, ke.house, draft)


def test_a_second_hop_needs_the_first_originators_word_again(world: World) -> None:
    ke, vn, et = world
    lome = joined(world, "TG")
    thread = consented(world)
    sent = ke.seat().pass_on(thread, ADDIS)
    world.sync()
    onward = replace(ADDIS, to="TG/Container desk", ref="ET/3")

    # Ethiopia may not, Kenya cannot say so, and asks Viet Nam in Ethiopia's name.
    with pytest.raises(Refused, match="needs-consent"):
        et.seat().pass_on(sent.thread, onward)
    et.seat().ask_consent(sent.thread, wish(to=("TG",)))
    world.sync()
    with pytest.raises(Refused, match="not-originator"):
        ke.seat().give_consent(sent.thread, YES)
    with pytest.raises(Refused, match="consent-not-there"):
        ke.seat().bring_consent(sent.thread, thread)
    befriended(ke, lome)
    ke.seat().ask_consent(thread, wish(to=("TG",), holder="ET"))
    world.sync()
    vn.seat().give_consent(thread, YES)
    world.sync()
    with pytest.raises(Refused, match="needs-consent"):
        ke.seat().pass_on(thread, onward)  # it is Ethiopia's consent, and not Kenya's
    ke.seat().bring_consent(sent.thread, thread)
    world.sync()

    # Ethiopia passes it on; Lomé knows Ethiopia alone, and sees every hand.
    done = et.seat().pass_on(sent.thread, onward)
    world.sync()
    found = read(lome, done)
    assert [each.said.author.agency for each in found.chain.hands] == [ke.agency, et.agency]
    assert found.chain.originator == vn.agency
    assert found.backing is Backing.VOUCHED
    assert all(each.consent for each in found.chain.hands)


def test_without_the_keys_of_the_originator_it_is_shown_as_not_checked(world: World) -> None:
    et = world["et"]
    lome = joined(world, "TG")
    thread = told(world, replace(CAREFUL, onward=Leave.YES))
    sent = world["ke"].seat().pass_on(thread, ADDIS)
    world.sync()
    draft = draft_pass_on(
        et.seat().unlocked, et.house, sent.thread, replace(ADDIS, to="TG/Container desk")
    )
    body = draft.act.body
    assert isinstance(body, PassOn)
    inner = et.seat().thread(sent.thread).copies[0].statement.body
    assert isinstance(inner, PassOn)
    # As if nobody had shown any keys: the first hand's are inside what it signed.
    done = send(
        et.seat().unlocked,
        et.house,
        replace(draft, act=replace(draft.act, body=replace(body, certified=()))),
    )
    world.sync()

    found = read(lome, done)

    # Viet Nam's key is shown by Kenya, Kenya's by nobody.
    assert inner.certified
    assert found.backing is Backing.CLAIMED


def test_an_unchecked_key_gets_nothing_with_a_name_in_it(world: World) -> None:
    et = world["et"]
    joined(world, "TG", checked=False)
    thread = told(world, replace(CAREFUL, onward=Leave.YES))
    sent = world["ke"].seat().pass_on(thread, ADDIS)
    world.sync()

    with pytest.raises(NotChecked):
        et.seat().pass_on(sent.thread, replace(ADDIS, to="TG/Container desk"))


def test_use_in_court_is_asked_given_and_kept_in_the_thread(world: World) -> None:
    ke, vn, _ = world
    thread = told(world)
    asked(world, thread, wish(Use.COURT, purpose="evidence"))
    vn.seat().give_consent(thread, replace(YES, text="With our certificate."))
    world.sync()

    [asking] = askings(ke.seat().thread(thread).thread)

    assert asking.word is not None
    assert (asking.body.use, asking.word.text) == (Use.COURT, "With our certificate.")
    what = [each.what for each in ke.seat().thread(thread).thread.events]
    assert what.index("consent-asked") < what.index("consent-given")


def test_only_whoever_told_it_or_his_desk_gives_consent(world: World) -> None:
    vn = world["vn"]
    thread = told(world)
    asked(world, thread)

    with pytest.raises(Refused):
        vn.seat("supervisor").give_consent(thread, YES)
    vn.seat("colleague").give_consent(thread, YES)
    with pytest.raises(TooLate, match="step"):
        vn.seat().give_consent(thread, YES)


@pytest.mark.parametrize(
    ("meant", "code"),
    [
        (wish(to=()), "usage.field-missing"),
        (wish(Use.COURT, to=("ET",)), "usage.field-missing"),
        (wish(purpose="trade"), "usage.purpose-unknown"),
        (wish(to=("ET",) * 21), "usage.field-many"),
        (wish(to=("XX",)), "usage.agency-unknown"),
    ],
)
def test_a_wish_says_what_for_and_towards_whom(world: World, meant: object, code: str) -> None:
    thread = told(world)

    with pytest.raises(Misused) as wrong:
        world["ke"].seat().ask_consent(thread, meant)  # type: ignore[arg-type]  # a wish

    assert wrong.value.cause == code


def test_one_wish_is_asked_once(world: World) -> None:
    thread = told(world)
    asked(world, thread)

    with pytest.raises(Refused, match="consent-waits"):
        world["ke"].seat().ask_consent(thread, wish())


def test_the_originator_may_change_his_word_until_use_was_made_of_it(world: World) -> None:
    ke, vn, _ = world
    thread = consented(world)
    [asking] = askings(vn.seat().thread(thread).thread)

    vn.seat().give_consent(thread, replace(NO, request=asking.act))
    world.sync()
    with pytest.raises(Refused, match="consent-no"):
        ke.seat().pass_on(thread, ADDIS)
    world.hours.pass_(minutes=5)
    vn.seat().give_consent(thread, replace(YES, request=asking.act))
    world.sync()
    ke.seat().pass_on(thread, ADDIS)

    with pytest.raises(Misused, match="act-unknown"):
        vn.seat().give_consent(thread, replace(NO, request="x" * 26))


def test_of_two_wishes_the_last_word_stands_and_not_the_last_wish(world: World) -> None:
    ke, vn, _ = world
    thread = told(world)
    asked(world, thread)
    asked(world, thread, wish(to=("ET", "VN"), reason="Both."))
    first, second = (each.act for each in askings(vn.seat().thread(thread).thread))

    vn.seat().give_consent(thread, replace(YES, request=second))
    world.hours.pass_(minutes=5)
    vn.seat().give_consent(thread, replace(NO, request=first))
    world.sync()

    with pytest.raises(Refused, match="consent-no"):
        ke.seat().pass_on(thread, ADDIS)


@pytest.mark.parametrize("until", ["yesterday", "2026-11-23T04:00:00Z"])
def test_consent_holds_for_a_time_that_is_to_come(world: World, until: str) -> None:
    thread = told(world)
    asked(world, thread)

    with pytest.raises(Misused, match="handling-expire"):
        world["vn"].seat().give_consent(thread, Said(yes=True, until=until))
    world["vn"].seat().give_consent(thread, NO)


def test_who_may_share_nothing_may_still_ask_and_say_no() -> None:
    asks = ConsentRequest(to=ACT, use=Use.PASS_ON, holder=AGENCY, agencies=(AGENCY,))
    says = Consent(to=ACT, word=Word.NO, act=ACT, use=Use.PASS_ON, holder=AGENCY)

    assert not shares(asks)
    assert shares(replace(asks, reason="They land there."))
    assert not shares(says)
    assert shares(replace(says, text="Not while our own case runs."))
    assert shares(replace(says, word=Word.YES))


def _news(to: str = "ET/Duty desk") -> News:
    return News(to=to, kind="phone", ref="HP/1", facts="Two tonnes.")
