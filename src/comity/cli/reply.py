# SPDX-License-Identifier: Apache-2.0
"""``comity acknowledge``, ``ask-back`` and ``answer``: what follows a question."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from comity.cli.attached import attach_all
from comity.cli.call import Call, acting
from comity.cli.done import say_done
from comity.cli.handling import with_handling
from comity.cli.manner import with_manner
from comity.cli.readers import say_readers
from comity.cli.session import seated
from comity.cli.typed import TYPED_FOR
from comity.cli.values import MOMENT, VALUE, fields, utc
from comity.domain.handling import Handling
from comity.domain.statement import Outcome, RefusalGround
from comity.domain.thread import Side
from comity.knowledge.codes import ask_back_reasons
from comity.knowledge.request_kind import KindField
from comity.language.marks import marked
from comity.services.answer import Reply, draft_answer
from comity.services.replies import Manner
from comity.services.seat import Seat
from comity.services.typed_for import typed_by

_ACKNOWLEDGED = marked("The other side is told that you have {thread}.")
_ASKED_BACK = marked("The other side is asked for what is missing in {thread}.")
_ANSWERED = marked("Your answer to {thread} is signed, sealed and kept.")


@click.command()
@click.argument("thread")
@click.option("--expect", type=MOMENT, metavar="TIME", help="By when an answer may come, UTC.")
@click.option("--remark", type=VALUE, default="", help="A word beside it.")
@with_manner
@click.option("--dry-run", is_flag=True, help="Show who will see it, and send nothing.")
@acting
def acknowledge(
    call: Call,
    *,
    thread: str,
    expect: datetime | None,
    remark: str,
    manner: Callable[[Seat], Manner],
    dry_run: bool,
) -> None:
    """Say that you have it and somebody is on it."""
    with seated(call) as seat:
        by, how = utc(expect) if expect else None, manner(seat)
        if dry_run:
            shown = seat.who_will_see_acknowledgement(thread, expect=by, remark=remark, manner=how)
            say_readers(call, seat, shown)
            return
        done = seat.acknowledge(thread, expect=by, remark=remark, manner=how)
        say_done(call, seat, done, _ACKNOWLEDGED)


@click.command()
@click.argument("thread")
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    required=True,
    type=click.Choice(tuple(ask_back_reasons())),
    help="What is missing; repeat.",
)
@click.option("--field", "named", multiple=True, help="A field of the question; repeat.")
@click.option("--text", type=VALUE, default="", help="In your own words.")
@with_manner
@click.option("--dry-run", is_flag=True, help="Show who will see it, and send nothing.")
@acting
def ask_back(
    call: Call,
    *,
    thread: str,
    reasons: tuple[str, ...],
    named: tuple[str, ...],
    text: str,
    manner: Callable[[Seat], Manner],
    dry_run: bool,
) -> None:
    """Ask for what is missing before you can answer.

    The thread stays open, and its clock runs on.
    """
    with seated(call) as seat:
        how = manner(seat)
        if dry_run:
            shown = seat.who_will_see_ask_back(thread, reasons, fields=named, text=text, manner=how)
            say_readers(call, seat, shown)
            return
        done = seat.ask_back(thread, reasons, fields=named, text=text, manner=how)
        say_done(call, seat, done, _ASKED_BACK)


@click.command()
@click.argument("thread")
@click.option(
    "--outcome",
    required=True,
    type=click.Choice([each.value for each in Outcome]),
    help="What it comes to.",
)
@click.option(
    "--ground",
    type=click.Choice([each.value for each in RefusalGround]),
    help="With refused: why.",
)
@click.option("--competent", type=VALUE, default="", help="Who is, if you are not.")
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar="FIELD=VALUE",
    help="A field of the answer; repeat. Without =VALUE you are asked for it.",
)
@click.option("--text", type=VALUE, default="", help="In your own words.")
@click.option("--ref", type=VALUE, default="", help="Your own file number.")
@click.option(
    "--attach",
    "attachments",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A file; repeat.",
)
@with_handling
@with_manner
@TYPED_FOR
@click.option("--dry-run", is_flag=True, help="Show who will see it, and send nothing.")
@acting
def answer(
    call: Call,
    *,
    thread: str,
    outcome: str,
    ground: str | None,
    competent: str,
    given: tuple[str, ...],
    text: str,
    ref: str,
    attachments: tuple[Path, ...],
    handling: Handling,
    manner: Callable[[Seat], Manner],
    typed_for: str,
    dry_run: bool,
) -> None:
    """Answer a question, or what was asked back."""
    with seated(call) as seat:
        reply = Reply(
            outcome=Outcome(outcome),
            ground=ground or "",
            competent=competent,
            fields=fields(call, _known(seat, thread) if given else (), given, required=False),
            text=text,
            ref=ref,
            handling=handling,
            attachments=attach_all(call, seat, attachments),
        )
        unlocked, house = seat.unlocked, seat.house
        draft = draft_answer(unlocked, house, seat.find(thread), reply, manner=manner(seat))
        draft = typed_by(unlocked, house, draft, typed_for)
        if dry_run:
            say_readers(call, seat, seat.preview(draft))
        else:
            say_done(call, seat, seat.send(draft), _ANSWERED)


def _known(seat: Seat, thread: str) -> tuple[KindField, ...]:
    """Return the fields that an answer in *thread* may have; from the asker, its question's."""
    found = seat.thread(thread, receipt=False).thread
    kind = seat.house.kinds.get(found.request.kind) if found.request else None
    if kind is None:
        return ()
    asks = found.side_of(seat.unlocked.agency) is Side.ASKER
    return kind.fields if asks else kind.answer
