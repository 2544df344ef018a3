# SPDX-License-Identifier: Apache-2.0
"""Practice: the whole course with an invented agency, and no way from there to anywhere."""

import contextlib
import io
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.services.settle import ADMISSION
from tests.templates import copy_of
from tests.world import World, WorldNode, question

from comity.domain.roster import AgencyType
from comity.domain.statement import Answer, Outcome
from comity.domain.thread import Stage
from comity.errors import ComityError, Misused, NotAdmitted, Refused, Unreachable
from comity.services import admit, home, practice
from comity.services.address_book import read_book
from comity.services.agencies import found_agency
from comity.services.answer import Reply
from comity.services.carry_in import carry_in
from comity.services.carry_out import carry_out
from comity.services.invite import invite
from comity.services.ports import Destination
from comity.services.practice import Kept, Practice, begin, kept_of, open_, sit_down
from comity.services.seat import Seat
from comity.services.tutor import ask_first, go_on


@pytest.fixture
def world(two_countries: World, tmp_path: Path) -> Iterator[World]:
    yield from copy_of(two_countries, tmp_path)


@pytest.fixture
def kenya(world: World) -> WorldNode:
    return world["ke"]


@pytest.fixture
def played(kenya: WorldNode) -> Iterator[Practice]:
    kept = begin(kenya.house, kenya.agency)
    opened = open_(kenya.house, kenya.agency, kept)
    yield opened
    opened.close()


def _seat(kenya: WorldNode, played: Practice, who: str = "investigator") -> Seat:
    entry = kenya.seat(who).unlocked.entry
    unlocked, _ = sit_down(played, entry, f"{who} KE")
    return Seat(unlocked=unlocked, house=played.ours)


def test_a_question_runs_its_whole_course(kenya: WorldNode, played: Practice) -> None:
    seat, hours = _seat(kenya, played), kenya.world.hours
    done = seat.ask(question(played.there.name))

    go_on(played)
    stages = []
    for _ in range(4):
        hours.pass_(seconds=30)
        go_on(played)
        stages.append(seat.thread(done.thread).thread.stage)

    assert stages[:2] == [Stage.ACKNOWLEDGED, Stage.ASKED_BACK]
    seat.answer(done.thread, Reply(outcome=Outcome.INFORMATION, text="1-20 November"))
    hours.pass_(seconds=30)
    go_on(played)
    hours.pass_(seconds=30)
    go_on(played)
    thread = seat.thread(done.thread).thread
    assert thread.stage is Stage.ANSWERED
    assert isinstance(thread.acts[-1].body, Answer)


def test_the_tutor_answers_anyhow_after_a_while(kenya: WorldNode, played: Practice) -> None:
    seat, hours = _seat(kenya, played), kenya.world.hours
    done = seat.ask(question(played.there.name))

    for _ in range(5):
        hours.pass_(minutes=6)
        go_on(played)

    assert seat.thread(done.thread).thread.stage is Stage.ANSWERED


def test_the_tutor_asks_something_to_be_answered(kenya: WorldNode, played: Practice) -> None:
    seat = _seat(kenya, played)

    ask_first(played, "en")

    [line] = seat.inbox()
    assert line.waits
    seat.answer(line.thread, Reply(outcome=Outcome.INFORMATION, text="Nothing, really."))
    kenya.world.hours.pass_(seconds=5)
    go_on(played)
    assert Seat(unlocked=played.tutor(), house=played.theirs).thread(line.thread).thread.answered


def test_who_comes_again_is_the_same_and_has_his_roles_of_today(
    kenya: WorldNode, played: Practice
) -> None:
    first, second = _seat(kenya, played), _seat(kenya, played)
    supervisor = _seat(kenya, played, "supervisor")

    oversight = next(each for each in played.here.desks if each.oversight)
    assert first.unlocked.entry.id == second.unlocked.entry.id
    assert supervisor.unlocked.entry.id in played.here.members(oversight.id)
    assert first.unlocked.entry.id not in played.here.members(oversight.id)


def test_a_world_is_begun_once_and_begun_anew_when_asked(kenya: WorldNode) -> None:
    first = begin(kenya.house, kenya.agency)
    again = begin(kenya.house, kenya.agency)
    other = begin(kenya.house, kenya.agency, anew=True)

    folder = kenya.house.home / practice.FOLDER / kenya.agency
    assert first == again
    assert other != first
    assert [each.name for each in folder.iterdir()] == [other.name]
    assert kept_of(kenya.house, kenya.agency) == other


def test_no_other_secret_opens_it(kenya: WorldNode) -> None:
    kept = begin(kenya.house, kenya.agency)

    with pytest.raises(ComityError):
        open_(kenya.house, kenya.agency, Kept(name=kept.name, secret=bytes(32)))


