# SPDX-License-Identifier: Apache-2.0
"""Who passes on what is not his: the program of whoever receives it refuses to show it.

A corrupt colleague in Mombasa has his own keys and a program of his own making; Hai Phong told him
something and leaves it to itself who else may know.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.attacks.test_dockets import kinds_of_evidence
from tests.services.onward import ADDIS, CAREFUL, NO, asked, consented, told, wish
from tests.world import World, WorldNode

from comity.crypto import dsse
from comity.domain import time
from comity.domain.consent import Consent, ConsentRequest, Word
from comity.domain.consents import askings
from comity.domain.handling import Handling, Leave
from comity.domain.ids import AgencyId, ThreadId
from comity.domain.onward import Use
from comity.domain.statement import Basis, Note, PassOn, Statement, Why
from comity.domain.thread import Stage
from comity.errors import BadSignature, Refused, Unreachable
from comity.services.consent import draft_consent_request
from comity.services.draft import Draft, send
from comity.services.release import Done
from comity.services.replies import Manner, begin, draft_reply
from comity.services.revoke import revoke
from comity.services.tell import News, draft_note
from comity.services.thread import OpenThread
from comity.services.told import told_in
from comity.wire import statement as statement_wire
from comity.wire.statement import SignedCopy

ASKED = "untrusted.differs.consent"
PASSED = "untrusted.differs.passed-on"


def original(world: World, thread: ThreadId) -> SignedCopy:
    """Return what Hai Phong told, as it lies in Mombasa."""
    ke = world["ke"]
    return told_in(ke.seat().thread(thread), ke.agency).signed


def given(world: World, thread: ThreadId) -> SignedCopy:
    """Return the consent that lies in Mombasa."""
    opened = world["ke"].seat().thread(thread)
    return next(each.signed for each in opened.copies if isinstance(each.statement.body, Consent))


def smuggled(
    world: World,
    told_: bytes,
    consent: bytes = b"",
    *,
    draft: Callable[[Draft], Draft] = lambda made: made,
    **changed: object,
) -> Done:
    """Let Mombasa's own program tell Addis Ababa a note, and swap what is in it."""
    ke, et = world.nodes("ke", "et")
    seat = ke.seat()
    made = draft_note(
        seat.unlocked,
        ke.house,
        News(to="ET/Duty desk", kind="phone", ref="MSA/114", facts="A cover."),
    )
    note = made.act.body
    assert isinstance(note, Note)
    body = PassOn(
        kind="phone",
        kind_version=1,
        ref="MSA/114",
        short=note.short,
        recipient=et.agency,
        original=told_,
        consent=consent,
        use="intelligence",
        handling=CAREFUL,
        basis=Basis(code="untoc-18-4"),
        mandate=note.mandate,
    )
    body = replace(body, **changed)  # type: ignore[arg-type]  # as the test says it
    bent = draft(replace(made, act=replace(made.act, body=body)))
    done = send(seat.unlocked, ke.house, bent)
    world.sync()
    return done


def seen(node: WorldNode, done: Done) -> OpenThread:
    return node.seat().thread(done.thread)


def refused(world: World, done: Done) -> str:
    """Return why Addis Ababa shows nothing of it."""
    found = seen(world["et"], done)
    assert found.thread.acts == ()
    assert found.thread.stage is Stage.WAITING
    [wrong] = found.mistrusted
    return wrong.code


def signed_by_kenya(world: World, said: Statement) -> bytes:
    return statement_wire.sign(said, world["ke"].seat().unlocked.signing).dsse


def test_what_is_passed_on_without_consent_is_shown_to_nobody_and_is_evidence(
    world: World,
) -> None:
    thread = told(world)

    done = smuggled(world, original(world, thread).dsse)

    assert refused(world, done) == ASKED
    assert kinds_of_evidence(world["et"]) == {"differs"}
    assert world["et"].verify().faults == ()


def test_the_program_itself_refuses_without_consent(world: World) -> None:
    thread = told(world)

    with pytest.raises(Refused, match="needs-consent"):
        world["ke"].seat().pass_on(thread, ADDIS)
    assert world["et"].inbox() == ()


def test_what_was_told_as_not_to_be_passed_on_stays_even_with_a_consent_of_another_matter(
    world: World,
) -> None:
    thread = consented(world)
    consent = given(world, thread)
    closed = told(world, Handling(onward=Leave.NO))

    done = smuggled(world, original(world, closed).dsse, consent.dsse)

    assert refused(world, done) == ASKED


