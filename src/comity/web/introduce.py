# SPDX-License-Identifier: Apache-2.0
"""Introductions: those that were made to us, those that we made, and a new one."""

from dataclasses import dataclass
from typing import Final

from comity.domain.introduction import Scope
from comity.domain.policy import Sensitivity
from comity.errors import Misused
from comity.knowledge.codes import purposes
from comity.language import standing, words
from comity.services.charge import Charge
from comity.services.introduce import Made, all_made
from comity.services.introductions import Received, State, received
from comity.services.office import Office
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.forms import end_of_day
from comity.web.people import colleagues
from comity.web.visit import Visit

ANY: Final = "*"
_SENSITIVITIES: Final = (Sensitivity.PLAIN, Sensitivity.NOMINAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    received: Received
    name: str
    country: str
    by: str
    scope: str
    state: str
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    made: Made
    sides: tuple[tuple[str, str], ...]
    scope: str


def introductions(visit: Visit, **_named: str) -> Result:
    with visit.house.store.read() as reading:
        came, made = received(reading, visit.house), all_made(reading, visit.house)
    office = Office.of(visit.seat)
    return page(
        "introductions.html",
        came=[_came(visit, each) for each in came],
        made=[_made(visit, each) for each in made if each.agency == office.agency],
        charges=office.charges,
        charge=Charge,
        colleagues=colleagues(visit),
    )


def introduce_page(visit: Visit) -> Result:
    Office.of(visit.seat).need(Charge.VOICE)
    heard = [(e.id, e.name) for e in visit.book.peers if e.checked_at and not e.suspended]
    kinds = [(each.id, visit.say_in.label(each.question)) for each in visit.house.kinds.values()]
    return page(
        "introduce.html",
        heard=heard,
        kinds=kinds,
        uses=[(code, visit.say_in.label(each.label)) for code, each in purposes().items()],
        sensitivities=[(e.value, visit.say(words.SENSITIVITIES[e])) for e in _SENSITIVITIES],
    )


def introduce(visit: Visit) -> Result:
    form = visit.form
    until = end_of_day(form.need("until"), "until")
    if until is None or form.text("sensitivity") not in [each.value for each in _SENSITIVITIES]:
        raise Misused("field-value", field="sensitivity")
    scope = f"{','.join(form.all('kinds')) or ANY}/{','.join(form.all('uses')) or ANY}"
    Office.of(visit.seat).introduce(
        (form.need("one"), form.need("other")),
        scope,
        Sensitivity(form.text("sensitivity")),
        until=until,
        reason=form.text("reason"),
    )
    return SeeOther("/introductions")


def accept(visit: Visit, introduction: str) -> Result:
    card = Office.of(visit.seat).accept(introduction, visit.form.need("colleague"))
    return SeeOther(f"/people/{card.id}")


def decline(visit: Visit, introduction: str) -> Result:
    Office.of(visit.seat).decline(introduction)
    return SeeOther("/introductions")


def _came(visit: Visit, came: Received) -> Came:
    said, root = came.introduction, came.root
    return Came(
        received=came,
        name=root.name,
        country=visit.say_in.country(root.country),
        by=visit.agency(said.agency),
        scope=scope_in_words(visit, said.scope),
        state=visit.say(standing.STATES[came.state]),
        waits=came.state is State.WAITING,
    )


def _made(visit: Visit, made: Made) -> Told:
    return Told(
        made=made,
        sides=tuple(
            (visit.agency(each.agency), visit.say(standing.OUTCOMES[each.outcome]))
            for each in made.sides
        ),
        scope=scope_in_words(visit, made.scope),
    )


def scope_in_words(visit: Visit, scope: Scope) -> str:
    """Return what may pass, as officers say it."""
    told = [_kind(visit, each) for each in scope.kinds]
    told += [_use(visit, each) for each in scope.purposes]
    told.append(visit.say(words.SENSITIVITIES[scope.sensitivity]))
    return " · ".join(each for each in told if each)


def _kind(visit: Visit, code: str) -> str:
    kind = visit.house.kinds.get(code)
    return visit.say_in.label(kind.question) if kind else "" if code == ANY else code


def _use(visit: Visit, code: str) -> str:
    use = purposes().get(code)
    return visit.say_in.label(use.label) if use else ""


ROUTES = (
    get("/introductions", introductions),
    get("/introductions/new", introduce_page),
    post("/introductions/new", introduce, again=introduce_page),
    post("/introductions/<introduction>/accept", accept, again=introductions),
    post("/introductions/<introduction>/decline", decline, again=introductions),
)
