# SPDX-License-Identifier: Apache-2.0
"""A thread is opened by those for whom it is, and what does not verify is never content."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.letters import (
    NOTE,
    REQUEST,
    Post,
    codes,
    contents,
    desk_of,
    evidence,
    hold,
    opened,
    real,
    row_of,
)
from tests.services.settle import Settled

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import SigningKey
from comity.domain.docket import ClockClass, DocketStage
from comity.domain.ids import ActId, CopyId, ThreadId, digest, mint
from comity.domain.statement import (
    Acknowledgement,
    Answer,
    Countersignature,
    Decision,
    Outcome,
    Statement,
    Stop,
    Take,
    Unknown,
    Why,
)
from comity.domain.thread import Effect, Stage
from comity.errors import Misused
from comity.services.desks import change_members
from comity.services.thread import open_thread, open_threads
from comity.storage import copies, envelopes
from comity.storage.copies import CopyState

# What is honest is shown.


def test_a_question_is_shown_to_the_desk_that_was_asked(post: Post) -> None:
    sent = post.ask()

    found = opened(post.vn)

    assert found.thread.request == REQUEST
    assert (found.thread.stage, found.mistrusted) == (Stage.ASKED, ())
    assert found.author_of(sent.act) == post.ke.unlocked().entry
    assert found.next == ("acknowledge", "take", "answer", "ask-back")


def test_every_member_of_the_desk_opens_it_with_the_desks_key(post: Post) -> None:
    post.ask()

    assert opened(post.vn, "colleague").thread.request == REQUEST


def test_the_author_reads_what_he_sent_in_every_copy(post: Post) -> None:
    sent = post.ask()

    found = opened(post.ke)

    assert {each.statement.to for each in found.copies_of(sent.act)} == {
        post.ke.agency,
        post.vn.agency,
    }
    assert [len(act.copies) for act in found.thread.acts] == [2]


def test_a_whole_exchange_is_the_same_thread_on_both_sides(post: Post) -> None:
    asked = post.ask()
    post.wait()
    post.send(Acknowledgement(to=asked.act), of=post.vn)
    post.wait()
    back = post.send(Answer(to=asked.act, outcome=Outcome.MORE_NEEDED), of=post.vn)
    post.sync()
    post.wait()
    post.send(
        Answer(to=back.act, outcome=Outcome.INFORMATION, text="March"), of=post.ke, supplies=True
    )
    post.wait()
    post.sync()
    post.send(Answer(to=asked.act, outcome=Outcome.INFORMATION, text="His"), of=post.vn)
    post.sync()

    ours, theirs = opened(post.ke), opened(post.vn)

    assert (ours.mistrusted, theirs.mistrusted) == ((), ())
    assert ours.thread.stage is theirs.thread.stage is Stage.ANSWERED
    assert contents(ours) == contents(theirs)


def test_a_thread_that_is_not_sealed_to_him_is_not_there(post: Post) -> None:
    post.ask()

    for thread in (real(), ThreadId(mint(post.vn.house.random))):
        with pytest.raises(Misused, match=r"usage\.thread-unknown"):
            opened(post.vn, "supervisor", thread)


def test_a_copy_for_another_desk_shows_its_docket_and_nothing_more(post: Post) -> None:
    asked = post.ask()
    card = post.vn.card
    oversight = next(each for each in card.desks if each.oversight)
    post.send(
        Answer(to=asked.act, outcome=Outcome.PARTLY, text="For the supervisor alone"),
        of=post.vn,
        to=post.vn,
        who="supervisor",
        readers=[oversight],
    )

    found = opened(post.vn)

    assert [each.stage for each in found.thread.closed] == [DocketStage.ANSWERED]
    assert contents(found) == [REQUEST]
    assert found.mistrusted == ()


def test_several_threads_open_in_one_go_in_the_order_asked_for(post: Post) -> None:
    other = ThreadId(mint(post.ke.house.random))
    post.send(NOTE, thread=other)
    post.ask()
    unlocked = post.vn.unlocked()

    found = open_threads(unlocked, post.vn.house, [real(other), real(), real(other)])

    assert [each.id for each in found] == [real(other), real()]
    assert [each.thread.stage for each in found] == [Stage.TOLD, Stage.ASKED]


def test_what_was_opened_is_not_opened_again_in_the_session(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.ask()
    unlocked = post.vn.unlocked()
    first = open_thread(unlocked, post.vn.house, real())
    monkeypatch.setattr("comity.services.unseal.envelope_wire.open_", None)

    again = open_thread(unlocked, post.vn.house, real())

    assert contents(again) == contents(first) == [REQUEST]


def test_a_type_of_a_later_version_is_kept_and_shown_as_unknown(post: Post) -> None:
    asked = post.ask()
    post.send(
        Unknown(raw=b'{"new":"thing"}'), docket=lambda d: replace(d, stage=DocketStage.SUPPLIED)
    )
    post.sync()

    found = opened(post.vn)

    [unknown] = found.thread.unknown
    assert unknown.statement.type == "x/new@1"
    assert found.mistrusted == ()
    assert found.thread.opening is not None
    assert found.thread.opening.id == asked.act


def test_who_joined_a_desk_later_finds_only_dockets(post: Post) -> None:
    post.ask()
    vn = post.vn
    change_members(vn.house, vn.unlocked(), vn.desk, join=[vn.people["supervisor"]])
    post.sync()
    later = post.send(Acknowledgement(to=ActId(mint(bytes))))
    post.sync()

    found = opened(vn, "supervisor")

    assert [each.statement.act for each in found.copies] == [later.act]
    assert [each.stage for each in found.thread.closed] == [DocketStage.ASKED]
    assert found.mistrusted == ()
    assert evidence(vn) == ()


# What is held, stopped or countersigned.


def test_a_held_act_is_shown_as_held_without_a_docket(post: Post) -> None:
    sent = post.send(REQUEST)
    hold(post.ke, sent)

    found = opened(post.ke)

    assert found.thread.stage is Stage.HELD
    assert found.held == {sent.act}
    assert found.next == ("countersign", "stop")
    assert found.mistrusted == ()


def test_a_countersigned_act_goes_on(post: Post) -> None:
    ke = post.ke
    oversight = next(each for each in ke.card.desks if each.oversight)
    desk = desk_of(ke, ke)
    act = ActId(mint(ke.house.random))
    held = post.send(REQUEST, act=act, home=False)
    hold(ke, held)
    post.send(REQUEST, act=act, to=ke, readers=[desk, oversight], statement=overseen(ke))
    before = opened(ke, "supervisor")
    post.wait()

    post.send(
        Countersignature(to=act, decision=Decision.APPROVE),
        to=ke,
        who="supervisor",
        readers=[desk],
        statement=lambda s: replace(s, author=replace(s.author, desk=oversight.id)),
    )

    assert before.thread.stage is Stage.HELD
    assert opened(ke).thread.stage is Stage.ASKED


def test_a_stopped_act_is_shown_as_stopped_and_never_as_sent(post: Post) -> None:
    ke = post.ke
    sent = post.send(REQUEST)
    post.send(Stop(to=sent.act), to=ke, readers=[desk_of(ke, ke)])
    ke.house.store.write(lambda w: copies.set_state(w, [sent.signed.copy], CopyState.STOPPED))

    found = opened(ke)

    assert found.thread.stage is Stage.STOPPED
    assert "sent" not in {each.what for each in found.thread.events}


def test_who_takes_a_thread_is_seen_by_his_desk(post: Post) -> None:
    asked = post.ask()
    vn = post.vn
    post.send(Take(to=asked.act), of=vn, to=vn, who="colleague", readers=[desk_of(vn, vn)])

    found = opened(vn)

    holder = found.thread.holder_in(vn.agency)
    assert holder is not None
    assert holder.id == vn.people["colleague"]


# What is not honest is not shown, and kept once.


def differs(**changed: object) -> dict[str, object]:
    return {"docket": lambda said: replace(said, **changed)}


OTHER = mint(bytes)
STRANGER = SigningKey.from_seed(bytes([7]) * 32)


@pytest.mark.parametrize(
    ("how", "code"),
    [
        (differs(copy=CopyId(digest(b"other"))), "untrusted.differs.copy"),
        (differs(stage=DocketStage.TOLD), "untrusted.differs.stage"),
        (differs(clock=ClockClass.NORMAL), "untrusted.differs.clock"),
        ({"signing": STRANGER}, "untrusted.signature"),
    ],
)
def test_a_lie_is_not_shown_and_is_kept_as_evidence_once(
    post: Post, how: dict[str, object], code: str
) -> None:
    post.ask(home=False, **how)
    seen_by_him = post.send(Acknowledgement(to=ActId(mint(bytes))))
    post.sync()

    first = opened(post.vn)
    second = opened(post.vn)
    colleague = opened(post.vn, "colleague")

    assert REQUEST not in contents(first)
    assert seen_by_him.act in {act.id for act in first.thread.acts}
    assert codes(first) == codes(second) == codes(colleague)
    assert codes(first)[0].startswith(code)
    assert [each.kind for each in evidence(post.vn)] == [
        "differs" if "differs" in code else "statement"
    ]
    assert b"Written on the seal" not in evidence(post.vn)[0].body


def test_a_docket_that_names_another_act_is_a_lie(post: Post) -> None:
    asked = post.ask()
    acknowledgement = Acknowledgement(to=asked.act)
    post.send(acknowledgement, home=False, docket=lambda d: replace(d, act=ActId(OTHER)))
    post.sync()

    found = opened(post.vn)

    assert codes(found) == ["untrusted.differs.act"]
    assert contents(found) == [REQUEST]
    assert [each.kind for each in evidence(post.vn)] == ["differs"]


def test_a_docket_that_reroutes_a_thread_is_caught_in_the_thread_it_names(post: Post) -> None:
    elsewhere = ThreadId(OTHER)
    acknowledgement = Acknowledgement(to=ActId(mint(bytes)))
    post.send(acknowledgement, home=False, docket=lambda d: replace(d, thread=elsewhere))
    post.sync()

    found = opened(post.vn, thread=elsewhere)

    assert codes(found) == ["untrusted.differs.thread"]
    assert contents(found) == []
    with pytest.raises(Misused):
        opened(post.vn)


def test_an_answer_cannot_pass_for_a_reply_of_the_asker(post: Post) -> None:
    asked = post.ask()
    post.send(
        Answer(to=asked.act, outcome=Outcome.REFUSED, ground="policy"),
        of=post.vn,
        docket=lambda d: replace(d, stage=DocketStage.SUPPLIED) if d.to != d.agency else d,
    )
    post.sync()

    found = opened(post.ke)

    assert codes(found) == ["untrusted.differs.stage"]
    assert found.thread.stage is Stage.ASKED


def test_a_name_that_his_agency_does_not_give_him_is_refused(post: Post) -> None:
    post.ask(
        home=False,
        statement=lambda s: replace(s, author=replace(s.author, display="The Minister")),
    )

    assert codes(opened(post.vn)) == ["untrusted.differs.display"]


def test_a_reader_of_another_agency_cannot_be_passed_off(post: Post) -> None:
    def foreign(said: Statement) -> Statement:
        readers = [
            replace(each, agency=post.ke.agency) if each.why is Why.ADDRESSED else each
            for each in said.readers
        ]
        return replace(said, readers=tuple(readers))

    post.ask(home=False, statement=foreign)

    assert codes(opened(post.vn)) == ["untrusted.differs.readers"]


def test_nobody_is_hidden_behind_the_authors_place(post: Post) -> None:
    spy = post.vn.card.officers[0]

    def hide(said: Statement) -> Statement:
        hidden = replace(said.readers[0], id=spy.id, agency=post.vn.agency)
        return replace(said, readers=(*said.readers, hidden))

    post.ask(home=False, statement=hide)

    assert codes(opened(post.vn)) == ["untrusted.differs.readers"]


def test_an_author_who_is_not_among_the_readers_is_refused(post: Post) -> None:
    def leave_out(said: Statement) -> Statement:
        return replace(said, readers=said.readers[1:])

    post.ask(home=False, statement=leave_out)

    assert codes(opened(post.vn)) == ["untrusted.differs.readers"]


def test_a_statement_that_does_not_name_him_is_not_for_him(post: Post) -> None:
    sent = post.ask(home=False)
    vn = post.vn
    row = copies.CopyReader(
        reader=vn.oversight,
        at=vn.house.millis(),
        copy=sent.signed.copy,
        kind="desk",
        epoch=1,
    )
    vn.house.store.write(lambda w: copies.add_readers(w, [row]))

    found = opened(vn, "supervisor")

    assert codes(found) == ["untrusted.not-for-us.age"]
    assert contents(found) == []


def test_a_statement_for_another_desk_stays_shut_though_the_key_fits(post: Post) -> None:
    vn = post.vn
    oversight = next(each for each in vn.card.desks if each.id == vn.oversight)
    # Sealed to the oversight desk too, but named for the operations desk alone.
    sent = post.ask(home=False, sealed_to=[desk_of(post.ke, vn).reading, oversight.reading])
    row = copies.CopyReader(
        reader=vn.oversight, at=1, copy=sent.signed.copy, kind="desk", epoch=oversight.epoch
    )
    vn.house.store.write(lambda w: copies.add_readers(w, [row]))

    found = opened(vn, "supervisor")

    assert codes(found) == ["untrusted.not-for-us.reader"]
    assert contents(found) == []


def test_another_carriers_docket_is_refused_and_its_content_not_opened(post: Post) -> None:
    sent, thread = post.ask(), real()
    row = row_of(post.vn, sent)
    forged = post.send(REQUEST, carrier=STRANGER, home=False)
    vn = post.vn.house
    fake = replace(
        row,
        copy=forged.signed.copy,
        act=forged.act,
        envelope=forged.envelope.id,
        size=len(forged.envelope.sealed),
        docket=forged.released.digest,
        release=forged.released.dsse,
    )
    named = copies.CopyReader(reader=post.vn.desk, at=1, copy=fake.copy, kind="desk", epoch=1)
    kept = envelopes.Envelope(envelope=fake.envelope, size=fake.size, sealed=forged.envelope.sealed)
    vn.store.write(
        lambda w: (
            envelopes.add(w, [kept]),
            copies.add(w, [fake]),
            copies.add_readers(w, [named]),
        )
    )

    found = opened(post.vn, thread=thread)

    assert codes(found) == ["untrusted.signature.absent"]
    assert [act.id for act in found.thread.acts] == [sent.act]
    assert [each.kind for each in evidence(post.vn)] == ["docket"]


def test_a_row_without_a_docket_counts_only_if_it_is_ours_and_held(post: Post) -> None:
    sent = post.ask()
    vn = post.vn.house
    blank = [copies.CopyState.RECEIVED, copies.CopyState.HELD]
    found = []
    for state in blank:
        bare = replace(row_of(post.vn, sent), release=b"", docket="", state=state)
        vn.store.write(lambda w, bare=bare: copies.release(w, [bare]))  # type: ignore[misc]  # bound at once
        found.append(codes(opened(post.vn)))

    assert found == [["untrusted.differs.docket"], ["untrusted.differs.docket"]]


def test_a_docket_that_is_not_the_one_of_its_row_is_refused(post: Post) -> None:
    sent = post.ask()
    other = replace(row_of(post.vn, sent), docket=digest(b"other"))
    post.vn.house.store.write(lambda w: copies.release(w, [other]))

    assert codes(opened(post.vn)) == ["untrusted.differs.docket"]


def test_an_epoch_of_which_no_roster_tells_is_tried_with_every_key(post: Post) -> None:
    vn = post.vn
    sent = post.ask()
    officer = vn.unlocked().entry
    rows = [
        copies.CopyReader(reader=who, at=9, copy=sent.signed.copy, kind=kind, epoch=77)
        for who, kind in ((vn.oversight, "desk"), (officer.id, "officer"))
    ]
    vn.house.store.write(lambda w: copies.add_readers(w, rows))

    assert codes(opened(vn, "supervisor")) == ["untrusted.not-for-us.age"]
    assert contents(opened(vn)) == [REQUEST]


def test_an_act_with_two_bodies_is_shown_as_a_conflict_without_either(post: Post) -> None:
    sent = post.ask(home=False)
    post.send(replace(REQUEST, facts="Another story."), act=sent.act, home=False)
    post.sync()

    found = opened(post.vn)
    again = opened(post.vn)

    [conflict] = found.thread.conflicts
    assert conflict.effect is Effect.CONFLICT
    assert contents(found) == contents(again) == [Unknown(raw=b"")]
    assert codes(found) == ["untrusted.two-bodies", "untrusted.two-bodies"]
    assert found.copies == ()
    [kept] = evidence(post.vn)
    assert (kept.kind, kept.subject) == ("two-bodies", sent.act)
    assert kept.body.count(b'"') > 20
    assert b"story" not in kept.body


def test_two_types_of_one_body_are_two_bodies(post: Post) -> None:
    asked = post.ask()
    act = ActId(mint(post.ke.house.random))
    for body in (Acknowledgement(to=asked.act), Answer(to=asked.act, outcome=Outcome.PARTLY)):
        post.send(body, act=act, home=False)
    post.sync()

    found = opened(post.vn)

    assert [each.act for each in found.mistrusted] == [act, act]


def test_an_act_id_used_with_another_body_in_another_thread_voids_both(post: Post) -> None:
    other = ThreadId(mint(post.ke.house.random))
    sent = post.ask(home=False)
    post.send(Acknowledgement(to=sent.act), act=sent.act, thread=other, home=False)
    post.sync()

    here, there = opened(post.vn), opened(post.vn, thread=other)

    assert codes(here) == codes(there) == ["untrusted.two-bodies"]
    assert contents(here) == contents(there) == []
    assert [each.subject for each in evidence(post.vn)] == [sent.act]


def test_another_author_cannot_void_an_act_by_repeating_its_id(post: Post) -> None:
    sent = post.ask(home=False)
    post.wait()
    post.send(NOTE, act=sent.act, who="colleague", home=False)
    post.sync()

    found = opened(post.vn)

    assert found.thread.request == REQUEST
    assert found.mistrusted == ()
    assert [act.why for act in found.thread.strangers] == ["id-of-another"]


def test_an_envelope_that_the_disk_lost_is_our_own_trouble(post: Post) -> None:
    large = post.send(replace(REQUEST, facts="a" * 120_000), home=False)
    post.sync()
    vn = post.vn
    note = post.send(Acknowledgement(to=large.act))
    post.sync()
    vn.house.store.folder.discard([large.envelope.id])

    found = opened(vn)

    assert codes(found) == ["unavailable.damaged.envelope"]
    assert note.act in {act.id for act in found.thread.acts}
    assert evidence(vn) == ()


def test_an_envelope_that_was_erased_by_law_leaves_its_docket(post: Post) -> None:
    sent = post.ask()
    unlocked = post.vn.unlocked()
    open_thread(unlocked, post.vn.house, real())
    post.vn.house.store.write(lambda w: envelopes.discard(w, [sent.envelope.id]))

    found = open_thread(unlocked, post.vn.house, real())

    assert contents(found) == []
    assert [each.act for each in found.thread.closed] == [sent.act]
    assert found.mistrusted == ()


def test_a_closed_or_garbled_envelope_stops_neither_its_neighbours(post: Post) -> None:
    stranger = HybridIdentity.generate()
    sent = post.ask(home=False, sealed_to=[str(stranger.recipient)])
    acknowledgement = Acknowledgement(to=sent.act)
    post.send(acknowledgement, home=False, dsse=lambda data: data[:-9])
    good = post.send(acknowledgement)
    post.sync()

    found = opened(post.vn)

    assert [act.id for act in found.thread.acts] == [good.act]
    assert sorted(codes(found)) == ["untrusted.malformed.dsse", "untrusted.not-for-us.age"]
    assert {each.kind for each in evidence(post.vn)} == {"statement"}


def test_our_clock_far_from_theirs_is_shown_with_both_times(tmp_path: Path) -> None:
    post = Post.open(tmp_path, vn_ahead=timedelta(days=1))
    sent = post.ask()

    ours, theirs = opened(post.ke), opened(post.vn)

    assert [(each.act, each.skewed) for each in theirs.apart] == [(sent.act, False)]
    assert [(each.act, each.theirs - each.ours) for each in ours.apart] == [
        (sent.act, timedelta(days=1))
    ]
    post.close()


def test_nothing_is_lost_between_clocks_a_day_apart(tmp_path: Path) -> None:
    post = Post.open(tmp_path, vn_ahead=timedelta(days=-1))
    asked = post.ask()
    post.send(Acknowledgement(to=asked.act), of=post.vn)
    post.sync()

    ours, theirs = opened(post.ke), opened(post.vn)

    assert ours.thread.stage is theirs.thread.stage is Stage.ACKNOWLEDGED
    assert {each.skewed for each in ours.apart if each.act == asked.act} == {True}
    assert ours.mistrusted == ()
    post.close()


def overseen(ke: Settled) -> Callable[[Statement], Statement]:
    def oversee(said: Statement) -> Statement:
        readers = [
            replace(each, why=Why.OVERSIGHT) if each.id == ke.oversight else each
            for each in said.readers
        ]
        return replace(said, readers=tuple(readers))

    return oversee
