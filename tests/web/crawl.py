# SPDX-License-Identifier: Apache-2.0
"""A walk through every page that links lead to, one of each shape, in a real browser."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.web.browser import Browser

ID = re.compile(
    r"(?<=/)(?=[a-z2-7]*[2-7])[a-z2-7]{8,}(?=/|$)|(?<=/)[A-Za-z0-9_-]{16,}(?=/|$)|(?<=/)\d+(?=/|$)"
)
NOT_PAGES = re.compile(
    r"\.(pdf|csv|svg|proof|age|txt)$|/static/|/shown$|/heard$|/original$|/save|/download|^/stick/out"
)
MOST = 120


def shape(path: str) -> str:
    """Return *path* with what differs from thread to thread taken out."""
    parts = urlsplit(path)
    names = "&".join(sorted(each.partition("=")[0] for each in parts.query.split("&") if each))
    return ID.sub("*", parts.path) + (f"?{names}" if names else "")


def walk(browser: Browser, start: str = "/today") -> Iterator[str]:
    """Yield each page after it was opened; one of each shape is."""
    waiting, seen = [start], {shape(start)}
    while waiting and len(seen) <= MOST:
        path = waiting.pop(0)
        browser.get(path)
        yield path
        for link in browser.driver.execute_script(
            "return [...document.querySelectorAll('a[href]')]"
            ".filter(a => !a.hasAttribute('download')).map(a => a.getAttribute('href'))"
        ):
            if not link.startswith("/") or link.startswith("//") or NOT_PAGES.search(link):
                continue
            if shape(link) not in seen:
                seen.add(shape(link))
                waiting.append(link.partition("#")[0])
