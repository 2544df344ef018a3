# SPDX-License-Identifier: Apache-2.0
"""What asking and telling share: a draft is filled page by page, and read as what would be sent.

Everything that was typed is kept as it was typed before any rule looks at it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.domain.readers import Age, age_of
from comity.domain.statement import Basis
from comity.errors import Misused, NeedsReason, Refused
from comity.knowledge.codes import bases
from comity.knowledge.offences import offences
from comity.knowledge.request_kind import RequestKind
from comity.language.catalogue import LOCALES
from comity.language.marks import marked
from comity.services.agency_card import AgencyCard, Reader
from comity.services.ask import Question
from comity.services.drafts import Kept
from comity.services.tell import News
from comity.web import fields, handling
from comity.web.acting import typed_box
from comity.web.answers import Result, SeeOther, page
from comity.web.drafts import take_files
from comity.web.readers import who_will_see
from comity.web.visit import Visit

OTHER: Final = "other"
_PLACES: Final = ("to", "country", "kind")
"""What the first pages ask: where it goes, and what it is."""
TYPED: Final = (
    "ref",
    "facts",
    "offence",
    "offence_text",
    "why_you",
    "link",
    "use",
    "urgency",
    "urgency_reason",
    "spoken",
    "language",
    "basis",
    "basis_text",
    "desk",
    "roster_reason",
    "bars",
    "source",
    *handling.NAMES,
)
_REASONS: Final[Mapping[str, str]] = {
    "urgency": "urgency_reason",
    "basis": "basis_text",
    "roster": "roster_reason",
}
"""Where a reason that the rules want is typed."""
_BESIDE: Final[Mapping[str, str]] = {
    "language": "language",
    "handling-expired": "expires",
    "handling-expires": "expires",
    "source-number": "source",
    "source-unknown": "source",
    "source-named": "facts",
    "reader-unknown": "bars",
    "reader-ambiguous": "bars",
}
"""Beside which input a mistake is said that names none."""
_HANGS = marked("It was found in the course of this case.")

Choices = tuple[tuple[str, str], ...]
Meant = Callable[[Visit, Kept], Question | News]
"""What a draft means to send; it raises Misused by the field that does not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """Where a draft goes, in words."""

    country: str
    agency: str = ""
    desk: str = ""
    card: AgencyCard | None = None
    """None where there is no counterpart."""
    reader: Reader | None = None


def addressed(visit: Visit, kept: Kept) -> Addressed:
    """Return where *kept* goes; raise Misused if that desk is no more."""
    to = kept.text("to")
    if not to:
        return Addressed(country=visit.say_in.country(kept.text("country")))
    card, reader = visit.book.find_reader(to)
    return Addressed(
        country=visit.say_in.country(card.country),
        agency=card.name,
        desk=visit.people.of(reader.id),
        card=card,
        reader=reader,
    )


def draft_of(visit: Visit, purpose: str, id_: str) -> Kept:
    """Return the officer's draft *id_* for *purpose*; raise Misused if he has none such."""
    kept = visit.seat.draft(id_)
    if kept.purpose != purpose:
        raise Misused("draft-unknown")
    return kept


def kind_of(visit: Visit, kept: Kept) -> RequestKind:
    """Return the kind that was chosen; raise Misused if none was, or it goes by letter."""
    kind = visit.house.kinds.get(kept.text("kind"))
    if kind is None:
        raise Misused("kind-unknown")
    if kind.coercive:
        raise Refused("needs-letter", letter=kind.letter)
    return kind


def form_values(visit: Visit, kept: Kept, *, basis: str) -> dict[str, object]:
    """Return what the forms of asking and telling both show; *basis* is what each begins with."""
    kind, to = kind_of(visit, kept), addressed(visit, kept)
    return {
        "place": kept.purpose,
        "kept": kept,
        "question": visit.say_in.label(kind.question),
        "to": to,
        "fields": (*fields.names(kind.fields), *TYPED),
        "barred": visit.form.error is not None and not visit.form.at_fault,
        "offences": _offence_choices(visit),
        "handling": handling.asked(visit, kept),
        "languages": _language_choices(visit, to),
        "language": language_of(visit, kept),
        "bases": _basis_choices(visit),
        "basis": kept.text("basis", basis),
        "desks": _desk_choices(visit),
        "is_old": to.card is not None and age_of(to.card.issued, visit.now) is Age.REASON,
    }


def fill(visit: Visit, kept: Kept, meant: Meant) -> Result:
    """Keep what was typed; go on if what is *meant* by it could be sent."""
    kept = _keep(visit, kept, fields.names(kind_of(visit, kept).fields))
    here = f"/{kept.purpose}/{kept.id}"
    if turned := _turn(visit, kept, here=f"{here}/form"):
        return turned
    said = meant(visit, kept)
    if not said.to:
        return SeeOther(f"{here}/elsewhere")
    try:
        visit.seat.who_will_see(said)
    except Refused as error:
        raise _placed(error) from None
    return SeeOther(f"{here}/send")


