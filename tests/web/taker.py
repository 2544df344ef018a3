# SPDX-License-Identifier: Apache-2.0
"""A page for tests that takes files and does no more with them."""

import io

from flask import Flask
from tests.web.desk import HOST, Visitor, application
from tests.world import WorldNode
from werkzeug.test import TestResponse

from comity.domain.statement import Attachment
from comity.web import files
from comity.web.answers import Result, Told, post
from comity.web.kit import Kit
from comity.web.visit import Desk, Visit

Part = tuple[str, str, bytes]
"""A field, the name of a file or nothing, and what it holds."""


def encoded(part: Part) -> bytes:
    field, name, content = part
    file = f'; filename="{name}"' if name else ""
    return f'Content-Disposition: form-data; name="{field}"{file}\r\n\r\n'.encode() + content


def kit_of(app: Flask) -> Kit:
    """Return the kit that an application of pages stands on."""
    view = app.view_functions["GET /today"]
    return next(e.cell_contents for e in view.__closure__ or () if isinstance(e.cell_contents, Kit))


class Taker:
    """A page of its own that takes files and does no more with them."""

    def __init__(self, node: WorldNode, *, limit: int = files.LIMIT) -> None:
        self.node = node
        self.app: Flask = application(node)
        self.taken: list[tuple[Attachment, ...]] = []
        kit = kit_of(self.app)
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
        answer = self.officer.client.post(
            "/taker",
            base_url=f"http://{HOST}",
            headers={"Sec-Fetch-Site": "same-origin"},
            content_type="multipart/form-data; boundary=b",
            input_stream=io.BytesIO(body),
            content_length=len(body),
        )
        return self.officer.follow(answer)

    def send(self, *parts: Part) -> tuple[Attachment, ...]:
        answer = self.post(*parts)
        assert answer.status_code == 200, answer.text
        return self.taken[-1]
