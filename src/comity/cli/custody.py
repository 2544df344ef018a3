# SPDX-License-Identifier: Apache-2.0
"""``comity take``, ``hand-over`` and ``stop``: who has a thread, and what does not leave."""

from collections.abc import Callable

import click

from comity.cli.call import Call, acting
from comity.cli.done import say_done
from comity.cli.handed_on import say_handed_on
from comity.cli.readers import say_readers
from comity.cli.session import seated
from comity.cli.values import VALUE
from comity.domain.ids import ActId
from comity.domain.thread import Effect
from comity.errors import Misused
from comity.language.marks import marked
from comity.services.seat import Seat
from comity.services.thread import OpenThread

_TAKEN = marked("You have {thread}; the members of your desk see that.")
_HANDED = marked("{thread} is handed over.")
_STOPPED = marked("It is stopped: the other side sees nothing of it.")
UNKNOWN = f"{Misused.code}.thread-unknown"

Chooser = Callable[[Seat, OpenThread], ActId | None]


@click.command()
@click.argument("thread")
@click.option("--anyway", is_flag=True, help="Though a colleague has it.")
@acting
def take(call: Call, *, thread: str, anyway: bool) -> None:
    """Take a thread of your desk; your colleagues see who has it."""
    with seated(call) as seat:
        say_done(call, seat, seat.take(thread, anyway=anyway), _TAKEN)


@click.command()
@click.argument("thread", required=False)
@click.option("--to", type=VALUE, required=True, metavar="WHO", help="A colleague, or the desk.")
@click.option("--remark", type=VALUE, default="", help="What whoever takes it should know.")
@click.option("--all", "everything", is_flag=True, help="Every thread that is your own.")
@click.option("--dry-run", is_flag=True, help="Show who will see it, and hand over nothing.")
@acting
def hand_over(
    call: Call, *, thread: str | None, to: str, remark: str, everything: bool, dry_run: bool
) -> None:
    """Hand a thread to a colleague, or back to the desk.

    With --all, every thread that you have or that is addressed to you alone goes to a colleague who
    goes on for you, as far as handling allows; he can then read what only you could.
    """
    if (thread is not None) == everything:
        raise Misused("field-missing", field="thread")
    with seated(call) as seat:
        if thread is None:
            done = seat.who_will_gain(to) if dry_run else seat.hand_on(to, remark=remark)
            say_handed_on(call, done, dry_run=dry_run)
        elif dry_run:
            say_readers(call, seat, seat.who_will_see_hand_over(thread, to))
        else:
            say_done(call, seat, seat.hand_over(thread, to, remark=remark), _HANDED)


@click.command()
@click.argument("thread")
@acting
def stop(call: Call, *, thread: str) -> None:
    """Stop what you sent before it leaves.

    THREAD may also be the id of one message; without it, the last one that you sent there.
    """
    with seated(call) as seat:
        say_done(call, seat, seat.stop(act_of(seat, thread, last_own)), _STOPPED)


def act_of(seat: Seat, named: str, choose: Chooser) -> ActId:
    """Return the act that *named* means: its own id, or the one to *choose* in a thread."""
    try:
        opened = seat.thread(named, receipt=False)
    except Misused as error:
        if error.cause != UNKNOWN:
            raise
        return ActId(named)
    found = choose(seat, opened)
    if found is None:
        raise Misused("act-unknown")
    return found


def last_own(seat: Seat, opened: OpenThread) -> ActId | None:
    """Return the last act of whoever acts that is meant for the other side."""
    mine = (seat.unlocked.agency, seat.unlocked.entry.id)
    leaving = [
        act.id
        for act in opened.thread.acts
        if (act.agency, act.officer) == mine
        and act.effect in (Effect.APPLIED, Effect.HELD)
        and any(each.row.to != each.row.agency for each in opened.copies_of(act.id))
    ]
    return leaving[-1] if leaving else None
