# SPDX-License-Identifier: Apache-2.0
"""Send again on a page: who could not open it and why stands beside the button."""

import pytest
from tests.services.settle import PASSPHRASE
from tests.web.acts import VIETNAM, officer
from tests.web.desk import words
from tests.world import World, WorldNode, question

from comity.errors import Malformed
from comity.language.translator import Translator
from comity.services import duties
from comity.services.desks import change_members
from comity.services.epochs import sign_in
from comity.services.seat import Seat


@pytest.fixture
def lost(world: World) -> str:
    """Return a thread in which nobody opened the question before the key of the desk was gone."""
    kenya, vietnam = world.nodes("ke", "vn")
    thread = kenya.seat().ask(question(VIETNAM)).thread
    world.sync()
    change_members(vietnam.house, seat(vietnam).unlocked, vietnam.settled.desk)
    world.hours.pass_(hours=24 * 181)
    for node in world:
        duties.look(node.house, "test")
    world.sync()
    seat(vietnam).thread(thread)
    world.sync()
    return thread


def seat(node: WorldNode) -> Seat:
    """Return a seat that somebody has just taken: with the keys of today."""
    who = node.settled.people["investigator"]
    return Seat(unlocked=sign_in(node.house, who, PASSPHRASE), house=node.house)


def lost_act(node: WorldNode, thread: str) -> str:
    amina = seat(node)
    return amina.lost(amina.thread(thread))[0].act


def test_a_page_says_why_it_is_to_be_sent_again_and_sends_it(world: World, lost: str) -> None:
    amina = officer(world["ke"])
    page = amina.get(f"/t/{lost}")
    act = lost_act(world["ke"], lost)

    sent = amina.post(f"/t/{lost}/send-again", act=act)
    world.sync()

    assert "Customs, Hai Phong: could not be opened" in words(page)
    assert "Nobody there opened it before its key was destroyed." in words(page)
    assert sent.headers["Location"].endswith("did=again")
    assert seat(world["vn"]).thread(lost).thread.request is not None
    assert "could not be opened" not in words(amina.get(f"/t/{lost}")).partition("Timeline")[0]


def test_old_keys_of_the_other_side_ask_for_a_reason_on_the_page(world: World, lost: str) -> None:
    kenya = world["ke"]
    world.hours.pass_(hours=24 * 31)
    amina = officer(kenya)
    act = lost_act(kenya, lost)

    refused = amina.post(f"/t/{lost}/send-again", act=act)
    sent = amina.post(f"/t/{lost}/send-again", act=act, roster_reason="The line is down")

    assert refused.status_code == 409
    assert "list of keys is" in words(refused)
    assert 'name="roster_reason"' in refused.text
    assert sent.headers["Location"].endswith("did=again")


def test_nobody_sends_again_what_a_colleague_wrote(world: World, lost: str) -> None:
    kenya = world["ke"]
    act = lost_act(kenya, lost)
    joseph = officer(kenya, "colleague")

    assert "send-again" not in joseph.get(f"/t/{lost}").text
    assert joseph.post(f"/t/{lost}/send-again", act=act).status_code == 409


def test_the_other_servers_word_is_told_by_what_it_says_and_by_nothing_that_it_made_up() -> None:
    say = Translator("en")

    assert say.happened("refused.reader-key-retired").startswith("The desk has a newer key")
    assert say.happened("refused.needs-reason.roster") == ""
    assert say.happened("usage.field-long") == ""
    assert say.happened("<b>click here</b>") == ""
    assert say.happened(Malformed.code)
