# SPDX-License-Identifier: Apache-2.0
"""A thread on a page: where it stands, what was said, what may be done next, and the timeline.

Opening it tells the other side, as far as the agency lets it. What did not pass its checks is told
beside the thread, by a code and never as content.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Final

from comity.domain.docket import OF_SENDER
from comity.domain.ids import ActId
from comity.domain.limits import read_reason
from comity.domain.reminders import Raised
from comity.domain.statement import Attachment, PassOn
from comity.domain.taking_back import Taking
from comity.domain.thread import Act, Event
from comity.domain.time import read
from comity.language import words
from comity.language.marks import marked
from comity.language.pressing import LIMITS, RUNGS, SILENCES
from comity.services.compose import attachments_of
from comity.services.escalate import raised_of
from comity.services.exported import export_thread
from comity.services.guests import guest_of, host_of
from comity.services.passed_on_in import passed
from comity.services.said import FILES, Sayer, is_shown, what
from comity.services.said_of_agencies import against
from comity.services.said_passed_on import passed_lines
from comity.services.said_taken_back import onward_said, taken_said, tally_row
from comity.services.tally import tally_of
from comity.services.thread import OpenThread, parties
from comity.services.typed_for import CONFIRMED, DENIED, Typed, typed_in
from comity.services.wraps import KEY_RETIRED
from comity.web import custody
from comity.web.acting import colleague, head, kind_of, lacks_reason, moved_just_now
from comity.web.answers import Bytes, Result, get, page, post
from comity.web.handling import leave_lines
from comity.web.steps import steps_of
from comity.web.translated import is_foreign
from comity.web.visit import Visit

_DONE: Final = {
    "answered": marked("Your answer to {thread} is signed, sealed and kept."),
    "acknowledged": marked("The other side is told that you have {thread}."),
    "asked-back": marked("The other side is asked for what is missing in {thread}."),
    "taken": marked("You have {thread}; the members of your desk see that."),
    "handed-over": marked("{thread} is handed over."),
    "stopped": marked("It is stopped: the other side sees nothing of it."),
    "again": marked("It goes once more, in {thread}, to those who read there today."),
    "passed-on": marked("It is passed on as it was signed, with what lets you, and kept."),
    "consent-asked": marked("Whoever told this is asked for consent in {thread}."),
    "consent-given": marked("Your consent in {thread} is signed, sealed and kept."),
    "consent-refused": marked(
        "They are told that you do not consent to what is asked in {thread}."
    ),
    "consent-brought": marked("The consent is brought to {thread}, as it was signed."),
    "urgent": marked(
        "{thread} is urgent now. The clock runs by it from when the other side has it."
    ),
    "reminded": marked("The other side is reminded of {thread}."),
    "recalled": marked(
        "Everybody who has it is asked to delete it; what they answer is in {thread}."
    ),
    "narrowed": marked("Everybody who has it is told what may still be done with it."),
    "corrected": marked("Everybody who has it is told what is wrong with it."),
    "withdrawn": marked("The other side is told that no answer to {thread} is wanted."),
    "decided": marked("Your decision is recorded."),
}
_ATTESTED: Final = marked("Entered by a guest, attested by {agency}. How he is known: {how}")
_TYPED: Final = {
    "": marked("Dictated by {who}, who has yet to confirm it."),
    CONFIRMED: marked("Dictated by {who}, who has confirmed it."),
    DENIED: marked("{who} says that he did not dictate this."),
}
_REMINDED: Final = marked("Brought {who}, {when}: {what}.")
_AGAINST: Final = marked("{agency}: {what}")
_RETIRED: Final = marked("Nobody there opened it before its key was destroyed.")
_PROVEN: Final = frozenset({"sent", "submitted", "delivered", "proven", "opened", "answered"})
"""Events of which a proof may leave the house."""
_RECENT: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One act in words."""

    act: Act
    who: str
    agency: str
    what: str
    code: str
    pairs: tuple[tuple[str, str], ...]
    ours: bool
    files: tuple[Attachment, ...] = ()
    taken: tuple[str, ...] = ()
    """What its author took back of it, or by it."""
    foreign: bool
    """Whether it has words in another language than his."""
    attested: str
    """By whom, where a guest said it."""
    typed: str = ""
    """For whom it was typed, and what he says to that."""
    passed: tuple[str, ...] = ()
    """Of what was passed on: who told it first, and every hand since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One line of the timeline."""

    event: Event
    what: str
    who: str
    proof: bool


