# SPDX-License-Identifier: Apache-2.0
"""``comity peer``, its second half: introductions, what is held against a peer, witnesses.

What stands here is registered in ``peer.py``.
"""

from collections.abc import Mapping

import click

from comity.cli.call import Call, shared
from comity.cli.output import Json, Output, time
from comity.cli.session import opened
from comity.cli.values import VALUE
from comity.domain.ids import AgencyId
from comity.domain.standing import OnFork
from comity.language import standing as sentences
from comity.language.marks import marked
from comity.services import compare as comparing
from comity.services import said_of_agencies as said_of
from comity.services import stand, witness_only, witnesses
from comity.services.address_book import Book, read_book
from comity.services.agency_card import AgencyCard
from comity.services.introduce import Made, all_made
from comity.services.introductions import Received, State, decline, received
from comity.services.said_of_agencies import Teller

_HEADING = marked("{agency}")
_MADE = marked("Introductions that you made")
_MADE_COLUMNS = (marked("When"), marked("One"), marked("Other"), marked("Until"), "")
_CAME = marked("Introductions that were made to you")
_CAME_COLUMNS = (
    marked("When"),
    marked("Agency"),
    marked("Introduced by"),
    marked("Scope"),
    marked("Until"),
    "",
)
_ACCEPT = marked("Accept it: comity peer accept --introduction {id}")
_NONE = marked("Nobody was introduced.")
_DECLINED = marked("It is not accepted. Whoever introduced is told that and no more.")
_COMPARED = marked("Asked {count} agencies to compare what they saw of others' records.")
_WITNESSES = marked("{threshold} of {count} witnesses must vouch for your record.")
_NO_WITNESSES = marked("No witnesses are named: each agency vouches for what it was shown.")
_LET_IN = marked("{agency} may vouch for your record, and nothing else.")
_RULE = marked("When a record shows two histories: {rule}")


@click.command()
@click.argument("agency", type=VALUE)
@shared
def show(call: Call, *, agency: str) -> None:
    """Show how you stand to AGENCY: how it came, what is held against it, who vouches."""
    with opened(call) as house:
        book = read_book(house)
        card = book.find_agency(agency)
        gone = comparing.restored_of(house, card)
    out = call.out
    out.heading(_HEADING, agency=card.name)
    for each in lines(out, book, card):
        out.line(each)
    for gap in gone:
        out.say(RESTORED, gap=gap)
    out.give(id=card.id, name=card.name, standing=told(card), restored=list(gone))


RESTORED = marked("restored, gap of {gap}")


@click.command()
@shared
def introductions(call: Call) -> None:
    """List the introductions that you made, and those that were made to you."""
    with opened(call) as house, house.store.read() as reading:
        book = read_book(house)
        made, came = all_made(reading, house), received(reading, house)
    out = call.out
    if not (made or came):
        out.say(_NONE)
    if made:
        out.heading(_MADE)
        out.table(_MADE_COLUMNS, [_made_row(out, book, each) for each in made])
    if came:
        out.heading(_CAME)
        out.table(_CAME_COLUMNS, [_came_row(out, book, each) for each in came])
    for each in came:
        if each.state is State.WAITING:
            out.say(_ACCEPT, id=each.id)
    out.give(
        items=[_came(each) for each in came],
        made=[_told_made(each) for each in made],
    )


@click.command(name="decline")
@click.argument("introduction", type=VALUE)
@shared
def decline_(call: Call, *, introduction: str) -> None:
    """Let an INTRODUCTION be; whoever made it is told that and no more."""
    with opened(call) as house:
        decline(house, introduction)
    call.out.say(_DECLINED)
    call.out.give(id=introduction)


@click.command()
@click.argument("agency", type=VALUE, default="")
@shared
def compare(call: Call, *, agency: str) -> None:
    """Compare with AGENCY, or with all, what you both saw of others' records.

    It happens once a day by itself. Nobody is told of an agency that he does not know himself.
    """
    with opened(call) as house:
        book = read_book(house)
        to = [book.find_agency(agency).node.node] if agency else []
        asked = comparing.offer(house, to)
    call.out.say(_COMPARED, count=len(asked))
    call.out.give(items=list(asked))


