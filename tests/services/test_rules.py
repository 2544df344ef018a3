# SPDX-License-Identifier: Apache-2.0
"""NGOs and bodies: what they may say and hear; and sending within one state."""

from datetime import timedelta

import pytest
from tests.services.bureau import Bureau, found_bureau
from tests.services.scene import Scene, asked, rows_of, waiting

from comity.domain.docket import DocketStage
from comity.domain.ids import ActId
from comity.domain.policy import Mode
from comity.domain.roster import AgencyType
from comity.domain.statement import (
    Acknowledgement,
    Answer,
    AskBack,
    Body,
    Outcome,
    RefusalGround,
    Take,
)
from comity.errors import NoMandate, NotCompetent
from comity.services.ask import Question
from comity.services.mandates import NewMandate, add_mandate
from comity.services.rosters import issue
from comity.services.rules import shares
from comity.services.tell import News
from comity.storage.copies import CopyState

ACT = ActId("a" * 26)
BARE = "bare"
TELLS = "tells"


def ngo(scene: Scene, *, country: str = "KE") -> Bureau:
    return found_bureau(scene.ke, scene.path, kind=AgencyType.NGO, country=country, oversight=False)


def end_mandates(scene: Scene) -> None:
    card = scene.ke.card
    issue(
        scene.ke.house,
        card.id,
        end=[named for named, each in card.current.items() if each in card.mandates],
    )


def cause(act: object) -> str:
    with pytest.raises(NotCompetent) as raised:
        act()  # type: ignore[operator]
    return raised.value.cause


def test_an_ngo_tells_its_own_state_and_asks_nobody(scene: Scene) -> None:
    friends = ngo(scene)
    seat = friends.seat("clerk")
    to = scene.ke.settled.desk

    told = seat.tell(News(to=to, kind="seizure", ref="N/1", facts="Seen at the market."))

    assert [line.thread for line in scene.ke.inbox("colleague")] == [told.thread]
    assert cause(lambda: seat.ask(asked(to=to))) == "refused.not-competent.ngo-asks-nothing"


def test_an_ngo_may_be_asked_what_is_not_coercive_and_what_leaves_the_state_needs_a_mandate(
    scene: Scene,
) -> None:
    friends = ngo(scene)
    question = asked(to=friends.desk)
    assert scene.ke.seat().ask(question).thread
    end_mandates(scene)

    with pytest.raises(NoMandate):
        scene.ke.seat().ask(question)


def test_an_ngo_is_never_a_reader_of_what_states_ask_each_other(scene: Scene) -> None:
    friends = ngo(scene)
    scene.oversee(Mode.COPY, to=(friends.desk,))

    # Its desk is none of this state's: it is not reachable, so the copy is owed and not sealed.
    done = scene.ke.seat().ask(asked())

    assert done.owed_on_paper == (friends.desk,)
    assert friends.seat("head").inbox() == ()


def test_a_body_reads_no_question_and_hears_a_note(scene: Scene) -> None:
    body = found_bureau(scene.ke, scene.path, kind=AgencyType.BODY, country="XI", oversight=False)
    seat = scene.ke.seat()
    until = scene.hours.now + timedelta(days=9)
    statutes = NewMandate(law="Statutes, article 3", signed_by="The Secretary", ends=until)
    add_mandate(scene.ke.house, body.agency, statutes)

    assert cause(lambda: seat.ask(asked(to=body.desk))) == (
        "refused.not-competent.body-reads-no-request"
    )
    assert cause(lambda: body.seat("head").ask(asked(to=scene.ke.settled.desk))) == (
        "refused.not-competent.body-reads-no-request"
    )
    told = seat.tell(News(to=body.desk, kind="seizure", ref="N/1", facts="Two tonnes."))
    assert [line.thread for line in body.seat("head").inbox()] == [told.thread]


def test_within_one_state_no_mandate_is_needed_and_nothing_travels(scene: Scene) -> None:
    bureau = found_bureau(scene.ke, scene.path)
    end_mandates(scene)

    done = scene.ke.seat().ask(asked(to=bureau.desk))

    assert [line.thread for line in bureau.seat("head").inbox()] == [done.thread]
    assert waiting(scene.ke) == 0
    states = {row.to: (row.state, row.stage) for row in rows_of(scene.ke, done.act)}
    assert states[bureau.agency] == (CopyState.RECEIVED, DocketStage.ASKED)


def test_a_copy_for_the_national_bureau_moves_no_clock_there(scene: Scene) -> None:
    bureau = found_bureau(scene.ke, scene.path)
    scene.oversee(Mode.COPY, to=(bureau.desk, scene.ke.settled.oversight))

    done = scene.ke.seat().ask(asked())
    scene.sync()

    states = {row.to: (row.state, row.stage, row.clock) for row in rows_of(scene.ke, done.act)}
    assert states[bureau.agency] == (CopyState.RECEIVED, DocketStage.COPIED, "none")
    (line,) = bureau.seat("head").inbox()
    assert (line.thread, line.next, line.mistrusted) == (done.thread, (), 0)
    assert cause(lambda: bureau.seat("head").acknowledge(done.thread)) == (
        "refused.not-competent.not-a-party"
    )


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (Acknowledgement(to=ACT), BARE),
        (Acknowledgement(to=ACT, remark="We have him."), TELLS),
        (AskBack(to=ACT, reasons=("period",)), BARE),
        (AskBack(to=ACT, reasons=("period",), text="Is it Mr B?"), TELLS),
        (Answer(to=ACT, outcome=Outcome.NEITHER), BARE),
        (Answer(to=ACT, outcome=Outcome.REFUSED, ground=RefusalGround.POLICY), BARE),
        (Answer(to=ACT, outcome=Outcome.NEEDS_LETTER), BARE),
        (Answer(to=ACT, outcome=Outcome.NOTHING_KNOWN), TELLS),
        (Answer(to=ACT, outcome=Outcome.REFUSED, text="He is ours."), TELLS),
        (Answer(to=ACT, outcome=Outcome.PASSED_ON, competent="C05"), TELLS),
        (Take(to=ACT), TELLS),
    ],
)
def test_a_bare_code_tells_nothing_and_anything_beside_it_does(body: Body, what: str) -> None:
    assert shares(body) is (what == TELLS)


def test_a_desk_of_ones_own_is_named_by_id_or_name_and_no_other(scene: Scene) -> None:
    question: Question = asked(desk="operations DESK ")

    assert scene.ke.seat().who_will_see(question).desk == scene.ke.settled.desk
    assert cause(lambda: scene.ke.seat().ask(asked(desk=scene.vn.settled.desk))) == (
        "refused.not-competent.not-his-desk"
    )
