# SPDX-License-Identifier: Apache-2.0
"""By stick: everything crosses in one file, comes once, and the receipt comes back by any way."""

import io
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from tests.services.parcels import (
    has,
    kept_against,
    read,
    size,
    stages,
    waiting_rows,
)
from tests.services.scene import INFORMATION, Scene, asked, real
from tests.services.sticks import answered, back_and_forth, parcels, taken, written
from tests.services.test_large_roster import _officer
from tests.services.test_tell import NEWS
from tests.world import World, WorldNode

from comity.domain.ids import NodeId
from comity.domain.standing import SuspendCode
from comity.domain.thread import Stage
from comity.errors import NotAdmitted, Refused
from comity.services import suspend
from comity.services.carry_out import carry_out
from comity.services.rosters import issue
from comity.storage import copies, receipts
from comity.wire.carry import FRAME

LARGE = bytes(range(256)) * 10_000
SMALL = b"a seal" * 1000


def states(node: WorldNode, act: str) -> list[str]:
    with node.house.store.read() as reading:
        return [row.state for row in copies.by_acts(reading, [act]) if row.node != node.id]


def proven(node: WorldNode, other: WorldNode) -> int:
    """Return up to which size *node* holds the ledger of *other* for proven."""
    head = other.house.store.head()
    assert head is not None
    with node.house.store.read() as reading:
        return receipts.proven_up_to(reading, [head.origin])[head.origin]


def test_a_question_crosses_on_a_stick_and_its_receipt_comes_back(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())

    there = taken(scene.vn, written(scene.ke, scene.vn))
    back = taken(scene.ke, written(scene.vn, scene.ke, there.owed))

    assert (there.messages, there.fault) == (1, None)
    assert has(scene.vn, done.act)
    assert back.receipts == 1
    assert states(scene.ke, done.act) == ["delivered"]
    assert waiting_rows(scene.ke) == waiting_rows(scene.vn) == ()


def test_a_whole_story_is_told_by_stick_alone_to_the_proof(scene: Scene) -> None:
    scene.weather.drop = 1
    done = scene.ke.seat().ask(asked())
    back_and_forth(scene.ke, scene.vn)
    scene.vn.seat().thread(done.thread)
    scene.vn.seat().answer(done.thread, INFORMATION)

    travelled = back_and_forth(scene.vn, scene.ke)

    assert scene.ke.seat().thread(done.thread).thread.stage is Stage.ANSWERED
    assert travelled < 8
    assert {"delivered", "opened"} <= set(stages(scene.ke, done.act))
    assert proven(scene.ke, scene.vn) > 0
    assert proven(scene.vn, scene.ke) > 0
    assert kept_against(scene.ke) == kept_against(scene.vn) == []
    assert scene.ke.verify().sound
    assert scene.vn.verify().sound


def test_the_same_file_ten_times_brings_nothing_twice(scene: Scene) -> None:
    scene.ke.seat().ask(asked())
    file = written(scene.ke, scene.vn)
    taken(scene.vn, file)
    before = size(scene.vn)

    again = [taken(scene.vn, file) for _ in range(9)]

    assert {(each.messages, each.known) for each in again} == {(0, 1)}
    assert size(scene.vn) == before
    assert len(scene.vn.inbox()) == 1


