# SPDX-License-Identifier: Apache-2.0
"""A statement is judged when a witness first covers it, by the certificates that were good then."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.letters import (
    NOTE,
    REQUEST,
    START,
    Post,
    codes,
    contents,
    evidence,
    opened,
    real,
)

from comity.domain.ids import AgencyId, CertificateHash, ThreadId, digest, mint
from comity.domain.roster import NodeEntry
from comity.domain.thread import Stage
from comity.errors import BadSignature
from comity.services import enrol
from comity.services.address_book import read_book
from comity.services.enrol import Person
from comity.services.judge import card_of
from comity.services.revoke import revoke
from comity.services.rosters import issue
from comity.services.thread import open_thread
from comity.services.unlock import unlock

OTHER = ThreadId(mint(bytes))


def exchange_once(post: Post) -> None:
    """Carry a parcel from Kenya to Viet Nam and the answer back; nothing is cosigned yet."""
    post.couriers[post.ke.house.keys.node].exchange(post.vn.house.keys.node)


def test_until_a_witness_covers_it_a_statement_is_judged_provisionally(post: Post) -> None:
    post.send(REQUEST)
    exchange_once(post)
    before = opened(post.vn).copies[0].judged
    post.wait()

    post.sync()
    after = opened(post.vn).copies[0].judged

    assert (before.at, before.provisional) == (START, True)
    assert (after.at, after.provisional) == (START, False)


def test_a_witness_whose_clock_is_behind_makes_nothing_older_than_its_arrival(
    tmp_path: Path,
) -> None:
    post = Post.open(tmp_path, vn_ahead=timedelta(hours=2))

    post.ask()

    judged = opened(post.vn).copies[0].judged
    assert (judged.at, judged.provisional) == (START + timedelta(hours=2), False)
    post.close()


def test_a_statement_signed_before_its_author_left_stays_good(post: Post) -> None:
    post.ask()
    post.wait()
    revoke(post.ke.house, post.ke.people["investigator"], reason="left")
    post.wait()
    post.send(NOTE, who="colleague", thread=OTHER)
    post.sync()

    found = opened(post.vn)

    assert found.thread.request == REQUEST
    assert found.mistrusted == ()


def test_a_statement_signed_after_its_author_was_revoked_is_not_shown(post: Post) -> None:
    thief = post.ke.unlocked()
    revoke(post.ke.house, thief.entry.id, reason="stolen")
    post.wait()
    post.ask(unlocked=thief, home=False)

    found = opened(post.vn)

    assert codes(found) == ["untrusted.stale.revoked"]
    assert contents(found) == []
    assert [each.kind for each in evidence(post.vn)] == ["statement"]


def test_what_a_thief_signed_before_he_was_noticed_is_refused_afterwards(post: Post) -> None:
    post.ask()
    before = opened(post.vn)
    post.wait(timedelta(hours=1))

    revoke(
        post.ke.house,
        post.ke.people["investigator"],
        reason="stolen",
        compromised_since=START - timedelta(minutes=1),
    )
    post.send(NOTE, who="colleague", thread=OTHER)
    post.sync()
    after = opened(post.vn)

    assert before.thread.stage is Stage.ASKED
    assert "untrusted.stale.revoked" in codes(after)
    assert REQUEST not in contents(after)


def test_a_session_that_showed_it_shows_it_no_more(post: Post) -> None:
    post.ask()
    unlocked = post.vn.unlocked()
    open_thread(unlocked, post.vn.house, real())
    revoke(
        post.ke.house,
        post.ke.people["investigator"],
        reason="stolen",
        compromised_since=START - timedelta(minutes=1),
    )
    post.send(NOTE, who="colleague", thread=OTHER)
    post.sync()

    assert REQUEST not in contents(open_thread(unlocked, post.vn.house, real()))


def test_a_certificate_that_has_ended_signs_nothing(post: Post) -> None:
    author, reader = post.ke.unlocked(), post.vn.unlocked()
    post.wait(author.entry.ends - START)
    post.ask(unlocked=author, home=False)

    found = open_thread(reader, post.vn.house, real())

    assert codes(found) == ["untrusted.stale.expired"]


def test_a_certificate_that_nobody_issued_is_a_strangers(post: Post) -> None:
    author = post.ke.unlocked()
    unknown = replace(author, certificate=CertificateHash(digest(b"nobody's")))
    post.ask(unlocked=unknown, home=False)

    found = opened(post.vn)

    assert codes(found) == ["untrusted.signature.unknown"]
    assert [each.kind for each in evidence(post.vn)] == ["stranger"]


def test_nobody_signs_for_a_desk_that_is_not_his(post: Post) -> None:
    post.ask(
        home=False,
        statement=lambda s: replace(s, author=replace(s.author, desk=post.ke.oversight)),
    )

    assert codes(opened(post.vn)) == ["untrusted.signature.not-his-desk"]


@pytest.mark.parametrize(
    ("behind", "expected"),
    [(timedelta(minutes=2), []), (timedelta(days=1), ["untrusted.stale.not-yet"])],
)
def test_who_was_enrolled_by_a_faster_clock_is_accused_of_nothing(
    tmp_path: Path, behind: timedelta, expected: list[str]
) -> None:
    post = Post.open(tmp_path, vn_ahead=-behind)
    ke = post.ke
    new = enrol.enrol(ke.house, ke.agency, Person(name="New"), "practice")
    post.send(NOTE)
    post.sync()
    post.send(REQUEST, unlocked=unlock(ke.house, new.id, "practice"), home=False)
    exchange_once(post)

    first = opened(post.vn)
    post.sync()
    later = opened(post.vn)

    assert codes(first) == expected
    assert codes(later) == []
    assert REQUEST in contents(later)
    assert evidence(post.vn) == ()
    post.close()


def test_a_docket_signed_with_a_carrier_key_of_before_still_counts(post: Post) -> None:
    post.ask()
    ke = post.ke
    old = ke.card.node
    fresh = replace(old, begins=ke.house.now(), address="http://127.0.0.1:2")
    name = next(n for n, each in ke.card.current.items() if isinstance(each, NodeEntry))
    issue(ke.house, ke.agency, add=[fresh], end=[name])
    post.sync()

    assert opened(post.vn).thread.request == REQUEST


def test_an_agency_that_we_do_not_know_certifies_nobody(post: Post) -> None:
    with pytest.raises(BadSignature, match=r"untrusted\.signature\.unknown"):
        card_of(read_book(post.ke.house), AgencyId("nobody"))
