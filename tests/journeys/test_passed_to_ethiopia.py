# SPDX-License-Identifier: Apache-2.0
"""J1, step 11: what Hai Phong told Mombasa goes to Addis Ababa, when Hai Phong says so."""

import io

import pytest
from tests.world import World, question

from comity.domain.consent import Word
from comity.domain.consents import askings
from comity.domain.docket import ReceiptStage
from comity.domain.handling import Handling, Leave, See
from comity.domain.onward import Use
from comity.domain.statement import Answer, Outcome, Why
from comity.domain.thread import Stage
from comity.errors import Refused
from comity.services import consent
from comity.services.address_book import read_book
from comity.services.answer import Reply
from comity.services.consent import Wish
from comity.services.pass_on import Onward, draft_pass_on
from comity.services.passed_on_in import Backing, passed
from comity.services.replies import Manner

ADDIS = Onward(to="ET/Duty desk", ref="MSA/114/2026", remark="The ship calls at Djibouti first.")


def test_what_hai_phong_told_mombasa_reaches_addis_ababa_once_hai_phong_says_so(
    three: World,
) -> None:
    mombasa, hai_phong, addis = three.nodes("ke", "vn", "et")
    photograph = hai_phong.seat().attach(io.BytesIO(b"a card" * 9000), "card.jpg", "image/jpeg")
    asked = mombasa.seat().ask(question("VN/Anti-smuggling desk", ref="MSA/114/2026"))
    three.sync()
    hai_phong.seat().answer(
        asked.thread,
        Reply(
            outcome=Outcome.INFORMATION,
            text="Đăng ký từ năm 2024.",
            handling=Handling(see=See.DESK, onward=Leave.ASK, judicial=Leave.NO),
            attachments=(photograph,),
        ),
    )
    three.sync()

    # 14:02: he tries to pass it to Ethiopia, and the program refuses.
    three.hours.pass_(hours=7)
    with pytest.raises(Refused) as refused:
        mombasa.seat().pass_on(asked.thread, ADDIS)
    assert refused.value.cause == "refused.needs-consent"
    three.sync()
    assert addis.inbox() == ()

    # One tap asks Hai Phong, where it waits with its clock.
    mombasa.seat().ask_consent(asked.thread, Wish(use=Use.PASS_ON, to=("ET",), urgent=True))
    with pytest.raises(Refused, match="consent-waits"):
        mombasa.seat().pass_on(asked.thread, ADDIS)
    three.sync()
    [waiting] = [each for each in hai_phong.inbox() if each.waits]
    assert waiting.thread == asked.thread
    assert waiting.next == ("consent",)
    assert waiting.due is not None
    assert waiting.stage is Stage.ANSWERED

    # 14:10: consent.
    three.hours.pass_(minutes=8)
    shown = hai_phong.seat().preview(
        consent.draft_consent(
            hai_phong.seat().unlocked,
            hai_phong.house,
            asked.thread,
            consent.Leave(yes=True),
            Manner(),
        )
    )
    assert Why.ADDRESSED in {each.why for each in shown.readers}
    hai_phong.seat().give_consent(asked.thread, consent.Leave(yes=True))
    three.sync()
    assert not any(each.waits for each in hai_phong.inbox())
    [word] = askings(mombasa.seat().thread(asked.thread).thread)
    assert word.word is not None
    assert word.word.word is Word.YES

    # He sees who will see it, and sends it; Ethiopia reads the answer as Hai Phong signed it.
    seat = mombasa.seat()
    shown = seat.preview(draft_pass_on(seat.unlocked, seat.house, asked.thread, ADDIS))
    assert {each.agency for each in shown.readers if each.why is Why.ADDRESSED} == {addis.agency}
    sent = seat.pass_on(asked.thread, ADDIS)
    three.sync()
    [line] = addis.inbox()
    assert (line.thread, line.short, line.kind) == (sent.thread, sent.short, "phone")
    opened = addis.seat().thread(sent.short)
    body = opened.thread.passed_on
    assert body is not None
    assert opened.thread.opening is not None
    found = passed(opened.thread.opening.statement, read_book(addis.house), addis.house.now())
    assert found.backing is Backing.VERIFIED
    assert found.chain.originator == hai_phong.agency
    answer = found.chain.original.body
    assert isinstance(answer, Answer)
    assert answer.text == "Đăng ký từ năm 2024."
    assert opened.thread.handling.judicial is Leave.NO
    sink = io.BytesIO()
    addis.seat().detach(body.attachments[0], sink)
    assert sink.getvalue() == b"a card" * 9000
    three.sync()
    stages = {each.stage for each in seat.thread(sent.thread).thread.receipts}
    assert ReceiptStage.OPENED in stages

    assert [node.verify().faults for node in three] == [(), (), ()]
