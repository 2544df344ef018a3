# SPDX-License-Identifier: Apache-2.0
"""Consent: a holder asks the originator; he says yes, yes on a condition, or no, and signs it.

Asked and given in the thread in which it was told. What was passed on to us has its originator
elsewhere: who passed it on asks him in our name and brings his word, signed by him, to us.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from comity.domain import time
from comity.domain.consent import Consent, ConsentRequest, Word
from comity.domain.consents import Asking, askings, may_speak, pending
from comity.domain.handling import Handling
from comity.domain.ids import AgencyId, ThreadId
from comity.domain.onward import Use, may
from comity.domain.passed_on import EXPIRED, Chain, handling_of, verdict_on
from comity.domain.statement import Author, PassOn, Statement
from comity.domain.verdict import Allowed, Barred, Verdict
from comity.errors import Misused, NotCompetent, Refused, TooLate
from comity.knowledge.codes import purposes
from comity.services.address_book import Book, read_book
from comity.services.draft import Draft, send
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.pass_on import WAITS, check_bounds
from comity.services.passed_on_in import nearest
from comity.services.release import Done
from comity.services.replies import Begun, Manner, begin, draft_reply
from comity.services.told import told_in
from comity.services.unseal import Opened
from comity.services.words import check_handling, check_names, check_texts
from comity.wire.passed_on import unpack

CONSENT: Final = "consent"
"""The step by which it is given."""
VALID: Final = timedelta(days=30)
"""For how long consent may be made use of, unless it says otherwise."""
AGENCIES_MOST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a holder asks leave for."""

    use: Use
    to: tuple[str, ...] = ()
    """With *pass-on*: agencies, in the words of the address book."""
    act: str = ""
    """What was told; empty for the newest."""
    holder: str = ""
    """An agency to which we passed it on, and in whose name we ask; empty for ourselves."""
    purpose: str = ""
    reason: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """What an originator says."""

    yes: bool
    request: str = ""
    """Which request, answered before or not; empty for the oldest that waits."""
    handling: Handling | None = None
    """What then holds; None for what held before."""
    until: str = ""
    """Empty for a month."""
    text: str = ""


def ask_consent(
    unlocked: Unlocked, house: House, thread: ThreadId, wish: Wish, manner: Manner
) -> Done:
    """Ask whoever told what is in *thread* for leave."""
    return send(unlocked, house, draft_consent_request(unlocked, house, thread, wish, manner))


def draft_consent_request(
    unlocked: Unlocked, house: House, thread: ThreadId, wish: Wish, manner: Manner
) -> Draft:
    check_texts(reason=wish.reason)
    if len(wish.to) > AGENCIES_MOST:
        raise Misused("field-many", field="to")
    if wish.purpose and wish.purpose not in purposes():
        raise Misused("purpose-unknown")
    if (wish.use is Use.PASS_ON) != bool(wish.to):
        raise Misused("field-missing", field="to")
    book = read_book(house)
    agencies = tuple(dict.fromkeys(book.find_agency(each).id for each in wish.to))
    holder = book.find_agency(wish.holder).id if wish.holder else unlocked.agency
    begun = begin(unlocked, house, thread)
    source = told_in(begun.opened, unlocked.agency, wish.act)
    body = ConsentRequest(
        to=source.statement.act,
        use=wish.use,
        holder=holder,
        agencies=agencies,
        named=", ".join(f"{book.agency(a).name} ({book.agency(a).country})" for a in agencies),
        purpose=wish.purpose,
        reason=wish.reason,
        urgent=wish.urgent,
    )
    check_names(named=body.named[:200])
    _check_open(house, book, begun, source, body)
    nominal = bool(wish.reason.strip())
    return draft_reply(unlocked, house, begun, body, manner=manner, nominal=nominal)


def give_consent(
    unlocked: Unlocked, house: House, thread: ThreadId, leave: Leave, manner: Manner
) -> Done:
    """Give or refuse the consent that is asked for in *thread*."""
    return send(unlocked, house, draft_consent(unlocked, house, thread, leave, manner))


