# SPDX-License-Identifier: Apache-2.0
"""Free text in the reader's language, where this server has a program that translates.

What a machine makes stands beside the original, says that it is a machine's, and is never sent.
"""

from comity.domain.statement import Body
from comity.errors import Misused, Unavailable
from comity.services.said import is_shown
from comity.web.answers import Result, get, page
from comity.web.visit import Visit

_TEXTS = ("facts", "why_you", "offence", "text", "remark", "reason", "condition")


def translated_page(visit: Visit, thread: str, act: str) -> Result:
    opened = visit.seat.thread(thread)
    found = [each for each in opened.thread.acts if each.id == act and is_shown(each)]
    if not found:
        raise Misused("act-unknown")
    source, target = found[0].statement.language, visit.say_in.tag
    engine = visit.desk.node.engine()
    pairs: list[tuple[str, str]] = []
    failed = False
    for text in texts(found[0].body) if engine is not None else ():
        try:
            pairs.append((text, engine.translate(text, source, target) if engine else ""))
        except Unavailable:
            failed = True
    return page(
        "translated.html",
        opened=opened,
        short=opened.thread.short or opened.id[:8],
        engine=engine.name if engine else "",
        pairs=pairs,
        failed=failed,
        source=source,
    )


def texts(body: Body) -> tuple[str, ...]:
    """Return the free text of *body*."""
    found = (getattr(body, each, "") for each in _TEXTS)
    return tuple(each for each in found if isinstance(each, str) and each.strip())


def is_foreign(visit: Visit, body: Body, language: str) -> bool:
    """Return whether *body* has words in a language that the reader did not choose."""
    ours = visit.say_in.tag.partition("-")[0].lower()
    return language.partition("-")[0].lower() != ours and bool(texts(body))


ROUTES = (get("/t/<thread>/read/<act>", translated_page),)
