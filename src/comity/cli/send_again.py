# SPDX-License-Identifier: Apache-2.0
"""``comity send-again``: what the other side could not open, or what came back."""

import click

from comity.cli.call import Call, acting
from comity.cli.custody import act_of, last_own
from comity.cli.done import say_done
from comity.cli.session import seated
from comity.cli.values import VALUE
from comity.domain.ids import ActId
from comity.language.marks import marked
from comity.services.seat import Seat
from comity.services.send_again import lost_acts
from comity.services.send_again import send_again as send
from comity.services.thread import OpenThread

_AGAIN = marked("It goes once more, in {thread}, to those who read there today.")
_THEY = marked("The other side could not open this. To send it again: comity send-again {thread}")
_WE = marked(
    "A message here can no longer be opened: nobody did before its key was destroyed. Its author "
    "is asked to send it again."
)


@click.command(name="send-again")
@click.argument("thread")
@click.option("--old-keys-reason", type=VALUE, default="", help="Why their old list will do.")
@acting
def send_again(call: Call, *, thread: str, old_keys_reason: str) -> None:
    """Send again what the other side could not open.

    It stays the same message and goes to those who read there today. THREAD may also be the id of
    one message; without it, the first of yours that they could not open.
    """
    with seated(call) as seat:
        act = act_of(seat, thread, _first_lost)
        done = send(seat.unlocked, seat.house, act, roster_reason=old_keys_reason)
        say_done(call, seat, done, _AGAIN)


def say_lost(call: Call, seat: Seat, opened: OpenThread) -> None:
    """Say what of *opened* one side or the other cannot open."""
    if opened.retired:
        call.out.warn(_WE)
    if lost_acts(seat.unlocked, seat.house, opened):
        call.out.warn(_THEY, thread=opened.thread.short or opened.id)


def _first_lost(seat: Seat, opened: OpenThread) -> ActId | None:
    lost = lost_acts(seat.unlocked, seat.house, opened)
    return lost[0] if lost else last_own(seat, opened)
