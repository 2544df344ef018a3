# SPDX-License-Identifier: Apache-2.0
"""A sergeant asks from a telephone (J1 3-7): four pages, six things, and nothing is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tests.services.settle import PASSPHRASE
from tests.web.browser import PHONE, Browser, needs_browser, sign_in
from tests.web.test_ask import photograph
from tests.world import World, WorldNode

from comity.services.desk_duty import NewDuty, set_duty
from comity.web.serving import Place, serving_pages

pytestmark = [pytest.mark.slow, needs_browser]

HOURS = [
    f"{day} {at}"
    for day in ("mon", "tue", "wed", "thu", "fri")
    for at in ("08:00-11:30", "13:30-17:00")
]
SIX = {
    "f_number": "+84912345678",
    "facts": "312 kg of ivory, container CSQU3054383 declared as timber.",
    "why_you": "The number was written on the seal.",
    "ref": "MSA/114",
}


class Counted:
    """A browser that counts what its person does."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.given: list[str] = []
        self.pages = 1

    def type(self, name: str, text: str) -> None:
        self.given.append(name)
        self.browser.type(name, text)

    def pick(self, name: str, value: str) -> None:
        self.given.append(name)
        if name in {"to", "kind"}:
            self.go_on(f"button[name='{name}'][value='{value}']")
        else:
            self.browser.pick(name, value)

    def go_on(self, css: str) -> None:
        self.browser.press(css)
        self.pages += 1


@contextmanager
def world_of(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """Yield two countries and the address of Kenya's pages; Hai Phong is at lunch."""
    with World(tmp_path / "world", "ke", "vn") as world:
        there = world["vn"]
        duty = NewDuty(zone="Asia/Ho_Chi_Minh", hours=tuple(HOURS), holidays=("2027-01-01",))
        set_duty(there.house, there.agency, there.settled.desk, duty)
        world.sync()
        with serving_pages(world["ke"].node, Place()) as address:
            yield world, address.replace("127.0.0.1", "ke.localhost")


def first_offence(browser: Browser) -> str:
    value = browser.every("[name=offence] option")[1].get_attribute("value")
    assert value
    return value


def fill(counted: Counted, there: WorldNode) -> None:
    """Ask who uses a telephone, up to the page of who will see it."""
    counted.browser.get("/ask")
    counted.pick("to", there.settled.desk)
    counted.browser.press("button[name='kind'][value='phone']")
    counted.pages += 1
    for name, text in SIX.items():
        counted.type(name, text)
    counted.pick("offence", first_offence(counted.browser))
    counted.go_on("form > .primary")


@pytest.mark.parametrize(("language", "scripts"), [("en", False), ("vi", True), ("sw", False)])
def test_a_phone_question_takes_six_things_and_four_pages(
    tmp_path: Path, language: str, *, scripts: bool
) -> None:
    with (
        world_of(tmp_path) as (world, base),
        Browser.opened(
            tmp_path / "chromium", base, size=PHONE, language=language, scripts=scripts
        ) as browser,
    ):
        sign_in(browser, "investigator KE", PASSPHRASE)
        counted = Counted(browser)

        fill(counted, world["vn"])
        clipped = browser.is_clipped()
        browser.press("form .primary")
        sent = browser.path
        world.sync()

        assert sorted(counted.given) == sorted(["to", "offence", *SIX])
        assert len(counted.given) == 6
        assert counted.pages == 4
        assert sent.startswith("/sent/")
        assert not clipped
        assert [each.kind for each in world["vn"].inbox()] == ["phone"]


def test_the_sergeants_morning(tmp_path: Path) -> None:
    """J1 3-7: at lunch there; a photograph; the tab dies; the session ends; and it goes, once."""
    picture = tmp_path / "seal.jpg"
    picture.write_bytes(photograph())
    with world_of(tmp_path) as (world, base):
        with Browser.opened(tmp_path / "first", base, size=PHONE) as browser:
            sign_in(browser, "investigator KE", PASSPHRASE)
            browser.get("/ask")
            at_lunch = browser.text
            browser.press(f"button[name='to'][value='{world['vn'].settled.desk}']")
            browser.press("button[name='kind'][value='phone']")
            for name, text in SIX.items():
                browser.type(name, text)
            browser.pick("offence", first_offence(browser))
            browser.find("[name=photograph]").send_keys(str(picture))
            browser.press("button[name='do'][value='add']")
            kept = browser.text
            # The telephone kills the tab here; what was typed is on the server, sealed to him.
        world.hours.pass_(minutes=40)
        with Browser.opened(tmp_path / "second", base, size=PHONE) as browser:
            sign_in(browser, "investigator KE", PASSPHRASE)
            browser.get("/today")
            browser.press("a[href^='/ask/']")
            again = browser.find("[name=facts]").get_attribute("value")
            file = browser.text
            browser.press("form > .primary")
            seen = browser.text
            browser.press("form .primary")
            shown = browser.text
            browser.press("a[href^='/t/']")
            before = browser.text
            world.sync()
            browser.get(browser.path)
            browser.find(".timeline summary").click()
            after = browser.text

        assert "Nobody is there until 13:30." in at_lunch
        assert "Their next holiday: 1 January 2027" in at_lunch
        assert "seal.jpg" in kept
        assert again == SIX["facts"]
        assert "seal.jpg" in file
        assert "Oversight desk" in seen
        assert "Wildlife Act, section 12" in seen
        assert "may be disclosed to the defence" in seen
        assert "What happens next" in shown
        assert "delivered, with proof" not in before
        assert "delivered, with proof" in after
        assert len(world["vn"].inbox()) == 1


def test_a_question_is_asked_by_keyboard_alone(tmp_path: Path) -> None:
    with (
        world_of(tmp_path) as (world, base),
        Browser.opened(tmp_path / "chromium", base, size=PHONE) as browser,
    ):
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get("/ask")

        _reach(browser, "button[name='to']", Keys.ENTER)
        _reach(browser, "button[name='kind'][value='phone']", Keys.ENTER)
        for name, text in SIX.items():
            if name == "why_you":
                _reach(browser, "[name='offence']", Keys.ARROW_DOWN)
            _reach(browser, f"[name='{name}']", text)
        _reach(browser, "[name='urgency']", "")
        _reach(browser, "form > .primary", Keys.ENTER)
        _reach(browser, "form .primary", Keys.ENTER)
        world.sync()

        assert browser.path.startswith("/sent/")
        assert len(world["vn"].inbox()) == 1


def _reach(browser: Browser, css: str, keys: str) -> None:
    """Go on by the tabulator until what *css* names has the focus, and press *keys* there."""
    browser.find(css)
    script = "return document.activeElement.matches(arguments[0])"
    before = browser.driver.find_element("tag name", "html")
    for _ in range(80):
        if browser.driver.execute_script(script, css):
            ActionChains(browser.driver).send_keys(keys).perform()
            if keys == Keys.ENTER:
                browser.gone(before)
            return
        ActionChains(browser.driver).send_keys(Keys.TAB).perform()
    raise AssertionError(f"no way to {css} by keyboard")
