# SPDX-License-Identifier: Apache-2.0
"""Clocks on pages run by the server's time, in the reader's language; without a script they stand."""

import re
from pathlib import Path

import pytest
from selenium.webdriver.support.ui import WebDriverWait
from tests.services.settle import PASSPHRASE
from tests.web.acts import VIETNAM
from tests.web.browser import PHONE, Browser, needs_browser, sign_in
from tests.world import World, WorldNode, question

from comity.web.serving import Place, serving_pages

pytestmark = [pytest.mark.slow, needs_browser]
CLOCK = "time[data-clock]"


def _asked(node: WorldNode) -> str:
    """Let *node* ask what leaves in a minute; return the thread."""
    object.__setattr__(node.house, "practice", False)  # where nothing waits
    return node.seat().ask(question(VIETNAM)).thread


def _turns(browser: Browser) -> tuple[str, str]:
    """Return what the clock said, and what it says once it has run for some seconds."""
    before = browser.find(CLOCK).text
    said: set[str] = {before}

    def runs(_: object) -> bool:
        said.add(browser.find(CLOCK).text)
        return len(said) > 3

    WebDriverWait(browser.driver, 10).until(runs)
    return before, browser.find(CLOCK).text


@pytest.mark.parametrize(
    ("language", "seconds"),
    [("en", r"It leaves in (\d+) seconds\."), ("sw", r"Inaondoka baada ya sekunde (\d+)\.")],
)
def test_the_time_to_stop_runs_down_by_the_second(
    world: World, tmp_path: Path, language: str, seconds: str
) -> None:
    kenya = world["ke"]
    thread = _asked(kenya)
    with (
        serving_pages(kenya.node, Place()) as address,
        Browser.opened(tmp_path / "chromium", address, size=PHONE, language=language) as browser,
    ):
        sign_in(browser, "investigator KE", PASSPHRASE)
        for path in (f"/sent/{thread}", f"/t/{thread}"):
            browser.get(path)
            _, after = _turns(browser)
            left = re.fullmatch(seconds, after)

            assert left, after
            assert 40 < int(left[1]) < 60
            assert browser.find(CLOCK).get_attribute("role") == "timer"


def test_without_a_script_a_page_says_when_it_leaves(world: World, tmp_path: Path) -> None:
    kenya = world["ke"]
    thread = _asked(kenya)
    with (
        serving_pages(kenya.node, Place()) as address,
        Browser.opened(tmp_path / "chromium", address, size=PHONE, scripts=False) as browser,
    ):
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get(f"/sent/{thread}")

        assert browser.find(CLOCK).text == "It leaves in 60 seconds. Until then you can stop it."
