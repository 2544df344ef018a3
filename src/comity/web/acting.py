# SPDX-License-Identifier: Apache-2.0
"""What the pages of every verb share: a form of a few boxes, *who will see this*, and sending once.

A form says which acts its officer had seen (``seen``). What was done in the thread since, by a
colleague, the other side or his own impatient thumb, is looked at before anything is sent: so a
form that is posted twice does one thing, and nobody answers on what is no longer so.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from comity.domain.roster import OfficerEntry
from comity.domain.statement import Attachment, Body, Opener
from comity.domain.thread import Act
from comity.domain.time import read
from comity.errors import ComityError, Misused, Refused, TooLate, Unavailable
from comity.language.catalogue import LOCALES
from comity.language.marks import marked
from comity.services.draft import Draft
from comity.services.enrol import names
from comity.services.replies import Manner
from comity.services.thread import OpenThread
from comity.services.tickets import redeemed, ticket_of
from comity.services.typed_for import typed_by
from comity.web.answers import Page, Result, SeeOther, page
from comity.web.files import attached
from comity.web.kit import status_of
from comity.web.readers import who_will_see
from comity.web.visit import Visit

_LANGUAGE: Final = marked("Language of your text")
_DESK: Final = marked("For which of your desks you sign")
_OLD_KEYS: Final = marked("Why their old list will do")
_TYPED_FOR: Final = marked("Typed for")
_TYPED_HINT: Final = marked(
    "A colleague who dictates this. You sign it; he confirms it when he next signs in."
)
TYPED_FOR: Final = "typed_for"
OLD_KEYS: Final = "roster_reason"
TICKET: Final = "ticket"
_ARRIVED: Final = ("upload", "kept")
"""By what a form names files that arrived before it: they have a ticket then."""
_JUST: Final = timedelta(minutes=10)
"""For so long a form that comes again is taken for the same one."""
_MARK: Final = 24


DraftOf = Callable[[Visit, OpenThread], Draft]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One field of a form."""

    name: str
    label: str
    shape: str = "line"
    """``line``, ``area``, ``pick``, ``radios``, ``ticks``, ``tick`` or ``files``."""
    hint: str = ""
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    ticked: tuple[str, ...] = ()
    required: bool = True
    only: str = ""
    """With which choices it is wanted; a browser that can hides it otherwise."""
    type: str = "text"
    fault: str = ""
    """How an error names it, where that is not its name here."""
    wrong: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """The form of one verb."""

    title: str
    """A marked sentence, as are the others."""
    verb: str
    """On its button."""
    to: str
    """The last part of its address."""
    boxes: tuple[Box, ...] = ()
    folded: tuple[Box, ...] = ()
    fold: str = ""
    """What the folded ones are about."""
    lead: tuple[str, ...] = ()
    """What it does, in words of the reader: before the boxes."""
    danger: bool = False
    reviewed: bool = True
    """Whether *who will see this* comes before it is sent."""
    hidden: tuple[tuple[str, str], ...] = ()
    files: bool = False
    """Whether files may go with it."""
    links: tuple[tuple[str, str], ...] = ()
    """Other pages of the thread that do it otherwise: the last part of the address, and words."""


def blank_page(visit: Visit, opened: OpenThread, blank: Blank) -> Page:
    """Return the page of *blank*, with what was typed and what is wrong with it."""
    boxes = tuple(_faulty(visit, each) for each in blank.boxes)
    folded = tuple(_faulty(visit, each) for each in (*blank.folded, *_old_keys(visit)))
    return page(
        "act.html",
        visit=visit,
        carried=[
            (ticket, file.name)
            for ticket, file in zip(visit.form.all(TICKET), files_of(visit, opened), strict=True)
        ],
        blank=replace(blank, boxes=boxes, folded=folded),
        at_box=any(each.wrong for each in (*boxes, *folded)),
        is_open=any(each.wrong for each in folded),
        seen=seen(opened),
        **head(visit, opened),
    )


def head(visit: Visit, opened: OpenThread) -> dict[str, object]:
    """Return what stands above every page about *opened*."""
    return {
        "thread": opened.thread,
        "question": question_of(visit, opened),
        "peer": visit.agency(peer_of(opened)),
    }


def colleague(visit: Visit, id_: str) -> str:
    """Return who has the id *id_*: of the own agency by name, of others as they are shown."""
    own = visit.book.agency(visit.seat.unlocked.agency).readers.get(id_)
    if isinstance(own, OfficerEntry):
        return names(visit.house).get(own.id, own.name or own.label)
    return visit.people.of(id_)


