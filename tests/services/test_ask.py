# SPDX-License-Identifier: Apache-2.0
"""An officer asks: whom he may ask and under what, and who then can read it."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.services.scene import (
    Scene,
    asked,
    container,
    counts,
    foreign,
    kept,
    opens,
    real,
    rows_of,
    stanzas,
    waiting,
)

from comity.domain.handling import Handling
from comity.domain.ids import DeskId, mint
from comity.domain.policy import Exclusion, Mode, Policy, Rule
from comity.domain.readers import Age
from comity.domain.roster import Audience, DeskEntry
from comity.domain.statement import Basis, Request, Urgency, Why
from comity.errors import (
    ComityError,
    DiskFull,
    Excluded,
    Misused,
    NeedsCountersignature,
    NoMandate,
    NotAdmitted,
    NotChecked,
    NotCompetent,
    Refused,
)
from comity.knowledge.request_kind import RequestKind
from comity.services.address_book import mark
from comity.services.ask import Question, draft_question
from comity.services.compose import compose
from comity.services.desks import NewDesk, change_members, open_desk
from comity.services.mandates import NewMandate, add_mandate
from comity.services.oversight import AgencyPolicy, read_policy, set_policy
from comity.services.revoke import revoke
from comity.services.rosters import issue
from comity.services.seat import Seat
from comity.storage import agencies
from comity.storage.copies import CopyState
from comity.storage.reading import Writing
from comity.wire import envelope


def refused(scene: Scene, question: Question, seat: Seat | None = None) -> str:
    """Return why *question* is refused; nothing of it may be left behind."""
    before = counts(scene.ke)
    with pytest.raises(ComityError) as raised:
        (seat or scene.ke.seat()).ask(question)
    assert counts(scene.ke) == before
    return raised.value.cause


def set_peer(scene: Scene, **changed: object) -> None:
    """Change what Kenya's book says of Viet Nam's admission."""
    house = scene.ke.house
    with house.store.read() as reading:
        row = next(each for each in agencies.every(reading) if each.id == scene.vn.agency)
    made = replace(row, **changed)  # type: ignore[arg-type]  # as the test says it

    def work(writing: Writing) -> None:
        agencies.put(writing, [made])
        mark(writing, house)

    house.store.write(work)


# What is asked arrives, and is said to have left only when it is durable.


def test_a_question_arrives_at_the_desk_with_its_number_and_its_clock(scene: Scene) -> None:
    done = scene.ask(urgency=Urgency.URGENT, urgency_reason="The ship leaves at six.")

    (line,) = scene.vn.inbox()
    assert (line.thread, line.short, line.kind) == (done.thread, done.short, "phone")
    assert done.short.startswith("KV-")
    assert line.due is not None
    assert line.due.answer - line.due.received == timedelta(hours=8)


def test_what_was_filled_in_is_what_is_signed_and_numbers_are_made_normal(scene: Scene) -> None:
    done = scene.ke.seat().ask(
        asked(
            ref=" MSA/114 ",
            fields={"number": ("+84 90 000 0000", ""), "found": ("seal",), "user": ("",)},
            offence="ivory",
            why_you="Yours.",
            link="On the seal.",
            use="evidence",
            basis=Basis(code="other", text="Agreement of 2019"),
            language="fr-CD",
        )
    )

    request = scene.ke.seat().thread(done.thread).thread.request
    assert isinstance(request, Request)
    assert request.ref == "MSA/114"
    assert request.fields == {"number": ("+84900000000",), "found": ("seal",)}
    assert (request.use, request.basis.text) == ("evidence", "Agreement of 2019")
    assert request.mandate == scene.ke.card.mandates[0].id


def test_the_copy_that_leaves_is_queued_and_opens_for_its_author_here_alone(scene: Scene) -> None:
    done = scene.ke.seat().ask(asked())

    home, left = rows_of(scene.ke, done.act)
    if home.state != CopyState.HOME:
        home, left = left, home
    assert (home.state, left.state) == (CopyState.HOME, CopyState.QUEUED)
    assert home.leaf != left.leaf
    assert waiting(scene.ke) == 1
    assert opens(scene.ke, left, scene.ke.settled.unlocked("investigator"))
    assert not opens(scene.ke, left, scene.ke.settled.unlocked("colleague"))
    assert not opens(scene.ke, left, scene.ke.settled.unlocked("supervisor"))
    assert opens(scene.ke, home, scene.ke.settled.unlocked("supervisor"))
    assert opens(scene.ke, home, scene.ke.settled.unlocked("colleague"))


# Who will see this.


def test_who_will_see_this_lists_exactly_whom_it_is_then_sealed_to(scene: Scene) -> None:
    question = asked()
    shown = scene.ke.seat().who_will_see(question)
    done = scene.ke.seat().ask(question)
    home = next(row for row in rows_of(scene.ke, done.act) if row.agency == row.to)
    left = foreign(scene.ke, done.act)

    opened = scene.ke.seat().thread(done.thread)
    sealed = {each.id for copy in opened.copies for each in copy.statement.readers}

    assert sealed == {each.id for each in shown.readers}
    assert [each.why for each in shown.readers] == [
        Why.AUTHOR,
        Why.ADDRESSED,
        Why.OVERSIGHT,
        Why.OWN_DESK,
    ]
    assert [each.members for each in shown.readers] == [0, 2, 1, 2]
    assert stanzas(scene.ke, home) == 3
    assert stanzas(scene.ke, left) == 2


def test_who_will_see_this_writes_nothing_and_gives_no_number_away(scene: Scene) -> None:
    before = counts(scene.ke)

    shown = scene.ke.seat().who_will_see(asked())

    assert counts(scene.ke) == before
    assert (shown.held, shown.wait, shown.age) == (False, 0, Age.FRESH)
    assert shown.mandate == scene.ke.card.mandates[0].id
    assert shown.desk == scene.ke.settled.desk


def test_before_sending_it_says_when_somebody_is_there_and_whether_they_read_it(
    scene: Scene,
) -> None:
    desk = open_desk(
        scene.vn.house,
        scene.vn.agency,
        NewDesk(
            name="Night desk",
            languages=("vi",),
            zone="Asia/Ho_Chi_Minh",
            hours=("mon 20:00-24:00",),
            urgent_telephone="+84 225 000 0000",
        ),
        [scene.vn.settled.people["colleague"]],
    )
    scene.sync()
    night = asked(to=desk.id, urgency=Urgency.URGENT, urgency_reason="The ship leaves.")

    shown = real(scene.ke.seat()).who_will_see(night)
    plain = real(scene.ke.seat()).who_will_see(asked(to=desk.id, language="vi-VN"))

    assert shown.duty is not None
    assert (shown.duty.hour, shown.duty.minute) == (13, 0)
    assert (shown.languages, shown.is_read) == (("vi",), False)
    assert (shown.telephone, shown.wait) == ("+84 225 000 0000", 10)
    assert (plain.is_read, plain.telephone, plain.wait) == (True, "", 60)


def test_a_reader_whom_peers_are_not_told_of_is_shown_at_home_and_not_abroad(
    scene: Scene,
) -> None:
    hidden = open_desk(
        scene.ke.house,
        scene.ke.agency,
        NewDesk(name="Integrity desk", oversight=True, abroad=False),
        [scene.ke.settled.people["supervisor"]],
    )
    done = scene.ask()

    home = scene.ke.seat().thread(done.thread)
    abroad = scene.vn.seat().thread(done.thread)

    assert hidden.id in str(home.copies)
    assert hidden.id not in str(abroad.copies)
    (copy,) = abroad.copies
    assert scene.ke.settled.oversight in {each.id for each in copy.statement.shown}


# What is missing or too much.


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"kind": "horoscope"}, "usage.kind-unknown"),
        ({"ref": " "}, "usage.field-missing"),
        ({"ref": "x" * 201}, "usage.field-long"),
        ({"facts": "x" * 8001}, "usage.field-long"),
        ({"fields": {}}, "usage.field-missing"),
        ({"fields": {"number": ("not a number",)}}, "usage.identifier.phone"),
        ({"fields": {"number": ("+84900000000",), "sign": ("x",)}}, "usage.field-unknown"),
        ({"urgency": Urgency.URGENT}, "refused.needs-reason.urgency"),
        ({"use": "curiosity"}, "usage.purpose-unknown"),
        ({"basis": Basis(code="custom")}, "usage.basis-unknown"),
        ({"basis": Basis(code="other", text=" ")}, "refused.needs-reason.basis"),
        ({"language": "English, please"}, "usage.language"),
        ({"handling": Handling(expires="soon")}, "usage.handling-expires"),
        ({"handling": Handling(expires="2026-11-20T00:00:00Z")}, "usage.handling-expired"),
        ({"to": "XX/Desk"}, "usage.agency-unknown"),
        ({"to": "KE/Operations desk"}, "usage.agency-own"),
        ({"desk": "Supervision desk"}, "refused.not-competent.not-his-desk"),
        ({"facts": "half a sign: \udce9"}, "usage.field-value"),
        ({"ref": "red\x1b[31m"}, "usage.field-value"),
        (
            {"fields": {"number": ("+84900000000",), "user": ("\udce9",)}},
            "usage.field-value",
        ),
    ],
)
def test_what_is_wrong_is_said_by_a_code_and_nothing_is_left_behind(
    scene: Scene, changed: dict[str, object], cause: str
) -> None:
    assert refused(scene, replace(asked(), **changed)) == cause  # type: ignore[arg-type]


def test_what_interferes_with_rights_goes_by_letter_and_the_kind_says_which(scene: Scene) -> None:
    phone = scene.ke.house.kinds["phone"]
    tap: RequestKind = replace(phone, id="call-lists", coercive=True, letter="18-3-e")
    house = replace(scene.ke.house, kinds={**scene.ke.house.kinds, "call-lists": tap})
    seat = replace(scene.ke.seat(), house=house)

    with pytest.raises(Refused) as raised:
        seat.ask(asked(kind="call-lists"))

    assert (raised.value.cause, raised.value.values["letter"]) == (
        "refused.needs-letter",
        "18-3-e",
    )


def test_a_file_must_be_here_whole_before_it_is_named(scene: Scene) -> None:
    seat = scene.ke.seat()
    attachment = seat.attach(io.BytesIO(b"a photograph"), "seal.jpg", "image/jpeg")
    elsewhere = replace(attachment, blob=type(attachment.blob)("0" * 64))

    assert refused(scene, asked(attachments=(elsewhere,))) == "usage.file-missing"
    assert refused(scene, asked(attachments=(attachment,) * 21)) == "usage.files-many"

    done = seat.ask(asked(attachments=(attachment,)))
    scene.sync()

    request = scene.vn.seat().thread(done.thread).thread.request
    assert request is not None
    sink = io.BytesIO()
    scene.vn.seat().detach(request.attachments[0], sink)
    assert sink.getvalue() == b"a photograph"


# Mandates, admission, rosters.


def test_without_a_mandate_nothing_is_sent_abroad(scene: Scene) -> None:
    card = scene.ke.card
    issue(
        scene.ke.house,
        card.id,
        end=[named for named, each in card.current.items() if each in card.mandates],
    )

    assert refused(scene, asked()) == "refused.no-mandate.none"


def test_an_expired_mandate_covers_nothing(scene: Scene) -> None:
    scene.hours.pass_(hours=24 * 366)

    with pytest.raises(NoMandate) as raised:
        scene.ke.seat().ask(asked(roster_reason="Nobody answers."))

    assert raised.value.cause == "refused.no-mandate.time"


@pytest.mark.parametrize(
    ("narrow", "cause"),
    [
        ({"kinds": ("container",)}, "refused.no-mandate.kind"),
        ({"countries": ("TZ",)}, "refused.no-mandate.country"),
        ({"purposes": ("health",)}, "refused.no-mandate.purpose"),
    ],
)
def test_a_named_mandate_must_cover_the_question_itself(
    scene: Scene, narrow: dict[str, tuple[str, ...]], cause: str
) -> None:
    mandate = add_mandate(
        scene.ke.house,
        scene.ke.agency,
        NewMandate(
            law="Act 7",
            signed_by="The Minister",
            ends=scene.hours.now + timedelta(days=9),
            **narrow,  # type: ignore[arg-type]
        ),
    )

    assert refused(scene, asked(mandate=mandate.id)) == cause
    assert refused(scene, asked(mandate="a" * 26)) == "refused.no-mandate.none"


def test_whom_the_mandate_makes_us_copy_is_a_reader_and_shown(scene: Scene) -> None:
    prosecutor = open_desk(
        scene.ke.house,
        scene.ke.agency,
        NewDesk(name="Prosecutor's desk"),
        [scene.ke.settled.people["supervisor"]],
    )
    mandate = add_mandate(
        scene.ke.house,
        scene.ke.agency,
        NewMandate(
            law="Act 7",
            signed_by="The Minister",
            must_copy=(prosecutor.id,),
            ends=scene.hours.now + timedelta(days=9),
        ),
    )

    shown = scene.ke.seat().who_will_see(asked(mandate=mandate.id))

    assert {each.id: each.why for each in shown.readers}[prosecutor.id] is Why.MUST_COPY


def test_a_name_goes_to_nobody_whose_key_was_not_checked_by_voice(scene: Scene) -> None:
    set_peer(scene, checked_at=0)

    assert refused(scene, asked()) == NotChecked.code
    assert refused(scene, container()) == NotChecked.code  # free words may name anybody

    set_peer(scene, vouched_by="Customs, Addis Ababa")  # nobody whom we know
    assert refused(scene, asked()) == NotChecked.code

    set_peer(scene, vouched_by=scene.ke.agency)

    assert scene.ke.seat().ask(asked()).thread


def test_nothing_goes_to_an_agency_whose_admission_is_suspended(scene: Scene) -> None:
    set_peer(scene, suspended=True)

    assert refused(scene, asked()) == f"{NotAdmitted.code}.suspended"


def test_an_old_roster_warns_and_a_very_old_one_needs_a_reason_that_stays(scene: Scene) -> None:
    scene.weather.away.add(scene.vn.id)
    scene.hours.pass_(hours=24 * 8)
    assert scene.ke.seat().who_will_see(asked()).age is Age.WARN

    scene.hours.pass_(hours=24 * 23)
    assert refused(scene, asked()) == "refused.needs-reason.roster"

    done = scene.ke.seat().ask(asked(roster_reason="Their line is down."))

    (first, *_) = scene.ke.seat().thread(done.thread).copies
    assert first.statement.roster_reason == "Their line is down."


# Attacks from inside.


def test_who_left_a_desk_while_signed_in_no_longer_signs_for_it(scene: Scene) -> None:
    seat = scene.ke.seat("investigator")
    change_members(
        scene.ke.house,
        scene.ke.seat("colleague").unlocked,
        scene.ke.settled.desk,
        leave=[scene.ke.settled.people["investigator"]],
    )

    assert refused(scene, asked(desk=scene.ke.settled.desk), seat) == (
        f"{NotCompetent.code}.certificate"
    )


def test_who_was_revoked_while_signed_in_sends_nothing(scene: Scene) -> None:
    seat = scene.ke.seat("investigator")
    revoke(scene.ke.house, scene.ke.settled.people["investigator"], reason="misuse")

    assert refused(scene, asked(), seat) == f"{NotCompetent.code}.certificate"


def test_a_reader_who_was_revoked_is_not_sealed_to(scene: Scene) -> None:
    agent = scene.vn.card.officers[0]
    assert scene.ke.seat().ask(asked(to=agent.id)).thread
    revoke(scene.vn.house, agent.id, reason="lost")
    scene.sync()

    assert refused(scene, asked(to=agent.id)) == "usage.agency-unknown"


def test_a_reader_revoked_between_sealing_and_sending_gets_nothing_and_it_comes_back(
    scene: Scene,
) -> None:
    agent = scene.vn.settled.people["colleague"]
    done = real(scene.ke.seat()).ask(asked(to=agent))
    revoke(scene.vn.house, agent, reason="lost")
    scene.vn.node.courier.sync()

    scene.hours.pass_(minutes=2)
    scene.sync()

    assert foreign(scene.ke, done.act).state == CopyState.RETURNED
    assert scene.vn.inbox() == ()


def test_an_excluded_officer_is_not_reached_through_his_desk(scene: Scene) -> None:
    barred = scene.ke.settled.people["colleague"]
    question = asked(bars=(barred,))

    assert refused(scene, question) == Excluded.code

    alone = open_desk(
        scene.ke.house,
        scene.ke.agency,
        NewDesk(name="Small desk"),
        [scene.ke.settled.people["investigator"]],
    )
    done = Seat(unlocked=scene.ke.settled.unlocked(), house=scene.ke.house).ask(
        replace(question, desk=alone.name)
    )
    policy = read_policy(scene.ke.house, scene.ke.agency)
    assert policy.exclusions == (Exclusion(thread=done.thread, readers=frozenset({barred})),)


def test_whole_agencies_are_barred_by_name_from_the_first_act_on(scene: Scene) -> None:
    assert refused(scene, asked(bars=("VN",))) == Excluded.code
    assert refused(scene, asked(bars=(str(scene.ke.settled.oversight),))) == Excluded.code
    assert refused(scene, asked(bars=("nobody at all",))) == "usage.agency-unknown"


def test_the_refusal_of_a_barred_reader_names_nobody_and_gives_no_reason(scene: Scene) -> None:
    with pytest.raises(Excluded) as raised:
        scene.ke.seat().ask(asked(bars=(scene.ke.settled.people["supervisor"],)))

    assert (raised.value.cause, dict(raised.value.values)) == (Excluded.code, {})


# Oversight.


def test_without_a_rule_the_oversight_desk_gets_a_copy_and_directly_nobody_does(
    scene: Scene,
) -> None:
    overseer = scene.ke.settled.oversight
    assert overseer in {e.id for e in scene.ke.seat().who_will_see(asked()).readers}

    scene.oversee(Mode.DIRECT)

    assert overseer not in {e.id for e in scene.ke.seat().who_will_see(asked()).readers}


def test_an_office_without_a_node_is_owed_its_copy_on_paper_until_it_is_handed_in(
    scene: Scene,
) -> None:
    office = "b" * 26
    scene.oversee(Mode.COPY, to=(office, scene.ke.settled.oversight))
    seat = scene.ke.seat()

    done = seat.ask(asked())

    assert done.owed_on_paper == (office,)
    ((owing, since),) = seat.owed()
    assert (owing.act, owing.thread, owing.office) == (done.act, done.thread, office)
    assert since == scene.hours.now
    assert office not in str(kept(scene.ke, "owed-on-paper"))
    with pytest.raises(Misused):
        seat.hand_in(done.act, "another")
    assert seat.hand_in(done.act, office) == 1
    assert seat.owed() == ()
    with pytest.raises(Misused):
        seat.hand_in(done.act)


def test_an_act_that_nobody_could_countersign_is_refused_and_not_held_for_ever(
    scene: Scene,
) -> None:
    scene.oversee(Mode.COUNTERSIGN, to=("b" * 26,))

    assert refused(scene, asked()) == f"{NeedsCountersignature.code}.nobody"


def test_a_spoken_countersignature_counts_only_where_it_is_urgent_and_allowed(
    scene: Scene,
) -> None:
    seat = scene.ke.seat()
    urgent = asked(urgency=Urgency.URGENT, urgency_reason="The ship leaves.", spoken="A. Mwangi")
    scene.oversee(Mode.COUNTERSIGN)
    assert seat.ask(urgent).held

    scene.oversee(Mode.COUNTERSIGN, spoken_allowed=True)

    assert seat.ask(replace(urgent, urgency=Urgency.NORMAL)).held
    assert seat.ask(replace(urgent, spoken=" ")).held
    assert not seat.ask(urgent).held


def test_the_most_specific_rule_decides(scene: Scene) -> None:
    rules = (
        Rule(mode=Mode.COUNTERSIGN),
        Rule(kind="container", mode=Mode.DIRECT),
        Rule(peer=scene.vn.agency, kind="phone", mode=Mode.COPY),
    )
    policy = AgencyPolicy(policy=Policy(rules=rules))
    set_policy(scene.ke.house, scene.ke.agency, policy)
    seat = scene.ke.seat()

    assert not seat.who_will_see(asked()).held
    assert len(seat.who_will_see(container()).readers) == 3


# Nothing is half-written.


def test_what_is_too_long_in_all_is_not_signed(scene: Scene) -> None:
    unlocked, house = scene.ke.seat().unlocked, scene.ke.house
    draft = draft_question(unlocked, house, asked())
    assert isinstance(draft.act.body, Request)
    many = {"number": tuple("x" * 4000 for _ in range(70))}
    act = replace(draft.act, body=replace(draft.act.body, fields=many))

    with pytest.raises(Misused) as raised:
        compose(unlocked, house, draft.book, act)

    assert raised.value.cause == "usage.statement-large"


def test_nothing_is_sealed_to_more_readers_than_can_be_read(scene: Scene) -> None:
    unlocked, house = scene.ke.seat().unlocked, scene.ke.house
    draft = draft_question(unlocked, house, asked())
    one = draft.act.invited[0]
    assert isinstance(one.entry, DeskEntry)
    crowd = tuple(
        replace(one, entry=replace(one.entry, id=DeskId(mint(house.random)))) for _ in range(64)
    )

    with pytest.raises(Misused) as raised:
        compose(unlocked, house, draft.book, replace(draft.act, invited=crowd))

    assert raised.value.cause == "usage.readers-many"


def test_a_full_disk_is_told_and_nothing_of_the_act_is_there(scene: Scene) -> None:
    seat, store = scene.ke.seat(), scene.ke.house.store

    def pages(count: int) -> None:
        store.write(lambda w: w.connection.exec_driver_sql(f"PRAGMA max_page_count={count}"))

    pages(1)
    told = []
    for _ in range(200):
        before = counts(scene.ke)
        try:
            seat.ask(asked(facts="x" * 8000))
        except DiskFull as error:
            told.append(error.cause)
            assert counts(scene.ke) == before
            break
    assert told

    pages(1_000_000)
    done = seat.ask(asked())
    scene.sync()
    assert done.thread in {line.thread for line in scene.vn.inbox()}
    assert scene.ke.verify().sound


def test_when_the_last_row_cannot_be_written_nothing_of_the_act_is_there(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counts(scene.ke)

    def full(*_: object) -> None:
        raise Misused("disk")

    with monkeypatch.context() as patch:
        patch.setattr("comity.services.release.begin", full)
        with pytest.raises(Misused):
            scene.ke.seat().ask(asked())

    assert counts(scene.ke) == before
    done = scene.ke.seat().ask(asked())
    scene.sync()
    assert [line.thread for line in scene.vn.inbox()] == [done.thread]
    assert scene.ke.verify().sound


def test_copies_of_one_act_share_their_body_and_their_time(scene: Scene) -> None:
    unlocked, house = scene.ke.seat().unlocked, scene.ke.house
    draft = draft_question(unlocked, house, asked())
    home, abroad = compose(unlocked, house, draft.book, draft.act)

    for each in (home, abroad):
        assert envelope.open_(each.envelope.sealed, unlocked.identities, named=each.envelope.id)
    one, other = home.signed.statement, abroad.signed.statement
    assert (one.act, one.at, one.body) == (other.act, other.at, other.body)
    assert one.to != other.to
    assert home.is_home
    assert not abroad.is_home
    assert not abroad.is_for_overseers


def test_what_expires_says_so_on_its_docket(scene: Scene) -> None:
    until = Handling(expires="2026-12-01T00:00:00Z")
    done = scene.ke.seat().ask(asked(handling=until))
    scene.weather.away.add(scene.vn.id)
    scene.hours.pass_(hours=24 * 9)
    scene.weather.away.clear()
    scene.sync()

    assert foreign(scene.ke, done.act).expires == "2026-12-01T00:00:00Z"
    assert foreign(scene.ke, done.act).state == CopyState.RETURNED
    assert scene.vn.inbox() == ()


def test_an_officer_may_be_asked_by_his_own_id_and_then_reads_alone(scene: Scene) -> None:
    agent = next(
        each for each in scene.vn.card.officers if each.id == scene.vn.settled.people["colleague"]
    )
    assert agent.audience is Audience.PEERS
    done = scene.ask(to=agent.id)

    assert [line.thread for line in scene.vn.inbox("colleague")] == [done.thread]
    assert scene.vn.inbox("investigator") == ()