@pytest.mark.parametrize(
    "changed",
    [
        {"word": Word.YES},
        {"until": "2099-01-01T00:00:00Z"},
        {"handling": Handling(judicial=Leave.YES)},
    ],
    ids=["a no made a yes", "longer", "wider"],
)
def test_a_consent_that_was_changed_is_no_consent(world: World, changed: dict[str, object]) -> None:
    thread = consented(world, NO if "word" in changed else replace(NO, yes=True))
    consent = given(world, thread)
    body = consent.statement.body
    assert isinstance(body, Consent)
    payload = statement_wire.write(
        replace(consent.statement, body=replace(body, **changed))  # type: ignore[arg-type]  # as said
    )
    signature = dsse.sign(payload, [world["ke"].seat().unlocked.signing])

    done = smuggled(world, original(world, thread).dsse, signature)

    assert refused(world, done) == "untrusted.signature.absent"


def test_a_no_is_no_consent(world: World) -> None:
    thread = consented(world, NO)

    done = smuggled(world, original(world, thread).dsse, given(world, thread).dsse)

    assert refused(world, done) == ASKED
    with pytest.raises(Refused, match="consent-no"):
        world["ke"].seat().pass_on(thread, ADDIS)


def test_consent_for_one_message_serves_for_no_other(world: World) -> None:
    consent = given(world, consented(world))
    another = told(world)

    done = smuggled(world, original(world, another).dsse, consent.dsse)

    assert refused(world, done) == ASKED


def test_consent_to_court_serves_for_nobody_abroad(world: World) -> None:
    thread = told(world)
    asked(world, thread, wish(Use.COURT))
    world["vn"].seat().give_consent(thread, replace(NO, yes=True))
    world.sync()

    done = smuggled(world, original(world, thread).dsse, given(world, thread).dsse)

    assert refused(world, done) == ASKED
    with pytest.raises(Refused, match="needs-consent"):
        world["ke"].seat().pass_on(thread, ADDIS)


def test_a_consent_that_the_passer_gives_himself_is_none(world: World) -> None:
    thread = consented(world)
    consent = given(world, thread).statement
    ke = world["ke"]
    own = replace(
        consent,
        author=replace(
            consent.author,
            agency=ke.agency,
            officer=ke.seat().unlocked.entry.id,
            certificate=ke.seat().unlocked.certificate,
            desk=ke.settled.desk,
            display="",
        ),
    )

    done = smuggled(world, original(world, thread).dsse, signed_by_kenya(world, own))

    assert refused(world, done) == ASKED


def test_an_original_that_nobody_signed_is_not_from_the_originator(world: World) -> None:
    thread = consented(world)
    invented = original(world, thread).statement
    lie = replace(invented, body=replace(invented.body, text="He confessed."))  # type: ignore[arg-type]  # an answer

    done = smuggled(world, signed_by_kenya(world, lie), given(world, thread).dsse)

    assert refused(world, done) == "untrusted.signature.absent"
    assert kinds_of_evidence(world["et"])


def test_an_original_of_an_officer_who_never_was_is_refused_though_his_agency_is_known(
    world: World,
) -> None:
    thread = consented(world)
    invented = original(world, thread).statement
    author = replace(invented.author, certificate=given(world, thread).copy)  # type: ignore[arg-type]  # a digest

    done = smuggled(
        world,
        signed_by_kenya(world, replace(invented, author=author)),
        given(world, thread).dsse,
    )

    assert refused(world, done) == "untrusted.signature.unknown"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"handling": replace(CAREFUL, judicial=Leave.YES)}, PASSED),
        ({"handling": replace(CAREFUL, onward=Leave.YES)}, PASSED),
        ({"handling": replace(CAREFUL, expires="2099-01-01T00:00:00Z")}, ""),
    ],
)
def test_handling_is_never_wider_than_what_was_consented_to(
    world: World, changed: dict[str, object], code: str
) -> None:
    thread = consented(world)

    done = smuggled(
        world,
        original(world, thread).dsse,
        given(world, thread).dsse,
        **changed,  # type: ignore[arg-type]  # as the test says it
    )

    found = seen(world["et"], done)
    assert [each.code for each in found.mistrusted] == ([code] if code else [])


def test_it_cannot_be_led_to_another_agency_than_the_one_consented_to(world: World) -> None:
    thread = consented(world)
    vn = world["vn"]

    done = smuggled(
        world, original(world, thread).dsse, given(world, thread).dsse, recipient=vn.agency
    )

    assert refused(world, done) == "untrusted.differs.recipient"