def question_of(visit: Visit, opened: OpenThread) -> str:
    kind = visit.house.kinds.get(kind_of(opened))
    return visit.say_in.label(kind.question) if kind else ""


def kind_of(opened: OpenThread) -> str:
    """Return the code of what the thread is about; empty where that is not known."""
    body = opened.thread.opening.body if opened.thread.opening else None
    return body.kind if isinstance(body, Opener) else ""


def peer_of(opened: OpenThread) -> str | None:
    """Return the other side; whoever only watches is shown who asked."""
    thread = opened.thread
    both = [*thread.asked, *((thread.asker,) if thread.asker else ())]
    return next((each for each in both if each != opened.viewer), None)


def seen(opened: OpenThread) -> str:
    """Return a mark of everything that was done in the thread, as far as it is seen."""
    acts = {each.id for each in opened.thread.acts} | {e.act for e in opened.thread.closed}
    return sha256(" ".join(sorted(acts)).encode()).hexdigest()[:_MARK]


def again_of(visit: Visit, opened: OpenThread, body: type[Body]) -> Act | None:
    """Return what this officer did just now with the same form; None where the form is fresh.

    Raise TooLate where something else was done since the form was shown.
    """
    if visit.form.text("seen") == seen(opened):
        return None
    mine = (visit.seat.unlocked.agency, visit.seat.unlocked.entry.id)
    acts = [each for each in opened.thread.acts if (each.agency, each.officer) == mine]
    last = max(acts, key=lambda each: (each.statement.at, each.id), default=None)
    if last and isinstance(last.body, body) and visit.now - last.statement.at <= _JUST:
        return last
    raise TooLate("moved")


def moved_just_now(visit: Visit, opened: OpenThread, within: timedelta = _JUST) -> bool:
    """Return whether this officer did something in the thread a moment ago."""
    mine = (visit.seat.unlocked.agency, visit.seat.unlocked.entry.id)
    return any(
        (each.agency, each.officer) == mine and visit.now - each.statement.at <= within
        for each in opened.thread.acts
    )


def send_once(
    visit: Visit,
    thread: str,
    blank: Callable[[Visit, OpenThread], Blank],
    draft: DraftOf,
    *,
    done: str,
    body: type[Body],
) -> Result:
    """Show who will see the filled form, or send it if that was seen; once, however often it comes.

    ``change`` leads back to the form, ``sure`` sends. Files that came stay with the form, also
    where the rules refuse it.
    """
    opened = visit.seat.thread(thread)
    form = blank(visit, opened)
    if not form.files:
        return _send_once(visit, opened, form, draft, done=done, body=body)
    visit = with_files(visit, opened)
    try:
        return _send_once(visit, opened, form, draft, done=done, body=body)
    except (Refused, Unavailable) as error:
        shown = blank_page(visit.refused(error), opened, form)
        return replace(shown, status=status_of(error))


def _send_once(
    visit: Visit, opened: OpenThread, form: Blank, draft: DraftOf, *, done: str, body: type[Body]
) -> Result:
    seat, thread = visit.seat, opened.id
    there = SeeOther(f"/t/{thread}?did={done}")
    if visit.form.flag("change"):
        return blank_page(visit, opened, form)
    if again_of(visit, opened, body):
        return there
    made = typed(visit, draft(visit, opened))
    if not visit.form.flag("sure") and form.reviewed:
        return review_page(visit, opened, form, made)
    try:
        # Seen again: what the draft was made of is now what the form has seen.
        if again_of(visit, seat.thread(thread), body):
            return there
        seat.send(made)
    except TooLate:
        if again_of(visit, seat.thread(thread), body):
            return there
        raise
    return there


def with_files(visit: Visit, opened: OpenThread) -> Visit:
    """Return the same visit, whose form carries the files that came with it, sealed."""
    seat, form = visit.seat, visit.form
    tickets = [ticket_of(seat.unlocked, seat.house, opened.id, each) for each in attached(visit)]
    values = {name: given for name, given in form.values.items() if name not in _ARRIVED}
    values[TICKET] = (*form.all(TICKET), *tickets)
    return replace(visit, form=replace(form, values=values, files={}))


def files_of(visit: Visit, opened: OpenThread) -> tuple[Attachment, ...]:
    """Return the files that the form carries."""
    seat = visit.seat
    tickets = visit.form.all(TICKET)
    return tuple(redeemed(seat.unlocked, seat.house, opened.id, each) for each in tickets)


