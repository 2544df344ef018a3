# SPDX-License-Identifier: Apache-2.0
"""Monday by keyboard alone: signed in, taken, asked back, answered, handed over, left.

Journey J1, 8 to 12, with the tabulator, enter, the arrows and what is typed. Wherever the focus
goes it is seen, and it comes round again: nothing holds it.
"""

from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tests.services.settle import PASSPHRASE
from tests.web.browser import PHONE, Browser, needs_browser
from tests.world import World, question

from comity.domain.statement import Outcome
from comity.services.answer import Reply
from comity.web.serving import Place, serving_pages

pytestmark = [pytest.mark.slow, needs_browser]

MOST = 120
FOCUS = """
const it = document.activeElement, body = it === document.body;
const style = getComputedStyle(it.closest(".pills label")?.querySelector("span") || it);
const box = it.getBoundingClientRect();
const shown = it.matches(":focus-visible") && style.outlineStyle !== "none" && box.height > 0;
return [it.matches(arguments[0]), body || shown ? "" : it.outerHTML.slice(0, 120), body];
"""


class Keyboard:
    """A person at a browser without a mouse."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.unseen: list[str] = []

    def press(self, *keys: str) -> None:
        ActionChains(self.browser.driver).send_keys(*keys).perform()

    def reach(self, css: str) -> None:
        """Go on by the tabulator until what *css* names has the focus."""
        self.browser.find(css)
        for _ in range(MOST):
            self.press(Keys.TAB)
            there, unseen, _body = self.browser.driver.execute_script(FOCUS, css)
            if unseen:
                self.unseen.append(f"{self.browser.path}: {unseen}")
            if there:
                return
        raise AssertionError(f"no way to {css} by keyboard")

    def type(self, css: str, text: str) -> None:
        self.reach(css)
        self.press(text)

    def enter(self, css: str) -> None:
        """Press enter on what *css* names, and wait for the page that it leads to."""
        self.reach(css)
        before = self.browser.find("html")
        self.press(Keys.ENTER)
        self.browser.gone(before)

    def pick(self, name: str, value: str) -> None:
        """Move to the choice *value* of *name* by the arrows."""
        self.reach(f"[name='{name}']")
        for _ in range(MOST):
            if self.browser.driver.execute_script("return document.activeElement.value") == value:
                if self.browser.driver.execute_script(FOCUS, "input")[0]:
                    self.press(Keys.SPACE)
                return
            self.press(Keys.ARROW_DOWN)
        raise AssertionError(f"no way to {name}={value} by keyboard")

    def goes_round(self) -> bool:
        """Return whether the focus, going on, leaves the page at its end and enters it again."""
        for _ in range(MOST):
            self.press(Keys.TAB)
            if self.browser.driver.execute_script(FOCUS, ".skip")[0]:
                return True
        return False


def test_a_thread_is_read_answered_and_handed_over_without_a_mouse(
    world: World, tmp_path: Path
) -> None:
    kenya, vietnam = world.nodes("ke", "vn")
    thread = vietnam.seat().ask(question("KE/Operations desk")).thread
    world.sync()
    with (
        serving_pages(kenya.node, Place()) as address,
        Browser.opened(tmp_path / "chromium", address, size=PHONE) as browser,
    ):
        amina = Keyboard(browser)
        browser.get("/")
        amina.type("[name=who]", "investigator KE")
        amina.type("[name=passphrase]", PASSPHRASE)
        amina.enter("form[action='/in'] button")

        # Past the head of the page at once, to what waits.
        amina.reach(".skip")
        amina.press(Keys.ENTER)
        assert browser.driver.execute_script("return document.activeElement.id") == "main"
        amina.enter(f"a[href='/t/{thread}']")
        assert amina.goes_round()
        amina.enter(f"form[action='/t/{thread}/take'] button")

        amina.enter(f"a[href='/t/{thread}/ask-back']")
        amina.reach("[name=reasons][value=period]")
        amina.press(Keys.SPACE)
        amina.enter(".act > .primary")
        assert browser.every(".readers li")
        amina.enter("button[name=sure]")
        world.sync()
        vietnam.seat().answer(thread, Reply(outcome=Outcome.INFORMATION, text="1-20 November"))
        world.sync()

        browser.get(f"/t/{thread}")
        amina.enter(f"a[href='/t/{thread}/answer']")
        assert amina.goes_round()
        amina.pick("outcome", Outcome.INFORMATION)
        amina.type("[name=text]", "Registered to a company at Mombasa.")
        amina.enter(".act > .primary")
        assert browser.every(".readers li")
        amina.enter("button[name=sure]")
        world.sync()

        browser.get(f"/t/{thread}/hand-over")
        amina.pick("to", kenya.settled.people["colleague"])
        amina.type("[name=remark]", "The reply was sent")
        amina.enter(".act > .primary")
        amina.enter(".leave")
        browser.get("/today")

        told = vietnam.seat().thread(thread).thread
        assert not browser.path.startswith("/today")
        assert [each.outcome for each in told.outcomes] == [Outcome.INFORMATION]
        assert amina.unseen == []
