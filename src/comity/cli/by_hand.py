# SPDX-License-Identifier: Apache-2.0
"""``comity by-hand``: a sealed message that reached somebody outside this server."""

from pathlib import Path

import click

from comity.cli.call import Call, acting
from comity.cli.files import read_bytes
from comity.cli.said import body_of
from comity.cli.session import seated
from comity.domain.statement import Opener
from comity.language.marks import marked
from comity.services.address_book import read_book
from comity.services.by_hand import open_by_hand
from comity.services.said import Names, Sayer
from comity.wire.envelope import ENVELOPE_LIMIT

_PRIVATE = marked("Private, not from the agency: nobody released it, and nothing follows from it.")
_KNOWN = marked("This came through the agency too: its thread shows it.")
_FROM = marked("{who}, {agency}")


@click.command(name="by-hand")
@click.argument("file", type=click.Path(path_type=Path))
@acting
def by_hand(call: Call, *, file: Path) -> None:
    """Open a sealed message that came on a stick or by mail.

    It is checked like any other, shown as private, and nobody is told.
    """
    with seated(call) as seat:
        found = open_by_hand(seat.unlocked, seat.house, read_bytes(file, ENVELOPE_LIMIT))
        names, kinds = Names(read_book(seat.house)), seat.house.kinds
    out, said = call.out, found.statement
    asked = said.body if isinstance(said.body, Opener) else None
    out.warn(_KNOWN if found.in_thread else _PRIVATE)
    who = found.author.name or found.author.label
    out.say(_FROM, who=who, agency=names.agency(said.author.agency))
    out.pairs(Sayer(out, names, kinds.get(asked.kind) if asked else None).lines(said.body))
    out.give(
        id=said.act,
        thread=said.thread,
        private=not found.in_thread,
        agency=said.author.agency,
        officer=said.author.officer,
        type=said.type,
        language=said.language,
        body=body_of(said.body),
    )
