# SPDX-License-Identifier: Apache-2.0
"""While two officers ask and answer in real browsers, nobody writes a clear byte to a disk.

Every write of the server and of its children is looked at, then its homes, its log and its temporary
folder, and the folders of both browsers before and after *Leave now*. What an officer saves lies in
clear on his device, as the page says: in a folder of its own, where the same search finds it.
"""

import io
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from PIL import Image
from selenium.webdriver.support.ui import WebDriverWait
from tests.faults.canaries import MARK, Cage, planted, slice_of
from tests.faults.traced import HERE, STRACE, Served, served, writes
from tests.services.settle import PASSPHRASE
from tests.web.browser import DESK, PHONE, Browser, needs_browser, sign_in

pytestmark = [pytest.mark.slow, needs_browser]

TWO_DESKS = HERE / "tests" / "faults" / "two_desks.py"
NUMBER = "+84912345678"
PERSON = "Trần Văn Hải-Quỳnh"
ASKED = {
    "f_number": NUMBER,
    "facts": f"312 kg of ivory {MARK}, declared by {PERSON}.",
    "why_you": "Painted upon the seal, in red",
    "ref": "KRA/77-4410-92",
}
ANSWERED = {"text": "Registered to a forwarder in Ngo Quyen.", "ref": "HQ-HP/2026/55183"}
SEEN = "return document.querySelector('img.seen').naturalWidth > 0"
LIST = b"".join(b"%s list %d\r\n" % (MARK.encode(), each) for each in range(4000))


def photograph() -> bytes:
    """Return a photograph that a browser sends as it is, with what a camera writes beside it."""
    sink, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = MARK
    noise = Image.frombytes("L", (220, 220), Random(5).randbytes(220 * 220))
    noise.convert("RGB").save(sink, "JPEG", exif=exif, quality=85)
    return sink.getvalue()


def cage_of(picture: Path) -> Cage:
    texts = {
        "mark": MARK,
        "number": NUMBER.removeprefix("+84"),
        "person": PERSON,
        "why": ASKED["why_you"],
        "file number": ASKED["ref"],
        "answer": ANSWERED["text"],
        "their file number": ANSWERED["ref"],
    }
    return planted(texts, {f"picture at {at}": slice_of(picture, at) for at in (0.3, 0.6, 0.9)})


@dataclass
class Desks:
    """Two officers, each at a browser."""

    folder: Path
    server: Served
    cage: Cage
    kenya: Browser
    vietnam: Browser
    desk: str
    scripts: bool
    found: list[str] = field(default_factory=list)

    def look(self, when: str) -> None:
        """Look into everything that either browser keeps."""
        for file in (self.folder / "profiles").rglob("*"):
            if not file.is_file():  # a lock, or a socket
                continue
            where = file.relative_to(self.folder)
            self.found += [f"{each} in {where}, {when}" for each in self.cage.found_in(file)]


def opened(
    stack: ExitStack, folder: Path, country: str, told: Mapping[str, str], *, scripts: bool
) -> Browser:
    place = told[country].replace("127.0.0.1", f"{country}.localhost")
    size = PHONE if country == "ke" else DESK
    profile = folder / "profiles" / country
    browser = stack.enter_context(Browser.opened(profile, place, size=size, scripts=scripts))
    saving = {"behavior": "allow", "downloadPath": str(folder / "saved")}
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", saving)
    sign_in(browser, f"investigator {country.upper()}", PASSPHRASE)
    return browser


def ask(desks: Desks) -> None:
    browser = desks.kenya
    browser.get("/ask")
    browser.press(f"button[name='to'][value='{desks.desk}']")
    browser.press("button[name='kind'][value='phone']")
    for name, text in ASKED.items():
        browser.type(name, text)
    browser.pick("offence", str(browser.every("[name=offence] option")[1].get_attribute("value")))
    for count, (name, file) in enumerate((("photograph", "seal.jpg"), ("document", "list.bin")), 1):
        browser.find(f"[name={name}]").send_keys(str(desks.folder / "given" / file))
        if desks.scripts:
            until_ready(browser, count)
    desks.server.do("carry")  # a while: what is kept from now on is newer than the page
    browser.press("button[name='do'][value='add']")
    assert len(browser.every(".files li")) == 2
    browser.press("form > .primary")
    assert "Oversight desk" in browser.text
    browser.press("form .primary")
    assert browser.path.startswith("/sent/")
    assert desks.server.do("carry") == "carried"


