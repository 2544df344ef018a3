# SPDX-License-Identifier: Apache-2.0
"""``comity seal`` and ``comity open``: any file to and from the age format."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click

from comity.cli.call import Call, shared
from comity.cli.files import read_bytes, sink
from comity.cli.secrets import new_passphrase, passphrase
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
@shared
def seal(
    call: Call,
    *,
    recipients: tuple[str, ...],
    by_passphrase: bool,
    factor: int,
    output: Path | None,
    source: BinaryIO,
) -> None:
    """Seal SOURCE to each recipient, or to a passphrase, as an age file."""
    to: list[Recipient] = [HybridRecipient.parse(line) for line in _lines(recipients)]
    if by_passphrase:
        to.append(Passphrase(new_passphrase(call), factor=factor))
    if not to:
        raise Misused("no-recipient")
    with sink(output) as file:
        encrypt_stream(source, file, to)
    if output:
        call.out.give(path=str(output))


@click.command(name="open")
@click.option(
    "--identity", "identities", multiple=True, metavar="@FILE", help="File of identity lines."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: standard output.")
@click.argument("source", type=click.File("rb"), default="-")
@shared
def open_(
    call: Call, *, identities: tuple[str, ...], output: Path | None, source: BinaryIO
) -> None:
    """Open SOURCE with an identity, or by passphrase when none is given."""
    if any(not each.startswith("@") for each in identities):
        # A secret on the command line stands in every process list of the machine.
        raise Misused("identity-on-command-line")
    keys: list[Identity] = [HybridIdentity.parse(line) for line in _lines(identities)]
    if not keys:
        keys.append(Passphrase(passphrase(call)))
    with sink(output) as file:
        decrypt_stream(source, file, keys)
    if output:
        call.out.give(path=str(output))


def _lines(given: tuple[str, ...]) -> Iterator[str]:
    for each in given:
        if not each.startswith("@"):
            yield each
            continue
        try:
            text = read_bytes(Path(each[1:]), TEXT_LIMIT).decode()
        except UnicodeDecodeError:
            raise Malformed("text") from None  # its cause would hold the secret
        yield from (
            line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")
        )