def test_an_old_file_changes_nothing_later(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    old = written(scene.ke, scene.vn)
    old_answer = answered(scene.vn, scene.ke, old)
    taken(scene.ke, old_answer)
    scene.sync()
    issue(scene.ke.house, scene.ke.agency)
    scene.sync()
    before = (size(scene.ke), size(scene.vn), scene.vn.knows(scene.ke).number)

    taken(scene.vn, old)
    taken(scene.ke, old_answer)

    assert (size(scene.ke), size(scene.vn), scene.vn.knows(scene.ke).number) == before
    assert states(scene.ke, done.act) == ["delivered"]
    assert kept_against(scene.ke) == kept_against(scene.vn) == []


def test_what_went_by_stick_goes_by_the_line_too_and_arrives_once(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    file = written(scene.ke, scene.vn)

    scene.sync()
    late = taken(scene.vn, file)

    assert states(scene.ke, done.act) == ["delivered"]
    assert (late.messages, late.known) == (0, 1)
    assert len(scene.vn.inbox()) == 1


def test_the_receipt_for_a_stick_comes_by_the_line(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    taken(scene.vn, written(scene.ke, scene.vn))
    scene.vn.restart()

    scene.vn.node.courier.call(scene.ke.id)

    assert states(scene.ke, done.act) == ["delivered"]
    assert waiting_rows(scene.vn) == ()
    assert kept_against(scene.ke) == []


def test_the_receipt_for_a_stick_comes_on_any_later_stick(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    taken(scene.vn, written(scene.ke, scene.vn))
    scene.vn.restart()
    scene.vn.seat().tell(replace(NEWS, to="KE/Operations desk"))

    taken(scene.ke, written(scene.vn, scene.ke))

    assert states(scene.ke, done.act) == ["delivered"]
    assert kept_against(scene.ke) == []


def test_what_no_receipt_came_for_is_on_every_stick(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())
    written(scene.ke, scene.vn)
    scene.ke.restart()

    there = taken(scene.vn, written(scene.ke, scene.vn))

    assert there.messages == 1
    assert has(scene.vn, done.act)


def test_both_write_at_once(scene: Scene) -> None:
    mine = scene.ke.seat().ask(asked())
    theirs = scene.vn.seat().ask(asked("KE/Operations desk"))
    out, back = written(scene.ke, scene.vn), written(scene.vn, scene.ke)

    taken(scene.vn, out)
    taken(scene.ke, back)
    back_and_forth(scene.ke, scene.vn)

    assert has(scene.vn, mine.act)
    assert has(scene.ke, theirs.act)
    assert waiting_rows(scene.ke) == waiting_rows(scene.vn) == ()


def test_what_waits_in_the_stop_window_stays_here_and_what_left_cannot_be_stopped(
    scene: Scene,
) -> None:
    done = real(scene.ke.seat()).ask(asked())

    assert written(scene.ke, scene.vn) == b""
    scene.hours.pass_(minutes=2)
    assert written(scene.ke, scene.vn)
    with pytest.raises(Refused):
        scene.ke.seat().stop(done.thread)


def test_nothing_is_written_where_nothing_waits(scene: Scene) -> None:
    assert written(scene.ke, scene.vn) == b""


def test_nothing_goes_to_a_suspended_agency_and_nothing_is_taken_from_it(scene: Scene) -> None:
    scene.ke.seat().ask(asked())
    scene.vn.seat().ask(asked("KE/Operations desk"))
    file = written(scene.vn, scene.ke)
    suspend.suspend(scene.ke.house, scene.vn.agency, code=SuspendCode.COMPROMISED, by="A. Mwangi")

    with pytest.raises(NotAdmitted):
        written(scene.ke, scene.vn)
    with pytest.raises(NotAdmitted):
        taken(scene.ke, file)


def test_nobody_writes_for_a_server_that_he_does_not_know(scene: Scene) -> None:
    with pytest.raises(NotAdmitted):
        carry_out(scene.ke.house, NodeId("a" * 26), lambda: nullcontext(io.BytesIO()))


# Files


def test_files_cross_beside_their_questions_in_as_many_parcels_as_it_takes(scene: Scene) -> None:
    seat = scene.ke.seat()
    files = [seat.attach(io.BytesIO(each), "seal.jpg", "image/jpeg") for each in (LARGE, SMALL)]
    done = seat.ask(asked(attachments=tuple(files)))
    plain = seat.ask(asked())

    file = written(scene.ke, scene.vn)
    there = taken(scene.vn, file)

    assert there.messages == 2
    assert there.owed.wants == ()
    assert has(scene.vn, done.act)
    assert has(scene.vn, plain.act)
    assert len(parcels(file, scene.ke)) >= 4
    for attachment, content in zip(files, (LARGE, SMALL), strict=True):
        sink = io.BytesIO()
        scene.vn.seat().detach(attachment, sink)
        assert sink.getvalue() == content


def test_a_file_that_was_cut_off_goes_on_where_it_stopped(scene: Scene) -> None:
    seat = scene.ke.seat()
    attachment = seat.attach(io.BytesIO(LARGE), "seal.jpg", "image/jpeg")
    done = seat.ask(asked(attachments=(attachment,)))
    file = written(scene.ke, scene.vn)

    cut = taken(scene.vn, file[: len(file) // 2])
    wanted = written(scene.vn, scene.ke, cut.owed)
    rest = answered(scene.ke, scene.vn, wanted)
    there = taken(scene.vn, rest)

    assert cut.fault is not None
    assert cut.fault.cause == "untrusted.malformed.carry-cut"
    assert not cut.messages
    assert len(rest) < len(file)
    assert there.messages == 1
    assert has(scene.vn, done.act)


# What is wrong with a file


def cut_at(scene: Scene) -> tuple[bytes, list[int]]:
    """Return a file of several parcels, and where each of them begins."""
    scene.sync()  # each knows the other's roster
    for _ in range(3):
        attachment = scene.ke.seat().attach(io.BytesIO(LARGE[:400_000]), "seal.jpg", "image/jpeg")
        scene.ke.seat().ask(asked(attachments=(attachment,)))
    file = written(scene.ke, scene.vn)
    sealed = parcels(file, scene.ke)
    ends = [len(file) - FRAME]
    for each in reversed(sealed):
        ends.append(ends[-1] - FRAME - len(each))
    return file, ends[::-1]


def test_a_cut_file_brings_what_stands_before_the_cut_and_says_so(scene: Scene) -> None:
    file, starts = cut_at(scene)

    there = taken(scene.vn, file[: starts[2] + 100])
    again = taken(scene.vn, file)

    assert there.fault is not None
    assert there.fault.cause == "untrusted.malformed.carry-cut"
    assert (there.parcels, there.messages) == (2, 2)
    assert (again.messages, again.known, again.fault) == (1, 2, None)


def test_a_spoiled_parcel_stops_none_of_the_others(scene: Scene) -> None:
    file, starts = cut_at(scene)
    at = starts[1] + FRAME + 5000

    there = taken(scene.vn, file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :])
    again = taken(scene.vn, file)

    assert there.fault is not None
    assert there.fault.cause == "untrusted.signature.carry"
    assert there.fault.values == {"part": 2}
    assert there.messages == 2
    assert (again.messages, again.fault) == (1, None)


# Rosters


def test_a_stick_brings_the_roster_that_the_other_side_lacks(scene: Scene) -> None:
    scene.sync()
    issue(scene.ke.house, scene.ke.agency, add=[_officer(scene.ke, label="officer 9")])
    scene.ke.seat().ask(asked())

    taken(scene.vn, written(scene.ke, scene.vn))

    assert scene.vn.knows(scene.ke).number == scene.ke.card.number


def test_a_peer_that_never_spoke_gets_the_whole_roster(scene: Scene) -> None:
    issue(scene.ke.house, scene.ke.agency, add=[_officer(scene.ke, label="officer 9")])
    scene.ke.seat().ask(asked())

    taken(scene.vn, written(scene.ke, scene.vn))

    assert scene.vn.knows(scene.ke).number == scene.ke.card.number
    assert kept_against(scene.vn) == []


def test_a_roster_of_hundreds_goes_along_whole(two_countries: World, tmp_path: Path) -> None:
    with two_countries.copied(tmp_path) as world:
        kenya, vietnam = world
        people = [_officer(kenya, label=f"officer {i}") for i in range(200)]
        issue(kenya.house, kenya.agency, add=people)
        kenya.seat().ask(asked())

        file = written(kenya, vietnam)
        taken(vietnam, file)

        told = vietnam.knows(kenya)
        assert sum(bool(read(vietnam, each).rosters) for each in parcels(file, kenya)) > 1
        assert told.lacks == ""
        assert {each.id for each in people} <= {each.id for each in told.officers}


# Histories


def test_a_stick_that_comes_late_does_not_look_like_two_histories(scene: Scene) -> None:
    scene.ke.seat().ask(asked())
    late = answered(scene.vn, scene.ke, written(scene.ke, scene.vn))
    scene.ke.seat().ask(asked())
    scene.sync()
    scene.ke.seat().ask(asked())

    taken(scene.ke, late)
    scene.sync()

    assert kept_against(scene.ke) == kept_against(scene.vn) == []
    assert scene.ke.verify().sound


def test_every_parcel_of_an_answer_leads_to_the_ledger_by_itself(scene: Scene) -> None:
    for _ in range(140):
        scene.ke.seat().ask(asked())
    scene.sync()
    dones = [scene.ke.seat().ask(asked()) for _ in range(140)]
    back = answered(scene.vn, scene.ke, written(scene.ke, scene.vn))
    [first, *_] = parcels(back, scene.vn)
    at = back.index(first)

    there = taken(scene.ke, back[:at] + bytes([back[at] ^ 1]) + back[at + 1 :])

    assert there.fault is not None
    assert there.receipts > 0
    assert {s for d in dones for s in states(scene.ke, d.act)} == {"delivered", "sent"}
    assert kept_against(scene.ke) == []
