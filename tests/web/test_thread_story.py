# SPDX-License-Identifier: Apache-2.0
"""Two officers, two languages, two browsers, no script: a thread from the night shift to Ethiopia.

Journey J1, 2 and 8 to 12, clicked: taken, made urgent and rung, asked back, answered in part, passed
on with consent, handed over, left.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.services.settle import PASSPHRASE
from tests.web.browser import DESK, PHONE, Browser, needs_browser, sign_in
from tests.world import World, WorldNode, question

from comity.domain.statement import Outcome
from comity.language.translator import Translator
from comity.services.desks import NewDesk, open_desk
from comity.web.serving import Place, serving_pages

pytestmark = [pytest.mark.slow, needs_browser]
SWAHILI, VIETNAMESE = Translator("sw"), Translator("vi")


@pytest.fixture
def desks(three: World, tmp_path: Path) -> Iterator[tuple[World, Browser, Browser]]:
    """Serve Kenya's and Viet Nam's pages, each to an officer who is signed in."""
    vietnam = three["vn"]
    people = vietnam.settled.people
    open_desk(
        vietnam.house,
        vietnam.agency,
        NewDesk(
            name="Duty desk",
            languages=("vi",),
            zone="Asia/Ho_Chi_Minh",
            urgent_telephone="+84 225 3000000",
        ),
        [people["investigator"], people["colleague"]],
    )
    three.sync()
    with ExitStack() as stack:

        def browser(node: WorldNode, language: str, size: tuple[int, int]) -> Browser:
            address = stack.enter_context(serving_pages(node.node, Place()))
            country = node.card.country.lower()
            place = address.replace("127.0.0.1", f"{country}.localhost")
            opened = stack.enter_context(
                Browser.opened(
                    tmp_path / f"chromium-{country}",
                    place,
                    size=size,
                    language=language,
                    scripts=False,
                )
            )
            sign_in(opened, f"investigator {node.card.country}", PASSPHRASE)
            return opened

        yield three, browser(three["ke"], "sw", PHONE), browser(vietnam, "vi", DESK)


def confirm(browser: Browser, picture: str) -> None:
    """Press *who will see this*, look at it, and send."""
    browser.press(".act > .primary")
    browser.shot(f"story-{picture}-seers")
    assert browser.every(".readers li")
    assert len(browser.every("main .primary")) == 1
    assert not browser.is_clipped()
    browser.press("button[name=sure]")


def test_a_thread_is_taken_pressed_answered_passed_on_and_handed_over(
    desks: tuple[World, Browser, Browser],
) -> None:
    world, amina, minh = desks
    kenya, vietnam, ethiopia = world.nodes("ke", "vn", "et")

    # What the night shift left behind.
    night = vietnam.seat().ask(question("KE/Operations desk")).thread
    world.sync()
    kenya.seat("colleague").take(night)
    world.hours.pass_(minutes=1)
    kenya.seat("colleague").hand_over(night, "Operations desk", remark="Simu ya bandari saa tatu")
    amina.get("/today")
    amina.shot("story-today-sw")
    assert SWAHILI.of("to take") in amina.text
    amina.press(f"a[href='/t/{night}']")
    assert "Simu ya bandari saa tatu" in amina.text
    amina.press(f"form[action='/t/{night}/take'] .primary")
    holder = kenya.seat().thread(night).thread.holder_in(kenya.agency)
    assert holder is not None
    assert holder.id == kenya.settled.people["investigator"]

    # Nobody opens her question: she makes it urgent, and sees whom to ring.
    mine = kenya.seat().ask(question("VN/Duty desk")).thread
    world.sync()
    world.hours.pass_(hours=3)
    for browser, country in ((amina, "KE"), (minh, "VN")):  # nothing was done: they are out
        sign_in(browser, f"investigator {country}", PASSPHRASE)
    amina.get(f"/t/{mine}/urgent")
    amina.type("reason", "Meli inaondoka leo")
    confirm(amina, "urgent")
    amina.get(f"/t/{mine}/call")
    amina.shot("story-call-sw")
    short = kenya.seat().thread(mine).thread.short
    assert "+84 225 3000000" in amina.text
    assert short in amina.find(".aloud").text
    assert amina.find(".aloud").get_attribute("lang") == "vi"

    # Asked back in codes, read in Swahili, and given.
    world.sync()
    minh.get(f"/t/{mine}")
    minh.press(f"form[action='/t/{mine}/take'] .primary")
    minh.get(f"/t/{mine}/ask-back")
    minh.pick("reasons", "period")
    confirm(minh, "ask-back")
    world.sync()
    amina.get(f"/t/{mine}/answer")
    assert SWAHILI.label("Which period?") in amina.text
    amina.type("f-period", "2026-11-01/2026-11-20")
    confirm(amina, "supply")
    world.sync()

    # Part of it, in Vietnamese, for her desk alone and not for court.
    minh.get(f"/t/{mine}/answer")
    minh.pick("outcome", Outcome.PARTLY)
    minh.type("text", "Một công ty đã đăng ký tại Hải Phòng.")
    minh.pick("see", "desk")
    minh.pick("judicial", "no")
    confirm(minh, "answer")
    world.sync()
    amina.get(f"/t/{mine}")
    amina.shot("story-thread-sw")
    assert "Một công ty" in amina.text
    assert amina.find("dd[lang=vi]").text
    assert SWAHILI.language("vi") in amina.text
    assert kenya.seat().thread(mine).thread.handling.judicial == "no"

    # To Ethiopia: refused, one tap asks, consent comes, Ethiopia reads.
    amina.get(f"/t/{mine}/pass-on")
    amina.pick("to", ethiopia.settled.desk)
    amina.type("ref", "CUS/44")
    amina.press(".act > .primary")
    amina.shot("story-consent-sw")
    amina.press("button[name=sure]")
    world.sync()
    minh.get("/today")
    assert VIETNAMESE.of("consent asked") in minh.text
    minh.get(f"/t/{mine}/consent")
    minh.pick("word", "yes")
    confirm(minh, "consent")
    world.sync()
    amina.get(f"/t/{mine}/pass-on")
    amina.pick("to", ethiopia.settled.desk)
    amina.type("ref", "CUS/44")
    confirm(amina, "pass-on")
    world.sync()
    [line] = ethiopia.inbox()
    opening = ethiopia.seat().thread(line.thread).thread.passed_on
    assert opening is not None

    # The day is over.
    amina.get(f"/t/{night}/hand-over")
    amina.pick("to", kenya.settled.people["colleague"])
    amina.type("remark", "Jibu linakuja kesho")
    amina.press(".act > .primary")
    amina.press(".leave")
    amina.get("/today")
    assert "/today" not in amina.path
    assert line.is_note
