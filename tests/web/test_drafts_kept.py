# SPDX-License-Identifier: Apache-2.0
"""In a real browser: drafts and files outlive the tab, and nothing clear is left on the device."""

import http.client
import io
import os
import signal
from pathlib import Path

import pytest
from PIL import Image
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.support.ui import WebDriverWait
from tests.formats.test_apart import CANARY, picture
from tests.services.settle import PASSPHRASE
from tests.web.browser import Browser, needs_browser, sign_in
from tests.web.paper import Paper
from tests.world import World

from comity.services.attach import clear_bytes
from comity.web.serving import Place, serving_pages

pytestmark = [pytest.mark.slow, needs_browser]
MARK = "Qz7Xk9Jw4"


def base(paper: Paper) -> str:
    return paper.address.replace("127.0.0.1", "ke.localhost")


def until(browser: Browser, script: str, seconds: float = 20) -> None:
    WebDriverWait(browser.driver, seconds).until(
        lambda driver: driver.execute_script(f"return {script}")
    )


SAVED = "document.querySelector('[data-draft]').dataset.saved > (window.before || 0)"
RESTORED = "document.querySelector('[data-draft]').dataset.restored"
SETTLED = "document.querySelector('[data-draft]').dataset.settled"
READY = "document.querySelector('[name=upload]')"


def written(browser: Browser) -> None:
    browser.driver.execute_script("window.before = Date.now() - 1")
    browser.type("ref", f"{MARK}-ref")
    browser.type("facts", f"{MARK} written on the seal")
    browser.pick("way", "b")
    browser.pick("more", "y")
    until(browser, SAVED)


def values(browser: Browser) -> tuple[str, str, str, bool]:
    field = browser.find
    return (
        str(field("[name=ref]").get_property("value")),
        str(field("[name=facts]").get_property("value")),
        str(field("[name=way]").get_property("value")),
        field("[name=more][value=y]").is_selected(),
    )


WHOLE = (f"{MARK}-ref", f"{MARK} written on the seal", "b", True)


def test_the_tab_is_killed_twice_and_the_draft_is_whole(paper: Paper, tmp_path: Path) -> None:
    (tmp_path / "tusks.jpg").write_bytes(picture(1600, 1200))
    profile = tmp_path / "chromium"
    with Browser.opened(profile, base(paper)) as browser:
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get("/paper")
        written(browser)
    with Browser.opened(profile, base(paper)) as browser:
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get("/paper")
        until(browser, RESTORED)
        once = values(browser)
        browser.find("[name=photo]").send_keys(str(tmp_path / "tusks.jpg"))
        until(browser, SETTLED)
    with Browser.opened(profile, base(paper)) as browser:
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get("/paper")
        until(browser, READY)
        twice = values(browser)
        browser.shot("draft-restored-360")
        browser.press("main form button.primary")
        path = browser.path
        browser.get("/paper")
        after = values(browser)

    assert (once, twice) == (WHOLE, WHOLE)
    assert path == "/today"
    assert after == ("", "", "", False)
    ref, (sent,) = paper.taken[-1]
    assert ref == WHOLE[0]
    image = Image.open(io.BytesIO(clear_bytes(paper.node.house, sent, 1 << 30)))
    assert sent.length <= 100_000
    assert image.height > image.width
    assert not image.getexif()