def read_save_and_answer(desks: Desks) -> str:
    """Let the other side read, look at the picture, save the list and answer; return the thread."""
    browser = desks.vietnam
    browser.get("/today")
    browser.press("a[href^='/t/']")
    thread = browser.path
    assert PERSON in browser.text
    browser.press(f"form[action='{thread}/take'] .primary")
    for name in ("seal.jpg", "list.bin"):
        browser.get(thread)
        [link] = [each for each in browser.every(".files a") if each.text == name]
        browser.get(str(link.get_dom_attribute("href")))
        if name == "seal.jpg":
            WebDriverWait(browser.driver, 20).until(lambda driver: driver.execute_script(SEEN))
        browser.find("main form .primary").click()
        until_saved(desks.folder / "saved", 1 if name == "seal.jpg" else 2)
    browser.get(f"{thread}/answer")
    browser.pick("outcome", "information")
    browser.pick("f-status", "in-use")
    browser.find(".act details.more > summary").click()
    for name, text in ANSWERED.items():
        browser.type(name, text)
    browser.press(".act > .primary")
    browser.press("button[name=sure]")
    assert desks.server.do("carry") == "carried"
    return thread


def until_ready(browser: Browser, count: int) -> None:
    WebDriverWait(browser.driver, 60).until(lambda _: len(browser.every("[name=upload]")) == count)


def until_saved(folder: Path, count: int) -> None:
    end = time.monotonic() + 30
    while len([each for each in folder.iterdir() if each.suffix != ".crdownload"]) < count:
        assert time.monotonic() < end
        time.sleep(0.1)


def story(desks: Desks) -> None:
    ask(desks)
    thread = read_save_and_answer(desks)
    desks.kenya.get(thread)
    assert ANSWERED["text"] in desks.kenya.text
    desks.look("before they leave")
    for browser in (desks.kenya, desks.vietnam):
        browser.press(".leave")
        browser.get("/today")
        assert browser.path != "/today"


@pytest.fixture
def given(tmp_path: Path) -> Cage:
    for name in ("given", "saved", "traces"):
        (tmp_path / name).mkdir()
    (tmp_path / "given" / "list.bin").write_bytes(LIST)
    (tmp_path / "given" / "seal.jpg").write_bytes(photograph())
    return cage_of(tmp_path / "given" / "seal.jpg")


def written(traces: Path, cage: Cage) -> Iterator[str]:
    """Yield what stands in clear in what was written to files."""
    total, handed_on = 0, False
    for each in writes(traces):
        if not each.is_to_a_file:
            handed_on = handed_on or MARK.encode() in each.data
            continue
        total += len(each.data)
        yield from (f"{found} written to {each.place}" for found in cage.found(each.data))
    assert handed_on  # the same search finds it where it is allowed
    assert total > len(LIST)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_nobody_writes_a_clear_byte_while_two_officers_ask_and_answer(
    given: Cage, tmp_path: Path, *, scripts: bool
) -> None:
    traces = tmp_path / "traces" if STRACE else None
    with served(TWO_DESKS, tmp_path, traces) as server, ExitStack() as stack:
        told = json.loads(server.tells)
        kenya, vietnam = (
            opened(stack, tmp_path, each, told, scripts=scripts) for each in ("ke", "vn")
        )
        desks = Desks(tmp_path, server, given, kenya, vietnam, told["desk"], scripts)
        story(desks)
    desks.look("after they left")
    for place in ("world", "tmp", "log"):
        here = tmp_path / place
        for file in (here, *here.rglob("*")):
            name = file.relative_to(tmp_path)
            desks.found += [f"{each} in {name}" for each in given.found_in(file)]
    if traces:
        desks.found += written(traces, given)

    assert desks.found == []
    assert list((tmp_path / "tmp").iterdir()) == []
    saved = [each.read_bytes() for each in (tmp_path / "saved").iterdir()]
    assert any(MARK.encode() in each for each in saved)
    assert len(list((tmp_path / "profiles" / "ke").rglob("*"))) > 20