def thread_page(visit: Visit, thread: str) -> Result:
    opened = visit.seat.thread(thread)
    return page("thread.html", **told(visit, opened))


def told(visit: Visit, opened: OpenThread) -> dict[str, object]:
    """Return what a page of the thread says, whatever else it is for."""
    thread = opened.thread
    sayer = visit.sayer(kind_of(opened))
    leaving = visit.seat.leaving(opened)
    holder = thread.holder_in(opened.viewer)
    typed = typed_in(visit.house, opened.viewer, opened.id)
    return {
        **head(visit, opened),
        "opened": opened,
        "done": _done(visit, opened),
        "stands": visit.say(words.STAGES[thread.stage]),
        "holder": holder,
        "has": colleague(visit, holder.id) if holder else "",
        "expect": read(thread.expect) if thread.expect and not thread.answered else None,
        "warned": [taken_said(visit, visit.people, e) for e in thread.taken_back if e.correction],
        "against": [
            *_against(visit, opened),
            *onward_said(visit, visit.people, visit.house, opened),
        ],
        "steps": steps_of(visit, opened),
        "leaving": leaving[0] if leaving else None,
        "lost": _lost(visit, opened),
        "old_keys": lacks_reason(visit.form.error),
        "said": [_said(visit, opened, each, sayer, typed) for each in thread.acts],
        "closed": _closed(visit, opened),
        "silences": _silences(visit, opened),
        "tallies": _tallies(visit, opened),
        "handling": leave_lines(visit, thread.handling),
        "happened": [_happened(visit, each) for each in thread.events],
        "refs": [(visit.agency(agency), ref) for agency, ref in thread.refs],
    }


def _done(visit: Visit, opened: OpenThread) -> str:
    """Return what was just done here; nothing where an address alone says so."""
    said = _DONE.get(visit.query.get("did", ""))
    if said is None or not moved_just_now(visit, opened, _RECENT):
        return ""
    return visit.say(said, thread=opened.thread.short or opened.id[:8])


def _against(visit: Visit, opened: OpenThread) -> list[str]:
    """Return what is held against those who speak in this thread: it may be others who did."""
    book = visit.book
    return [
        visit.say(_AGAINST, agency=visit.agency(each), what=said)
        for each in sorted(parties(opened.thread))
        if each in book.cards
        for said in against(visit, book.agency(each))
    ]


def _said(
    visit: Visit, opened: OpenThread, act: Act, sayer: Sayer, typed: Mapping[ActId, Typed]
) -> Said:
    code = what(act, opened.thread)
    author = opened.author_of(act.id)
    shown = is_shown(act)
    taken = [each for each in opened.thread.taken_back if act.id in (each.act, each.by)]
    return Said(
        act=act,
        who=colleague(visit, act.officer) if author is None else author.name or author.label,
        agency=visit.agency(act.agency),
        what=visit.say(words.EVENTS.get(code, code)),
        code=code,
        pairs=_pairs(visit, opened, act, sayer) if shown else (),
        ours=act.agency == opened.viewer,
        files=attachments_of(act.body) if shown else (),
        taken=tuple(taken_said(visit, visit.people, each) for each in taken),
        typed=_typed(visit, typed[act.id]) if act.id in typed and shown else "",
        attested=_attested(visit, act),
        foreign=shown and is_foreign(visit, act.body, act.statement.language),
        passed=tuple(passed_lines(visit, visit.people, passed(act.statement, visit.book, act.at)))
        if shown and isinstance(act.body, PassOn)
        else (),
    )


def _attested(visit: Visit, act: Act) -> str:
    """Return who answers for what a guest said here, and how he is known; empty for others."""
    host = host_of(visit.house, act.agency)
    if host is None:
        return ""
    guest = guest_of(visit.house, act.officer)
    how = guest.checked if guest else ""
    return visit.say(_ATTESTED, agency=host.name, how=how)