def renderers(profile: Path) -> list[int]:
    """Return the processes in which the browser that keeps *profile* draws its pages."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            said = (each / "cmdline").read_bytes()
            parent = (each / "stat").read_text().rpartition(")")[2].split()[1]
            root = _browser_of(int(parent), str(profile).encode())
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"--type=renderer" in said and root:
            found.append(int(each.name))
    return found


def _browser_of(process: int, profile: bytes) -> bool:
    """Return whether *process*, or one that began it, is the browser that keeps *profile*."""
    while process > 1:
        if b"--user-data-dir=" + profile in Path(f"/proc/{process}/cmdline").read_bytes():
            return True
        told = Path(f"/proc/{process}/stat").read_text()
        process = int(told.rpartition(")")[2].split()[1])
    return False


def kill_tab(browser: Browser, profile: Path) -> None:
    """Kill every process that draws a page of this browser, and open a tab in place of the dead."""
    victims = renderers(profile)
    assert victims
    for each in victims:
        os.kill(each, signal.SIGKILL)
    with pytest.raises(WebDriverException):
        browser.driver.execute_script("return 1")
    # A driver does nothing through a dead tab: the browser itself opens the next.
    place = browser.driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
    before = set(browser.driver.window_handles)
    opening = http.client.HTTPConnection(place, timeout=20)
    opening.request("PUT", "/json/new?about:blank")
    assert opening.getresponse().status == 200
    opening.close()
    WebDriverWait(browser.driver, 20).until(lambda driver: set(driver.window_handles) - before)
    browser.driver.switch_to.window((set(browser.driver.window_handles) - before).pop())


def test_the_process_of_the_tab_is_killed_twice_and_the_draft_is_whole(
    paper: Paper, tmp_path: Path
) -> None:
    (tmp_path / "tusks.jpg").write_bytes(picture(1600, 1200))
    profile = tmp_path / "chromium"
    with Browser.opened(profile, base(paper)) as browser:
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get("/paper")
        written(browser)
        kill_tab(browser, profile)
        browser.get("/paper")
        until(browser, RESTORED)
        once = values(browser)
        browser.find("[name=photo]").send_keys(str(tmp_path / "tusks.jpg"))
        until(browser, SETTLED)
        kill_tab(browser, profile)
        browser.get("/paper")
        until(browser, READY)
        twice = values(browser)
        browser.press("main form button.primary")

    assert (once, twice) == (WHOLE, WHOLE)
    ref, (sent,) = paper.taken[-1]
    assert ref == WHOLE[0]
    assert Image.open(io.BytesIO(clear_bytes(paper.node.house, sent, 1 << 30))).height > 0


def test_another_officer_on_the_same_device_sees_no_draft(paper: Paper, tmp_path: Path) -> None:
    with Browser.opened(tmp_path / "chromium", base(paper)) as browser:
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get("/paper")
        written(browser)
        browser.driver.delete_all_cookies()
        sign_in(browser, "colleague KE", PASSPHRASE)
        browser.get("/paper")
        browser.type("ref", "x")
        until(browser, SAVED)

        assert values(browser) == ("x", "", "", False)


def everything(profile: Path) -> bytes:
    return b"\0".join(each.read_bytes() for each in profile.rglob("*") if each.is_file())


def test_no_cache_and_no_file_of_the_browser_holds_a_clear_word(
    paper: Paper, tmp_path: Path
) -> None:
    photograph = tmp_path / "tusks.jpg"
    photograph.write_bytes(picture(900, 700))
    profile = tmp_path / "chromium"
    with Browser.opened(profile, base(paper)) as browser:
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get("/paper")
        written(browser)
        browser.find("[name=photo]").send_keys(str(photograph))
        until(browser, READY)
        browser.driver.execute_async_script(
            "navigator.serviceWorker.ready.then(() => arguments[0]())"
        )
        browser.get("/today")
        until(browser, "navigator.serviceWorker.controller")
        kept = browser.driver.execute_async_script(
            "const done = arguments[0];"
            "caches.keys().then(async (names) => done((await Promise.all(names.map(async (name) =>"
            " (await (await caches.open(name)).keys()).map((e) => new URL(e.url).pathname)))).flat()))"
        )
        cleared = browser.driver.execute_script(
            "return performance.getEntriesByType('resource').map((e) => e.name)"
        )
    found = everything(profile)

    assert kept
    assert all(each.startswith("/static/") for each in kept), kept
    assert all(each.startswith(base(paper)) for each in cleared)
    for word in (MARK, CANARY):
        for form in (word.encode(), word.encode("utf-16-le")):
            assert form not in found, word
    assert len(found) > 10_000


def test_on_a_shared_phone_the_device_keeps_nothing(paper: Paper, tmp_path: Path) -> None:
    with Browser.opened(tmp_path / "chromium", base(paper)) as browser:
        browser.get("/")
        browser.type("who", "investigator KE")
        browser.type("passphrase", PASSPHRASE)
        browser.find("[name=shared]").click()
        browser.press("form[action='/in'] button")
        browser.get("/paper")
        browser.type("facts", f"{MARK} written on the seal")
        WebDriverWait(browser.driver, 10).until(lambda _: paper.kept)
        databases = browser.driver.execute_async_script(
            "const done = arguments[0]; indexedDB.databases().then((all) => done(all.length))"
        )
        workers = browser.driver.execute_async_script(
            "const done = arguments[0];"
            "navigator.serviceWorker.getRegistrations().then((all) => done(all.length))"
        )

    assert paper.kept[-1] == f"{MARK} written on the seal"
    assert (databases, workers) == (0, 0)


def test_a_form_is_sent_once_however_often_it_is_pressed(paper: Paper, tmp_path: Path) -> None:
    with Browser.opened(tmp_path / "chromium", base(paper)) as browser:
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get("/paper")
        browser.type("ref", "once")
        browser.driver.execute_script(
            "const button = document.querySelector('main form button.primary');"
            "button.click(); button.click(); button.click();"
        )
        until(browser, "location.pathname === '/today'")

    assert len(paper.taken) == 1


def test_without_scripts_the_same_form_sends_the_same_files(paper: Paper, tmp_path: Path) -> None:
    photograph = tmp_path / "tusks.jpg"
    photograph.write_bytes(picture(1200, 900))
    with Browser.opened(tmp_path / "chromium", base(paper), scripts=False) as browser:
        sign_in(browser, "investigator KE", PASSPHRASE)
        browser.get("/paper")
        browser.type("ref", "plain")
        browser.find("[name=photo]").send_keys(str(photograph))
        browser.press("main form button.primary")

    ref, (sent,) = paper.taken[-1]
    assert ref == "plain"
    assert sent.length <= 100_000


ASKED = {"f_number": "+84912345678", "facts": f"{MARK} on the seal", "why_you": "the seal"}


def test_a_question_outlives_the_tab_and_the_session(tmp_path: Path) -> None:
    """J1 5-6: the photograph is small, the tab dies, the session ends; the draft opens whole."""
    (tmp_path / "tusks.jpg").write_bytes(picture(1600, 1200))
    profile = tmp_path / "chromium"
    with World(tmp_path / "world", "ke", "vn") as world:
        kenya, vietnam = world.nodes("ke", "vn")
        with serving_pages(kenya.node, Place()) as address:
            here = address.replace("127.0.0.1", "ke.localhost")
            with Browser.opened(profile, here) as browser:
                sign_in(browser, "investigator KE", PASSPHRASE)
                browser.get("/ask")
                browser.press(f"button[name=to][value='{vietnam.settled.desk}']")
                browser.press("button[name=kind][value=phone]")
                form = browser.path
                for name, text in ASKED.items():
                    browser.type(name, text)
                browser.find("[name=photograph]").send_keys(str(tmp_path / "tusks.jpg"))
                until(browser, SETTLED)
            kenya.world.hours.pass_(minutes=31)
            with Browser.opened(profile, here) as browser:
                browser.get(form)
                over = browser.path
                sign_in(browser, "investigator KE", PASSPHRASE)
                browser.get(form)
                until(browser, READY)
                found = {
                    name: browser.find(f"[name={name}]").get_property("value") for name in ASKED
                }
                browser.shot("question-restored-360")
                browser.press("button[name=do][value=add]")
                kept = browser.text

    assert over in ("/", "/?over=1")
    assert found == ASKED
    assert "tusks.jpg" in kept
