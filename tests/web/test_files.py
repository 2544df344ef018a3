# SPDX-License-Identifier: Apache-2.0
"""Files on the pages: sealed as they arrive, cleaned before they travel, marked when they are saved."""

import io
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from tests.web.desk import HOST, Visitor, application
from tests.world import World, WorldNode
from werkzeug.test import TestResponse

from comity.domain.statement import Attachment
from comity.web import files
from comity.web.answers import Result, Told, post
from comity.web.kit import Kit
from comity.web.visit import Desk, Visit

CANARY = b"Qz7Xk9Jw4 on the last page"


@pytest.fixture
def kenya(tmp_path: Path) -> Iterator[WorldNode]:
    with World(tmp_path, "ke") as world:
        yield world["ke"]


Part = tuple[str, str, bytes]
"""A field, the name of a file or nothing, and what it holds."""


def encoded(part: Part) -> bytes:
    field, name, content = part
    file = f'; filename="{name}"' if name else ""
    return f'Content-Disposition: form-data; name="{field}"{file}\r\n\r\n'.encode() + content


class Taker:
    """A page of its own that takes files and does no more with them."""

    def __init__(self, node: WorldNode, *, limit: int = files.LIMIT) -> None:
        self.node = node
        self.app: Flask = application(node)
        self.taken: list[tuple[Attachment, ...]] = []
        view = self.app.view_functions["GET /today"]
        kit = next(
            e.cell_contents for e in view.__closure__ or () if isinstance(e.cell_contents, Kit)
        )
        kit.attach(self.app, post("/taker", self.take, limit=limit))
        self.desk: Desk = kit.desk
        self.officer = Visitor.signed_in(self.app, "investigator KE")

    def take(self, visit: Visit) -> Result:
        self.taken.append(files.attached(visit))
        return Told(values={"count": len(self.taken[-1])})

    def clear(self, attachment: Attachment) -> bytes:
        sink = io.BytesIO()
        self.node.seat().detach(attachment, sink)
        return sink.getvalue()

    def post(self, *parts: Part) -> TestResponse:
        """Send a form; the client of the tests would spool a large one in clear itself."""
        body = b"".join(b"--b\r\n" + each + b"\r\n" for each in map(encoded, parts)) + b"--b--\r\n"
        return self.officer.client.post(
            "/taker",
            base_url=f"http://{HOST}",
            headers={"Sec-Fetch-Site": "same-origin"},
            content_type="multipart/form-data; boundary=b",
            input_stream=io.BytesIO(body),
            content_length=len(body),
        )

    def send(self, *parts: Part) -> tuple[Attachment, ...]:
        answer = self.post(*parts)
        assert answer.status_code == 200, answer.text
        return self.taken[-1]


@pytest.fixture
def taker(kenya: WorldNode) -> Taker:
    return Taker(kenya)


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
