# SPDX-License-Identifier: Apache-2.0
"""Files on the pages: sealed as they arrive, cleaned before they travel, marked when they are saved."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from PIL import Image
from pypdf import PdfReader
from tests.formats.test_apart import CANARY as CAMERA
from tests.formats.test_apart import document, picture
from tests.web.desk import HOST, Visitor, application, words
from tests.web.taker import Taker
from tests.world import World, WorldNode, question

from comity.services.saved import saved
from comity.web.watermark import Mark, marked_name, plain

CANARY = b"Qz7Xk9Jw4 on the last page"


def noise(size: int) -> bytes:
    return CANARY + Random(4).randbytes(size - 2 * len(CANARY)) + CANARY


def on_disk(node: WorldNode) -> bytes:
    return b"".join(each.read_bytes() for each in node.house.home.rglob("*") if each.is_file())


def parts(node: WorldNode) -> list[Path]:
    return [e for e in (node.house.store.folder.path / "part").glob("*") if e.is_file()]


@pytest.mark.parametrize("size", [1000, 3_000_000])
def test_a_file_of_a_form_is_sealed_and_comes_out_as_it_went_in(taker: Taker, size: int) -> None:
    content = noise(size)

    (attached,) = taker.send(("file", "list.bin", content))

    assert taker.clear(attached) == content
    assert (attached.name, attached.length) == ("list.bin", size)
    assert CANARY not in on_disk(taker.node)
    assert parts(taker.node) == []


def test_several_files_come_at_once(taker: Taker) -> None:
    given = [("file", f"{each}.bin", noise(each)) for each in (500, 400_000)]

    taken = taker.send(("voice", "note.ogg", b"a voice"), *given, ("ref", "", b"KV"))

    assert [each.name for each in taken] == ["note.ogg", "500.bin", "400000.bin"]


def test_what_nobody_takes_is_gone_when_the_call_is_answered(taker: Taker) -> None:
    answer = taker.post(("other", "list.bin", noise(2_000_000)))

    assert answer.status_code == 200
    assert taker.taken == [()]
    assert parts(taker.node) == []


def test_a_form_that_is_cut_off_attaches_nothing_and_leaves_nothing(taker: Taker) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    answer = taker.officer.client.post(
        "/taker",
        base_url=f"http://{HOST}",
        headers={"Sec-Fetch-Site": "same-origin"},
        content_type="multipart/form-data; boundary=b",
        input_stream=io.BytesIO(head + noise(1_000_000)),
        content_length=2_000_000,
    )

    assert answer.status_code >= 200
    assert taker.taken in ([], [()])
    assert parts(taker.node) == []


def test_a_body_beyond_its_limit_is_not_read(kenya: WorldNode) -> None:
    taker = Taker(kenya, limit=1_000_000)

    answer = taker.post(("file", "bomb.bin", noise(1_500_000)))

    assert answer.status_code == 413
    assert taker.taken == []
    assert parts(kenya) == []


def test_a_form_of_a_thousand_parts_is_refused(taker: Taker) -> None:
    bomb = [("file", f"{each}.bin", b"x") for each in range(1001)]

    answer = taker.post(*bomb)

    assert answer.status_code == 413
    assert taker.taken == []


def test_a_photograph_of_a_form_travels_small_and_bare(taker: Taker) -> None:
    data = picture()

    (sent,) = taker.send(("photograph", "tusks.jpg", data))
    again = taker.send(("kept", "", sent.blob.encode()))

    assert sent.length <= 100_000
    assert CAMERA.encode() not in taker.clear(sent)
    assert [taker.clear(each) for each in again] == [data]


def test_a_kept_original_of_nobody_is_not_sent(taker: Taker) -> None:
    assert taker.post(("kept", "", b"0" * 64)).status_code == 422


def test_a_file_that_cannot_be_cleaned_is_refused_beside_its_field(taker: Taker) -> None:
    heic = b"\x00\x00\x00\x18ftypheic" + bytes(100)

    refused = taker.post(("photo", "tusks.heic", heic))
    (sent,) = taker.send(("photo", "tusks.heic", heic), ("original", "", b"1"))

    assert refused.status_code == 409
    assert "cannot be taken out here" in refused.text
    assert taker.clear(sent) == heic


HTML = b"<script>alert(1)</script>"
VOICE = b"OggS" + bytes(500)
SENT = {
    "tusks.jpg": picture(400, 300),
    "report.pdf": document(),
    "page.html": HTML,
    "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "note.ogg": VOICE,
}


@dataclass
class Told:
    """A thread with files, at the desk of who was asked."""

    world: World
    thread: str
    files: dict[str, str]
    asked: Visitor

    def place(self, name: str) -> str:
        return f"/t/{self.thread}/file/{self.files[name]}"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with World(tmp_path_factory.mktemp("told"), "ke", "vn") as world:
        kenya, vietnam = world.nodes("ke", "vn")
        seat = kenya.seat()
        attached = [
            seat.attach(io.BytesIO(content), name, "text/html") for name, content in SENT.items()
        ]
        done = seat.ask(question(vietnam.agency, attachments=tuple(attached)))
        world.sync()
        yield Told(
            world,
            done.thread,
            {each.name: each.blob for each in attached},
            Visitor.signed_in(application(vietnam), "investigator VN"),
        )


def test_a_picture_is_shown_with_the_readers_mark_and_nothing_else_of_it(told: Told) -> None:
    page = told.asked.get(told.place("tusks.jpg"))
    answer = told.asked.get(told.place("tusks.jpg") + "/shown")

    shown = Image.open(io.BytesIO(answer.data))
    assert "in clear" in words(page)
    assert f'src="{told.place("tusks.jpg")}/shown"' in page.text
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert "no-store" in answer.headers["Cache-Control"]
    assert CAMERA.encode() not in answer.data
    assert shown.height > 400  # upright, and a line longer


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "report.pdf", "note.ogg"])
def test_what_is_no_picture_is_shown_as_none(told: Told, name: str) -> None:
    page = told.asked.get(told.place(name))
    answer = told.asked.get(told.place(name) + "/shown")

    assert page.status_code == 200
    assert "<img" not in page.text
    assert answer.status_code == 409
    assert b"alert(1)" not in answer.data


@pytest.mark.parametrize("name", ["page.html", "drawing.svg"])
def test_what_a_browser_might_run_is_saved_and_never_shown(told: Told, name: str) -> None:
    answer = told.asked.post(told.place(name))

    assert answer.data == SENT[name]
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "UTC" in answer.headers["Content-Disposition"]


def test_a_picture_and_a_document_are_saved_with_the_mark_in_them(told: Told) -> None:
    picture_ = told.asked.post(told.place("tusks.jpg"))
    report = told.asked.post(told.place("report.pdf"))

    assert Image.open(io.BytesIO(picture_.data)).height > 400
    assert picture_.headers["Content-Disposition"].endswith(".jpg")
    said = PdfReader(io.BytesIO(report.data)).pages[0].extract_text()
    assert "2026-11" in said
    assert "VN" in said


def test_a_voice_is_heard_and_nothing_else_is(told: Told) -> None:
    page = told.asked.get(told.place("note.ogg"))
    heard = told.asked.get(told.place("note.ogg") + "/heard")
    other = told.asked.get(told.place("page.html") + "/heard")

    assert "<audio" in page.text
    assert (heard.data, heard.headers["Content-Type"]) == (VOICE, "audio/ogg")
    assert other.status_code == 409


def test_every_saving_is_noted(told: Told) -> None:
    vietnam = told.world["vn"]
    before = set(saved(vietnam.house, vietnam.agency))

    told.asked.post(told.place("note.ogg"))

    (noted,) = set(saved(vietnam.house, vietnam.agency)) - before
    assert (noted.thread, noted.file) == (told.thread, told.files["note.ogg"])
    assert noted.officer == vietnam.seat().unlocked.entry.id


def test_who_may_not_read_the_thread_has_none_of_its_files(told: Told) -> None:
    stranger = Visitor.at(application(told.world["vn"]))
    guessed = f"/t/{told.thread}/file/{'0' * 64}"
    other = f"/t/{'a' * 26}/file/{told.files['note.ogg']}"

    for path in (told.place("note.ogg"), told.place("note.ogg") + "/heard"):
        assert stranger.get(path).status_code == 303
    for path in (guessed, other, guessed + "/shown"):
        assert told.asked.get(path).status_code == 422
    assert told.asked.post(guessed).status_code == 422
    assert told.asked.post(told.place("note.ogg") + "/original").status_code == 422


def test_another_page_saves_nothing(told: Told) -> None:
    crossed = told.asked.post(
        told.place("note.ogg"), headers={"Sec-Fetch-Site": "cross-site", "Origin": "http://x.test"}
    )

    assert crossed.status_code == 409
    assert VOICE not in crossed.data


def test_its_sender_alone_saves_the_untouched_original(told: Told) -> None:
    kenya, data = told.world["ke"], picture(900, 700)
    seat = kenya.seat()
    sent = seat.travelling(seat.attach(io.BytesIO(data), "tusks.jpg", "image/jpeg"))
    done = seat.ask(question(told.world["vn"].agency, attachments=sent))
    place = f"/t/{done.thread}/file/{sent[0].blob}"
    app = application(kenya)

    mine = Visitor.signed_in(app, "investigator KE")
    colleague = Visitor.signed_in(app, "colleague KE")

    assert "untouched file" in words(mine.get(place))
    assert mine.post(place + "/original").data == data
    assert "untouched file" not in words(colleague.get(place))
    assert colleague.post(place + "/original").status_code == 422


@pytest.mark.parametrize(
    ("text", "plain_"),
    [("Nguyễn Thị Đào", "Nguyen Thi Dao"), ("Łukasz", "Lukasz"), ("محمد", ""), ("วันนา", "")],
)
def test_a_mark_is_written_in_letters_that_every_font_has(text: str, plain_: str) -> None:
    assert plain(text) == plain_


def test_a_marked_name_keeps_its_ending() -> None:
    mark = Mark(who="officer 7", of="KE", at="2026-11-23 04:40 UTC", thread="KV-4821")

    assert marked_name("a.tar.gz", mark) == "a.tar (officer 7, 2026-11-23 0440 UTC).gz"
    assert marked_name("list", mark) == "list (officer 7, 2026-11-23 0440 UTC)"
    assert marked_name("tusks.png", mark, "image/jpeg").endswith(").jpg")
