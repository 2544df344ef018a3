# SPDX-License-Identifier: Apache-2.0
"""A bad link: a photograph of 4 MB goes over 64 kbit/s, with two breaks, to the node of the sender.

A real browser sends it on the page on which an officer asks, through a proxy on this machine that
lets ``RATE`` (64,000) bits a second through each way and breaks every connection twice. Beside it
stands the ideal: the bytes of the photograph at that rate, as if the line never broke.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.services.settle import PASSPHRASE
from tests.web.browser import CHROMIUM, DRIVER, Browser, sign_in
from tests.web.test_bad_link import photograph
from tests.web.throttle import Link
from tests.world import World

from comity.services.uploads import PIECE
from comity.web.serving import Place, serving_pages

RATE = int(os.environ.get("RATE", "64000")) // 8
"""Bytes a second."""
BREAKS = (0.3, 0.7)
"""Shares of the photograph after which the line breaks."""
DOWN = 5.0
"""Seconds for which a break lasts."""
FAST = 10_000_000


def carried(browser: Browser, link: Link, file: Path) -> float | None:
    """Send *file* over the slow line; return how many seconds it took, if it arrived at all."""
    size = file.stat().st_size
    browser.find("[name=original]").click()
    breaks, base = list(BREAKS), link.sent
    link.rate = RATE
    began = time.monotonic()
    browser.find("[name=photograph]").send_keys(str(file))
    while time.monotonic() - began < 3 * size / RATE + 120:
        if breaks and link.sent - base > breaks[0] * size:
            breaks.pop(0)
            link.cut(DOWN)
        script = "return Boolean(document.querySelector('[name=upload]'))"
        if browser.driver.execute_script(script):
            return time.monotonic() - began
        time.sleep(0.1)
    return None


def main() -> int:
    if not (CHROMIUM and DRIVER):
        print("no Chromium here: .ci/run installs it")
        return 0
    with tempfile.TemporaryDirectory() as name:
        return measure(Path(name))


def measure(folder: Path) -> int:
    file = folder / "tusks.jpg"
    file.write_bytes(photograph())
    size = file.stat().st_size
    with (
        World(folder / "world", "ke", "vn") as world,
        serving_pages(world["ke"].node, Place()) as address,
        Link.to_server(address, FAST) as link,
        Browser.opened(folder / "chromium", link.address) as browser,
    ):
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get("/ask")
        browser.press(f"button[name=to][value='{world['vn'].settled.desk}']")
        browser.press("button[name=kind][value=phone]")
        before = link.sent
        took = carried(browser, link, file)
        sent = link.sent - before
        link.rate = FAST
        browser.press("button[name=do][value=add]")
        kept = file.name in browser.text
    print(f"photograph                {size / 1e6:8.2f} MB at {RATE * 8 / 1000:g} kbit/s")
    print(f"breaks                    {link.breaks:8} of {DOWN:g} s each")
    print(f"seconds                   {took or 0:8.1f}   ideal, unbroken: {size / RATE:.1f}")
    print(
        f"sent again or beside it   {(sent - size) / 1000:8.1f} kB   a piece: {PIECE / 1000:.1f} kB"
    )
    print(f"arrived and kept          {took is not None and kept!s:>8}")
    return int(took is None or not kept or link.breaks != len(BREAKS))


if __name__ == "__main__":
    sys.exit(main())
