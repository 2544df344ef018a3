# SPDX-License-Identifier: Apache-2.0
"""``comity consent``: ask whoever told you something for leave, give it, refuse it, bring it."""

from collections.abc import Callable
from datetime import datetime

import click

from comity.cli.call import Call, acting
from comity.cli.done import say_done
from comity.cli.manner import with_manner
from comity.cli.narrowing import Changed, with_changes
from comity.cli.readers import say_readers
from comity.cli.session import seated
from comity.cli.values import MOMENT, VALUE, utc
from comity.domain.consents import askings, pending
from comity.domain.handling import Handling
from comity.domain.onward import Use
from comity.domain.passed_on import handling_of
from comity.domain.time import written
from comity.knowledge.codes import purposes
from comity.language.marks import marked
from comity.services.bring import draft_brought
from comity.services.consent import (
    Leave,
    Wish,
    draft_consent,
    draft_consent_request,
)
from comity.services.draft import Draft
from comity.services.release import Done
from comity.services.replies import Manner
from comity.services.seat import Seat

_ASKED = marked("Whoever told this is asked for consent in {thread}.")
_GIVEN = marked("Your consent in {thread} is signed, sealed and kept.")
_REFUSED = marked("They are told that you do not consent to what is asked in {thread}.")
_BROUGHT = marked("The consent is brought to {thread}, as it was signed.")

MannerOf = Callable[[Seat], Manner]
_DRY = click.option("--dry-run", is_flag=True, help="Show who will see it, and send nothing.")
_REQUEST = click.option(
    "--request",
    default="",
    metavar="ID",
    help="Which request, to change your word too. Default: the oldest that waits.",
)


@click.group()
def consent() -> None:
    """Ask leave of whoever told you something, or give it.

    Handling says what may be done with what was told. Where it says "ask", whoever told it is
    asked here, and his signed answer travels with it.
    """


@consent.command("ask")
@click.argument("thread")
@click.option(
    "--use",
    type=click.Choice([each.value for each in Use]),
    default=Use.PASS_ON.value,
    show_default=True,
    help="What you want to do with it.",
)
@click.option("--to", multiple=True, type=VALUE, help="With pass-on: to which agency; repeat.")
@click.option("--for", "holder", default="", metavar="WHO", help="In whose name, if not yours.")
@click.option("--act", default="", metavar="ID", help="Which message. Default: the newest told.")
@click.option("--purpose", type=click.Choice(tuple(purposes())), help="What it would serve.")
@click.option("--reason", type=VALUE, default="", help="Why.")
@click.option("--urgent", is_flag=True, help="Within hours instead of days.")
@with_manner
@_DRY
@acting
def ask(
    call: Call,
    *,
    thread: str,
    use: str,
    to: tuple[str, ...],
    holder: str,
    act: str,
    purpose: str | None,
    reason: str,
    urgent: bool,
    manner: MannerOf,
    dry_run: bool,
) -> None:
    """Ask whoever told you something in THREAD for leave to use it further."""
    with seated(call) as seat:
        wish = Wish(
            use=Use(use),
            to=to,
            act=act,
            holder=holder,
            purpose=purpose or "",
            reason=reason,
            urgent=urgent,
        )
        how = manner(seat)
        if dry_run:
            found = seat.find(thread)
            _show(call, seat, draft_consent_request(seat.unlocked, seat.house, found, wish, how))
        else:
            say_done(call, seat, seat.ask_consent(thread, wish, manner=how), _ASKED)


@consent.command("give")
@click.argument("thread")
@_REQUEST
@with_changes
@click.option("--until", type=MOMENT, metavar="TIME", help="Until when it holds. Default: a month.")
@click.option("--text", type=VALUE, default="", help="In your own words.")
@with_manner
@_DRY
@acting
def give(
    call: Call,
    *,
    thread: str,
    request: str,
    changed: Changed,
    until: datetime | None,
    text: str,
    manner: MannerOf,
    dry_run: bool,
) -> None:
    """Consent to what is asked in THREAD.

    What held before goes on to hold, but for what you change here.
    """
    with seated(call) as seat:
        leave = Leave(
            yes=True,
            request=request,
            handling=changed(_handling(seat, thread, request)),
            until=written(utc(until)) if until else "",
            text=text,
        )
        _answer(call, seat, thread, leave, manner(seat), dry_run=dry_run)


@consent.command("refuse")
@click.argument("thread")
@_REQUEST
@click.option("--text", type=VALUE, default="", help="In your own words.")
@with_manner
@_DRY
@acting
def refuse(
    call: Call, *, thread: str, request: str, text: str, manner: MannerOf, dry_run: bool
) -> None:
    """Refuse what is asked in THREAD."""
    with seated(call) as seat:
        leave = Leave(yes=False, request=request, text=text)
        _answer(call, seat, thread, leave, manner(seat), dry_run=dry_run)


@consent.command("bring")
@click.argument("thread")
@click.option(
    "--from", "source", required=True, metavar="THREAD", help="The thread in which it was given."
)
@with_manner
@_DRY
@acting
def bring(call: Call, *, thread: str, source: str, manner: MannerOf, dry_run: bool) -> None:
    """Bring to THREAD the consent that you asked for in their name.

    It is the signed word of whoever told it first; yours would not do.
    """
    with seated(call) as seat:
        how = manner(seat)
        if dry_run:
            found, there = seat.find(thread), seat.find(source)
            _show(call, seat, draft_brought(seat.unlocked, seat.house, found, there, how))
        else:
            say_done(call, seat, seat.bring_consent(thread, source, manner=how), _BROUGHT)


def _answer(
    call: Call, seat: Seat, thread: str, leave: Leave, manner: Manner, *, dry_run: bool
) -> None:
    if dry_run:
        found = seat.find(thread)
        _show(call, seat, draft_consent(seat.unlocked, seat.house, found, leave, manner))
        return
    done: Done = seat.give_consent(thread, leave, manner=manner)
    say_done(call, seat, done, _GIVEN if leave.yes else _REFUSED)


def _show(call: Call, seat: Seat, draft: Draft) -> None:
    say_readers(call, seat, seat.preview(draft))


def _handling(seat: Seat, thread: str, request: str) -> Handling:
    """Return what binds what was told; the usual where nothing waits, which is refused later."""
    found = seat.thread(thread, receipt=False).thread
    waits = pending(found, seat.unlocked.agency)
    named = [each for each in askings(found) if each.act == request] if request else waits
    told = [act for act in found.acts if named and act.id == named[0].body.to]
    return handling_of(told[0].statement) if told else Handling()
