# SPDX-License-Identifier: Apache-2.0
"""``comity retention``: how long an agency keeps what is over, and how it takes recalls."""

from dataclasses import replace

import click

from comity.cli.call import Call, shared
from comity.cli.session import opened
from comity.domain.retention import ANY, ENDED, RetentionRule
from comity.errors import Misused
from comity.language import words
from comity.language.marks import marked
from comity.services.agencies import own_agency
from comity.services.agency_card import AgencyCard
from comity.services.recall_rules import KeepingRules, read_rules, set_rules

_SET = marked("{agency} keeps what is over as long as this says.")
_NONE = marked("No rule is set: nothing is deleted but what its sender or the law lets go.")
_ASK = marked("Somebody is asked before anything is deleted that its author wants deleted.")
_AT_ONCE = marked("What its author wants deleted is deleted at once, unless a thread is kept.")
_BACKUPS = marked("Backups may hold what was deleted for {days} days.")
_COLUMNS = (marked("Stage"), marked("Kind"), marked("Days"))
_STAGES = (ANY, *(each.value for each in ENDED))


@click.group()
def retention() -> None:
    """Set how long an agency keeps what is over, and how it takes requests to delete."""


@retention.command()
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def show(call: Call, *, agency: str) -> None:
    """Show for how long an agency keeps what is over."""
    with opened(call) as house:
        card = own_agency(house, agency)
        _say(call, card, read_rules(house, card.id))


@retention.command(name="set")
@click.option("--stage", type=click.Choice(_STAGES), help="For threads that ended so.")
@click.option("--kind", default="", metavar="KIND", help="And only for this kind of question.")
@click.option("--days", type=click.IntRange(1), help="Days after the last thing that happened.")
@click.option("--drop", is_flag=True, help="Take the rule for this stage and kind away.")
@click.option("--recalls", type=click.Choice(["at-once", "ask"]), help="How to take them.")
@click.option("--backups", type=click.IntRange(0), metavar="DAYS", help="How long backups live.")
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def set_(
    call: Call,
    *,
    stage: str | None,
    kind: str,
    days: int | None,
    drop: bool,
    recalls: str | None,
    backups: int | None,
    agency: str,
) -> None:
    """Set one rule: after how many days threads of a stage are deleted here.

    Where one rule names the kind and another does not, the shorter of the two stands.
    """
    with opened(call) as house:
        if kind and kind not in house.kinds:
            raise Misused("kind-unknown")
        card = own_agency(house, agency)
        held = read_rules(house, card.id)
        meant = (stage or ANY, kind)
        kept = tuple(each for each in held.retention if (each.stage, each.kind) != meant)
        made = replace(
            held,
            ask=held.ask if recalls is None else recalls == "ask",
            backups=held.backups if backups is None else backups,
            retention=held.retention,
        )
        if days is not None:
            made = replace(made, retention=(*kept, _rule(stage or ANY, kind, days)))
        elif drop:
            made = replace(made, retention=kept)
        elif recalls is None and backups is None:
            raise Misused("field-missing", field="days")
        set_rules(house, card.id, made)
        call.out.say(_SET, agency=card.name)
        _say(call, card, made)


def _rule(stage: str, kind: str, days: int) -> RetentionRule:
    try:
        return RetentionRule(stage=stage, kind=kind, days=days)
    except ValueError:
        raise Misused("field-value", field="days") from None


def _say(call: Call, card: AgencyCard, held: KeepingRules) -> None:
    out = call.out
    if held.retention:
        rows = [
            (
                out.coded(words.EVENTS.get(each.stage, each.stage), each.stage),
                each.kind,
                str(each.days),
            )
            for each in held.retention
        ]
        out.table(_COLUMNS, rows)
    else:
        out.say(_NONE)
    out.say(_ASK if held.ask else _AT_ONCE)
    out.say(_BACKUPS, days=held.backups)
    out.give(
        id=card.id,
        agency=card.id,
        ask=held.ask,
        backups=held.backups,
        items=[
            {"stage": each.stage, "kind": each.kind, "days": each.days} for each in held.retention
        ],
    )
