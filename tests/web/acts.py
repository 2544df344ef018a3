# SPDX-License-Identifier: Apache-2.0
"""Acts done on pages: a question that was asked, an officer at his pages, a form filled and sent."""

import re
from typing import Any

from tests.web.desk import Visitor, application, words
from tests.world import World, WorldNode, question
from werkzeug.test import TestResponse

VIETNAM = "VN/Anti-smuggling desk"


def asked(world: World) -> str:
    """Let Kenya ask Viet Nam; return the thread."""
    kenya, vietnam = world.nodes("ke", "vn")
    thread = kenya.seat().ask(question(VIETNAM)).thread
    world.sync()
    assert vietnam.inbox()
    return thread


def officer(node: WorldNode, who: str = "investigator", *, language: str = "en") -> Visitor:
    name = f"{who} {node.card.country}"
    return Visitor.signed_in(application(node), name, language=language)


def hidden(answer: TestResponse) -> dict[str, Any]:
    """Return the hidden fields of a page, as its browser would post them."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text
    ):
        found.setdefault(name, []).append(value)
    return found


def fill(visitor: Visitor, path: str, **form: Any) -> TestResponse:
    """Fill the form at *path* in, and send it without having seen who will see it."""
    seen = hidden(visitor.get(path))
    return visitor.post(path, **{**seen, **form})


def send(visitor: Visitor, path: str, **form: Any) -> TestResponse:
    """Fill the form at *path* in, look at who will see it, and send it."""
    review = fill(visitor, path, **form)
    assert review.status_code == 200, words(review)
    return visitor.post(path, **hidden(review), sure="1")
