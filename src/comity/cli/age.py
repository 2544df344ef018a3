# SPDX-License-Identifier: Apache-2.0
"""``comity seal`` and ``comity open``: any file to and from the age format.

A sink is written beside its place and moved there only when it is whole, so that a failure leaves
nothing half-written and a file that was there before stays as it was.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click

from comity.crypto.age import (
    HybridIdentity,
    HybridRecipient,
    Identity,
    Passphrase,
    Recipient,
    decrypt_stream,
    encrypt_stream,
)
from comity.crypto.age.scrypt import WRITE_FACTOR
from comity.errors import Malformed, Misused

TEXT_LIMIT = 1 << 20


@click.command()
@click.option("--to", "recipients", multiple=True, help="Recipient line, or @FILE of such lines.")
@click.option("--passphrase", "by_passphrase", is_flag=True, help="Seal to a new passphrase.")
@click.option("--factor", default=WRITE_FACTOR, hidden=True, type=click.IntRange(4, 18))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: standard output.")
@click.argument("source", type=click.File("rb"), default="-")
def seal(
    recipients: tuple[str, ...],
    by_passphrase: bool,
    factor: int,
    output: Path | None,
    source: BinaryIO,
) -> None:
    """Seal SOURCE to each recipient, or to a passphrase, as an age file."""
    to: list[Recipient] = [HybridRecipient.parse(line) for line in _lines(recipients)]
    if by_passphrase:
        to.append(Passphrase(_new_passphrase(), factor=factor))
    if not to:
        raise Misused("no-recipient")
    with _sink(output) as sink:
        encrypt_stream(source, sink, to)


@click.command(name="open")
@click.option(
    "--identity", "identities", multiple=True, metavar="@FILE", help="File of identity lines."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: standard output.")
@click.argument("source", type=click.File("rb"), default="-")
def open_(identities: tuple[str, ...], output: Path | None, source: BinaryIO) -> None:
    """Open SOURCE with an identity, or by passphrase when none is given."""
    if any(not each.startswith("@") for each in identities):
        # A secret on the command line stands in every process list of the machine.
        raise Misused("identity-on-command-line")
    keys: list[Identity] = [HybridIdentity.parse(line) for line in _lines(identities)]
    if not keys:
        keys.append(Passphrase(_passphrase()))
    with _sink(output) as sink:
        decrypt_stream(source, sink, keys)


def _lines(given: tuple[str, ...]) -> Iterator[str]:
    for each in given:
        if not each.startswith("@"):
            yield each
            continue
        try:
            with Path(each[1:]).open(encoding="utf-8") as file:
                text = file.read(TEXT_LIMIT)
        except FileNotFoundError as error:
            raise Misused("file-missing") from error
        except UnicodeDecodeError as error:
            raise Malformed("text") from error
        yield from (
            line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")
        )


def _passphrase() -> str:
    given = os.environ.get("COMITY_PASSPHRASE")
    return given or str(click.prompt("Passphrase", hide_input=True, err=True))


def _new_passphrase() -> str:
    given = os.environ.get("COMITY_NEW_PASSPHRASE")
    return given or str(
        click.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True)
    )


@contextlib.contextmanager
def _sink(output: Path | None) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of *output* once everything has been written."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    beside = output.with_name(f".{output.name}.{os.getpid()}.part")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(output)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
