# SPDX-License-Identifier: Apache-2.0
"""``comity oversight`` and ``countersign``: who sees or signs what leaves, and who is barred."""

from collections.abc import Sequence
from dataclasses import replace

import click

from comity.cli.call import Call, acting, shared
from comity.cli.custody import act_of
from comity.cli.desk import desk_named
from comity.cli.done import say_done
from comity.cli.marked import mark, marks_, unmark
from comity.cli.output import Json, time
from comity.cli.session import opened, seated
from comity.cli.values import VALUE
from comity.domain.docket import OpenedBy
from comity.domain.ids import ActId
from comity.domain.policy import ANY, Exclusion, Mode, Policy, Rule, Sensitivity
from comity.domain.statement import Decision
from comity.domain.thread import Effect
from comity.errors import Misused
from comity.language import words
from comity.language.marks import marked
from comity.services.address_book import Book, read_book
from comity.services.agencies import own_agency
from comity.services.agency_card import AgencyCard
from comity.services.delegations import DAYS_MOST, delegate, delegations, end_delegation
from comity.services.oversight import (
    AgencyPolicy,
    change_policy,
    exclude,
    read_policy,
    readmit,
)
from comity.services.rules import check_overseer
from comity.services.said import Names
from comity.services.seat import Seat
from comity.services.thread import OpenThread

_DECIDED = marked("Your decision is recorded.")
_SET = marked("The rules of {agency} are set.")
_EXCLUDED = marked("They are barred: nothing of this thread is sealed to them from now on.")
_READMITTED = marked("Nobody is barred from this thread any more.")
_NO_RULES = marked("No rule is set: everything goes, with a copy to the oversight desk.")
_STOP = marked("What leaves can be stopped for {seconds} s.")
_STOP_USUAL = marked("What leaves can be stopped for 60 s, what is urgent for 10 s.")
_SHOWS = marked("Others are shown {what}.")
_BARRED = marked("Threads from which somebody is barred: {count}")
_COLUMNS = (
    marked("Kind"),
    marked("To"),
    marked("What it holds"),
    marked("What happens"),
    marked("Desks"),
    "",
)
_ANY = marked("any")
_SPOKEN = marked("urgent: may be spoken first")
_DELEGATED = (
    marked("Id"),
    marked("Who"),
    marked("Desk"),
    marked("Who let him"),
    marked("Until"),
)
_NOBODY = marked("Nobody decides for another now.")


@click.group()
def oversight() -> None:
    """Set who sees or signs what leaves, and who is barred."""


oversight.add_command(mark)
oversight.add_command(marks_)
oversight.add_command(unmark)


@oversight.command()
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def show(call: Call, *, agency: str) -> None:
    """Show the rules of an agency of this server."""
    with opened(call) as house:
        card = own_agency(house, agency)
        held = read_policy(house, card.id)
        book = read_book(house)
    _say(call, card, held, book)


