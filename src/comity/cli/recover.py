# SPDX-License-Identifier: Apache-2.0
"""``comity recover``: people who together can open again what one person lost."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from comity.cli.call import Call, acting, shared
from comity.cli.files import read_bytes, sink
from comity.cli.output import time
from comity.cli.secrets import new_passphrase
from comity.cli.session import opened, seated
from comity.cli.shares import brought, with_shares
from comity.cli.values import VALUE
from comity.domain.ids import OfficerId
from comity.domain.recovery import Event, Happened
from comity.domain.roster import OfficerEntry
from comity.language.marks import marked
from comity.services import arrangements, escrow
from comity.services.agencies import own_agency
from comity.services.enrol import find_officer, names
from comity.services.recover_drill import drill as rehearse
from comity.services.recover_join import recover as recover_officer
from comity.services.recover_share import open_share
from comity.services.recover_split import holder
from comity.services.recover_split import split as split_among
from comity.wire.recovery import SEALED_LIMIT

_SPLIT = marked("{needed} of these {holders} holders can open it together. Hand out the files:")
_ONLY_HERE = marked("They are nowhere else. Hand each to its holder, and delete it here.")
_TOO_NEAR = marked(
    "Only {elsewhere} of them have their keys elsewhere: fewer than are needed to reopen this "
    "server when it is closed. Name others too, or let those here export their keys."
)
_MISSING = marked("Not left with the holders yet, until the next time they sign in: {officers}")
_ALL_LEFT = marked("Everybody's keys are left with the holders.")
_COLUMNS = (marked("Share"), marked("Holder"), "")
_SHARE = marked("Share {share} of {holders}; {needed} are needed.")
_TO_BRING = marked("To be brought, and shown to nobody else:")
_WRITTEN = marked("The words are written: {path}. Delete the file once they were used.")
_RECOVERED = marked(
    "{officer} reads again what was sealed to him. He signs with a new key; the old one is "
    "withdrawn, and others are told."
)
_REHEARSED = marked("These holders can open it together: shares {shares}. It is noted.")
_NEXT = marked("The next rehearsal is due {when}.")
_DUE = marked("A rehearsal is due: comity recover drill")
_HOLDERS = marked("Holders, of whom {needed} are needed")
_EVENTS = marked("What was done with shares")
_EVENT_COLUMNS = (marked("When"), marked("What"), marked("Shares"), marked("Decided by"))
_HAPPENED: Final = {
    Happened.SPLIT: marked("holders chosen"),
    Happened.REHEARSED: marked("rehearsed"),
    Happened.RECOVERED: marked("an officer's keys given back"),
    Happened.REOPENED: marked("server reopened"),
}
_AGENCY: Final = click.option(
    "--agency", default="", metavar="NAME", help="Which of this server's agencies."
)


@click.group()
def recover() -> None:
    """Choose people who together can open again what one person lost."""


@recover.command()
@click.option("--threshold", type=int, metavar="K", required=True, help="How many are needed.")
@click.option(
    "--holder",
    "holders",
    multiple=True,
    required=True,
    type=VALUE,
    metavar="WHO",
    help="An officer here, VN/officer 2, or NAME=age1pq…; repeat.",
)
@click.option(
    "--decided-by", type=VALUE, multiple=True, required=True, help="Two of your people; repeat."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder for the sealed shares.",
)
@click.option(
    "--start-over", is_flag=True, help="Too few holders are left: give up what they could open."
)
@with_shares
@_AGENCY
@shared
def split(
    call: Call,
    *,
    threshold: int,
    holders: tuple[str, ...],
    decided_by: tuple[str, ...],
    output: Path,
    start_over: bool,
    files: tuple[str, ...],
    shares_fd: int | None,
    agency: str,
) -> None:
    """Choose holders, K of whom can open it together; or change them.

    Each holder's share is sealed to him in a file of its own. To change holders, enough of those
    before bring their shares (--share).
    """
    with opened(call) as house:
        card = own_agency(house, agency)
        old: list[str] = []
        if card.recovery is not None and not start_over:
            old = brought(call, files, shares_fd, needed=card.recovery.needed)
        done = split_among(
            house,
            card.id,
            needed=threshold,
            holders=[holder(house, each) for each in holders],
            folder=output,
            decided_by=decided_by,
            old=old,
            start_over=start_over,
        )
        people = names(house)
    out = call.out
    out.say(_SPLIT, needed=done.entry.needed, holders=done.entry.holders)
    rows = [(str(each.share), each.holder, str(each.path)) for each in done.handed_out]
    out.table(_COLUMNS, rows)
    out.warn(_ONLY_HERE)
    if done.elsewhere < done.entry.needed:
        out.warn(_TOO_NEAR, elsewhere=done.elsewhere)
    _say_missing(call, done.missing, people)
    out.give(
        id=card.id,
        agency=card.id,
        number=done.entry.number,
        threshold=done.entry.needed,
        escrowed=done.escrowed,
        elsewhere=done.elsewhere,
        missing=[each.id for each in done.missing],
        items=[
            {"share": each.share, "holder": each.holder, "path": str(each.path)}
            for each in done.handed_out
        ],
    )


@recover.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--rehearsal", is_flag=True, help="The words for a drill, which open nothing.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the words there.")
@acting
def share(call: Call, source: Path, *, rehearsal: bool, output: Path | None) -> None:
    """Open the share in SOURCE that was sealed to you, and show the words to be brought."""
    with seated(call) as seat:
        held = open_share(seat.unlocked, read_bytes(source, SEALED_LIMIT))
    told = held.rehearsal if rehearsal else held.words
    out = call.out
    out.say(_SHARE, share=held.share, holders=held.holders, needed=held.needed)
    if output is None:
        out.say(_TO_BRING)
        out.raw(f"{told}\n")
    else:
        with sink(output) as file:
            file.write(f"{told}\n".encode())
        out.say(_WRITTEN, path=str(output))
    out.give(
        id=held.agency,
        agency=held.agency,
        number=held.number,
        share=held.share,
        threshold=held.needed,
        rehearsal=rehearsal,
        path=str(output) if output else "",
        words="" if output else told,
    )


@recover.command()
@click.argument("who", type=VALUE)
@click.option(
    "--decided-by", type=VALUE, multiple=True, required=True, help="Two of your people; repeat."
)
@with_shares
@shared
def join(
    call: Call,
    *,
    who: str,
    decided_by: tuple[str, ...],
    files: tuple[str, ...],
    shares_fd: int | None,
) -> None:
    """Give WHO, who lost his passphrase, his keys again, with enough holders' shares.

    He chooses a new passphrase (COMITY_NEW_PASSPHRASE) and signs with a new key.
    """
    with opened(call) as house:
        card, entry = find_officer(house, who)
        kept = arrangements.arrangement_of(house, card.id)
        given = brought(call, files, shares_fd, needed=kept.needed)
        done = recover_officer(house, entry.id, new_passphrase(call), given, decided_by=decided_by)
    call.out.say(_RECOVERED, officer=done.name or done.label)
    call.out.give(id=done.id, agency=done.agency, label=done.label)


@recover.command()
@with_shares
@_AGENCY
@shared
def drill(call: Call, *, files: tuple[str, ...], shares_fd: int | None, agency: str) -> None:
    """Try with the holders' rehearsal words whether enough can open it; open nothing."""
    with opened(call) as house:
        card = own_agency(house, agency)
        needed = arrangements.arrangement_of(house, card.id).needed
        given = brought(call, files, shares_fd, needed=needed, rehearsal=True)
        kept = rehearse(house, card.id, given)
    last = kept.events[-1]
    call.out.say(_REHEARSED, shares=", ".join(map(str, last.shares)))
    call.out.say(_NEXT, when=call.out.exact(kept.next_rehearsal))
    call.out.give(
        id=card.id,
        agency=card.id,
        number=kept.number,
        shares=list(last.shares),
        at=time(last.at),
        next_due=time(kept.next_rehearsal),
    )


