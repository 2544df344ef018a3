# SPDX-License-Identifier: Apache-2.0
"""Printed pages: what somebody reads on a screen, as a PDF that he signs, stamps and keeps.

Typeset with typst where it is installed (``comity[docs]``); everything goes in as data and nothing
as markup, so no text can be taken for a command of the typesetter.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from comity.errors import Unavailable

_LONG: Final = re.compile(r"\S{24}(?=\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    head: str
    rows: Sequence[tuple[str, str]]
    """Label and text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    title: str
    reference: str
    """Stands on every sheet."""
    intro: str
    parts: Sequence[Part]
    lines: Sequence[str]
    """Under each empty line at the end: name, signature, stamp."""
    language: str
    direction: str


def as_pdf(page: Printed) -> bytes:
    """Return *page* as a PDF; raise Unavailable where no typesetter is installed."""
    try:
        import typst  # noqa: PLC0415  # an extra
    except ImportError:
        raise Unavailable("typesetter") from None
    told = {
        "title": page.title,
        "reference": page.reference,
        "intro": page.intro,
        "parts": [
            {"head": each.head, "rows": [list(map(_breakable, row)) for row in each.rows]}
            for each in page.parts
        ],
        "lines": list(page.lines),
        "language": page.language.partition("-")[0],
        "direction": page.direction,
    }
    template = (files("comity.formats") / "page.typ").read_bytes()
    made: bytes = typst.compile(template, sys_inputs={"told": json.dumps(told)})
    return made


def _breakable(text: str) -> str:
    """Return *text* with places in its longest words where a line may end (U+200B)."""
    return _LONG.sub(lambda found: found[0] + "\u200b", text)
