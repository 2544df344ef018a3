# SPDX-License-Identifier: Apache-2.0
"""What reaches a reader outside a parcel is private: verified, shown as such, and without effect."""

from dataclasses import replace

import pytest
from tests.services.letters import REQUEST, START, Post, evidence, opened, real

from comity.crypto.age.armour import armour
from comity.crypto.signing import SigningKey
from comity.domain.fold import fold
from comity.domain.thread import Effect
from comity.errors import BadSignature, Malformed, NotForUs, Untrusted
from comity.services.by_hand import open_by_hand
from comity.storage import envelopes
from comity.wire.envelope import ENVELOPE_LIMIT

STRANGER = SigningKey.from_seed(bytes([7]) * 32)


@pytest.mark.parametrize("armoured", [False, True])
def test_it_is_private_and_not_from_the_agency(post: Post, *, armoured: bool) -> None:
    sent = post.send(REQUEST).envelope.sealed

    shown = open_by_hand(post.vn.unlocked(), post.vn.house, armour(sent) if armoured else sent)

    assert shown.statement.body == REQUEST
    assert (shown.seen.private, shown.seen.judged_at, shown.in_thread) == (True, START, False)
    assert shown.author == post.ke.unlocked().entry
    [act] = fold(real(), [shown.seen]).acts
    assert (act.effect, act.why) == (Effect.STRANGER, "private")


def test_opening_it_writes_nothing(post: Post) -> None:
    sent = post.send(REQUEST)
    unlocked = post.vn.unlocked()
    before = post.vn.house.store.head()

    open_by_hand(unlocked, post.vn.house, sent.envelope.sealed)

    assert post.vn.house.store.head() == before


def test_a_copy_that_came_in_a_parcel_too_is_the_agencys(post: Post) -> None:
    sent = post.ask()

    shown = open_by_hand(post.vn.unlocked(), post.vn.house, sent.envelope.sealed)

    assert (shown.seen.private, shown.in_thread) == (False, True)
    assert opened(post.vn).thread.request == shown.statement.body


def test_the_author_reads_his_own_by_hand(post: Post) -> None:
    sent = post.send(REQUEST)

    shown = open_by_hand(post.ke.unlocked(), post.ke.house, sent.envelope.sealed)

    assert shown.seen.ours


def test_what_is_sealed_to_others_is_not_ours_to_judge(post: Post) -> None:
    sent = post.send(REQUEST)

    with pytest.raises(NotForUs):
        open_by_hand(post.vn.unlocked("supervisor"), post.vn.house, sent.envelope.sealed)

    assert evidence(post.vn) == ()


def test_what_opens_and_does_not_verify_is_kept_sealed_and_once(post: Post) -> None:
    sent = post.send(REQUEST, signing=STRANGER)
    unlocked = post.vn.unlocked()

    for _ in range(2):
        with pytest.raises(BadSignature):
            open_by_hand(unlocked, post.vn.house, sent.envelope.sealed)

    [kept] = evidence(post.vn)
    assert (kept.kind, kept.subject) == ("by-hand", sent.envelope.id)
    with post.vn.house.store.read() as reading:
        assert envelopes.get(reading, [kept.subject]) == {kept.subject: sent.envelope.sealed}


def test_a_reader_who_is_not_named_is_refused_though_his_key_fits(post: Post) -> None:
    spy = post.vn.card.desks[1]
    lines = [each.reading for each in post.vn.card.desks]
    sent = post.send(REQUEST, sealed_to=lines)
    who = "supervisor" if spy.oversight else "investigator"
    other = "supervisor" if post.vn.desk != spy.id else who

    with pytest.raises(NotForUs, match="reader"):
        open_by_hand(post.vn.unlocked(other), post.vn.house, sent.envelope.sealed)


def test_an_author_unknown_here_is_refused(post: Post) -> None:
    sent = post.send(
        REQUEST,
        statement=lambda s: replace(s, author=replace(s.author, agency=real())),  # type: ignore[arg-type]  # no agency's id
    )

    with pytest.raises(BadSignature, match=r"untrusted\.signature\.unknown"):
        open_by_hand(post.vn.unlocked(), post.vn.house, sent.envelope.sealed)


@pytest.mark.parametrize("cut", [0, 9, 900, -1])
def test_what_is_cut_short_or_changed_opens_for_nobody(post: Post, cut: int) -> None:
    sealed = bytearray(post.send(REQUEST).envelope.sealed)
    garbled = bytes(sealed[:cut]) if cut >= 0 else bytes([*sealed[:-1], sealed[-1] ^ 1])

    with pytest.raises(Untrusted):
        open_by_hand(post.vn.unlocked(), post.vn.house, garbled)


def test_what_is_too_large_is_not_read(post: Post) -> None:
    with pytest.raises(Malformed, match="size"):
        open_by_hand(post.vn.unlocked(), post.vn.house, bytes(ENVELOPE_LIMIT + 1))
