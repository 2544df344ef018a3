# SPDX-License-Identifier: Apache-2.0
"""``comity recall``, ``narrow``, ``correct`` and ``withdraw``: taking back what was said.

To whoever holds it, ``recall`` also lists what waits for his decision, and says what is kept.
"""

from collections.abc import Callable, Sequence

import click

from comity.cli.call import Call, acting
from comity.cli.case import language_of
from comity.cli.done import say_done
from comity.cli.handling import with_handling
from comity.cli.manner import with_manner
from comity.cli.readers import say_readers
from comity.cli.session import seated
from comity.cli.taken import tally_of_thread
from comity.cli.values import VALUE
from comity.domain.handling import Handling
from comity.domain.ids import ActId
from comity.domain.taking_back import Correction, Taking
from comity.domain.thread import Act
from comity.domain.time import from_millis
from comity.errors import Misused
from comity.language import words
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.keep import keep, let_go, pending
from comity.services.recall import Wish, may_take_back
from comity.services.recall_rules import Ground
from comity.services.replies import Manner
from comity.services.said import Names, what
from comity.services.seat import Seat
from comity.services.thread import OpenThread

_RECALLED = marked("Everybody who has it is asked to delete it; what they answer is in {thread}.")
_NARROWED = marked("Everybody who has it is told what may still be done with it.")
_CORRECTED = marked("Everybody who has it is told what is wrong with it.")
_WITHDRAWN = marked("The other side is told that no answer to {thread} is wanted.")
_KEPT = marked("{thread} is kept; whoever asks to delete it is told why.")
_GONE = marked("What they asked to delete in {thread} is deleted.")
_NOTHING = marked("Nobody waits for your decision.")
_COLUMNS = (marked("Thread"), marked("Who"), marked("Since"))
_CHOICE = (marked("Message"), marked("When"), marked("What"))
KEEP = "keep"
REMOVE = "remove"


@click.command()
@click.argument("words_", nargs=-1, metavar="[keep|remove] THREAD")
@click.option("--act", "acts", multiple=True, metavar="ID", help="Which message; repeat.")
@click.option("--all", "everything", is_flag=True, help="All of yours in the thread.")
@click.option("--text", type=VALUE, default="", help="Why, in your own words.")
@click.option("--here-too", is_flag=True, help="Delete it at your own agency as well.")
@click.option("--list", "listing", is_flag=True, help="List what you can take back.")
@click.option("--tally", is_flag=True, help="Show what those who have it have answered.")
@click.option("--pending", "waiting", is_flag=True, help="List what waits for your decision.")
@click.option(
    "--ground",
    type=click.Choice([each.value for each in Ground]),
    help="With keep: why.",
)
@click.option("--dry-run", is_flag=True, help="Show who will see it, and send nothing.")
@acting
def recall(
    call: Call,
    *,
    words_: tuple[str, ...],
    acts: tuple[str, ...],
    everything: bool,
    text: str,
    here_too: bool,
    listing: bool,
    tally: bool,
    waiting: bool,
    ground: str | None,
    dry_run: bool,
) -> None:
    """Ask everybody who has it to delete what you sent.

    THREAD is its number, or the first letters of its id. With keep or remove, answer what another
    agency asks you to delete: a ground that you record holds for the whole thread.
    """
    with seated(call) as seat:
        if waiting:
            _say_pending(call, seat)
            return
        if words_[:1] in ((KEEP,), (REMOVE,)):
            _decide(call, seat, words_, ground)
            return
        thread = _one(words_)
        opened = seat.thread(thread, receipt=False)
        if listing:
            _say_choice(call, seat, opened)
        elif tally:
            tally_of_thread(call, seat, opened)
        else:
            wish = Wish(
                acts=_chosen(seat, opened, acts, everything=everything),
                what=Taking.RECALL,
                text=text,
                language=language_of(seat),
                here_too=here_too,
            )
            _take_back(call, seat, opened, wish, _RECALLED, dry_run=dry_run)


@click.command()
@click.argument("thread")
@click.option("--act", "acts", multiple=True, metavar="ID", help="Which message; repeat.")
@click.option(
    "--wrong-person",
    "correction",
    flag_value=Correction.WRONG_PERSON.value,
    help="Whoever is named is not whom it is about.",
)
@click.option(
    "--cleared",
    "correction",
    flag_value=Correction.CLEARED.value,
    help="Whoever is named is not suspected any more.",
)
@click.option("--text", type=VALUE, default="", help="In your own words.")
@click.option("--dry-run", is_flag=True, help="Show who will see it, and send nothing.")
@acting
def correct(
    call: Call,
    *,
    thread: str,
    acts: tuple[str, ...],
    correction: str | None,
    text: str,
    dry_run: bool,
) -> None:
    """Tell everybody that it is about the wrong person, or that one is cleared.

    It stays where it is, and whoever opens it reads that first.
    """
    if correction is None:
        raise Misused("correction-missing")
    with seated(call) as seat:
        opened = seat.thread(thread, receipt=False)
        wish = Wish(
            acts=_chosen(seat, opened, acts),
            what=Taking.CORRECT,
            correction=correction,
            text=text,
            language=language_of(seat),
        )
        _take_back(call, seat, opened, wish, _CORRECTED, dry_run=dry_run)


