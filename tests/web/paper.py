# SPDX-License-Identifier: Apache-2.0
"""One sheet of paper for tests in a browser: a form with a draft and files, in the real application.

``Paper.on(node)`` serves the pages of a node with the sheet among them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from tests.web.taker import kit_of
from tests.world import WorldNode

from comity.carriers.server import PeerServer
from comity.domain.statement import Attachment
from comity.services.sessions import open_sessions
from comity.web import files
from comity.web.answers import Result, SeeOther, Told, get, page, post
from comity.web.app import pages
from comity.web.serving import BODY_LIMIT
from comity.web.visit import Desk, Visit

SHEET = """
{% extends "base.html" %}
{% import "parts.html" as parts %}
{% import "file_parts.html" as files %}
{% block main %}
<h1>Paper</h1>
{{ parts.refused(visit, _) }}
<form method="post" action="/paper" enctype="multipart/form-data" data-draft="paper" data-keep="/paper/keep">
{{ parts.field(visit, _, "ref", "Number") }}
{{ parts.area(visit, _, "facts", "What happened", required=false) }}
{{ parts.pick(visit, _, "way", "Way", (("a", "A"), ("b", "B")), required=false) }}
{{ parts.ticks(visit, _, "more", "More", (("x", "X"), ("y", "Y"))) }}
{{ files.inputs(visit, _) }}
<p><time data-clock datetime="2020-01-01T00:00:00+00:00">long ago</time></p>
<button class="primary">Ask</button>
</form>
{% endblock %}
"""


@dataclass
class Paper:
    node: WorldNode
    address: str = ""
    taken: list[tuple[str, tuple[Attachment, ...]]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def on(cls, node: WorldNode) -> Iterator[Self]:
        paper = cls(node)
        sessions = open_sessions(node.house)
        app = pages(Desk(node=node.node, sessions=sessions))
        paper._add(app)
        server = PeerServer(("127.0.0.1", 0), app, limit=BODY_LIMIT)
        server.prepare()
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        paper.address = f"http://127.0.0.1:{server.bind_addr[1]}"
        try:
            yield paper
        finally:
            server.stop()
            thread.join(timeout=10)
            sessions.close()

    def _add(self, app: Flask) -> None:
        kit = kit_of(app)
        loader: Any = kit._templates.loader
        kit._templates.loader = ChoiceLoader([DictLoader({"paper.html": SHEET}), loader])
        for each in (
            get("/paper", self.show),
            post("/paper", self.take, again=self.show, limit=files.LIMIT),
            post("/paper/keep", self.keep),
        ):
            kit.attach(app, each)

    def show(self, _visit: Visit) -> Result:
        return page("paper.html")

    def take(self, visit: Visit) -> Result:
        self.taken.append((visit.form.need("ref"), files.attached(visit)))
        return SeeOther("/today")

    def keep(self, visit: Visit) -> Result:
        self.kept.append(visit.form.text("facts"))
        return Told(values={})
