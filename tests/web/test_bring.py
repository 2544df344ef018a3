# SPDX-License-Identifier: Apache-2.0
"""Consent from another thread: asked on a page in another's name, chosen there, and brought."""

from dataclasses import dataclass, replace

import pytest
from tests.services.onward import ADDIS, YES, befriended, consented, joined, wish
from tests.web.acts import hidden, officer, send
from tests.web.desk import Visitor, words
from tests.world import World

from comity.domain.ids import ThreadId
from comity.errors import Refused
from comity.services.consent import Leave

ONWARD = replace(ADDIS, to="TG/Container desk", ref="ET/3")


@dataclass
class Hop:
    """What Viet Nam told Kenya and Kenya passed on to Ethiopia, which wants to pass it to Togo."""

    world: World
    source: ThreadId
    """Between Viet Nam and Kenya."""
    passed: ThreadId
    """Between Kenya and Ethiopia."""

    @property
    def amina(self) -> Visitor:
        return officer(self.world["ke"])

    def given(self, said: Leave = YES) -> None:
        """Let Kenya ask Viet Nam in Ethiopia's name, and Viet Nam answer."""
        self.world["ke"].seat().ask_consent(self.source, wish(to=("TG",), holder="ET"))
        self.world.sync()
        self.world["vn"].seat().give_consent(self.source, said)
        self.world.sync()


@pytest.fixture
def hop(three: World) -> Hop:
    ke, _, et = three.nodes("ke", "vn", "et")
    lome = joined(three, "TG")
    source = consented(three)
    passed = ke.seat().pass_on(source, ADDIS).thread
    three.sync()
    et.seat().ask_consent(passed, wish(to=("TG",)))
    three.sync()
    befriended(ke, lome)
    return Hop(three, source, passed)


def test_what_another_told_first_is_asked_in_their_name_and_brought(hop: Hop) -> None:
    ke, vn, et = hop.world.nodes("ke", "vn", "et")
    amina, bring = hop.amina, f"/t/{hop.passed}/bring"

    asks = words(amina.get(f"/t/{hop.passed}/consent"))
    leads = amina.get(bring).headers["Location"]
    form = amina.get(leads)
    review = amina.post(f"/t/{hop.source}/ask-consent", **hidden(form), reason="The ship calls.")
    sent = amina.post(f"/t/{hop.source}/ask-consent", **hidden(review), sure="1")
    hop.world.sync()
    vn.seat().give_consent(hop.source, YES)
    hop.world.sync()
    choice = amina.get(bring)
    request = leads.rpartition("/")[2]
    done = send(amina, bring, request=request)
    hop.world.sync()

    assert "only that agency can consent" in asks
    assert "Bring the consent of whoever told it first" in asks
    assert "Yes" not in asks
    assert "Asked in the name of Wildlife authority, Addis Ababa." in words(form)
    assert sent.headers["Location"] == f"/t/{hop.source}?did=consent-asked"
    short = ke.seat().thread(hop.source).thread.short
    assert f"{short}: to " in words(choice)
    assert "checked" in choice.text
    assert done.headers["Location"].endswith("did=consent-brought")
    assert et.seat().pass_on(hop.passed, ONWARD).thread


def test_a_consent_that_is_over_or_a_no_is_not_among_the_choices(hop: Hop) -> None:
    hop.given(Leave(yes=True, until="2026-11-24T00:00:00Z"))
    form = hop.amina.get(f"/t/{hop.passed}/bring")
    good = words(form)
    hop.world.hours.pass_(hours=24)

    over = hop.amina.get(f"/t/{hop.passed}/bring")

    assert "still good" in good
    assert "/ask-in-name/" in over.headers["Location"]
    late = hop.amina.post(
        f"/t/{hop.passed}/bring",
        seen=hidden(form)["seen"],
        request=over.headers["Location"].rpartition("/")[2],
        sure="1",
    )
    assert not late.headers.get("Location", "").endswith("consent-brought")


def test_a_no_is_brought_by_nobody(hop: Hop) -> None:
    hop.given(Leave(yes=False, text="Not while our case runs"))

    assert "/ask-in-name/" in hop.amina.get(f"/t/{hop.passed}/bring").headers["Location"]


@pytest.mark.parametrize("named", ["", "2" * 26])
def test_a_request_that_nobody_made_brings_nothing(hop: Hop, named: str) -> None:
    hop.given()
    amina, bring = hop.amina, f"/t/{hop.passed}/bring"

    tried = amina.post(bring, **hidden(amina.get(bring)), request=named, sure="1")
    strange = amina.get(f"/t/{hop.passed}/ask-in-name/{named or 'x'}")

    assert (tried.status_code, strange.status_code) == (422, 422)
    with pytest.raises(Refused, match="consent-waits"):
        hop.world["et"].seat().pass_on(hop.passed, ONWARD)


def test_who_does_not_read_where_it_was_told_brings_nothing(hop: Hop) -> None:
    hop.given()
    overseer = officer(hop.world["ke"], "supervisor")

    assert overseer.get(f"/t/{hop.passed}/bring").status_code == 409
