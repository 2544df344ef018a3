# SPDX-License-Identifier: Apache-2.0
"""Who a source is lies apart, and is read by the handler and one deputy; elsewhere he is a number."""

import re
from dataclasses import replace

import pytest
from tests.services.scene import THERE, Scene

from comity.crypto.age import decrypt
from comity.errors import Damaged, Misused, Refused, Untrusted
from comity.services.seat import Seat
from comity.services.sources import (
    SMALLEST,
    _vault,
    add_source,
    check_unnamed,
    confirmed,
    parse,
    remove_source,
    source,
    sources,
)
from comity.services.tell import News

NAME = "Juma Kiprono Baraka"
CONTACT = "+254 20 201 2345, baraka@example.org"
TOLD = News(to=THERE, kind="seizure", ref="N/7", facts="Ivory goes by night boat on Fridays.")


def _seat(scene: Scene) -> Seat:
    return scene.ke.seat("investigator")


def _kept(scene: Scene, **more: str) -> str:
    seat = _seat(scene)
    return add_source(seat.unlocked, seat.house, name=NAME, contact=CONTACT, **more)


def test_a_source_is_a_number_and_its_handler_reads_who_it_is(scene: Scene) -> None:
    number = _kept(scene, risk="Would be killed.", remark="Fridays.")
    seat = _seat(scene)

    kept = source(seat.unlocked, seat.house, number.lower())

    assert re.fullmatch(r"S-[0-9]{4}", number)
    assert (kept.name, kept.contact) == (NAME, CONTACT)
    assert [each.number for each in sources(seat.unlocked, seat.house)] == [number]


def test_nobody_else_reads_it_or_learns_that_it_exists(scene: Scene) -> None:
    number = _kept(scene)
    other = scene.ke.seat("supervisor")

    assert sources(other.unlocked, other.house) == ()
    with pytest.raises(Misused) as caught:
        source(other.unlocked, other.house, number)
    with pytest.raises(Misused) as none:
        source(other.unlocked, other.house, "S-0000" if number != "S-0000" else "S-0001")

    assert caught.value.cause == none.value.cause == "usage.source-unknown"


def test_a_deputy_reads_it_too(scene: Scene) -> None:
    other = scene.ke.seat("supervisor")

    number = _kept(scene, deputy=other.unlocked.entry.label)

    assert source(other.unlocked, other.house, number).name == NAME


def test_a_deputy_who_is_nobody_is_refused_and_nothing_is_kept(scene: Scene) -> None:
    with pytest.raises(Misused, match=r"usage\.reader-unknown"):
        _kept(scene, deputy="Nobody")

    assert list(scene.ke.house.home.glob("sources/*")) == []


def test_the_thief_with_the_disk_finds_no_name_and_no_size(scene: Scene) -> None:
    seat = _seat(scene)
    long = add_source(seat.unlocked, seat.house, name=NAME, remark="x" * 1500)
    short = add_source(seat.unlocked, seat.house, name="Li")
    home = scene.ke.house.home

    files = {each.name.split(".")[0]: each for each in (home / "sources").iterdir()}

    assert set(files) == {long, short}
    assert len({each.stat().st_size for each in files.values()}) == 1
    assert files[long].stat().st_size > SMALLEST
    assert {each.stat().st_mode & 0o777 for each in files.values()} == {0o600}
    assert (home / "sources").stat().st_mode & 0o777 == 0o700
    found = [
        each for each in home.rglob("*") if each.is_file() and NAME.encode() in each.read_bytes()
    ]
    assert found == []


def test_neither_the_house_key_nor_the_handlers_alone_opens_it(scene: Scene) -> None:
    number, house = _kept(scene), scene.ke.house
    locked = (house.home / "sources" / f"{number}.locked").read_bytes()
    sealed = _vault(house).open(locked, f"sources/{number}")

    with pytest.raises(Untrusted):
        decrypt(sealed, [scene.ke.seat("supervisor").unlocked.storage])
    with pytest.raises(Untrusted):
        decrypt(locked, [_seat(scene).unlocked.storage])


def test_a_record_put_under_another_number_is_not_taken_for_it(scene: Scene) -> None:
    number, seat = _kept(scene), _seat(scene)
    other = "S-0001" if number != "S-0001" else "S-0002"
    folder = seat.house.home / "sources"
    (folder / f"{number}.locked").rename(folder / f"{other}.locked")

    with pytest.raises((Untrusted, Damaged)):
        source(seat.unlocked, seat.house, other)


@pytest.mark.parametrize(
    "facts",
    [
        "Kiprono says that ivory goes by night boat.",
        "KIPRONO's cousin",
        "Call 0202012345",
        "call +254 (20) 201-2345",
        "write to Baraka@example.org",
    ],
)
def test_what_names_the_source_by_mistake_is_not_told(scene: Scene, facts: str) -> None:
    number, seat = _kept(scene), _seat(scene)
    contact = replace(source(seat.unlocked, seat.house, number), contact="0202012345")

    with pytest.raises(Refused, match=r"refused\.source-named"):
        check_unnamed(
            replace(contact, contact=CONTACT if "+254" in facts or "@" in facts else "0202012345"),
            [facts],
        )
    if "Kiprono" in facts:
        with pytest.raises(Refused):
            seat.tell(replace(TOLD, facts=facts, source=number))


def test_what_is_told_on_his_word_is_noted_in_his_record_alone(scene: Scene) -> None:
    number, seat = _kept(scene), _seat(scene)

    done = seat.tell(replace(TOLD, source=number))
    again = seat.tell(replace(TOLD, source=number))

    assert source(seat.unlocked, seat.house, number).used == (done.act, again.act)
    scene.sync()
    opened = scene.vn.seat("investigator").thread(done.thread)
    assert number not in str(opened)


def test_removed_is_gone_and_asked_for_twice(scene: Scene) -> None:
    number, seat = _kept(scene), _seat(scene)
    with pytest.raises(Misused, match=r"usage\.source-again"):
        confirmed(number, "S-9999" if number != "S-9999" else "S-9998")

    remove_source(seat.unlocked, seat.house, confirmed(number, number))

    assert sources(seat.unlocked, seat.house) == ()
    assert list((seat.house.home / "sources").iterdir()) == []


@pytest.mark.parametrize("text", ["", "417", "S-41", "S-04171", "../house"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Misused, match=r"usage\.source-number"):
        parse(text)


def test_what_is_too_long_is_refused(scene: Scene) -> None:
    with pytest.raises(Misused, match=r"usage\.field-long"):
        _kept(scene, remark="x" * 8001)
