# SPDX-License-Identifier: Apache-2.0
"""``comity serve`` and ``comity sync``: exchanging with other servers."""

import contextlib
import os
import signal
import threading
import time as clock_time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from comity.carriers.server import Bundles
from comity.cli.call import Call, shared
from comity.cli.node import BARE_KEY
from comity.cli.output import DONE, Json
from comity.cli.secrets import HOUSE, house_passphrase
from comity.cli.values import VALUE
from comity.domain.ids import NodeId
from comity.errors import ComityError, Locked, Misused
from comity.language.marks import marked
from comity.node import Node
from comity.services.address_book import Book, read_book
from comity.services.closed import is_closed
from comity.services.home import key_home
from comity.web.serving import Place, serving_pages

_SERVING = marked("This server answers at {address}. Stop it with Ctrl-C.")
_DESK = marked("Officers sign in at {address}.")
_WAITS = marked("This server waits for its passphrase; until then it carries nothing.")
_STOPPED = marked("This server has stopped; what waits is kept.")
_CLOSED = marked("This server was closed; only the holders of its recovery can reopen it.")
_NOBODY = marked("No other server is known yet.")
_COLUMNS = (marked("Server of"), "")
_MAILBOXES = (marked("Mailbox of"), "")
_REACHED = marked("exchanged")
_LOOK: Final = 0.5
"""Seconds until an end is seen that the system told another thread of."""
_PATIENCE: Final = 2.0
"""Seconds after a wrong passphrase of this server."""


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    required=True,
    help="0 takes a free one.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 for every network.")
@click.option(
    "--desk-port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Serve the officers' pages there too; 0 takes a free one.",
)
@click.option("--desk-host", default="127.0.0.1", show_default=True, help="Where for the pages.")
@click.option(
    "--desk-name",
    "names",
    multiple=True,
    metavar="NAME",
    help="A host name by which browsers call the pages; repeat.",
)
@click.option(
    "--desk-certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Key and certificates (PEM) of that name; without one, only this machine is served.",
)
@shared
def serve(
    call: Call,
    *,
    port: int,
    host: str,
    desk_port: int | None,
    desk_host: str,
    names: tuple[str, ...],
    desk_certificate: Path | None,
) -> None:
    """Answer other servers and carry, until stopped.

    No officer's passphrase is needed. Where the operator keeps the key of this server, it waits
    for the passphrase (COMITY_HOUSE_PASSPHRASE, or a prompt) and says so.
    """
    node = open_node(call)
    try:
        with contextlib.ExitStack() as stack:
            address = stack.enter_context(node.serving(host, port))
            desk = ""
            if desk_port is not None:
                place = _place(desk_host, desk_port, names, desk_certificate)
                desk = stack.enter_context(serving_pages(node, place))
            ended = stack.enter_context(until_stopped(call))
            call.out.say(_SERVING, address=address)
            if desk:
                call.out.say(_DESK, address=desk)
            call.out.give(code="serving", id=node.house.keys.node, address=address, desk=desk)
            ended()
    finally:
        node.close()
    call.out.say(_CLOSED if is_closed(call.place) else _STOPPED)


def _place(host: str, port: int, names: Sequence[str], certificate: Path | None) -> Place:
    """Return where the pages are served; raise Misused where the certificate cannot be read."""
    tls = _read_once(certificate) if certificate is not None else None
    return Place(host=host, port=port, names=frozenset(map(str.lower, names)), tls=tls)


def _read_once(certificate: Path) -> Bundles:
    """Return what a server asks for at each handshake; raise Misused if it cannot be read."""
    try:
        bundle = certificate.read_bytes()
    except OSError:
        raise Misused("file-unreadable") from None

    def bundles() -> Sequence[bytes]:
        return (bundle,)

    return bundles


@contextlib.contextmanager
def until_stopped(call: Call) -> Iterator[Callable[[], None]]:
    """Yield what returns once the operator or the system wants an end, or the home was closed.

    It is heard from now on: whoever is told that we serve may want an end at once.
    """
    stopped = threading.Event()

    def ended() -> None:
        while not stopped.wait(_LOOK) and not is_closed(call.place):
            pass  # a signal that the system gave to another thread does not wake this one

    before = {
        each: signal.signal(each, lambda *_: stopped.set())
        for each in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.command()
@click.option("--with", "agencies", multiple=True, type=VALUE, help="One agency only; repeat.")
@shared
def sync(call: Call, *, agencies: tuple[str, ...]) -> None:
    """Exchange with other servers now.

    It ends when nothing is due on either side. The mailboxes that you use are visited too.
    """
    node = _opened(call)
    try:
        book = read_book(node.house)
        wanted = [book.find_agency(each).node.node for each in agencies]
        told = node.courier.sync(wanted)
        visited = {} if wanted else node.postman.round()
    finally:
        node.close()
    _say(call, told, visited, book)


Outcomes = Mapping[NodeId, ComityError | None]


def _say(call: Call, told: Outcomes, visited: Outcomes, book: Book) -> None:
    out = call.out
    if told:
        out.table(_COLUMNS, [(_names(book, n), _came_to(call, e)) for n, e in told.items()])
    if visited:
        out.table(_MAILBOXES, [(_names(book, n), _came_to(call, e)) for n, e in visited.items()])
    if not (told or visited):
        out.say(_NOBODY)
    failed = [error for error in (*told.values(), *visited.values()) if error]
    out.give(
        ok=not failed,
        code=failed[0].cause if failed else "done",
        items=_items(told, book),
        mailboxes=_items(visited, book),
    )
    if failed:
        raise click.exceptions.Exit(max(each.exit for each in failed))


def _items(told: Outcomes, book: Book) -> list[Json]:
    return [
        {
            "node": node,
            "agencies": list(book.agencies_of(node)),
            "ok": error is None,
            "code": error.cause if error else DONE,
        }
        for node, error in told.items()
    ]


def _names(book: Book, node: NodeId) -> str:
    return ", ".join(book.agency(each).name for each in book.agencies_of(node))


def _came_to(call: Call, error: ComityError | None) -> str:
    say_in = call.out.say_in
    return f"{say_in.say(error)} [{error.cause}]" if error else say_in.of(_REACHED)


def open_node(call: Call) -> Node:
    """Open the home, as long as it takes for somebody to type the right passphrase."""
    kept = key_home(call.place, lambda: "")
    if kept.standing_warning:
        call.out.warn(BARE_KEY)
    if not kept.needs_person:
        return _opened(call)
    call.out.warn(_WAITS)
    while True:
        try:
            return _opened(call)
        except Locked as error:
            if error.cause != f"{Locked.code}.passphrase" or os.environ.get(HOUSE):
                raise
            call.out.warn(call.out.say_in.say(error))
            clock_time.sleep(_PATIENCE)


def _opened(call: Call) -> Node:
    return Node.open(
        call.place,
        ask_house=lambda: house_passphrase(call),
        clock=call.clock,
        random=call.random,
    )