@recover.command()
@_AGENCY
@shared
def show(call: Call, *, agency: str) -> None:
    """Show the holders, whose keys they could open, and what was done with shares."""
    with opened(call) as house:
        card = own_agency(house, agency)
        kept = arrangements.arrangement_of(house, card.id)
        missing = escrow.missing(house, card)
        people = names(house)
        is_due = kept.is_due(house.now())
    out = call.out
    out.heading(_HOLDERS, needed=kept.needed)
    out.table(_COLUMNS[:2], [(str(n), each) for n, each in enumerate(kept.holders, start=1)])
    _say_missing(call, missing, people)
    out.heading(_EVENTS)
    out.table(_EVENT_COLUMNS, [_event_row(call, each) for each in kept.events])
    if is_due:
        out.warn(_DUE)
    else:
        out.say(_NEXT, when=out.exact(kept.next_rehearsal))
    out.give(
        id=card.id,
        agency=card.id,
        number=kept.number,
        threshold=kept.needed,
        due=is_due,
        missing=[each.id for each in missing],
        holders=list(kept.holders),
        items=[
            {
                "at": time(each.at),
                "what": each.what.value,
                "officer": each.subject,
                "shares": list(each.shares),
                "decided_by": list(each.decided_by),
            }
            for each in kept.events
        ],
    )


def _say_missing(
    call: Call, missing: Sequence[OfficerEntry], people: Mapping[OfficerId, str]
) -> None:
    if missing:
        told = ", ".join(people.get(each.id, each.label) for each in missing)
        call.out.say(_MISSING, officers=told)
    else:
        call.out.say(_ALL_LEFT)


def _event_row(call: Call, event: Event) -> tuple[str, str, str, str]:
    out = call.out
    return (
        out.exact(event.at),
        out.say_in.of(_HAPPENED[event.what]),
        ", ".join(map(str, event.shares)),
        ", ".join(event.decided_by),
    )
