# SPDX-License-Identifier: Apache-2.0
"""Oversight in sentences: what goes, what goes with a copy, what waits for a signature."""

from typing import Final

from comity.domain.docket import OpenedBy
from comity.domain.policy import ANY, STOP_SECONDS_LONGEST, Mode, Rule, Sensitivity
from comity.errors import Misused
from comity.language import words
from comity.language.marks import marked
from comity.services.charge import Charge
from comity.services.office import Office
from comity.services.rules import same_state
from comity.web.answers import Result, SeeOther, get, page, post
from comity.web.mandates import kinds_of
from comity.web.visit import Visit

_EVERYTHING: Final = marked("Everything")
_ANYBODY: Final = marked("any agency")
_OURS: Final = marked("our oversight desk")
_QUOTED: Final = marked("“{question}”")
_ABOUT: Final = marked("{what} ({sensitivity})")
_SENTENCES: Final = {
    Mode.DIRECT: marked("{what}, to {whom}: goes at once, and nobody else sees it."),
    Mode.COPY: marked("{what}, to {whom}: goes, with a copy to {desks}."),
    Mode.COUNTERSIGN: marked("{what}, to {whom}: waits until {desks} has signed."),
}
_SPOKEN: Final = marked(
    "{what}, to {whom}: waits until {desks} has signed; in urgent cases by telephone first."
)


def oversight(visit: Visit) -> Result:
    office = Office.of(visit.seat)
    held = office.policy()
    return page(
        "oversight_rules.html",
        rules=[(at, sentence(visit, each)) for at, each in enumerate(held.policy.rules)],
        may=Charge.OVERSIGHT in office.charges,
        stop="" if held.stop_seconds is None else held.stop_seconds,
        shows=held.shows,
        shown=visit.say(words.SHOWS[held.shows]),
        showing=[(each.value, visit.say(words.SHOWS[each])) for each in OpenedBy],
    )


def new_page(visit: Visit) -> Result:
    office = Office.of(visit.seat)
    office.need(Charge.OVERSIGHT)
    anything = [(ANY, visit.say(_EVERYTHING))]
    overseers = [
        (desk.id, f"{card.name}: {desk.name}")
        for card in (office.card, *visit.book.peers)
        if card.id == office.agency or same_state(office.card, card)
        for desk in card.desks
        if desk.oversight
    ]
    return page(
        "oversight_rule.html",
        kinds=anything + kinds_of(visit),
        agencies=[(ANY, visit.say(_ANYBODY)), *((e.id, e.name) for e in visit.book.peers)],
        sensitivities=anything
        + [(each.value, visit.say(words.SENSITIVITIES[each])) for each in Sensitivity],
        modes=[(each.value, visit.say(words.MODES[each])) for each in Mode],
        desks=overseers,
    )


def add(visit: Visit) -> Result:
    form = visit.form
    kinds = {ANY, *(code for code, _ in kinds_of(visit))}
    peers = {ANY, *(each.id for each in visit.book.peers)}
    Office.of(visit.seat).set_rule(
        Rule(
            kind=_one_of(visit, "kind", kinds),
            peer=_one_of(visit, "to", peers),
            sensitivity=_one_of(visit, "sensitivity", {ANY, *(e.value for e in Sensitivity)}),
            mode=Mode(_one_of(visit, "mode", {each.value for each in Mode})),
            to=form.all("desk"),
            spoken_allowed=form.flag("spoken"),
        )
    )
    return SeeOther("/agency/oversight")


def drop(visit: Visit) -> Result:
    """Take a rule away, by its place and its words: a list that changed meanwhile loses nothing."""
    office, form = Office.of(visit.seat), visit.form
    office.need(Charge.OVERSIGHT)
    rules = office.policy().policy.rules
    at = form.need("rule")
    if (
        not at.isdecimal()
        or int(at) >= len(rules)
        or sentence(visit, rules[int(at)]) != form.text("said")
    ):
        raise Misused("field-value", field="rule")
    office.drop_rule(rules[int(at)])
    return SeeOther("/agency/oversight")


def set_manner(visit: Visit) -> Result:
    form = visit.form
    seconds = form.text("stop")
    if seconds and not (seconds.isdecimal() and int(seconds) <= STOP_SECONDS_LONGEST):
        raise Misused("stop-seconds", limit=STOP_SECONDS_LONGEST, field="stop")
    shows = _one_of(visit, "shows", {each.value for each in OpenedBy})
    Office.of(visit.seat).set_manner(stop=int(seconds) if seconds else -1, shows=OpenedBy(shows))
    return SeeOther("/agency/oversight")


def sentence(visit: Visit, rule: Rule) -> str:
    """Return what *rule* says, as a supervisor would."""
    kinds = dict(kinds_of(visit))
    what = visit.say(_EVERYTHING)
    if rule.kind != ANY:
        what = visit.say(_QUOTED, question=kinds.get(rule.kind, rule.kind))
    if rule.sensitivity != ANY:
        told = visit.say(words.SENSITIVITIES[Sensitivity(rule.sensitivity)])
        what = visit.say(_ABOUT, what=what, sensitivity=told)
    spoken = rule.mode is Mode.COUNTERSIGN and rule.spoken_allowed
    return visit.say(
        _SPOKEN if spoken else _SENTENCES[rule.mode],
        what=what,
        whom=visit.say(_ANYBODY) if rule.peer == ANY else visit.people.of(rule.peer),
        desks=", ".join(map(visit.people.of, rule.to)) or visit.say(_OURS),
    )


def _one_of(visit: Visit, field: str, known: set[str]) -> str:
    given = visit.form.need(field)
    if given not in known:
        raise Misused("field-value", field=field)
    return given


ROUTES = (
    get("/agency/oversight", oversight),
    get("/agency/oversight/new", new_page),
    post("/agency/oversight/new", add, again=new_page),
    post("/agency/oversight/drop", drop, again=oversight),
    post("/agency/oversight/manner", set_manner, again=oversight),
)