@oversight.command(name="set")
@click.option("--mode", type=click.Choice([each.value for each in Mode]), help="What happens.")
@click.option("--kind", default=ANY, metavar="KIND", help="For one kind; note for what is told.")
@click.option("--peer", type=VALUE, default=ANY, metavar="AGENCY", help="For one other agency.")
@click.option(
    "--sensitivity",
    type=click.Choice([ANY, *(each.value for each in Sensitivity)]),
    default=ANY,
    help="For what it holds.",
)
@click.option("--to", "desks", multiple=True, metavar="DESK", help="Which desk; repeat.")
@click.option("--spoken", is_flag=True, help="In urgent cases it may be countersigned by voice.")
@click.option("--drop", is_flag=True, help="Take the rule for this kind, agency and content away.")
@click.option("--stop-seconds", type=int, help="How long what leaves can be stopped.")
@click.option(
    "--shows",
    type=click.Choice([each.value for each in OpenedBy]),
    help="What others are told of who opened what they sent.",
)
@click.option("--agency", default="", metavar="NAME", help="Which of this server's agencies.")
@shared
def set_(
    call: Call,
    *,
    mode: str | None,
    kind: str,
    peer: str,
    sensitivity: str,
    desks: tuple[str, ...],
    spoken: bool,
    drop: bool,
    stop_seconds: int | None,
    shows: str | None,
    agency: str,
) -> None:
    """Set one rule: for a kind, another agency and what it holds.

    Of the rules that fit, the most precise stands. Without any, a copy of everything goes to the
    oversight desk.
    """
    if not (mode or drop or shows or stop_seconds is not None):
        raise Misused("field-missing", field="mode")
    with opened(call) as house:
        card, book = own_agency(house, agency), read_book(house)
        if kind not in (ANY, "note") and kind not in house.kinds:
            raise Misused("kind-unknown")
        rule = Rule(
            kind=kind,
            peer=ANY if peer == ANY else book.find_agency(peer).id,
            sensitivity=sensitivity,
            mode=Mode(mode or Mode.COPY),
            to=tuple(_overseer(book, card, each) for each in desks),
            spoken_allowed=spoken,
        )

        def changed(held: AgencyPolicy) -> AgencyPolicy:
            rules = _with_rule(held.policy.rules, rule, keep=bool(mode))
            return replace(
                held,
                policy=Policy(rules=rules) if mode or drop else held.policy,
                stop=held.stop if stop_seconds is None else stop_seconds,
                shows=OpenedBy(shows) if shows else held.shows,
            )

        made = change_policy(house, card.id, changed)
    call.out.say(_SET, agency=card.name)
    _say(call, card, made, book)


def _with_rule(rules: Sequence[Rule], rule: Rule, *, keep: bool) -> tuple[Rule, ...]:
    """Return *rules* with *rule* in the place of the one for the same matter, or without that."""
    matter = (rule.kind, rule.peer, rule.sensitivity)
    others = [each for each in rules if (each.kind, each.peer, each.sensitivity) != matter]
    return (*others, rule) if keep else tuple(others)


@oversight.command(name="exclude")
@click.argument("thread")
@click.option("--reader", "readers", multiple=True, type=VALUE, help="AGENCY/NAME; repeat.")
@click.option("--agency", "agencies", multiple=True, type=VALUE, help="A whole one; repeat.")
@acting
def exclude_(
    call: Call, *, thread: str, readers: tuple[str, ...], agencies: tuple[str, ...]
) -> None:
    """Bar people, desks or agencies from a thread."""
    if not (readers or agencies):
        raise Misused("field-missing", field="reader")
    with seated(call) as seat:
        book = read_book(seat.house)
        exclusion = Exclusion(
            thread=seat.find(thread),
            readers=frozenset(book.find_reader(each)[1].id for each in readers),
            agencies=frozenset(book.find_agency(each).id for each in agencies),
        )
        exclude(seat.house, seat.unlocked.agency, exclusion)
    call.out.say(_EXCLUDED)
    call.out.give(thread=exclusion.thread)


@oversight.command(name="readmit")
@click.argument("thread")
@acting
def readmit_(call: Call, *, thread: str) -> None:
    """Lift every bar from a thread."""
    with seated(call) as seat:
        found = seat.find(thread)
        readmit(seat.house, seat.unlocked.agency, found)
    call.out.say(_READMITTED)
    call.out.give(thread=found)


@oversight.command(name="delegate")
@click.option("--to", type=VALUE, default="", metavar="WHO", help="A colleague, by name.")
@click.option("--days", type=click.IntRange(1, DAYS_MOST), help="For how many days.")
@click.option("--desk", type=VALUE, default="", help="For which of your oversight desks.")
@click.option("--remark", type=VALUE, default="", help="A word beside it.")
@click.option("--end", "ended", default="", metavar="ID", help="End one before its time.")
@acting
def delegate_(call: Call, *, to: str, days: int | None, desk: str, remark: str, ended: str) -> None:
    """Let a colleague decide for your oversight desk for some days, or show who may.

    From then on what your desk oversees is sealed to him too, by his own name, and everybody is
    shown that before sending.
    """
    with seated(call) as seat:
        if ended:
            end_delegation(seat.unlocked, seat.house, ended)
        elif to:
            if days is None:
                raise Misused("field-missing", field="days")
            delegate(seat.unlocked, seat.house, to, days=days, desk=desk, remark=remark)
        found = delegations(seat.house, seat.unlocked.agency)
        names = Names(read_book(seat.house))
    out = call.out
    if found:
        rows = [
            (e.id[:8], names.of(e.to), names.of(e.desk), names.of(e.by), out.when(e.until))
            for e in found
        ]
        out.table(_DELEGATED, rows)
    else:
        out.say(_NOBODY)
    out.give(
        items=[
            {"id": e.id, "to": e.to, "desk": e.desk, "by": e.by, "until": time(e.until)}
            for e in found
        ]
    )