@click.command()
@click.argument("thread")
@click.option("--act", "acts", multiple=True, metavar="ID", help="Which message; repeat.")
@click.option(
    "--only",
    "readers",
    multiple=True,
    type=VALUE,
    metavar="AGENCY/NAME",
    help="Who alone may see it from now on; repeat.",
)
@click.option("--text", type=VALUE, default="", help="Why, in your own words.")
@with_handling
@click.option("--dry-run", is_flag=True, help="Show who will see it, and send nothing.")
@acting
def narrow(
    call: Call,
    *,
    thread: str,
    acts: tuple[str, ...],
    readers: tuple[str, ...],
    text: str,
    handling: Handling,
    dry_run: bool,
) -> None:
    """Let less be done with what you sent, or fewer people see it."""
    with seated(call) as seat:
        book = read_book(seat.house)
        opened = seat.thread(thread, receipt=False)
        wish = Wish(
            acts=_chosen(seat, opened, acts),
            what=Taking.NARROW,
            handling=handling,
            readers=tuple(book.find_reader(each)[1].id for each in readers),
            text=text,
            language=language_of(seat),
        )
        _take_back(call, seat, opened, wish, _NARROWED, dry_run=dry_run)


@click.command()
@click.argument("thread")
@click.option("--text", type=VALUE, default="", help="Why, in your own words.")
@with_manner
@click.option("--dry-run", is_flag=True, help="Show who will see it, and send nothing.")
@acting
def withdraw(
    call: Call, *, thread: str, text: str, manner: Callable[[Seat], Manner], dry_run: bool
) -> None:
    """Say that you want no answer any more.

    The clocks stop and nothing is deleted; for that there is comity recall.
    """
    with seated(call) as seat:
        how = manner(seat)
        if dry_run:
            say_readers(call, seat, seat.who_will_see_withdrawal(thread, text=text, manner=how))
            return
        say_done(call, seat, seat.withdraw(thread, text=text, manner=how), _WITHDRAWN)


def _take_back(
    call: Call, seat: Seat, opened: OpenThread, wish: Wish, said: str, *, dry_run: bool
) -> None:
    if dry_run:
        say_readers(call, seat, seat.who_will_see_taking_back(opened.id, wish))
    else:
        say_done(call, seat, seat.take_back(opened.id, wish), said)


def _one(told: Sequence[str]) -> str:
    if len(told) != 1:
        raise Misused("field-missing", field="thread")
    return told[0]


def _chosen(
    seat: Seat, opened: OpenThread, named: Sequence[str], *, everything: bool = False
) -> tuple[ActId, ...]:
    """Return the acts that are meant: those *named*, by their beginning, or the only one."""
    open_ = _choice(seat, opened)
    if not open_:
        raise Misused("nothing-to-take-back")
    if named:
        return tuple(_begins(open_, each) for each in named)
    if len(open_) > 1 and not everything:
        raise Misused("act-which")
    return tuple(each.id for each in open_)


def _choice(seat: Seat, opened: OpenThread) -> list[Act]:
    return [each for each in opened.thread.acts if may_take_back(seat.unlocked, seat.house, each)]


def _begins(acts: Sequence[Act], named: str) -> ActId:
    found = [each.id for each in acts if each.id.startswith(named.strip().lower())]
    if len(found) != 1 or not named.strip():
        raise Misused("act-unknown")
    return found[0]


def _say_choice(call: Call, seat: Seat, opened: OpenThread) -> None:
    acts = _choice(seat, opened)
    codes = [what(each, opened.thread) for each in acts]
    call.out.table(
        _CHOICE,
        [
            (
                each.id[:8],
                call.out.exact(each.at),
                call.out.coded(words.EVENTS.get(code, code), code),
            )
            for each, code in zip(acts, codes, strict=True)
        ],
    )
    call.out.give(
        thread=opened.id,
        stage=opened.thread.stage.value,
        items=[{"act": a.id, "what": code} for a, code in zip(acts, codes, strict=True)],
    )


def _say_pending(call: Call, seat: Seat) -> None:
    rows, names = pending(seat.unlocked, seat.house), Names(read_book(seat.house))
    if not rows:
        call.out.say(_NOTHING)
    else:
        call.out.table(
            _COLUMNS,
            [
                (row.thread, names.of(row.agency), call.out.exact(from_millis(row.at)))
                for row in rows
            ],
        )
    call.out.give(
        items=[{"thread": row.thread, "act": row.act, "agency": row.agency} for row in rows]
    )


def _decide(call: Call, seat: Seat, told: Sequence[str], ground: str | None) -> None:
    thread = seat.find(_one(told[1:]))
    if told[0] == KEEP:
        if ground is None:
            raise Misused("field-missing", field="ground")
        count = keep(seat.unlocked, seat.house, thread, Ground(ground))
        call.out.say(_KEPT, thread=told[1])
    else:
        count = let_go(seat.unlocked, seat.house, thread)
        call.out.say(_GONE, thread=told[1])
    call.out.give(thread=thread, count=count)
