# SPDX-License-Identifier: Apache-2.0
"""A guest by his link: one thread, one answer, and no other page."""

import io
import re
from typing import Any, Final

from flask import Flask
from tests.formats.test_apart import CANARY, picture
from tests.web.desk import Visitor, application, words
from tests.world import WorldNode, question

from comity.services.compose import attachments_of

INVITED: Final[dict[str, Any]] = {
    "name": "Souk V.",
    "office": "Forest Inspection, Vientiane",
    "country": "LA",
    "telephone": "+856 20 0000 0000",
    "number_from": "the ministry's own site",
    "checked": "called back at that number",
    "language": "en",
    "days": "14",
}


def _invite(app: Flask) -> tuple[str, str, str]:
    """Return a guest's link and passphrase, and his id, as the host is shown them."""
    made = Visitor.signed_in(app, "investigator KE").post("/guests/new", **INVITED)
    link, passphrase = re.findall(r"<code>([^<]+)</code>", made.text)
    officer = re.search(r"/ask\?to=([a-z2-7]+)", made.text)
    assert officer is not None, made.text
    return link, passphrase, officer[1]


def test_a_guest_says_who_he_is_and_answers(kenya: WorldNode) -> None:
    app = application(kenya)
    link, passphrase, officer = _invite(app)
    asked = kenya.seat().ask(question(officer))
    kenya.world.sync()
    guest = Visitor.at(app)

    guest.post(link, passphrase=passphrase)
    guest.post("/guest/who", name="Souk V.", office="Forest Inspection", authority="Law 7, art. 12")
    asks = guest.get("/guest")
    guest.post("/guest/answer", outcome="information", text="Registered to a company.")
    kenya.world.sync()
    seen = kenya.seat().thread(asked.thread).thread

    assert "Your answer" in words(asks)
    assert "attested by Customs, Mombasa" in words(guest.get("/guest"))
    assert [each.outcome.value for each in seen.outcomes] == ["information"]
    assert any("Law 7, art. 12" in str(each.body) for each in seen.acts)


def test_the_page_that_a_guest_signed_tells_nothing_of_his_device(kenya: WorldNode) -> None:
    app = application(kenya)
    link, passphrase, officer = _invite(app)
    asked = kenya.seat().ask(question(officer))
    kenya.world.sync()
    guest, signed = Visitor.at(app), picture(640, 480)
    guest.post(link, passphrase=passphrase)
    guest.post("/guest/who", name="Souk V.", office="Forest Inspection", authority="Law 7, art. 12")

    guest.post("/guest/answer", outcome="nothing-known", file=(io.BytesIO(signed), "signed.jpg"))
    kenya.world.sync()
    acts = kenya.seat().thread(asked.thread).thread.acts
    (sent,) = (file for each in acts for file in attachments_of(each.body))

    assert CANARY.encode() in signed
    assert CANARY.encode() not in kenya.seat().clear_bytes(sent, 1 << 20)


def test_the_link_changes_nothing_until_the_passphrase_is_posted(kenya: WorldNode) -> None:
    app = application(kenya)
    link, _, officer = _invite(app)
    asked = kenya.seat().ask(question(officer))
    kenya.world.sync()

    shown = Visitor.at(app).get(link)

    told = kenya.seat().thread(asked.thread).thread
    assert "phone" not in words(shown)
    assert not [each for each in told.receipts if each.stage == "opened"]


def test_a_guest_reaches_no_other_page(kenya: WorldNode) -> None:
    app = application(kenya)
    link, passphrase, _ = _invite(app)
    guest = Visitor.at(app)
    guest.post(link, passphrase=passphrase)

    for each in ("/today", "/guests", "/guests/new"):
        assert guest.get(each).headers["Location"] == "/guest"


def test_a_guest_does_not_sign_in_by_name(kenya: WorldNode) -> None:
    app = application(kenya)
    _, passphrase, officer = _invite(app)

    answer = Visitor.at(app).post("/in", who=officer, passphrase=passphrase)

    assert answer.status_code == 403


def test_a_link_that_is_no_more_looks_like_any(kenya: WorldNode) -> None:
    app = application(kenya)
    link, passphrase, _ = _invite(app)
    host = Visitor.signed_in(app, "investigator KE")
    ended = re.search(r"/guests/[a-z2-7]+/end", host.get("/guests").text)
    assert ended is not None

    host.post(ended[0])

    assert words(Visitor.at(app).get(link)) == words(Visitor.at(app).get("/g/nothing"))
    assert Visitor.at(app).post(link, passphrase=passphrase).status_code == 403


def test_a_guest_keeps_a_pdf(kenya: WorldNode) -> None:
    app = application(kenya)
    link, passphrase, officer = _invite(app)
    kenya.seat().ask(question(officer))
    kenya.world.sync()
    guest = Visitor.at(app)
    guest.post(link, passphrase=passphrase)

    kept = guest.get("/guest/page")

    assert kept.data.startswith(b"%PDF")


def test_what_was_typed_of_a_guest_is_kept_when_it_is_refused(kenya: WorldNode) -> None:
    host = Visitor.signed_in(application(kenya), "investigator KE")

    typed: dict[str, Any] = {**INVITED, "days": "900"}
    answer = host.post("/guests/new", **typed)

    assert answer.status_code == 422
    assert 'value="Souk V."' in answer.text
