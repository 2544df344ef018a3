# SPDX-License-Identifier: Apache-2.0
"""``comity broker``: whether a private body may hold or pass something, before it does."""

from collections.abc import Callable
from datetime import datetime, timedelta

import click

from comity.cli.call import Call, acting, shared
from comity.cli.output import Json
from comity.cli.session import opened, seated
from comity.cli.values import DAY, VALUE, utc
from comity.domain.broker import Dealing, Finding, Matter, May, Rule
from comity.language.marks import marked
from comity.services import broker as service
from comity.services.agencies import own_agency

_ANSWERS = {
    May.YES: marked("Yes."),
    May.NO: marked("No."),
    May.CONDITIONS: marked("Only under conditions."),
    May.UNKNOWN: marked("Not known. Do not act on it before somebody has said so."),
}
_ASK = marked("Ask: {who}")
_ADVICE = marked("{lawyer} answered on {when}: {answer}")
_UNTIL = marked("This answer ends on {when}.")
_STILL = marked("No lawyer's answer lifts a law that says no.")
_COLUMNS = (marked("Law"), marked("Answer"), marked("Condition"))
_HOW = marked("What a lawyer answers is recorded with “comity broker record”.")


@click.group()
def broker() -> None:
    """Before you act, learn whether you may hold or pass something."""


def _with_question(function: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(
        (
            click.option(
                "--act",
                "dealing",
                type=click.Choice([each.value for each in Dealing]),
                required=True,
            ),
            click.option(
                "--what",
                "matter",
                type=click.Choice([each.value for each in Matter]),
                required=True,
            ),
            click.option("--in", "country", metavar="CODE", required=True, help="The country."),
        )
    ):
        function = option(function)
    return function


@broker.command(name="check")
@_with_question
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def check(call: Call, *, dealing: str, matter: str, country: str, agency: str) -> None:
    """Say what the law says, and what your lawyer answered.

    Where it is not known, it says so and whom to ask; it never guesses.
    """
    with opened(call) as house:
        question = _question(dealing, matter, country)
        found = service.check(house, own_agency(house, agency).id, question)
    _say(call, found)


@broker.command(name="record")
@_with_question
@click.option(
    "--answer",
    type=click.Choice([each.value for each in May if each is not May.UNKNOWN]),
    required=True,
)
@click.option("--lawyer", type=VALUE, required=True, help="Who answered: name and office.")
@click.option("--text", type=VALUE, default="", help="The answer in words; may be @file.")
@click.option("--until", type=DAY, metavar="DATE", help="Its last day.")
@acting
def record(
    call: Call,
    *,
    dealing: str,
    matter: str,
    country: str,
    answer: str,
    lawyer: str,
    text: str,
    until: datetime | None,
) -> None:
    """Record what a lawyer answered, with name and date."""
    with seated(call) as seat:
        found = service.record(
            seat.unlocked,
            seat.house,
            _question(dealing, matter, country),
            may=May(answer),
            lawyer=lawyer,
            text=text,
            until=utc(until) + timedelta(days=1) if until else None,
        )
    _say(call, found)


def _question(dealing: str, matter: str, country: str) -> service.Question:
    return service.Question(
        dealing=Dealing(dealing), matter=Matter(matter), country=country.strip().upper()
    )


def _say(call: Call, found: Finding) -> None:
    out = call.out
    out.say(_ANSWERS[found.may])
    if found.rules:
        answers = [out.say_in.of(_ANSWERS[each.may]) for each in found.rules]
        out.table(
            _COLUMNS,
            [(r.law, a, r.conditions) for r, a in zip(found.rules, answers, strict=True)],
        )
    if found.advice is not None:
        out.say(
            _ADVICE,
            lawyer=found.advice.lawyer,
            when=out.when(found.advice.at),
            answer=out.say_in.of(_ANSWERS[found.advice.may]),
        )
        if found.advice.text:
            out.line(found.advice.text)
        if found.may is May.NO and found.advice.may is not May.NO:
            out.say(_STILL)
    else:
        for each in found.ask:
            out.say(_ASK, who=each)
        out.say(_HOW)
    out.give(
        may=found.may.value,
        advice=_advice(found),
        items=[_rule(each) for each in found.rules],
    )


def _rule(each: Rule) -> Json:
    return {
        "country": each.country,
        "law": each.law,
        "may": each.may.value,
        "conditions": each.conditions,
        "ask": each.ask,
    }


def _advice(found: Finding) -> Json:
    told = found.advice
    if told is None:
        return {"lawyer": "", "answer": "", "text": "", "until": ""}
    return {
        "lawyer": told.lawyer,
        "answer": told.may.value,
        "text": told.text,
        "until": told.until,
    }