@click.command()
@click.option("--add", multiple=True, type=VALUE, metavar="AGENCY", help="Name it; repeat.")
@click.option("--remove", multiple=True, type=VALUE, metavar="AGENCY", help="No longer; repeat.")
@click.option("--let-in", type=VALUE, default="", metavar="INVITATION", help="Witness, no peer.")
@click.option("--digits", type=VALUE, default="", help="Its key's, as you hear them; with that.")
@click.option("--by", type=VALUE, default="", help="Who of yours heard them; with that.")
@click.option("--threshold", type=click.IntRange(1), help="How many of them are enough.")
@click.option(
    "--compared",
    type=click.Choice(["yes", "no"]),
    help="Whether those who know you may compare what they saw of your record.",
)
@shared
def witness(
    call: Call,
    *,
    add: tuple[str, ...],
    remove: tuple[str, ...],
    let_in: str,
    digits: str,
    by: str,
    threshold: int | None,
    compared: str | None,
) -> None:
    """Name who vouches for your record, and how many it takes; without options show it.

    One that you do not deal with is let in by its INVITATION (@file) and its digits, and named
    then: it is shown your record's checkpoints and nothing else.
    """
    with opened(call) as house:
        if let_in:
            card = witness_only.let_in(house, let_in, digits, by=by)
            call.out.say(_LET_IN, agency=card.name)
            add = (*add, card.id)
        book = read_book(house)
        if add or remove or threshold is not None or compared is not None:
            witnesses.name(
                house,
                add=[book.find_agency(each).id for each in add],
                remove=[book.find_agency(each).id for each in remove],
                threshold=threshold,
                compared=None if compared is None else compared == "yes",
            )
            book = read_book(house)
        entry = next((card.naming for card in book.own if card.naming), None)
    out = call.out
    named = [each.node for each in entry.witnesses] if entry else []
    if entry and entry.threshold:
        out.say(_WITNESSES, threshold=entry.threshold, count=len(named))
        for node in named:
            out.line(", ".join(book.agency(each).name for each in book.agencies_of(node)) or node)
    else:
        out.say(_NO_WITNESSES)
    out.give(
        items=list(named),
        threshold=entry.threshold if entry else 0,
        compared=entry.compared if entry else True,
    )


@click.command()
@click.option(
    "--on-fork",
    type=click.Choice([each.value for each in OnFork]),
    help="What this server does by itself when a record shows two histories.",
)
@shared
def rule(call: Call, *, on_fork: str | None) -> None:
    """Set or show what this server does by itself about a peer: warn, hold or suspend."""
    with opened(call) as house:
        if on_fork:
            stand.set_on_fork(house, OnFork(on_fork))
        with house.store.read() as reading:
            now = stand.on_fork(reading, house)
    call.out.say(_RULE, rule=now.value)
    call.out.give(on_fork=now.value)


def lines(out: Output, book: Book, card: AgencyCard) -> list[str]:
    """Return what is said of how we stand to *card*'s agency, the most pressing first."""
    return said_of.lines(_teller(out), book, card)


def _teller(out: Output) -> Teller:
    return Teller(say_in=out.say_in, when=out.when, due=out.due)


def told(card: AgencyCard) -> Mapping[str, Json]:
    """Return how we stand to *card*'s agency, for programs."""
    standing, entry = card.standing, card.naming
    introduced, suspension = standing.introduced, standing.suspension
    return {
        "suspended": card.suspended,
        "suspended_code": suspension.code.value if suspension else "",
        "suspended_until": suspension.until if suspension else "",
        "held": standing.held,
        "vouched_by": card.vouched_by,
        "introduced_by": introduced.by if introduced else "",
        "introduced_until": time(introduced.until) if introduced else "",
        "compare_by": time(introduced.compare_by) if introduced and card.checked_at is None else "",
        "kinds": list(introduced.scope.kinds) if introduced else [],
        "purposes": list(introduced.scope.purposes) if introduced else [],
        "sensitivity": introduced.scope.sensitivity.value if introduced else "",
        "marks": [
            {
                "code": each.code.value,
                "count": each.count,
                "since": time(each.since),
                "last": time(each.last),
                "holds": each.holds and not each.decided,
                "subject": each.subject,
            }
            for each in standing.marks
        ],
        "threshold": entry.threshold if entry else 0,
        "witnesses": [each.node for each in entry.witnesses] if entry else [],
    }


def _made_row(out: Output, book: Book, made: Made) -> tuple[str, ...]:
    said = [
        f"{_name(book, each.agency)}: {out.say_in.of(sentences.OUTCOMES[each.outcome])}"
        for each in made.sides
    ]
    scope = said_of.scope(made.scope)
    return (out.exact(made.at), *said, out.when(made.until), scope)


def _came_row(out: Output, book: Book, came: Received) -> tuple[str, ...]:
    said = came.introduction
    root = came.root
    return (
        out.exact(said.at),
        f"{root.name} ({out.say_in.country(root.country)})",
        _name(book, said.agency),
        said_of.scope(said.scope),
        out.when(said.until),
        out.say_in.of(sentences.STATES[came.state]),
    )


def _came(came: Received) -> Json:
    said = came.introduction
    return {
        "id": came.id,
        "state": came.state.value,
        "why": came.why,
        "introduced_by": said.agency,
        "agency": said.introduces,
        "name": came.root.name,
        "country": came.root.country,
        "kinds": list(said.scope.kinds),
        "purposes": list(said.scope.purposes),
        "sensitivity": said.scope.sensitivity.value,
        "until": time(said.until),
        "reason": said.reason,
    }


def _told_made(made: Made) -> Json:
    return {
        "id": made.id,
        "sides": [{"agency": each.agency, "outcome": each.outcome} for each in made.sides],
        "until": time(made.until),
        "kinds": list(made.scope.kinds),
        "purposes": list(made.scope.purposes),
    }


def _name(book: Book, agency: str) -> str:
    card = book.cards.get(AgencyId(agency))
    return card.name if card else agency