def draft_consent(
    unlocked: Unlocked, house: House, thread: ThreadId, leave: Leave, manner: Manner
) -> Draft:
    check_texts(text=leave.text)
    begun = begin(unlocked, house, thread)
    asking = asked_for(begun, unlocked.agency, leave.request)
    told = _told(begun, asking)
    desk = _speaks_for(unlocked, told.author)
    if leave.yes and isinstance(told.body, PassOn):
        raise Refused("not-originator")
    before = handling_of(told)
    handling = leave.handling or before
    if leave.yes:
        check_handling(house, handling)
    body = Consent(
        to=asking.act,
        word=_word(leave, before, handling),
        act=told.act,
        use=asking.body.use,
        holder=asking.body.holder,
        agencies=asking.body.agencies,
        purpose=asking.body.purpose,
        handling=handling,
        until=_until(house, leave),
        text=leave.text,
    )
    signing = Manner(
        language=manner.language,
        desk=desk,
        mandate=manner.mandate,
        roster_reason=manner.roster_reason,
    )
    nominal = bool(leave.text.strip() or handling.condition.strip())
    return draft_reply(unlocked, house, begun, body, manner=signing, nominal=nominal)


def _check_open(
    house: House, book: Book, begun: Begun, source: Opened, body: ConsentRequest
) -> None:
    """Raise Refused where nothing is to be asked: it is free, or it was refused from the start."""
    verdicts = _verdicts(book, unpack(source.statement).chain, body, house.now())
    for verdict in verdicts:
        if isinstance(verdict, Barred):
            raise Refused(EXPIRED if verdict.why == "expired" else verdict.why)
    if all(isinstance(each, Allowed) for each in verdicts):
        raise Refused("consent-not-needed")
    same = (body.to, body.use, body.holder, body.agencies)
    for asking in askings(begun.opened.thread):
        asked = asking.body
        if asking.open and (asked.to, asked.use, asked.holder, asked.agencies) == same:
            raise Refused(WAITS)


def _verdicts(book: Book, before: Chain, body: ConsentRequest, at: datetime) -> Sequence[Verdict]:
    """Return what the handling says to each use that *body* asks leave for.

    No leave lets through what the bounds of an NGO or a body forbid: that is not asked for.
    """
    if body.use is not Use.PASS_ON:
        return [may(before.handling, body.use, originator=before.originator, at=at)]
    for each in body.agencies:
        check_bounds(before, book.agency(body.holder), book.agency(each))
    return [verdict_on(before, nearest(book, body.holder, each), at) for each in body.agencies]


def asked_for(begun: Begun, agency: AgencyId, request: str) -> Asking:
    """Return the request that is answered: the one named, or the oldest that waits.

    A word that was given may be changed by naming its request: the last one stands.
    """
    thread = begun.opened.thread
    if request:
        found = [e for e in askings(thread) if (e.act, e.of) == (request, agency) and not e.held]
    else:
        found = list(pending(thread, agency))
    if not found:
        raise Misused("act-unknown") if request else TooLate("step", step=CONSENT)
    return found[0]


def _told(begun: Begun, asking: Asking) -> Statement:
    return next(each.statement for each in begun.opened.thread.acts if each.id == asking.body.to)


def _speaks_for(unlocked: Unlocked, original: Author) -> str:
    """Return for which desk *unlocked* signs; raise NotCompetent unless it is his word to give."""
    desk = original.desk if original.desk in unlocked.entry.desks else ""
    signer = Author(
        agency=unlocked.agency,
        officer=unlocked.entry.id,
        certificate=unlocked.certificate,
        desk=desk,
    )
    if not may_speak(signer, original):
        raise NotCompetent("not-his-word")
    return desk


def _word(leave: Leave, before: Handling, handling: Handling) -> Word:
    if not leave.yes:
        return Word.NO
    return Word.YES if handling.condition == before.condition else Word.CONDITIONS


def _until(house: House, leave: Leave) -> str:
    """Return until when it holds, as far as it is written."""
    if not leave.yes:
        return ""
    until = leave.until or time.written(house.now() + VALID)
    try:
        ends = time.read(until)
    except ValueError:
        raise Misused("handling-expires") from None
    if ends <= house.now():
        raise Misused("handling-expired")
    return until
