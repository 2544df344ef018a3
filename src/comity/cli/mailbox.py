# SPDX-License-Identifier: Apache-2.0
"""``comity mailbox``: leave and collect messages at another server, or keep them for others."""

from typing import Final

import click

from comity.cli.call import Call, shared
from comity.cli.output import Json, time
from comity.cli.session import opened
from comity.cli.values import VALUE
from comity.domain.ids import NodeId
from comity.domain.time import from_millis
from comity.language.marks import marked
from comity.services import mailbox as boxes
from comity.services import postman
from comity.services.address_book import Book, read_book
from comity.services.mailbox import BYTES, MESSAGES
from comity.services.postman import Use, Visit

MEGABYTE: Final = 1 << 20
_HOSTED = marked("This server keeps for {agency} what others leave here, for 30 days.")
_HOST_ENDED = marked("Nothing more is kept for {agency}; what is here waits to be collected.")
_COLLECTS = marked("What is left for you with {agency} is collected from now on.")
_LEAVES = marked(
    "What is for {other} is left with {agency} from now on, whenever {other} cannot be reached."
)
_USE_ENDED = marked("The mailbox of {agency} is not used any more.")
_USED = marked("Mailboxes that you use")
_KEPT = marked("What this server keeps for others")
_NONE = marked("No mailbox is used, and none is kept here.")
_USE_COLUMNS = (marked("Mailbox of"), marked("For"), marked("Last visit"), "")
_KEPT_COLUMNS = (marked("For"), marked("From"), marked("Messages"), marked("MB"), marked("Since"))
_OURS = marked("you")
_NEVER = marked("not yet")
_REACHED = marked("done")
_SPOILED = marked(
    "{count} files from the mailbox of {agency} were not what their sender wrote, and were left "
    "out. Nothing is lost: senders leave theirs again."
)


@click.group()
def mailbox() -> None:
    """Leave and collect messages at another server, or keep them for others."""


@mailbox.command()
@click.option("--for", "agency", type=VALUE, required=True, help="The agency to keep them for.")
@click.option(
    "--quota",
    type=click.IntRange(1, 1 << 20),
    default=BYTES // MEGABYTE,
    show_default=True,
    metavar="MB",
    help="How much is kept; one sender fills at most half.",
)
@click.option(
    "--messages", type=click.IntRange(2), default=MESSAGES, show_default=True, help="How many."
)
@click.option("--stop", is_flag=True, help="Take nothing more for it.")
@shared
def host(call: Call, *, agency: str, quota: int, messages: int, stop: bool) -> None:
    """Keep for an agency what others leave here, until it collects it or for 30 days.

    This server sees from whom, for whom, how large and when, and nothing else.
    """
    with opened(call) as house:
        card = read_book(house).find_agency(agency)
        if stop:
            boxes.stop(house, card.id)
        else:
            boxes.host(house, card.id, size=quota * MEGABYTE, count=messages)
    call.out.say(_HOST_ENDED if stop else _HOSTED, agency=card.name)
    call.out.give(id=card.id, agency=card.id, node=card.node.node)


@mailbox.command()
@click.option("--at", "agency", type=VALUE, required=True, help="The agency that keeps it.")
@click.option("--for", "other", type=VALUE, default="", help="Leave there what is for this agency.")
@click.option("--stop", is_flag=True, help="Use it no more.")
@shared
def use(call: Call, *, agency: str, other: str, stop: bool) -> None:
    """Collect at an agency's mailbox what is for you; with --for, leave there what is for another.

    Its operator must keep a mailbox for whoever collects. What you leave stays here too, until the
    receipt comes.
    """
    out = call.out
    with opened(call) as house:
        book = read_book(house)
        card = book.find_agency(agency)
        if stop:
            postman.stop_using(house, card.id)
            out.say(_USE_ENDED, agency=card.name)
        elif other:
            reader = book.find_agency(other)
            postman.use(house, card.id, leaves_for=reader.id)
            out.say(_LEAVES, agency=card.name, other=reader.name)
        else:
            postman.use(house, card.id)
            out.say(_COLLECTS, agency=card.name)
    out.give(id=card.id, agency=card.id, node=card.node.node)


@mailbox.command()
@shared
def show(call: Call) -> None:
    """Show the mailboxes that you use, and what this server keeps for others."""
    with opened(call) as house:
        book = read_book(house)
        used = [(each, postman.last_visit(house, each.at)) for each in postman.uses(house)]
        hosted, kept = boxes.boxes(house), boxes.kept(house)
    out = call.out
    if used:
        out.heading(_USED)
        out.table(_USE_COLUMNS, [_use_row(call, book, *each) for each in used])
        for each, visit in used:
            if visit.spoiled:
                out.say(_SPOILED, count=visit.spoiled, agency=_names(book, each.at))
    if hosted or kept:
        out.heading(_KEPT)
        rows = [
            (
                _names(book, NodeId(each.recipient)),
                _names(book, NodeId(each.depositor)),
                str(each.count),
                f"{each.size / MEGABYTE:.1f}",
                out.exact(from_millis(each.since)),
            )
            for each in kept
        ]
        empty = {each.node for each in hosted} - {each.recipient for each in kept}
        rows += [(_names(book, each), "", "0", "", "") for each in sorted(empty)]
        out.table(_KEPT_COLUMNS, rows)
    if not (used or hosted or kept):
        out.say(_NONE)
    out.give(
        items=[_use(each, visit) for each, visit in used],
        hosted=[
            {"node": each.node, "agency": each.agency, "size": each.size, "messages": each.count}
            for each in hosted
        ],
        kept=[
            {
                "to": each.recipient,
                "from": each.depositor,
                "messages": each.count,
                "size": each.size,
                "since": time(from_millis(each.since)),
            }
            for each in kept
        ],
    )


def _use_row(call: Call, book: Book, used: Use, visit: Visit) -> tuple[str, ...]:
    say = call.out.say_in
    readers = ([say.of(_OURS)] if used.collects else []) + [
        _names(book, n) for n in used.leaves_for
    ]
    when = call.out.exact(from_millis(visit.at)) if visit.at else say.of(_NEVER)
    came_to = visit.code or (say.of(_REACHED) if visit.at else "")
    return _names(book, used.at), ", ".join(readers), when, came_to


def _use(used: Use, visit: Visit) -> Json:
    return {
        "node": used.at,
        "collects": used.collects,
        "leaves_for": list(used.leaves_for),
        "visited_at": time(from_millis(visit.at)) if visit.at else "",
        "code": visit.code,
        "spoiled": visit.spoiled,
    }


def _names(book: Book, node: NodeId) -> str:
    return ", ".join(book.agency(each).name for each in book.agencies_of(node)) or node
