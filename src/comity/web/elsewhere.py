# SPDX-License-Identifier: Apache-2.0
"""Elsewhere: the ways there are where no counterpart can be asked here, each filled in.

Choosing a country never ends in a dead end. Each way says what it reveals, and to whom, before it
is taken; nothing leaves by looking at this page.
"""

from dataclasses import dataclass
from typing import Final

from comity.domain.statement import Urgency
from comity.errors import Misused, NotAdmitted
from comity.formats.ecomessage import Told, ecomessage
from comity.formats.ecomessage import post as nameless
from comity.knowledge.central_authorities import CentralAuthority, central_authorities
from comity.knowledge.rows import Confidence
from comity.language.marks import marked
from comity.services.drafts import Kept
from comity.web import case, fields
from comity.web.answers import Bytes, Result, SeeOther, get, page, post
from comity.web.visit import Visit
from comity.web.whom import ALL, DeskCard, counterparts

TEXTS: Final = {"ecomessage": ecomessage, "post": nameless}
_MEDIA: Final = "text/plain; charset=utf-8"
_INTRODUCE = marked(
    "We look for a counterpart in {country} and know none. Could you introduce us to an agency "
    "there, or tell us whom to ask?"
)
_WHY = marked("You know agencies that we do not.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Introducer:
    """A desk that could introduce us."""

    desk: DeskCard
    country: str


def ways(visit: Visit, draft: str) -> Result:
    kept = visit.seat.draft(draft)
    country = kept.text("country")
    told = _told(visit, kept)
    return page(
        "elsewhere.html",
        place=kept.purpose,
        kept=kept,
        to=case.addressed(visit, kept),
        question=visit.say_in.label(told.kind.question) if told.kind else "",
        country=visit.say_in.country(country),
        ecomessage=ecomessage(told),
        nameless=nameless(told),
        authority=central_authorities().get(country),
        languages=_languages(visit, central_authorities().get(country)),
        is_unsure=_is_unsure(central_authorities().get(country)),
        introducers=_introducers(visit, country),
        own=visit.book.agency(visit.seat.unlocked.agency).name,
    )


def text(visit: Visit, draft: str, form: str) -> Result:
    """Return one of the texts as a file."""
    written = TEXTS.get(form)
    if written is None:
        raise Misused("page-unknown")
    content = written(_told(visit, visit.seat.draft(draft))).encode()
    return Bytes(content=content, media=_MEDIA, name="message.txt", length=len(content))


def introduce(visit: Visit, draft: str) -> Result:
    """Begin what is told to a desk that could introduce us; nothing of the case is in it."""
    kept = visit.seat.draft(draft)
    country = visit.say_in.country(kept.text("country"))
    to = visit.form.need("to")
    card, reader = visit.book.find_reader(to)
    if visit.book.is_own(card.id) or card.silent(visit.now):
        raise NotAdmitted
    asked = {
        "to": (reader.id,),
        "country": (card.country,),
        "kind": (case.OTHER,),
        "facts": (visit.say(_INTRODUCE, country=country),),
        "why_you": (visit.say(_WHY),),
        "ref": (kept.text("ref"),),
    }
    begun = visit.seat.begin_draft("tell", asked)
    return SeeOther(f"/tell/{begun.id}/form")


def _told(visit: Visit, kept: Kept) -> Told:
    """Return what was typed so far, as far as it can be read."""
    own = visit.book.agency(visit.seat.unlocked.agency)
    kind = visit.house.kinds.get(kept.text("kind"))
    offence = kept.text("offence")
    return Told(
        country=kept.text("country"),
        kind=kind,
        fields=fields.readable(kind, kept.values) if kind else {},
        facts=kept.text("facts"),
        offence=kept.text("offence_text") if offence in {"", case.OTHER} else offence,
        why_you=kept.text("why_you"),
        ref=kept.text("ref"),
        agency=own.name,
        own_country=own.country,
        at=visit.now.date(),
        urgent=kept.text("urgency") == Urgency.URGENT,
    )


def _introducers(visit: Visit, country: str) -> tuple[Introducer, ...]:
    """Return one desk of every agency that we deal with and that is not of that *country*."""
    found: dict[str, Introducer] = {}
    for each in counterparts(visit, ALL):
        for desk in each.desks:
            if each.code != country and desk.closed is None:
                found.setdefault(desk.agency, Introducer(desk=desk, country=each.name))
    return tuple(found.values())


def _languages(visit: Visit, row: CentralAuthority | None) -> str:
    tags = row.accepted_languages if row else ()
    return ", ".join(visit.say_in.language(each) for each in tags)


def _is_unsure(row: CentralAuthority | None) -> bool:
    return row is not None and row.confidence is Confidence.LOW


ROUTES = tuple(
    route
    for purpose in ("ask", "tell")
    for route in (
        get(f"/{purpose}/<draft>/elsewhere", ways),
        get(f"/{purpose}/<draft>/<form>.txt", text),
        post(f"/{purpose}/<draft>/introduce", introduce, again=ways),
    )
)
