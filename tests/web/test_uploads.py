# SPDX-License-Identifier: Apache-2.0
"""Over a poor link a file comes in pieces, through the pages, and belongs to who sends it."""

import io
from random import Random
from typing import Any

import pytest
from tests.formats.test_apart import picture
from tests.web.desk import HOST, Visitor
from tests.web.taker import Taker

from comity.services.uploads import PIECE

CONTENT = Random(5).randbytes(PIECE + 1000)


def begun(visitor: Visitor, size: int = len(CONTENT), media: str = "image/jpeg") -> str:
    answer = visitor.post("/up", name="tusks.jpg", media=media, size=size)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.get_json()
    assert (told["at"], told["piece"], told["done"]) == (0, PIECE, False)
    return str(told["id"])


def put(visitor: Visitor, upload: str, at: int | str, data: bytes) -> tuple[int, dict[str, Any]]:
    answer = visitor.client.post(
        f"/up/{upload}?at={at}",
        base_url=f"http://{HOST}",
        headers={"Sec-Fetch-Site": "same-origin"},
        input_stream=io.BytesIO(data),
        content_length=len(data),
        content_type="application/octet-stream",
    )
    return answer.status_code, answer.get_json(silent=True) or {}


def test_pieces_become_a_file_that_a_form_can_name(taker: Taker) -> None:
    upload = begun(taker.officer)

    first = put(taker.officer, upload, 0, CONTENT[:PIECE])
    standing = taker.officer.get(f"/up/{upload}").get_json()
    second = put(taker.officer, upload, PIECE, CONTENT[PIECE:])
    (attached,) = taker.send(("upload", "", upload.encode()))

    assert (first[0], first[1]["at"], first[1]["done"]) == (200, PIECE, False)
    assert standing["at"] == PIECE
    assert (second[1]["at"], second[1]["done"]) == (len(CONTENT), True)
    assert taker.clear(attached) == CONTENT
    assert attached.name == "tusks.jpg"


def test_a_photograph_that_came_in_pieces_travels_small(taker: Taker) -> None:
    data = picture()
    upload = begun(taker.officer, len(data))
    for at in range(0, len(data), PIECE):
        put(taker.officer, upload, at, data[at : at + PIECE])

    (small,) = taker.send(("upload", "", upload.encode()))
    sent, original = taker.send(("upload", "", upload.encode()), ("original", "", b"1"))

    assert small.length <= 100_000
    assert sent.length == small.length
    assert taker.clear(original) == data


def test_a_form_does_not_name_what_has_not_arrived(taker: Taker) -> None:
    upload = begun(taker.officer)
    put(taker.officer, upload, 0, CONTENT[:PIECE])

    answer = taker.post(("upload", "", upload.encode()))

    assert answer.status_code == 422
    assert "has not arrived yet" in answer.text
    assert taker.taken == []


def test_whoever_is_at_the_wrong_place_is_told_the_right_one(taker: Taker) -> None:
    upload = begun(taker.officer)
    put(taker.officer, upload, 0, CONTENT[:PIECE])

    twice = put(taker.officer, upload, 0, CONTENT[:PIECE])
    ahead = put(taker.officer, upload, 3 * PIECE, b"x")

    assert [(code, told["at"]) for code, told in (twice, ahead)] == [(409, PIECE)] * 2


@pytest.mark.parametrize("at", ["", "-1", "x", "9" * 40, "٣"])
def test_a_place_that_is_no_number_is_refused(taker: Taker, at: str) -> None:
    upload = begun(taker.officer)

    assert put(taker.officer, upload, at, CONTENT[:PIECE])[0] == 422


@pytest.mark.parametrize("size", ["", "-1", "x", "0", "9" * 11, "9" * 40])
def test_a_size_that_is_none_is_refused(taker: Taker, size: str) -> None:
    answer = taker.officer.post("/up", name="tusks.jpg", media="image/jpeg", size=size)

    assert answer.status_code == 422


def test_a_piece_that_is_too_large_is_not_read(taker: Taker) -> None:
    upload = begun(taker.officer)

    assert put(taker.officer, upload, 0, bytes(PIECE + 1))[0] == 413
    assert taker.officer.get(f"/up/{upload}").get_json()["at"] == 0


def test_a_piece_that_is_cut_off_is_not_kept(taker: Taker) -> None:
    upload = begun(taker.officer)

    answer = taker.officer.client.post(
        f"/up/{upload}?at=0",
        base_url=f"http://{HOST}",
        headers={"Sec-Fetch-Site": "same-origin"},
        input_stream=io.BytesIO(CONTENT[:100]),
        content_length=PIECE,
    )

    assert answer.status_code >= 400
    assert taker.officer.get(f"/up/{upload}").get_json()["at"] == 0


def test_another_officer_finds_nothing_under_its_name(taker: Taker) -> None:
    upload = begun(taker.officer)
    other = Visitor.signed_in(taker.app, "colleague KE")
    stranger = Visitor.at(taker.app)

    for visitor in (other, stranger):
        assert visitor.get(f"/up/{upload}").status_code in (303, 422)
        assert put(visitor, upload, 0, CONTENT[:PIECE])[0] in (303, 422)
        assert visitor.post(f"/up/{upload}/drop").status_code in (303, 422)
    assert taker.officer.get(f"/up/{upload}").get_json()["at"] == 0


def test_another_page_sends_nothing(taker: Taker) -> None:
    upload = begun(taker.officer)

    crossed = taker.officer.client.post(
        f"/up/{upload}?at=0",
        base_url=f"http://{HOST}",
        headers={"Sec-Fetch-Site": "cross-site"},
        data=CONTENT[:PIECE],
    )

    assert crossed.status_code == 409
    assert taker.officer.get(f"/up/{upload}").get_json()["at"] == 0


def test_what_is_dropped_is_gone(taker: Taker) -> None:
    upload = begun(taker.officer, media="image/jpeg; name=x")

    assert taker.officer.post(f"/up/{upload}/drop").status_code == 200
    assert taker.officer.get(f"/up/{upload}").status_code == 422
