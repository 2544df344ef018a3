# SPDX-License-Identifier: Apache-2.0
"""J1: a customs sergeant in Mombasa, on a Monday, as far as nodes and seats go.

312 kg of ivory in a container declared as timber, and a Vietnamese telephone number on its seal.
All values are invented. What an officer would see at each step is asserted at that step.
"""

import io
from dataclasses import replace

import pytest
from tests.world import World, WorldNode, question

from comity.domain.docket import ReceiptStage
from comity.domain.handling import Handling, Leave, See
from comity.domain.ids import ThreadId
from comity.domain.statement import Outcome, Urgency, Why
from comity.domain.thread import Effect, Side, Stage
from comity.errors import TooLate
from comity.services.answer import Reply
from comity.services.inbox import Line
from comity.services.prove import check_proof, prove

DESK = "VN/Anti-smuggling desk"


def line(node: WorldNode, thread: ThreadId, who: str = "investigator") -> Line:
    return next(each for each in node.inbox(who) if each.thread == thread)


def stages(node: WorldNode, thread: ThreadId, act: str) -> set[ReceiptStage]:
    """Return what is shown to have become of *act* when the thread is opened."""
    opened = node.seat().thread(thread).thread
    return {each.stage for each in opened.receipts if each.act == act}


def test_a_number_on_a_seal_is_asked_after_and_answered(world: World) -> None:
    mombasa, hai_phong = world.nodes("ke", "vn")

    # 06:30, the night shift: a question from Hai Phong is taken, and handed over with a remark.
    earlier = hai_phong.seat().ask(question("KE/Operations desk", kind="phone", ref="HP/77"))
    world.sync()
    night = mombasa.seat("colleague")
    night.take(earlier.thread)
    night.hand_over(earlier.thread, "officer 1", remark="They call again at nine.")

    # 07:40: the sergeant finds it in his inbox, and everybody at the desk sees whose it is.
    world.hours.pass_(hours=1, minutes=10)
    found = line(mombasa, earlier.thread)
    assert found.holder is not None
    assert found.holder.id == mombasa.settled.people["investigator"]
    assert found.holder.remark == "They call again at nine."
    assert line(mombasa, earlier.thread, "colleague").holder == found.holder

    # 08:05: his own question, with a photograph. He sees who will read it before he sends it.
    photograph = mombasa.seat().attach(io.BytesIO(b"a seal" * 20_000), "seal.jpg", "image/jpeg")
    asked = question(
        DESK,
        ref="MSA/114/2026",
        facts="312 kg of ivory in CSQU3054383, declared as timber.",
        offence="wildlife-trafficking",
        why_you="The number is written on the seal.",
        urgency=Urgency.URGENT,
        urgency_reason="The ship leaves tonight.",
        attachments=(photograph,),
    )
    shown = mombasa.seat().who_will_see(asked)
    assert {each.why for each in shown.readers} == {
        Why.AUTHOR,
        Why.ADDRESSED,
        Why.OVERSIGHT,
        Why.OWN_DESK,
    }
    assert not shown.held

    # He sends it, sees a slip, and takes it back while it has not left. (On practice nodes, as these
    # are, nothing waits for him: it is still here because the courier has not come by.)
    slip = mombasa.seat().ask(replace(asked, ref="MSA/141/2026"))
    mombasa.seat().stop(slip.act)
    stopped = mombasa.seat().thread(slip.thread).thread
    assert stopped.having(Effect.STOPPED)[0].id == slip.act

    sent = mombasa.seat().ask(asked)
    assert sent.short.startswith("KV-")
    assert stages(mombasa, sent.thread, sent.act) == {ReceiptStage.SUBMITTED}

    # The link is down: "sent" and no more. "Delivered, with proof" is shown once the receipt is here.
    world.weather.away.add(hai_phong.id)
    world.carry()
    assert stages(mombasa, sent.thread, sent.act) == {ReceiptStage.SUBMITTED}
    assert [each.thread for each in hai_phong.inbox()] == [earlier.thread]
    world.weather.clear()
    world.sync()
    assert stages(mombasa, sent.thread, sent.act) == {
        ReceiptStage.SUBMITTED,
        ReceiptStage.DELIVERED,
        ReceiptStage.PROVEN,
    }
    with pytest.raises(TooLate):
        mombasa.seat().stop(sent.act)

    # The slip never came; what came waits with its clock, and nobody has opened it yet.
    world.hours.pass_(hours=1)
    waiting = line(hai_phong, sent.thread)
    assert [each.thread for each in hai_phong.inbox() if each.waits] == [sent.thread]
    assert waiting.stage is Stage.ASKED
    assert waiting.due is not None
    assert (waiting.due.answer - waiting.due.received).total_seconds() == 8 * 3600

    # 11:20 in Mombasa: Hai Phong opens it, looks at the photograph, and asks back.
    opened = hai_phong.seat().thread(sent.short)
    request = opened.thread.request
    assert request is not None
    assert request.fields["number"] == ("+84900000000",)
    sink = io.BytesIO()
    hai_phong.seat().detach(request.attachments[0], sink)
    assert sink.getvalue() == b"a seal" * 20_000
    hai_phong.seat().acknowledge(sent.thread)
    world.sync()
    world.hours.pass_(minutes=4)
    hai_phong.seat().ask_back(sent.thread, ["period"], fields=["period"])
    world.sync()

    told = mombasa.seat().thread(sent.short)
    assert told.thread.stage is Stage.ASKED_BACK
    assert told.thread.acknowledged is not None
    [open_question] = told.thread.questions
    assert (open_question.of, open_question.reasons) == (Side.ASKER, ("period",))
    assert ReceiptStage.OPENED in stages(mombasa, sent.thread, sent.act)
    mombasa.seat().answer(
        sent.thread, Reply(outcome=Outcome.INFORMATION, text="From 1 to 20 November.")
    )
    world.hours.pass_(minutes=2)
    world.sync()
    assert hai_phong.seat().thread(sent.thread).thread.stage is Stage.SUPPLIED

    # 13:05: partly; for his desk only, and not for court.
    narrow = Handling(see=See.DESK, onward=Leave.NO, judicial=Leave.NO)
    hai_phong.seat().answer(
        sent.thread,
        Reply(
            outcome=Outcome.PARTLY,
            fields={"registered_name": ("Công ty Gỗ Biển Đông",), "status": ("in-use",)},
            text="Đăng ký từ năm 2024.",
            ref="HP/2026/903",
            handling=narrow,
        ),
    )
    world.hours.pass_(minutes=2)
    world.sync()
    answered = mombasa.seat().thread(sent.short).thread
    assert answered.stage is Stage.ANSWERED
    assert answered.outcomes[-1].outcome is Outcome.PARTLY
    assert (answered.handling.onward, answered.handling.judicial) == (Leave.NO, Leave.NO)
    assert dict(answered.refs) == {
        mombasa.agency: "MSA/114/2026",
        hai_phong.agency: "HP/2026/903",
    }

    # 15:00: the late shift gets it, with a remark.
    world.hours.pass_(hours=2)
    mombasa.seat().hand_over(sent.thread, "officer 2", remark="Company search is next.")
    late = line(mombasa, sent.thread, "colleague")
    assert late.holder is not None
    assert late.holder.remark == "Company search is next."

    # Both sides tell one story, and both ledgers bear it out.
    what = [each.what for each in mombasa.seat("colleague").thread(sent.thread).thread.events]
    assert list(dict.fromkeys(each for each in what if each in STORY)) == STORY
    proof = check_proof(prove(mombasa.house, sent.act))
    assert {each.receipt.stage for each in proof.receipts} == {
        ReceiptStage.DELIVERED,
        ReceiptStage.OPENED,
    }
    assert proof.dockets[0].place.witnesses
    assert [node.verify().faults for node in world] == [(), ()]


STORY = [
    "asked",
    "sent",
    "delivered",
    "proven",
    "opened",
    "acknowledged",
    "asked-back",
    "supplied",
    "answered",
    "handed-over",
]
