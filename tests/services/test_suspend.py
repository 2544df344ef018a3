# SPDX-License-Identifier: Apache-2.0
"""One suspends, two lift, a day may end it; what is held against a peer waits for people."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.parcels import size
from tests.services.scene import Scene

from comity.domain.standing import MarkCode, SuspendCode
from comity.errors import Misused, Refused
from comity.services import suspend

TWO = ("A. Mwangi", "B. Otieno")


def test_what_was_suspended_until_a_day_lifts_itself_then(scene: Scene) -> None:
    ke, vn = scene.ke, scene.vn
    until = scene.hours.now + timedelta(days=2)

    suspend.suspend(
        ke.house, vn.agency, code=SuspendCode.POLICY, by="A. Mwangi", remark="audit", until=until
    )
    assert suspend.look(ke.house) == ()
    told = ke.knows(vn).standing.suspension
    assert told is not None
    assert (told.code, told.remark) == (SuspendCode.POLICY, "audit")

    scene.hours.pass_(hours=49)
    assert suspend.look(ke.house) == (vn.agency,)
    assert not ke.knows(vn).suspended
    assert ke.knows(vn).standing.suspension is None
    assert ke.verify().faults == ()


def test_each_change_is_a_leaf_and_says_no_name(scene: Scene) -> None:
    ke, vn = scene.ke, scene.vn
    before = size(ke)

    suspend.suspend(ke.house, vn.agency, code=SuspendCode.OTHER, by="A. Mwangi")
    suspend.lift(ke.house, vn.agency, decided_by=TWO, reason="cleared")

    assert size(ke) == before + 2
    ke.house.store.write(lambda _: None)
    for path in Path(ke.house.home).rglob("*.db*"):
        assert b"A. Mwangi" not in path.read_bytes()


def test_a_suspension_ends_on_a_day_to_come_and_is_lifted_by_two_different_people(
    scene: Scene,
) -> None:
    ke, vn = scene.ke, scene.vn

    with pytest.raises(Misused, match="suspend-until"):
        suspend.suspend(ke.house, vn.agency, code=SuspendCode.OTHER, by="A", until=scene.hours.now)
    with pytest.raises(Refused, match="not-suspended"):
        suspend.lift(ke.house, vn.agency, decided_by=TWO, reason="cleared")
    suspend.suspend(ke.house, vn.agency, code=SuspendCode.OTHER, by="A. Mwangi")
    for deciders in (("A. Mwangi",), ("A. Mwangi", "a. mwangi"), ("A. Mwangi", " ")):
        with pytest.raises(Misused, match="admission-deciders"):
            suspend.lift(ke.house, vn.agency, decided_by=deciders, reason="cleared")


def test_the_same_thing_shown_again_changes_nothing_and_another_waits_anew(scene: Scene) -> None:
    ke, vn = scene.ke, scene.vn

    def found(subject: str) -> None:
        ke.house.store.write(lambda w: suspend.mark(w, ke.house, vn.id, MarkCode.FORKED, subject))

    found("one")
    found("one")
    assert [each.count for each in ke.knows(vn).standing.marks] == [1]
    suspend.lift(ke.house, vn.agency, decided_by=TWO, reason="their disk was exchanged")
    found("one")
    assert ke.knows(vn).standing.held == ""

    found("two")
    [mark] = ke.knows(vn).standing.marks
    assert (mark.count, ke.knows(vn).standing.held) == (2, MarkCode.FORKED)
