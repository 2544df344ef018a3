# SPDX-License-Identifier: Apache-2.0
"""A browser without a screen for tests: it calls the real application, and keeps its cookies."""

import html
import re
from dataclasses import dataclass
from typing import Any, Self

from flask import Flask
from tests.services.settle import PASSPHRASE
from tests.world import WorldNode
from werkzeug.test import Client, TestResponse

from comity.services.sessions import open_sessions
from comity.web.app import pages
from comity.web.visit import Desk

HOST = "desk.localhost"


def application(node: WorldNode) -> Flask:
    """Return the pages of *node*."""
    return pages(Desk(node=node.node, sessions=open_sessions(node.house)))


@dataclass
class Visitor:
    """Somebody with a browser; what he posts comes from our own pages unless he says otherwise."""

    client: Client
    language: str = "en"

    @classmethod
    def at(cls, app: Flask, *, language: str = "en") -> Self:
        return cls(app.test_client(), language)

    @classmethod
    def signed_in(
        cls, app: Flask, who: str, passphrase: str = PASSPHRASE, *, language: str = "en"
    ) -> Self:
        visitor = cls.at(app, language=language)
        answer = visitor.post("/in", who=who, passphrase=passphrase)
        assert answer.status_code == 303, answer.text
        return visitor

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=f"http://{HOST}", headers=self._headers(headers))

    def post(self, path: str, *, headers: Any = None, **form: Any) -> TestResponse:
        """Post *form* to *path*; ``headers`` replace those of our own page."""
        ours = {"Sec-Fetch-Site": "same-origin", "Origin": f"http://{HOST}"}
        said = self._headers(ours if headers is None else headers)
        answer = self.client.post(path, base_url=f"http://{HOST}", headers=said, data=form)
        return self.follow(answer)

    def follow(self, answer: TestResponse) -> TestResponse:
        """Return the page to which *answer* leads if that is what a form was answered with."""
        shown = re.search(r"(/practice)?/shown/[a-z2-7]+$", answer.headers.get("Location", ""))
        return self.get(shown[0]) if shown else answer

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Accept-Language": self.language, **more}


def words(answer: TestResponse) -> str:
    """Return what a page says, without its marks."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text))).strip()