def send_page(visit: Visit, kept: Kept, meant: Meant, *, basis: str, clock: str = "") -> Result:
    """Show who will see what is *meant*, or why it cannot go."""
    kind, to = kind_of(visit, kept), addressed(visit, kept)
    common = {
        "place": kept.purpose,
        "kept": kept,
        "to": to,
        "typed": typed_box(visit),
        "question": visit.say_in.label(kind.question),
        "basis": dict(_basis_choices(visit)).get(kept.text("basis", basis), ""),
        "clock": clock,
    }
    try:
        shown = visit.seat.who_will_see(meant(visit, kept))
    except Refused as error:
        return page("send.html", barred=error, seen=None, **common)
    return page("send.html", barred=None, seen=who_will_see(visit, shown), **common)


def _keep(visit: Visit, kept: Kept, known: Sequence[str]) -> Kept:
    """Keep what was typed on the form in *kept*: its own fields, those *known*, and its files."""
    typed = {each: tuple(visit.form.values.get(each, ())) for each in (*TYPED, *known)}
    stays = {name: kept.values[name] for name in _PLACES if name in kept.values}
    others = {n: kept.values[n] for n in fields.fields_of(kept.values) if n not in known}
    given = {name: given for name, given in typed.items() if name in visit.form.values}
    values: dict[str, Sequence[str]] = {**stays, **others, **given}
    return visit.seat.save_draft(kept, values, take_files(visit, kept))


def _turn(visit: Visit, kept: Kept, *, here: str) -> Result | None:
    """Return where a button leads that only keeps what was typed; None for the one that goes on."""
    pressed = visit.form.text("do", "on")
    if pressed == "keep":
        return SeeOther(f"/{kept.purpose}")
    if pressed == "add" or visit.form.text("drop"):
        return SeeOther(f"{here}#files")
    return None


def needed(kept: Kept, name: str) -> str:
    typed = kept.text(name).strip()
    if not typed:
        raise Misused("field-missing", field=name)
    return typed


def offence_of(kept: Kept) -> str:
    """Return the offence: the one chosen from the list, or in the officer's own words."""
    chosen = kept.text("offence").strip()
    return needed(kept, "offence_text") if chosen in {"", OTHER} else chosen


def _offence_choices(visit: Visit) -> Choices:
    """Return the offences of the officer's own law, as a question cites them."""
    country = visit.book.agency(visit.seat.unlocked.agency).country
    return tuple((f"{e.offence} ({e.cited})",) * 2 for e in offences().get(country, ()))


def basis_of(kept: Kept, default: str) -> Basis:
    return Basis(code=kept.text("basis", default), text=kept.text("basis_text").strip())


def _basis_choices(visit: Visit) -> Choices:
    return tuple((each.code, visit.coded(each.label, each.code)) for each in bases().values())


def language_of(visit: Visit, kept: Kept) -> str:
    """Return the language of the free text: as chosen, else the one in which the page is read."""
    return kept.text("language") or visit.say_in.tag


def _language_choices(visit: Visit, to: Addressed) -> Choices:
    """Return our languages, those of the desk and the officer's own, by their names."""
    told = to.reader.languages if to.reader else ()
    ours = visit.seat.unlocked.entry.languages
    tags = dict.fromkeys([*(each.replace("_", "-") for each in LOCALES), *told, *ours])
    named = [(each, visit.say_in.language(each)) for each in tags]
    return tuple(sorted(named, key=lambda each: each[1]))


def _desk_choices(visit: Visit) -> Choices:
    """Return the desks for which the officer may sign; nothing where he has no choice."""
    entry = visit.seat.unlocked.entry
    mine = [e for e in visit.book.agency(entry.agency).desks if e.id in entry.desks]
    return tuple((each.id, each.name) for each in mine) if len(mine) > 1 else ()


def link_of(visit: Visit, kept: Kept) -> str:
    """Return how it hangs together: prefilled, until somebody says otherwise."""
    return kept.text("link", visit.say(_HANGS))


def bars_of(kept: Kept) -> tuple[str, ...]:
    return tuple(each.strip() for each in kept.text("bars").splitlines() if each.strip())


def _placed(error: Refused) -> Refused:
    """Return *error* with the input in which what it wants is typed."""
    suffix = error.cause.removeprefix(f"{type(error).code}").lstrip(".")
    if isinstance(error, NeedsReason) and suffix in _REASONS:
        return NeedsReason(suffix, **{**error.values, "field": _REASONS[suffix]})
    if suffix in _BESIDE:
        return type(error)(suffix, **{**error.values, "field": _BESIDE[suffix]})
    return error