def test_the_secret_lies_nowhere_in_clear(kenya: WorldNode) -> None:
    kept = begin(kenya.house, kenya.agency)

    files = [each for each in kenya.house.home.rglob("*") if each.is_file()]
    stored = b"".join(each.read_bytes() for each in files)
    assert kept.secret not in stored
    assert kept.secret.hex().encode() not in stored


def test_the_home_still_verifies(kenya: WorldNode, played: Practice) -> None:
    _seat(kenya, played).ask(question(played.there.name))

    assert kenya.verify().sound


# What a clumsy or a corrupt colleague might try.


def test_practice_knows_nobody_of_the_real_world(kenya: WorldNode, played: Practice) -> None:
    real = {card.id for card in read_book(kenya.house).cards.values()}
    known = {card.id for card in read_book(played.ours).cards.values()}

    assert len(known) == 2
    assert real.isdisjoint(known)
    assert known.isdisjoint({card.id for card in read_book(kenya.house).cards.values()})


def test_no_key_is_of_both_worlds(kenya: WorldNode, played: Practice) -> None:
    def keys_of(house: Any) -> set[str]:
        return {str(each.storage) for card in read_book(house).own for each in card.officers} | {
            house.keys.node,
            house.keys.carrier.public.raw.hex(),
            str(house.keys.parcel),
        }

    _seat(kenya, played)

    assert keys_of(kenya.house).isdisjoint(keys_of(played.ours) | keys_of(played.theirs))


def test_nobody_asks_a_real_desk_from_practice(
    world: World, kenya: WorldNode, played: Practice
) -> None:
    seat = _seat(kenya, played)

    for to in (world["vn"].card.name, world["vn"].settled.desk, world["vn"].agency):
        with pytest.raises((Misused, NotAdmitted)):
            seat.ask(question(to))


def test_practice_and_a_real_server_admit_nothing_of_each_other(
    kenya: WorldNode, played: Practice, tmp_path: Path
) -> None:
    real = home.create(
        tmp_path / "real",
        key_home="file",
        ask_house=lambda: "",
        clock=kenya.clock,
    )
    card = found_agency(
        real,
        name="Customs, Kisumu",
        country="KE",
        kind=AgencyType.AGENCY,
        address="",
        root_file=tmp_path / "real.root",
        root_passphrase="quiet river under seven stones",
    )

    with pytest.raises(Refused):
        admit.accept(real, invite(played.ours, played.here.id), ADMISSION)
    with pytest.raises(Refused):
        admit.accept(played.ours, invite(real, card.id), ADMISSION)
    home.close(real)


def test_the_wire_of_practice_reaches_nobody_else(
    world: World, kenya: WorldNode, played: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("practice opened a socket")

    monkeypatch.setattr(socket, "socket", forbidden)
    vietnam = world["vn"].card.node
    to = Destination(
        node=vietnam.node, address=vietnam.address, tls=vietnam.tls, carrier=vietnam.carrier
    )

    with pytest.raises(Unreachable):
        played.wires[0].exchange(to, b"parcel")
    _seat(kenya, played).ask(question(played.there.name))
    go_on(played)
    kenya.world.hours.pass_(minutes=1)
    assert go_on(played)


def test_a_parcel_of_practice_is_nothing_to_a_real_server(
    world: World, kenya: WorldNode, played: Practice
) -> None:
    sent: list[bytes] = []
    inner = played.wires[0].exchange

    def overheard(to: Destination, parcel: bytes) -> bytes:
        sent.append(parcel)
        return inner(to, parcel)

    played.wires[0].exchange = overheard  # type: ignore[method-assign]  # an eavesdropper
    _seat(kenya, played).ask(question(played.there.name))
    played.carry()

    assert sent
    for node in world:
        for parcel in sent:
            with pytest.raises(ComityError):
                node.node.courier.incoming(parcel, played.ours.keys.node)
        assert node.inbox() == ()


def test_a_file_by_usb_from_practice_is_refused_by_every_real_server(
    world: World, kenya: WorldNode, played: Practice
) -> None:
    _seat(kenya, played).ask(question(played.there.name))
    written = io.BytesIO()
    carry_out(played.ours, played.theirs.keys.node, lambda: contextlib.nullcontext(written))

    for node in world:
        with pytest.raises(ComityError):
            carry_in(node.house, io.BytesIO(written.getvalue()).read)
        assert node.inbox() == ()


def test_a_real_session_opens_no_practice_thread(kenya: WorldNode, played: Practice) -> None:
    done = _seat(kenya, played).ask(question(played.there.name))

    with pytest.raises(Misused):
        kenya.seat().thread(done.thread)
    with pytest.raises(Misused):
        Seat(unlocked=kenya.seat().unlocked, house=played.ours).thread(done.thread)