@click.command()
@click.argument("thread")
@click.option("--approve", "decision", flag_value=Decision.APPROVE.value, help="Let it go.")
@click.option("--return", "decision", flag_value=Decision.RETURN.value, help="Send it back.")
@click.option("--refuse", "decision", flag_value=Decision.REFUSE.value, help="Do not let it go.")
@click.option("--reason", type=VALUE, default="", help="Why; needed unless you let it go.")
@click.option("--confirms-spoken", is_flag=True, help="You said so by telephone before.")
@acting
def countersign(
    call: Call, *, thread: str, decision: str | None, reason: str, confirms_spoken: bool
) -> None:
    """Let a held message go, send it back, or refuse it.

    THREAD may also be the id of one message; without it, the one that is held there.
    """
    if decision is None:
        raise Misused("field-missing", field="decision")
    with seated(call) as seat:
        done = seat.countersign(
            act_of(seat, thread, _spoken if confirms_spoken else _held),
            Decision(decision),
            reason=reason,
            confirms_spoken=confirms_spoken,
        )
        say_done(call, seat, done, _DECIDED)


def _held(_seat: Seat, opened: OpenThread) -> ActId | None:
    return next((act.id for act in opened.thread.acts if act.effect is Effect.HELD), None)


def _spoken(_seat: Seat, opened: OpenThread) -> ActId | None:
    return opened.thread.opening.id if opened.thread.opening else None


def _overseer(book: Book, card: AgencyCard, named: str) -> str:
    """Return the desk that *named* means; an office without one here gets its copy on paper."""
    try:
        return desk_named(card, named)
    except Misused:
        if "/" not in named:
            return named
    other, entry = book.find_reader(named)
    check_overseer(card, other)
    return entry.id


def _say(call: Call, card: AgencyCard, held: AgencyPolicy, book: Book) -> None:
    out = call.out
    if held.policy.rules:
        out.table(_COLUMNS, [_row(call, each, Names(book)) for each in held.policy.rules])
    else:
        out.say(_NO_RULES)
    if held.stop_seconds is None:
        out.say(_STOP_USUAL)
    else:
        out.say(_STOP, seconds=held.stop_seconds)
    out.say(_SHOWS, what=out.say_in.of(words.SHOWS[held.shows]))
    if held.exclusions:
        out.say(_BARRED, count=len({each.thread for each in held.exclusions}))
    out.give(
        id=card.id,
        agency=card.id,
        stop_seconds=held.stop,
        shows=held.shows.value,
        barred=len({each.thread for each in held.exclusions}),
        items=[_told(each) for each in held.policy.rules],
    )


def _row(call: Call, rule: Rule, names: Names) -> Sequence[str]:
    say_in = call.out.say_in
    anything = say_in.of(_ANY)
    return (
        anything if rule.kind == ANY else rule.kind,
        anything if rule.peer == ANY else names.of(rule.peer),
        anything if rule.sensitivity == ANY else say_in.of(words.SENSITIVITIES[rule.sensitivity]),
        call.out.coded(words.MODES[rule.mode], rule.mode),
        ", ".join(map(names.of, rule.to)),
        say_in.of(_SPOKEN) if rule.spoken_allowed else "",
    )


def _told(rule: Rule) -> Json:
    return {
        "kind": rule.kind,
        "peer": rule.peer,
        "sensitivity": rule.sensitivity,
        "mode": rule.mode.value,
        "to": list(rule.to),
        "spoken": rule.spoken_allowed,
    }
