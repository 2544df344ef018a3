# SPDX-License-Identifier: Apache-2.0
"""Told without being asked: a note with restrictions that bind."""

from dataclasses import replace

import pytest
from tests.services.scene import Scene, counts

from comity.domain.handling import Handling, Leave
from comity.domain.policy import Mode
from comity.domain.statement import Basis, Note, Why
from comity.domain.thread import Stage
from comity.errors import Excluded, NoMandate, Refused
from comity.services.tell import News

NEWS = News(
    to="VN/Anti-smuggling desk",
    kind="seizure",
    ref="MSA/115",
    facts="Two tonnes of raw ivory under timber; the same sender ships again on Friday.",
    handling=Handling(onward=Leave.NO, judicial=Leave.ASK, condition="Not before Friday."),
)


def test_a_note_arrives_with_what_binds_its_readers_and_starts_no_clock(scene: Scene) -> None:
    done = scene.ke.seat().tell(NEWS)
    scene.sync()

    (line,) = scene.vn.inbox()
    note = scene.vn.seat().thread(done.short).thread.note
    assert isinstance(note, Note)
    assert (line.is_note, line.due, line.stage) == (True, None, Stage.TOLD)
    assert note.handling == NEWS.handling
    assert (note.basis.code, note.short) == ("untoc-18-4", done.short)


def test_a_note_is_acknowledged_and_taken(scene: Scene) -> None:
    done = scene.ke.seat().tell(NEWS)
    scene.sync()

    scene.vn.seat().acknowledge(done.thread, remark="Thank you.")
    scene.vn.seat().take(done.thread)
    scene.sync()

    assert scene.ke.seat().thread(done.thread).thread.stage is Stage.ACKNOWLEDGED


def test_who_will_see_a_note_is_shown_and_sealed_to(scene: Scene) -> None:
    seat = scene.ke.seat()
    shown = seat.who_will_see(NEWS)

    done = seat.tell(NEWS)

    sealed = {e.id for copy in seat.thread(done.thread).copies for e in copy.statement.readers}
    assert sealed == {each.id for each in shown.readers}
    assert [each.why for each in shown.readers][:2] == [Why.AUTHOR, Why.ADDRESSED]


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"kind": "rumour"}, "usage.kind-unknown"),
        ({"ref": ""}, "usage.field-missing"),
        ({"facts": " "}, "usage.field-missing"),
        ({"facts": "x" * 8001}, "usage.field-long"),
        ({"fields": {"nonsense": ("x",)}}, "usage.field-unknown"),
        ({"basis": Basis(code="other")}, "refused.needs-reason.basis"),
        ({"language": "?"}, "usage.language"),
        ({"to": "nowhere"}, "usage.agency-unknown"),
        ({"bars": ("VN",)}, Excluded.code),
    ],
)
def test_a_note_that_does_not_hold_together_is_not_signed(
    scene: Scene, changed: dict[str, object], cause: str
) -> None:
    before = counts(scene.ke)

    with pytest.raises(Refused) as raised:
        scene.ke.seat().tell(replace(NEWS, **changed))  # type: ignore[arg-type]

    assert raised.value.cause == cause
    assert counts(scene.ke) == before


def test_oversight_and_mandates_name_a_note_as_a_note(scene: Scene) -> None:
    scene.oversee(Mode.COUNTERSIGN, kind="note")
    assert scene.ke.seat().tell(NEWS).held
    scene.oversee(Mode.COUNTERSIGN, kind="seizure")
    assert not scene.ke.seat().tell(NEWS).held

    scene.hours.pass_(hours=24 * 366)
    with pytest.raises(NoMandate):
        scene.ke.seat().tell(replace(NEWS, roster_reason="Urgent."))
