# SPDX-License-Identifier: Apache-2.0
"""``comity export``: letters as files that open with the officer's own key file."""

from collections.abc import Mapping
from pathlib import Path

import click

from comity.cli.call import Call, acting
from comity.cli.custody import UNKNOWN
from comity.cli.files import free_name, sink
from comity.cli.session import seated
from comity.domain.ids import ActId
from comity.errors import Misused
from comity.language.marks import marked
from comity.services.exported import export_act, export_thread
from comity.services.seat import Seat

_WRITTEN = marked("Written: {path}")
_HOW = marked("With your key file it opens anywhere: age -d -i KEYS FILE")


@click.command()
@click.argument("what", metavar="THREAD")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="Where it goes."
)
@acting
def export(call: Call, *, what: str, output: Path) -> None:
    """Write messages as files that your own key file opens.

    Each message of THREAD becomes one file in the folder OUTPUT. THREAD may also be the id of one
    message: then OUTPUT is its file. The other side is told that you opened it, as when it is
    shown.
    """
    with seated(call) as seat:
        told = _one(seat, what, output) or _all(seat, what, output)
    for path in told.values():
        call.out.say(_WRITTEN, path=str(path))
    call.out.say(_HOW)
    call.out.give(
        path=str(output), items=[{"id": act, "path": str(path)} for act, path in told.items()]
    )


def _all(seat: Seat, thread: str, folder: Path) -> Mapping[ActId, Path]:
    found = export_thread(seat.unlocked, seat.house, seat.find(thread))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = {act: free_name(folder, f"{act}.age") for act in found}
    for act, path in told.items():
        with sink(path) as file:
            file.write(found[act])
    return told


def _one(seat: Seat, named: str, path: Path) -> Mapping[ActId, Path]:
    """Write the message *named*; return nothing where it names a thread."""
    try:
        seat.find(named)
    except Misused as error:
        if error.cause != UNKNOWN:
            raise
        data = export_act(seat.unlocked, seat.house, ActId(named))
        with sink(path) as file:
            file.write(data)
        return {ActId(named): path}
    return {}
