# SPDX-License-Identifier: Apache-2.0
"""``comity verify``: the whole home, to the byte.

Exit 3 when anything is not as it was written, with the first wrong byte where it can be told.
"""

import sys
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from comity.cli.call import Call, shared
from comity.cli.output import DONE, Json
from comity.cli.session import opened
from comity.errors import Untrusted
from comity.language.marks import counted, marked
from comity.services.address_book import read_book
from comity.services.said_of_agencies import against
from comity.services.verify import verify as walk
from comity.services.verify_report import Fault, Report

_SOUND = marked("This home is as it was written: {count} entries were looked at.")
_LOG = marked("Record {origin}: {size} entries, root {root}")
_ERASED = counted(
    "{count} entry was erased by law, and that is recorded.",
    "{count} entries were erased by law, and that is recorded.",
)
_FAULTS = counted(
    "{count} place is not as it was written.", "{count} places are not as they were written."
)
_COLUMNS = (
    marked("Table"),
    marked("Row"),
    marked("Column"),
    marked("First wrong byte"),
    marked("What is wrong"),
)
_AGAINST = marked("{agency}: {what}")
_EVERY: Final = 0.1
"""Seconds between two looks of the progress bar."""
CODE: Final = f"{Untrusted.code}.home"


@click.command()
@shared
def verify(call: Call) -> None:
    """Check the whole home, to the byte.

    Every record, signature, proof and file is looked at; nothing is written, and nobody's
    passphrase is needed but that of this server, where the operator keeps it.
    """
    with opened(call) as house, _bar(call) as bar:
        task = bar.add_task("", total=None)

        def progress(part: str, done: int, total: int) -> None:
            bar.update(task, description=part, completed=done, total=total)

        report = walk(house, progress)
        peers = read_book(house).peers
    _say(call, report)
    for card in peers:
        for said in against(call.out, card):
            call.out.warn(_AGAINST, agency=card.name, what=said)
    call.out.give(
        ok=report.sound,
        code=DONE if report.sound else CODE,
        checked=dict(report.checked),
        logs=[
            {"origin": e.origin, "size": e.size, "root": e.root.hex(), "erased": e.erased}
            for e in report.logs
        ],
        more=report.more,
        marks={
            card.id: [each.code.value for each in card.standing.marks]
            for card in peers
            if card.standing.marks
        },
        items=[_told(each) for each in report.faults],
    )
    if not report.sound:
        raise click.exceptions.Exit(Untrusted.exit)


def _bar(call: Call) -> Progress:
    console = Console(stderr=True, highlight=False)
    return Progress(
        TextColumn("{task.description:<14}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        refresh_per_second=1 / _EVERY,
        disable=call.json or not sys.stderr.isatty(),
    )


def _say(call: Call, report: Report) -> None:
    out = call.out
    for each in report.logs:
        out.say(_LOG, origin=each.origin, size=each.size, root=each.root.hex()[:16])
        if each.erased:
            out.line(out.say_in.count(_ERASED.one, _ERASED.many, each.erased))
    if report.sound:
        out.say(_SOUND, count=sum(report.checked.values()))
        return
    out.line(
        out.say_in.count(_FAULTS.one, _FAULTS.many, len(report.faults) + report.more), style="bold"
    )
    out.table(_COLUMNS, [_row(each) for each in report.faults])
    out.line(f"{out.say_in.say(Untrusted('home'))} [{CODE}]")


def _row(fault: Fault) -> tuple[str, ...]:
    where = "" if fault.position is None else str(fault.position)
    return (fault.table, fault.row, fault.column, where, fault.cause)


def _told(fault: Fault) -> Json:
    return {
        "table": fault.table,
        "row": fault.row,
        "column": fault.column,
        "position": -1 if fault.position is None else fault.position,
        "cause": fault.cause,
    }