def _typed(visit: Visit, typed: Typed) -> str:
    return visit.say(_TYPED[typed.word], who=colleague(visit, typed.colleague))


def _pairs(visit: Visit, opened: OpenThread, act: Act, sayer: Sayer) -> tuple[tuple[str, str], ...]:
    """Return what *act* says; of what is passed on also what was told first."""
    said = list(sayer.lines(act.body, by_asker=act.agency == opened.thread.asker))
    if isinstance(act.body, PassOn):
        said += sayer.lines(passed(act.statement, visit.book, act.at).chain.original.body)
    files = visit.say(FILES)  # they are listed apart, to be saved
    return tuple(each for each in said if each[1] and each[0] != files)


def _closed(visit: Visit, opened: OpenThread) -> list[tuple[str, str, bool]]:
    """Return what cannot be opened: what it was, whose, and whether its author had it deleted."""
    thread = opened.thread
    deleted = {each.act for each in thread.taken_back if each.what is Taking.RECALL}
    return [
        (
            visit.say(words.EVENTS.get(each.stage, each.stage)),
            visit.agency(each.agency),
            each.act in deleted,
        )
        for each in thread.closed
    ]


def _silences(visit: Visit, opened: OpenThread) -> list[str]:
    """Return of what nothing was heard in time, and before whom it was brought."""
    said = []
    for each in opened.thread.receipts:
        found = read_reason(each.reason) if each.stage in OF_SENDER else None
        if found is not None:
            silence, within = found
            told_ = visit.say(SILENCES[silence], time=visit.say_in.span(within))
            said.append(f"{visit.exact(each.at)} · {told_}")
    for code, at in raised_of(visit.house, opened.viewer, opened.id):
        one = Raised.read(code)
        about, who = visit.say(LIMITS[one.limit]), visit.say(RUNGS[one.rung])
        said.append(visit.say(_REMINDED, who=who, when=visit.exact(at), what=about))
    return said


def _tallies(visit: Visit, opened: OpenThread) -> list[tuple[str, str, str, str]]:
    """Return what the holders answered to what his agency took back."""
    return [
        tally_row(visit, visit.people, answer, each.what)
        for each in opened.thread.taken_back
        if each.agency == opened.viewer
        for answer in tally_of(visit.house, each).answers
    ]


def _lost(visit: Visit, opened: OpenThread) -> dict[ActId, list[tuple[str, str]]]:
    """Return what may be sent again: of each act of his who could not open it, and why."""
    found: dict[ActId, list[tuple[str, str]]] = {}
    for each in visit.seat.lost(opened):
        stage = visit.say(words.EVENTS[each.stage])
        who = visit.say(_AGAINST, agency=visit.agency(each.to), what=stage)
        retired = each.why == KEY_RETIRED
        why = visit.say(_RETIRED) if retired else visit.say_in.happened(each.why)
        found.setdefault(each.act, []).append((who, why))
    return found


def _happened(visit: Visit, event: Event) -> Happened:
    return Happened(
        event=event,
        what=visit.say(words.EVENTS.get(event.what, event.what)),
        who=colleague(visit, event.who) if event.who else visit.agency(event.agency),
        proof=event.what in _PROVEN,
    )


def export_page(visit: Visit, thread: str) -> Result:
    return page("export.html", **head(visit, visit.seat.thread(thread)))


def export(visit: Visit, thread: str) -> Result:
    """Hand out every letter of the thread, each sealed to the officer's own key file."""
    opened = visit.seat.thread(thread)
    found = export_thread(visit.seat.unlocked, visit.house, opened.id)
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as bundle:
        for act, sealed in found.items():
            bundle.writestr(f"{act}.age", sealed)
    return Bytes(content=sink.getvalue(), media="application/zip", name=f"{opened.id[:8]}.zip")


ROUTES = (
    get("/t/<thread>", thread_page),
    get("/t/<thread>/export", export_page),
    post("/t/<thread>/export", export, again=export_page),
    post("/t/<thread>/take", custody.take, again=thread_page),
    post("/t/<thread>/stop", custody.stop, again=thread_page),
    post("/t/<thread>/send-again", custody.send_again, again=thread_page),
)
