# SPDX-License-Identifier: Apache-2.0
"""The page of a file, in a real browser: seen, heard, saved marked; and nothing in it runs."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from tests.services.settle import PASSPHRASE
from tests.web.browser import DESK, PHONE, Browser, needs_browser, sign_in
from tests.world import World, question

from comity.web.serving import Place, serving_pages

pytestmark = [pytest.mark.slow, needs_browser]


def tusks() -> bytes:
    """Return a picture that one would know again."""
    image = Image.new("RGB", (1200, 800), "#7a6a58")
    pen = ImageDraw.Draw(image)
    for at in range(6):
        pen.chord((120 + at * 150, 150, 420 + at * 150, 720), 200, 320, fill="#efe6d2")
    sink = io.BytesIO()
    image.save(sink, "JPEG")
    return sink.getvalue()


def test_a_picture_is_seen_marked_on_the_page_of_its_file(tmp_path: Path) -> None:
    with World(tmp_path / "world", "ke", "vn") as world:
        kenya, vietnam = world.nodes("ke", "vn")
        seat = kenya.seat()
        attached = (
            seat.attach(io.BytesIO(tusks()), "tusks at gate 4.jpg", "image/jpeg"),
            seat.attach(
                io.BytesIO(b"<script>document.title='run'</script>"), "a.html", "text/html"
            ),
        )
        done = seat.ask(question(vietnam.agency, attachments=attached))
        world.sync()
        with serving_pages(vietnam.node, Place()) as address:
            base = address.replace("127.0.0.1", "vn.localhost")
            for name, size, language, dark in (
                ("360", PHONE, "en", False),
                ("360-dark", PHONE, "vi", True),
                ("1280-ar", DESK, "ar", False),
            ):
                with Browser.opened(
                    tmp_path / name, base, size=size, language=language, dark=dark
                ) as browser:
                    sign_in(browser, "investigator VN", PASSPHRASE)
                    browser.get(f"/t/{done.thread}/file/{attached[0].blob}")
                    width = browser.driver.execute_script(
                        "const seen = document.querySelector('.seen');"
                        "return seen.decode().then(() => seen.naturalWidth)"
                    )
                    browser.shot(f"file-{name}")
                    clipped = browser.is_clipped()
                    browser.get(f"/t/{done.thread}/file/{attached[1].blob}")
                    title, seen = browser.driver.title, browser.every(".seen")

                assert width == 1200
                assert not clipped
                assert title != "run"
                assert seen == []
