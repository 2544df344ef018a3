# SPDX-License-Identifier: Apache-2.0
"""The inbox tells what waits, the most pressing first, and receipts nothing."""

from dataclasses import replace
from datetime import timedelta

from tests.services.letters import NOTE, REQUEST, Post, desk_of, hold, opened, real

from comity.domain.clocks import Standing
from comity.domain.ids import ThreadId, mint
from comity.domain.statement import Answer, Outcome, Take, Urgency
from comity.domain.thread import Stage
from comity.services.inbox import inbox
from comity.storage import outbox


def new_thread() -> ThreadId:
    return ThreadId(mint(iter_bytes))


_counted = iter(range(1, 255))


def iter_bytes(size: int) -> bytes:
    return bytes([next(_counted)]) * size


def test_a_line_says_what_is_asked_by_whom_and_until_when(post: Post) -> None:
    post.ask()

    [line] = inbox(post.vn.unlocked(), post.vn.house)

    assert (line.thread, line.short, line.kind, line.is_note) == (real(), "KV-4821", "phone", False)
    assert (line.peer, line.stage, line.standing) == (post.ke.agency, Stage.ASKED, Standing.FINE)
    assert line.due is not None
    assert line.due.answer - line.due.received == timedelta(hours=8)
    assert (line.waits, line.holder, line.mistrusted) == (True, None, 0)


def test_what_is_asked_of_others_does_not_wait_for_the_asker(post: Post) -> None:
    post.ask()

    [line] = inbox(post.ke.unlocked(), post.ke.house)

    assert (line.peer, line.waits, line.next) == (post.vn.agency, False, ())


def test_looking_at_the_list_receipts_nothing(post: Post) -> None:
    post.ask()

    inbox(post.vn.unlocked(), post.vn.house)

    with post.vn.house.store.read() as reading:
        assert outbox.pending(reading) == ()


def test_the_most_pressing_is_on_top(post: Post) -> None:
    slow, told, answered = new_thread(), new_thread(), new_thread()
    post.send(replace(REQUEST, urgency=Urgency.NORMAL), thread=slow)
    post.send(NOTE, thread=told)
    done = post.send(REQUEST, thread=answered)
    post.sync()
    post.send(Answer(to=done.act, outcome=Outcome.NOTHING_KNOWN), of=post.vn, thread=answered)
    post.wait()
    post.ask()
    post.wait(timedelta(hours=3))

    lines = inbox(post.vn.unlocked(), post.vn.house)

    assert [each.thread for each in lines] == [real(), *map(real, (slow, told, answered))]
    assert lines[0].standing is Standing.LATE
    assert lines[2].is_note
    assert not lines[3].waits


def test_what_a_colleague_has_taken_waits_for_him_and_not_for_others(post: Post) -> None:
    asked = post.ask()
    vn = post.vn
    post.send(Take(to=asked.act), of=vn, to=vn, who="colleague", readers=[desk_of(vn, vn)])

    [mine] = inbox(vn.unlocked(), vn.house)
    [his] = inbox(vn.unlocked("colleague"), vn.house)

    assert (mine.waits, his.waits) == (False, True)
    assert mine.holder == his.holder is not None


def test_only_so_many_are_opened_and_the_pressing_ones_among_them(post: Post) -> None:
    post.ask()
    for _ in range(4):
        post.wait()
        post.send(NOTE, thread=new_thread())
    post.sync()

    lines = inbox(post.vn.unlocked(), post.vn.house, limit=2)

    assert len(lines) == 2
    assert real() in {each.thread for each in lines}


def test_an_act_that_is_held_waits_for_the_overseer(post: Post) -> None:
    sent = post.send(REQUEST, to=post.ke, readers=[desk_of(post.ke, post.ke)])
    held = post.send(REQUEST, act=sent.act, home=False)
    hold(post.ke, held)

    [line] = inbox(post.ke.unlocked(), post.ke.house)

    assert (line.stage, line.next) == (Stage.HELD, ("countersign", "stop"))


def test_what_is_not_trusted_is_counted_and_not_told(post: Post) -> None:
    post.ask(home=False, docket=lambda d: replace(d, clock=type(d.clock)("normal")))

    [line] = inbox(post.vn.unlocked(), post.vn.house)

    assert (line.mistrusted, line.kind, line.short, line.peer) == (1, "", "", None)
    assert opened(post.vn).mistrusted


def test_who_reads_nothing_has_an_empty_inbox(post: Post) -> None:
    post.ask()

    assert inbox(post.vn.unlocked("supervisor"), post.vn.house) == ()


def test_a_list_that_is_looked_at_again_says_what_happened_since(post: Post) -> None:
    asked, vn = post.ask(), post.vn
    unlocked = vn.unlocked()
    [before] = inbox(unlocked, vn.house)
    [same] = inbox(unlocked, vn.house)

    post.send(Take(to=asked.act), of=vn, to=vn, who="colleague", readers=[desk_of(vn, vn)])
    [taken] = inbox(unlocked, vn.house)

    assert before == same
    assert before.holder is None
    assert taken.holder is not None


def test_what_was_opened_for_the_list_is_kept_with_the_session(post: Post) -> None:
    post.ask()
    unlocked = post.vn.unlocked()

    inbox(unlocked, post.vn.house)

    assert unlocked.remembered.threads.get(real()) is not None
    assert post.vn.unlocked().remembered.threads.get(real()) is None
