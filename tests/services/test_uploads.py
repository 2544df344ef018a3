# SPDX-License-Identifier: Apache-2.0
"""A file that comes in pieces goes on where it broke off, belongs to one officer, and is bounded."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from tests.services.settle import Settled, settle

from comity.errors import ComityError, Malformed, Misused, Refused, Untrusted
from comity.services import uploads
from comity.services.attach import clear_bytes
from comity.services.house import House
from comity.services.uploads import LIMIT, MOST, PIECE, About, Upload, begin, drop, look, put, taken

CANARY = b"Qz7Xk9Jw4 in every piece"
CONTENT = CANARY + Random(3).randbytes(2 * PIECE + 4000) + CANARY


def about(size: int = len(CONTENT)) -> About:
    return About(name="tusks.jpg", media="image/jpeg", size=size)


def piece(number: int) -> bytes:
    return CONTENT[number * PIECE : (number + 1) * PIECE]


def sent(kenya: Settled, upto: int, who: str = "investigator") -> Upload:
    officer = kenya.unlocked(who)
    upload = begin(officer, kenya.house, about())
    for number in range(upto):
        upload = put(officer, kenya.house, upload.id, number * PIECE, piece(number))
    return upload


def files(house: House) -> list[Path]:
    return [each for each in (house.home / "uploads").rglob("*") if each.is_file()]


def test_pieces_become_one_file(kenya: Settled) -> None:
    upload = sent(kenya, 3)

    assert upload.attachment is not None
    assert clear_bytes(kenya.house, upload.attachment, LIMIT) == CONTENT
    assert (upload.attachment.name, upload.attachment.media) == ("tusks.jpg", "image/jpeg")
    assert taken(kenya.unlocked(), kenya.house, upload.id) == upload.attachment
    assert not [each for each in files(kenya.house) if re.fullmatch("[0-9]+", each.name)]


def test_nothing_of_it_lies_in_clear_while_it_comes(kenya: Settled) -> None:
    sent(kenya, 2)

    here = b"".join(each.read_bytes() for each in files(kenya.house))
    names = " ".join(map(str, files(kenya.house)))
    assert len(here) > 2 * PIECE
    assert CANARY not in here
    assert b"tusks" not in here
    assert "tusks" not in names


def test_it_goes_on_where_it_broke_off(kenya: Settled) -> None:
    upload = sent(kenya, 1)
    again = kenya.unlocked()

    assert look(again, kenya.house, upload.id).have == PIECE
    with pytest.raises(Misused):
        taken(again, kenya.house, upload.id)
    put(again, kenya.house, upload.id, PIECE, piece(1))
    done = put(again, kenya.house, upload.id, 2 * PIECE, piece(2))
    assert done.attachment is not None


def test_a_piece_that_comes_twice_or_too_early_changes_nothing(kenya: Settled) -> None:
    officer, upload = kenya.unlocked(), sent(kenya, 1)

    assert put(officer, kenya.house, upload.id, 0, piece(0)).have == PIECE
    assert put(officer, kenya.house, upload.id, 0, b"another text").have == PIECE
    assert put(officer, kenya.house, upload.id, 2 * PIECE, piece(2)).have == PIECE
    assert put(officer, kenya.house, upload.id, 17, piece(0)).have == PIECE


def test_after_the_end_nothing_more_comes(kenya: Settled) -> None:
    officer, upload = kenya.unlocked(), sent(kenya, 3)

    after = put(officer, kenya.house, upload.id, len(CONTENT), b"more")

    assert after == upload


@pytest.mark.parametrize("data", [b"", b"x", bytes(PIECE + 1)])
def test_a_piece_of_another_size_is_refused(kenya: Settled, data: bytes) -> None:
    officer, upload = kenya.unlocked(), sent(kenya, 1)

    with pytest.raises(Malformed):
        put(officer, kenya.house, upload.id, PIECE, data)

    assert look(officer, kenya.house, upload.id).have == PIECE


@pytest.mark.parametrize("id_", ["", "x", "../../secrets", "a" * 26])
def test_what_names_no_upload_of_his_is_unknown(kenya: Settled, id_: str) -> None:
    with pytest.raises(Misused) as caught:
        look(kenya.unlocked(), kenya.house, id_)

    assert caught.value.cause == "usage.upload-unknown"


def test_another_officer_sees_nothing_of_it(kenya: Settled) -> None:
    upload, other = sent(kenya, 1), kenya.unlocked("colleague")

    for act in (look, taken, drop):
        with pytest.raises(Misused):
            act(other, kenya.house, upload.id)
    with pytest.raises(Misused):
        put(other, kenya.house, upload.id, PIECE, piece(1))
    assert uploads.uploads(other, kenya.house) == ()


def test_pieces_that_a_thief_exchanged_make_no_file(kenya: Settled) -> None:
    officer, upload = kenya.unlocked(), sent(kenya, 2)
    folder = next((kenya.house.home / "uploads").glob("*/*"))
    first, second = (folder / "0000000").read_bytes(), (folder / "0000001").read_bytes()
    (folder / "0000000").write_bytes(second)
    (folder / "0000001").write_bytes(first)

    with pytest.raises(Untrusted):
        put(officer, kenya.house, upload.id, 2 * PIECE, piece(2))


def test_what_is_let_go_is_gone(kenya: Settled) -> None:
    officer, upload = kenya.unlocked(), sent(kenya, 2)

    drop(officer, kenya.house, upload.id)

    assert files(kenya.house) == []
    with pytest.raises(Misused):
        look(officer, kenya.house, upload.id)


@pytest.mark.parametrize("size", [0, -1, LIMIT + 1])
def test_a_file_of_no_size_or_too_large_is_not_begun(kenya: Settled, size: int) -> None:
    with pytest.raises(Misused):
        begin(kenya.unlocked(), kenya.house, about(size))


def test_an_officer_has_so_many_uploads_and_bytes_and_no_more(kenya: Settled) -> None:
    officer = kenya.unlocked()
    for _ in range(4):
        begin(officer, kenya.house, about(LIMIT))
    with pytest.raises(Refused) as caught:
        begin(officer, kenya.house, about(1))
    assert caught.value.cause == "refused.uploads-full"

    other = kenya.unlocked("colleague")
    for _ in range(MOST):
        begin(other, kenya.house, about(10))
    with pytest.raises(Refused):
        begin(other, kenya.house, about(10))


def test_after_seven_days_it_is_gone(tmp_path: Path) -> None:
    now = [datetime.fromisoformat("2026-11-23T04:40:00+00:00")]
    kenya = settle(tmp_path, clock=lambda: now[0])
    upload = sent(kenya, 1)

    now[0] += timedelta(days=6)
    assert uploads.sweep(kenya.house) == 0
    now[0] += timedelta(days=2)
    assert uploads.sweep(kenya.house) == 1

    with pytest.raises(ComityError):
        look(kenya.unlocked(), kenya.house, upload.id)
    kenya.house.store.close()


def test_a_file_that_no_act_came_to_name_goes_after_ninety_days(tmp_path: Path) -> None:
    now = [datetime.fromisoformat("2026-11-23T04:40:00+00:00")]
    kenya = settle(tmp_path, clock=lambda: now[0])
    unsent = sent(kenya, 3).attachment
    assert unsent is not None
    uploads.sweep(kenya.house)

    now[0] += timedelta(days=89)
    uploads.sweep(kenya.house)
    assert kenya.house.store.folder.has(unsent.blob)
    now[0] += timedelta(hours=20)
    uploads.sweep(kenya.house)  # it was looked at today
    now[0] += timedelta(days=2)
    uploads.sweep(kenya.house)

    assert not kenya.house.store.folder.has(unsent.blob)
    kenya.house.store.close()
