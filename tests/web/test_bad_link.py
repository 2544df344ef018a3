# SPDX-License-Identifier: Apache-2.0
"""On a bad link a photograph of 4 MB arrives whole, with two breaks on the way.

The rate is scaled up sixteenfold, so that nine minutes become half of one; sizes and breaks are as
they are, so the number of pieces that are lost and sent again is too.
"""

import io
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import pytest
from PIL import Image
from selenium.webdriver.support.ui import WebDriverWait
from tests.services.settle import PASSPHRASE
from tests.web.browser import Browser, needs_browser, sign_in
from tests.web.paper import Paper
from tests.web.throttle import Link

from comity.services.attach import clear_bytes
from comity.services.uploads import PIECE

SCALE = 16
RATE = 64_000 // 8 * SCALE


def photograph() -> bytes:
    sink = io.BytesIO()
    image = Image.frombytes("RGB", (2500, 1880), Random(9).randbytes(2500 * 1880 * 3))
    image.save(sink, "JPEG", quality=90)
    return sink.getvalue()


def on_its_way(link: Link, size: float) -> bool:
    return link.sent > size


def until(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
@needs_browser
def test_four_megabytes_arrive_over_a_line_that_breaks_twice(paper: Paper, tmp_path: Path) -> None:
    data = photograph()
    (tmp_path / "tusks.jpg").write_bytes(data)
    with (
        Link.to_server(paper.address, RATE) as link,
        Browser.opened(tmp_path / "chromium", link.address) as browser,
    ):
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get("/paper")
        browser.type("ref", "MSA/114")
        browser.find("[name=original]").click()
        began = time.monotonic()
        browser.find("[name=photo]").send_keys(str(tmp_path / "tusks.jpg"))
        for share in (0.3, 0.7):
            until(partial(on_its_way, link, share * len(data)))
            link.cut(1.0)
        browser.shot("sending-360")
        WebDriverWait(browser.driver, 120).until(
            lambda driver: driver.execute_script("return document.querySelector('[name=upload]')")
        )
        took = time.monotonic() - began
        browser.press("main form button.primary")

    assert 4_000_000 <= len(data) < 5_000_000
    assert link.breaks == 2
    small, original = paper.taken[-1][1]
    assert small.length <= 100_000
    assert clear_bytes(paper.node.house, original, 1 << 30) == data
    # What was on its way when the line broke went again, and no more: a piece each time.
    assert link.sent < len(data) + 3 * PIECE + 60_000
    assert took > len(data) / RATE
