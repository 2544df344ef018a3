# SPDX-License-Identifier: Apache-2.0
"""What holds of every page that an officer can reach, whoever built it.

Nothing keeps people out (axe-core), nothing is cut at 360 px, what is tapped is large enough, a
page after the first weighs 15 KB at most, and no word of ours stands on it that officers do not use.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.selenium import Axe
from tests.house.test_glossary import NEVER
from tests.services.settle import PASSPHRASE
from tests.web.behind import behind_forms
from tests.web.browser import PHONE, Browser, needs_browser, sign_in
from tests.web.crawl import shape, walk
from tests.web.test_oversight import held
from tests.world import World, question

from comity.web.serving import Place, serving_pages

pytestmark = [needs_browser, pytest.mark.slow]

PAGES = 60
"""At least: with fewer the walk stopped early."""
WEIGHT = 15 * 1024
TARGET = 44
SMALL = """
return [...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => e.checkVisibility() && !e.closest('[aria-hidden=true]'))
  .filter(e => !e.closest('details:not([open]) > :not(summary)'))
  .filter(e => !((e.type === 'checkbox' || e.type === 'radio') && e.closest('label')))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, r]) => r.height && r.height < %d && !e.closest('.chip'))
  .map(([e, r]) => `${e.outerHTML.slice(0, 90)} ${r.height}`)
"""
GLUED = re.compile(r"\w[.!?][A-Z][a-z]+")
"""Two sentences without a space between them."""
HIDDEN = re.compile(rf"\b({'|'.join(NEVER.split(', '))})(s|ed|d)?\b", re.IGNORECASE)


@dataclass
class Seen:
    """What was found wrong, by page."""

    pages: list[str] = field(default_factory=list)
    axe: dict[str, list[str]] = field(default_factory=dict)
    clipped: list[str] = field(default_factory=list)
    small: dict[str, list[str]] = field(default_factory=dict)
    heavy: dict[str, int] = field(default_factory=dict)
    words: dict[str, set[str]] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)
    console: dict[str, list[str]] = field(default_factory=dict)


def walked(folder: Path) -> Seen:
    found = Seen()
    with World(folder / "world", "ke", "vn") as world:
        kenya, vietnam = world.nodes("ke", "vn")
        kenya.seat().ask(question("VN/Anti-smuggling desk"))
        vietnam.seat().ask(question("KE/Operations desk"))
        world.hours.pass_(minutes=2)
        world.sync()
        with serving_pages(kenya.node, Place()) as address:
            base = address.replace("127.0.0.1", "ke.localhost")
            for who in ("investigator", "supervisor"):
                with Browser.opened(folder / who, base, size=PHONE) as browser:
                    sign_in(browser, f"{who} KE", PASSPHRASE)
                    browser.log("performance")  # the first visit, and the browser's own
                    for path in walk(browser):
                        _look(browser, f"{who} {shape(path)}", found)
            with Browser.opened(folder / "behind", base, size=PHONE) as browser:
                browser.get("/")
                browser.log("performance")
                for step in behind_forms(browser, vietnam.settled.desk):
                    _look(browser, step, found)
            with Browser.opened(folder / "dark", base, size=PHONE, dark=True) as browser:
                sign_in(browser, "investigator KE", PASSPHRASE)
                for path in walk(browser):
                    _contrast(browser, f"dark {shape(path)}", found)
            held(kenya)
            with Browser.opened(folder / "signs", base, size=PHONE) as browser:
                sign_in(browser, "supervisor KE", PASSPHRASE)
                browser.log("performance")
                browser.press("a[href^='/t/']")
                browser.get(browser.path.split("?")[0] + "/countersign")
                _look(browser, "countersign", found)
    return found


def _is_refusal(path: str, said: str) -> bool:
    """Whether the browser only says that the server refused what is refused here on purpose."""
    return path.endswith("refused") and ("status of 403" in said or "status of 422" in said)


def _contrast(browser: Browser, path: str, found: Seen) -> None:
    only = {"runOnly": ["color-contrast"]}
    told: dict[str, Any] = Axe().run(browser.driver, options=only)
    wrong = [each["html"][:160] for rule in told["violations"] for each in rule["nodes"]]
    if wrong:
        found.axe[path] = wrong


def _look(browser: Browser, path: str, found: Seen) -> None:
    found.pages.append(path)
    told: dict[str, Any] = Axe().run(browser.driver)
    wrong = [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in told["violations"]]
    if wrong:
        found.axe[path] = wrong
    if browser.is_clipped():
        found.clipped.append(path)
    small = browser.driver.execute_script(SMALL % TARGET)
    if small:
        found.small[path] = small
    weight = _weight(browser)
    if weight > WEIGHT:
        found.heavy[path] = weight
    text = browser.text
    words = {each[0] for each in (*HIDDEN.finditer(text), *GLUED.finditer(text))}
    if words:
        found.words[path] = words
    heads = len(browser.every("h1"))
    if heads != 1:
        found.heads[path] = heads
    said = [e["message"] for e in browser.log("browser") if not _is_refusal(path, e["message"])]
    if said:
        found.console[path] = said


def _weight(browser: Browser) -> int:
    """Return the bytes that came over the wire since the page before."""
    total = 0
    for each in browser.log("performance"):
        event = json.loads(each["message"])["message"]
        if event["method"] == "Network.loadingFinished":
            total += int(event["params"]["encodedDataLength"])
    return total


def test_no_page_keeps_people_out_is_cut_or_heavy_or_speaks_of_what_is_ours(
    tmp_path: Path,
) -> None:
    seen = walked(tmp_path)  # once, for it takes a minute: all that is looked for in one test

    assert len(seen.pages) >= PAGES, seen.pages
    assert (seen.axe, seen.clipped, seen.small) == ({}, [], {})
    assert (seen.heavy, seen.words, seen.heads, seen.console) == ({}, {}, {}, {})
