# SPDX-License-Identifier: Apache-2.0
"""A question is asked on a phone in each of the eight languages: nothing is cut, Arabic is mirrored.

The pictures stay in ``build/screenshots`` for people to look at.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.settle import PASSPHRASE
from tests.web.browser import PHONE, Browser, needs_browser, sign_in
from tests.web.test_ask_story import SIX, first_offence
from tests.world import World

from comity.language.catalogue import LOCALES
from comity.language.translator import Translator
from comity.web.serving import Place, serving_pages

pytestmark = [pytest.mark.slow, needs_browser]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, str, Path]]:
    folder = tmp_path_factory.mktemp("eight")
    with (
        World(folder / "world", "ke", "vn") as world,
        serving_pages(world["ke"].node, Place()) as address,
    ):
        yield world, address.replace("127.0.0.1", "ke.localhost"), folder


@pytest.mark.parametrize("language", LOCALES)
def test_a_question_is_asked_and_its_answer_read(
    desk: tuple[World, str, Path], language: str
) -> None:
    world, base, folder = desk
    tag = Translator(language).tag
    clipped: list[str] = []
    with Browser.opened(folder / f"chromium-{language}", base, size=PHONE, language=tag) as browser:

        def look(step: str) -> None:
            browser.shot(f"{language}-{step}")
            if browser.is_clipped():
                clipped.append(step)

        browser.get("/")
        look("sign-in")
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get("/ask")
        look("whom")
        browser.press(f"button[name='to'][value='{world['vn'].settled.desk}']")
        look("kinds")
        browser.press("button[name='kind'][value='phone']")
        for name, text in SIX.items():
            browser.type(name, text)
        browser.pick("offence", first_offence(browser))
        look("form")
        browser.press("form > .primary")
        look("seers")
        browser.press("form .primary")
        look("sent")
        world.sync()
        [asked] = [each.thread for each in world["vn"].inbox() if each.stage == "asked"]
        there = world["vn"].seat()
        there.take(asked)
        there.ask_back(asked, ["period"])
        world.sync()
        browser.get("/today")
        look("today")
        browser.get(f"/t/{asked}")
        look("thread")
        direction = browser.find("html").get_attribute("dir")
        said = browser.text

    assert clipped == []
    assert direction == ("rtl" if language == "ar" else "ltr")
    # A browser hands a no-break space over as a plain one.
    assert Translator(language).label("Which period?").replace("\u00a0", " ") in said
