# SPDX-License-Identifier: Apache-2.0
"""Pages to which no link leads: they stand behind forms, sign-in and a guest's passphrase."""

from collections.abc import Iterator

from tests.services.settle import PASSPHRASE
from tests.web.browser import Browser, sign_in
from tests.web.test_ask_story import SIX, first_offence
from tests.web.test_guest import INVITED


def behind_forms(browser: Browser, desk: str) -> Iterator[str]:
    """Yield the name of each page once it is there: *desk* is asked, a guest comes."""
    sign_in(browser, "investigator KE", "not the passphrase")
    yield "sign-in refused"
    sign_in(browser, "investigator KE", PASSPHRASE)
    browser.log("performance")
    yield from _asking(browser, desk)
    yield from _answering(browser)
    yield from _practising(browser)
    yield from _guest(browser)


def _asking(browser: Browser, desk: str) -> Iterator[str]:
    browser.get("/ask")
    browser.press(f"button[name='to'][value='{desk}']")
    yield "ask kinds"
    browser.press("button[name='kind'][value='phone']")
    yield "ask form"
    browser.driver.execute_script("document.querySelector('form.act, main form').noValidate = true")
    browser.press("form > .primary")
    yield "ask form refused"
    _fill(browser)
    yield "ask seers"
    browser.press("form .primary")
    yield "sent"


def _fill(browser: Browser) -> None:
    for name, text in SIX.items():
        browser.type(name, text)
    browser.pick("offence", first_offence(browser))
    browser.press("form > .primary")


def _answering(browser: Browser) -> Iterator[str]:
    browser.get("/today")
    threads = [each.get_attribute("href") or "" for each in browser.every("a[href*='/t/']")]
    for each in threads:
        browser.driver.get(each)
        if browser.every("form[action$='/take']"):
            break
    thread = browser.path.split("?")[0]
    browser.press("form[action$='/take'] button")
    yield "taken"
    browser.get(f"{thread}/answer")
    yield "answer"
    browser.pick("outcome", "information")
    browser.type("text", "Registered to a company.")
    browser.press(".act > .primary")
    yield "answer seers"
    browser.press("button[name=sure]")
    yield "answered"


def _practising(browser: Browser) -> Iterator[str]:
    browser.get("/practice")
    browser.press("form[action='/practice'] button")
    yield "practice today"
    for each in ("ask", "tell", "more", "people"):
        browser.get(f"/practice/{each}")
        yield f"practice {each}"
    browser.get("/practice/today")
    browser.press("main a[href^='/practice/t/']")
    yield "practice thread"


def _guest(browser: Browser) -> Iterator[str]:
    browser.get("/guests/new")
    for name, text in INVITED.items():
        if browser.find(f"[name='{name}']").tag_name == "select":
            browser.pick(name, text)
        else:
            browser.type(name, text)
    browser.press("form[action='/guests/new'] .primary")
    yield "guest made"
    link, passphrase = (each.text for each in browser.every("main code")[:2])
    asked = browser.find("a[href^='/ask?to=']").get_attribute("href") or ""
    yield from _asking_guest(browser, asked)
    browser.press(".leave")
    browser.log("browser")  # Chromium tells what it cleared
    browser.driver.get(browser.base + link[link.index("/g/") :])
    yield "guest door"
    browser.type("passphrase", passphrase)
    browser.press("main form button")
    yield "guest who"
    for name, text in (("name", "Souk V."), ("office", "Forest"), ("authority", "Law 7")):
        browser.type(name, text)
    browser.press("form[action='/guest/who'] .primary")
    yield "guest answer"
    browser.pick("outcome", "information")
    browser.type("text", "Registered to a company.")
    browser.press("form[action='/guest/answer'] .primary")
    yield "guest answered"


def _asking_guest(browser: Browser, asked: str) -> Iterator[str]:
    browser.driver.get(asked)
    yield "ask a guest"
    browser.press(f"button[name='to'][value='{asked.partition('to=')[2].partition('&')[0]}']")
    browser.press("button[name='kind'][value='phone']")
    yield "guest form"
    _fill(browser)
    yield "guest seers"
    browser.press("form .primary")
    yield "guest asked"