def typed(visit: Visit, draft: Draft) -> Draft:
    """Return *draft* as typed for the colleague who dictated it, if one was picked."""
    return typed_by(visit.seat.unlocked, visit.house, draft, visit.form.text(TYPED_FOR))


def typed_box(visit: Visit) -> Box:
    """Return the box for a colleague who dictates."""
    own, known = visit.seat.unlocked.entry, names(visit.house)
    people = [
        (each.id, known.get(each.id, each.name or each.label))
        for each in visit.book.agency(own.agency).officers
        if each.id != own.id and not set(each.desks).isdisjoint(own.desks)
    ]
    return Box(
        name=TYPED_FOR,
        label=visit.say(_TYPED_FOR),
        hint=visit.say(_TYPED_HINT),
        shape="pick",
        choices=(("", ""), *people),
        required=False,
    )


def review_page(
    visit: Visit, opened: OpenThread, blank: Blank, draft: Draft, *, first: str = ""
) -> Page:
    """Return the page that says who will see *draft*, before it is sent; *first* says why."""
    sayer = visit.sayer(kind_of(opened))
    asks = opened.viewer == opened.thread.asker
    said = sayer.lines(draft.act.body, by_asker=asks)
    lines = tuple(each for each in said if each[1])
    return page(
        "sure.html",
        visit=visit,
        blank=blank,
        first=first,
        lines=lines,
        language=draft.act.language,
        kept=_kept(visit),
        seen=visit.form.text("seen"),
        readers=who_will_see(visit, visit.seat.preview(draft)),
        **head(visit, opened),
    )


def _kept(visit: Visit) -> tuple[tuple[str, str], ...]:
    """Return what was typed, to be posted once more."""
    own = ("sure", "change", "seen")
    pairs = [(name, each) for name, given in visit.form.values.items() for each in given]
    return tuple((name, each) for name, each in pairs if name not in own and each)


def _faulty(visit: Visit, box: Box) -> Box:
    """Return *box* with what is wrong with it, naming it as the page does."""
    error, at = visit.form.error, visit.form.at_fault
    if error is None or not at or at != (box.fault or box.name):
        return box
    named = Misused(**{**error.values, "field": box.label})
    named.cause = error.cause
    return replace(box, wrong=visit.say_in.say(named))


def _old_keys(visit: Visit) -> tuple[Box, ...]:
    """Return a box for why an old list of keys will do, where that is what was missing."""
    if not lacks_reason(visit.form.error) and not visit.form.text(OLD_KEYS):
        return ()
    return (Box(name=OLD_KEYS, label=visit.say(_OLD_KEYS), required=False),)


def lacks_reason(error: ComityError | None) -> bool:
    """Return whether what was missing is why an old list of keys will do."""
    return error is not None and error.cause.endswith(".roster")


def manner_boxes(visit: Visit, opened: OpenThread) -> tuple[Box, ...]:
    """Return the boxes of how a reply is given: its language, and for which desk it is signed."""
    card, mine = visit.book.agency(opened.viewer), visit.seat.unlocked.entry.desks
    desks = tuple((each.id, each.name) for each in card.desks if each.id in mine)
    boxes = [
        Box(
            name="language",
            label=visit.say(_LANGUAGE),
            shape="pick",
            value=visit.say_in.tag,
            choices=languages(visit),
        )
    ]
    if len(desks) > 1:
        boxes.append(
            Box(
                name="desk",
                label=visit.say(_DESK),
                shape="pick",
                choices=(("", ""), *desks),
                required=False,
            )
        )
    return tuple(boxes)


def languages(visit: Visit) -> tuple[tuple[str, str], ...]:
    """Return the languages in which an officer may write, as the page names them."""
    ours = [each.replace("_", "-") for each in LOCALES]
    tags = dict.fromkeys([*visit.seat.unlocked.entry.languages, visit.say_in.tag, *ours])
    return tuple((each, visit.say_in.language(each)) for each in tags)


def manner_of(visit: Visit) -> Manner:
    return Manner(
        language=visit.form.text("language") or visit.say_in.tag,
        desk=visit.form.text("desk"),
        roster_reason=visit.form.text(OLD_KEYS),
    )


def moment_of(visit: Visit, name: str) -> datetime | None:
    """Return the moment that was picked in *name*, on the wall clock of his desk, in UTC."""
    typed = visit.form.text(name)
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(visit.zone)).astimezone(UTC)
    except OverflowError:  # there is no such time elsewhere
        raise Misused("field-value", field=name) from None
    except ValueError:
        pass
    try:
        return read(typed)
    except ValueError:
        raise Misused("field-value", field=name) from None
