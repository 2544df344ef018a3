# SPDX-License-Identifier: Apache-2.0
"""``comity carry``: one file by USB, e-mail or any messenger, in both directions."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import click

from comity.cli.call import Call, shared
from comity.cli.files import open_file, sink
from comity.cli.output import DONE, Json, time
from comity.cli.session import opened
from comity.cli.values import STDIN, VALUE
from comity.errors import Misused
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.carry_in import CarriedIn, carry_in
from comity.services.carry_out import CarriedOut, carry_out

NOTHING: Final = "nothing"
_WRITTEN = marked("The file for {agency} is written: {path}")
_NOTHING = marked("Nothing waits for {agency}: no file was written.")
_KEPT = marked("All of it stays here too, until their receipt comes.")
_CAME = marked("A file from {agency}, written {when}:")
_NO_ANSWER = marked("There is nothing to answer: no file was written.")
_MESSAGES = marked("Messages")
_NEW = marked("New messages")
_BEFORE = marked("Messages that had come before")
_RECEIPTS = marked("Receipts")
_NEW_RECEIPTS = marked("New receipts")
_FORCE: Final = click.option("--force", is_flag=True, help="Write over a file that is there.")


@click.group()
def carry() -> None:
    """Send by USB, e-mail or any messenger, and take in what came so."""


@carry.command(name="out")
@click.option("--to", "agency", type=VALUE, required=True, help="The other agency.")
@_FORCE
@click.argument("file", type=click.Path(path_type=Path))
@shared
def out_(call: Call, *, agency: str, force: bool, file: Path) -> None:
    """Write all that waits for an agency to FILE (- for standard output).

    Whoever finds the file sees from which server it is, for which, its size and its date, and
    nothing else. Send it in any way, as often as you like: it is taken in once.
    """
    with opened(call) as house:
        card = read_book(house).find_agency(agency)
        place = _place(file, force=force)
        done = carry_out(house, card.node.node, lambda: sink(place))
    out = call.out
    if done is None:
        out.say(_NOTHING, agency=card.name)
        out.give(code=NOTHING, agency=card.id)
        return
    if _is_file(file):
        out.say(_WRITTEN, agency=card.name, path=str(file))
        _say_counts(call, (_MESSAGES, done.messages), (_RECEIPTS, done.receipts))
        out.say(_KEPT)
        out.give(id=done.cover.id, agency=card.id, file={"path": str(file), **_counts(done)})


@carry.command(name="in")
@click.option(
    "--answer", type=click.Path(path_type=Path), help="Write what goes back to this file."
)
@_FORCE
@click.argument("file", type=click.Path(path_type=Path))
@shared
def in_(call: Call, *, answer: Path | None, force: bool, file: Path) -> None:
    """Take in FILE (- for standard input), which another agency wrote for this server.

    Receipts go back with --answer, or by whatever way is open next.
    """
    place = _place(answer, force=force) if answer else None
    with opened(call) as house:
        with _reading(file) as read:
            came = carry_in(house, read)
        back = None
        if answer is not None:
            node = came.cover.from_node
            back = carry_out(house, node, lambda: sink(place), answering=came.owed)
        book = read_book(house)
        agencies = [book.agency(each) for each in book.agencies_of(came.cover.from_node)]
    out = call.out
    if answer is None or _is_file(answer):
        names = ", ".join(each.name for each in agencies)
        out.say(_CAME, agency=names, when=out.when(came.cover.at))
        _say_counts(
            call, (_NEW, came.messages), (_BEFORE, came.known), (_NEW_RECEIPTS, came.receipts)
        )
        if back is not None:
            out.say(_WRITTEN, agency=names, path=str(answer))
            _say_counts(call, (_MESSAGES, back.messages), (_RECEIPTS, back.receipts))
        elif answer is not None:
            out.say(_NO_ANSWER)
        _give(call, came, back, answer)
    if came.fault is not None:
        click.echo(f"{out.say_in.say(came.fault)} [{came.fault.cause}]", err=True)
        raise click.exceptions.Exit(came.fault.exit)


def _place(file: Path, *, force: bool) -> Path | None:
    """Return where to write *file*, None for standard output; raise Misused if one is there."""
    if not _is_file(file):
        return None
    if file.exists() and not force:
        raise Misused("file-there")
    return file


def _is_file(file: Path) -> bool:
    return str(file) != STDIN


@contextlib.contextmanager
def _reading(file: Path) -> Iterator[Callable[[int], bytes]]:
    """Yield what reads *file*, or standard input."""
    if not _is_file(file):
        yield sys.stdin.buffer.read
        return
    with open_file(file) as source:

        def read(size: int) -> bytes:
            try:
                return source.read(size)
            except OSError:  # pulled out while it is read: as good as cut
                return b""

        yield read


def _say_counts(call: Call, *counts: tuple[str, int]) -> None:
    call.out.pairs((call.out.say_in.of(label), str(count)) for label, count in counts)


def _counts(done: CarriedOut | None) -> dict[str, Json]:
    if done is None:
        return {"parts": 0, "messages": 0, "receipts": 0}
    return {"parts": done.parcels, "messages": done.messages, "receipts": done.receipts}


def _give(call: Call, came: CarriedIn, back: CarriedOut | None, answer: Path | None) -> None:
    call.out.give(
        ok=came.fault is None,
        code=came.fault.cause if came.fault else DONE,
        id=came.cover.id,
        node=came.cover.from_node,
        written_at=time(came.cover.at),
        parts=came.parcels,
        messages=came.messages,
        before=came.known,
        receipts=came.receipts,
        answer={"path": str(answer) if back else "", **_counts(back)},
    )