def test_a_consent_whose_time_is_over_is_refused_and_accuses_nobody(world: World) -> None:
    thread = told(world)
    asked(world, thread)
    until = time.written(world.hours.now + timedelta(hours=1))
    world["vn"].seat().give_consent(thread, replace(NO, yes=True, until=until))
    world.sync()
    world["ke"].seat().pass_on(thread, ADDIS)
    world.weather.away.add(world["et"].id)
    world.carry()
    world.hours.pass_(hours=2)
    world.weather.clear()
    world.sync()

    [line] = world["et"].inbox()
    found = world["et"].seat().thread(line.thread)

    assert [each.code for each in found.mistrusted] == ["untrusted.stale.consent-over"]
    assert kinds_of_evidence(world["et"]) == set()
    with pytest.raises(Refused, match="consent-over"):
        world["ke"].seat().pass_on(thread, ADDIS)


def test_what_a_stolen_key_signed_is_passed_on_to_nobody_and_accuses_nobody_who_passes_it(
    world: World,
) -> None:
    thread = consented(world)
    vn = world["vn"]
    told_, consent = original(world, thread).dsse, given(world, thread).dsse
    revoke(
        vn.house,
        vn.settled.people["investigator"],
        reason="stolen",
        compromised_since=world.hours.now - timedelta(days=1),
    )
    world.sync()

    done = smuggled(world, told_, consent)

    assert refused(world, done) == "untrusted.stale.ended"
    assert kinds_of_evidence(world["et"]) == set()


def test_an_overseers_copy_opens_no_second_road(world: World) -> None:
    """A copy that names its reader an overseer is judged like any other."""
    thread = told(world)

    def as_overseer(made: Draft) -> Draft:
        invited = tuple(
            replace(each, why=Why.OVERSIGHT) if each.why is Why.ADDRESSED else each
            for each in made.act.invited
        )
        return replace(made, act=replace(made.act, invited=invited))

    done = smuggled(world, original(world, thread).dsse, draft=as_overseer)

    found = seen(world["et"], done)
    assert found.thread.acts == ()
    assert [each.code for each in found.mistrusted] == [ASKED]


def test_a_brought_word_that_the_originator_never_signed_serves_nobody(world: World) -> None:
    """Kenya says that it brings Viet Nam's consent, and signed it itself."""
    thread = consented(world)
    ke, et = world.nodes("ke", "et")
    sent = ke.seat().pass_on(thread, ADDIS)
    world.sync()
    et.seat().ask_consent(sent.thread, wish(to=("KE",)))
    world.sync()
    true = given(world, thread).statement
    assert isinstance(true.body, Consent)
    body = replace(true.body, holder=et.agency, agencies=(ke.agency,))
    begun = begin(ke.seat().unlocked, ke.house, sent.thread, "consent")
    brought = replace(
        body,
        to=begun.opened.thread.acts[-1].id,
        signed=signed_by_kenya(world, replace(true, body=body)),
    )
    meant = draft_reply(ke.seat().unlocked, ke.house, begun, brought, manner=Manner(), nominal=True)
    send(ke.seat().unlocked, ke.house, meant)
    world.sync()

    with pytest.raises(BadSignature):
        et.seat().pass_on(sent.thread, replace(ADDIS, to="KE/Operations desk"))


def test_a_name_that_the_asker_gives_lends_no_consent_to_whom_it_does_not_mean(
    world: World,
) -> None:
    """He says Ethiopia and means another; what Hai Phong signs names whom he meant."""
    ke, vn, et = world.nodes("ke", "vn", "et")
    thread = told(world)
    seat = ke.seat()
    honest = draft_consent_request(seat.unlocked, ke.house, thread, wish(), Manner())
    body = honest.act.body
    assert isinstance(body, ConsentRequest)
    other = AgencyId("z" * 25 + "a")
    bent = replace(honest, act=replace(honest.act, body=replace(body, agencies=(other,))))
    send(seat.unlocked, ke.house, bent)
    world.sync()
    asked_ = askings(vn.seat().thread(thread).thread)[0].body
    assert (asked_.named, asked_.agencies) == (body.named, (other,))
    vn.seat().give_consent(thread, replace(NO, yes=True))
    world.sync()

    with pytest.raises(Refused, match="needs-consent"):
        seat.pass_on(thread, ADDIS)
    done = smuggled(world, original(world, thread).dsse, given(world, thread).dsse)
    assert refused(world, done) == ASKED
    assert et.verify().faults == ()


def test_a_consent_that_comes_again_opens_nothing_that_was_closed_since(world: World) -> None:
    """A stick is played again: the last word stands, in whatever order the words came."""
    thread = consented(world)
    ke, vn = world.nodes("ke", "vn")
    earlier = list(world.travelled)
    asked(world, thread)
    vn.seat().give_consent(thread, NO)
    world.sync()

    for each in earlier:
        with suppress(Unreachable):
            world.hand_over(each.sender, each.recipient, each.parcel)

    with pytest.raises(Refused, match="consent-no"):
        ke.seat().pass_on(thread, ADDIS)
