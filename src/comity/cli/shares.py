# SPDX-License-Identifier: Apache-2.0
"""Shares that holders bring: in files, by descriptor or typed; never as an argument."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from comity.cli import secrets
from comity.cli.call import Call
from comity.cli.values import STDIN, resolve
from comity.errors import Malformed
from comity.wire.recovery import TITLE, read_share

_LIMIT: Final = 64 * 1024


def with_shares(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options by which shares are brought."""
    for each in (
        click.option(
            "--shares-fd",
            type=int,
            metavar="N",
            help="Read shares from file descriptor N, one a line; else they are asked for.",
        ),
        click.option(
            "--share",
            "files",
            multiple=True,
            metavar="FILE",
            help="A file with an opened share, or its words; - is standard input. Repeat.",
        ),
    ):
        function = each(function)
    return function


def brought(
    call: Call,
    files: tuple[str, ...],
    shares_fd: int | None,
    *,
    needed: int,
    rehearsal: bool = False,
) -> list[str]:
    """Return the words of each share that was brought; ask for *needed* where none was."""
    texts = [resolve(call, each if each == STDIN else f"@{Path(each)}", "share") for each in files]
    if shares_fd is not None:
        texts.append(secrets.lines_from_descriptor(shares_fd, _LIMIT))
    if not texts:
        return [secrets.share(call, each, needed) for each in range(1, needed + 1)]
    return [words for text in texts for words in _words(text, rehearsal=rehearsal)]


def _words(text: str, *, rehearsal: bool) -> list[str]:
    """Return the words in *text*: of a share as its holder opened it, or line by line."""
    if not text.startswith(TITLE):
        return [line for line in text.splitlines() if line.strip()]
    try:
        held = read_share(f"{text.strip()}\n".encode("ascii"))
    except UnicodeEncodeError:
        raise Malformed("share") from None
    return [held.rehearsal if rehearsal else held.words]
