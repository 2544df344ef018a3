# SPDX-License-Identifier: Apache-2.0
"""The first visit: signing in unlocks, leaving locks."""

from pathlib import Path

from tests.services.settle import PASSPHRASE
from tests.web.browser import Browser, needs_browser, sign_in
from tests.world import World

from comity.web.serving import Place, serving_pages


@needs_browser
def test_an_officer_signs_in_sees_today_and_leaves(tmp_path: Path) -> None:
    with (
        World(tmp_path / "world", "ke", "vn") as world,
        serving_pages(world.nodes("ke")[0].node, Place()) as address,
        Browser.opened(
            tmp_path / "chromium", address.replace("127.0.0.1", "ke.localhost")
        ) as browser,
    ):
        sign_in(browser, "investigator KE", PASSPHRASE)
        signed_in = browser.path
        browser.shot("today-empty-360")
        browser.press(".leave")
        browser.get("/today")

        assert signed_in == "/today"
        assert browser.path.startswith("/?over") or browser.path == "/"
