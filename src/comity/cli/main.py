# SPDX-License-Identifier: Apache-2.0
"""The command ``comity``: the same words as the code.

Exit codes: 0 done, 1 refused by the rules, 2 wrong usage, 3 not verified, 4 unavailable; 130 when
interrupted. With ``--json`` a command prints one object with ``ok, code, id, thread, stage, next``.
An error is said once, here, in the caller's language with its code; what is said of a mistake of
our own names its place in the program and nothing of what the program held.
"""

import contextlib
import io
import json
import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from comity import __version__
from comity.cli.call import Call, with_shared
from comity.cli.commands import SECTIONS
from comity.cli.group import LazyGroup
from comity.cli.output import wanted
from comity.domain.ids import Random
from comity.domain.time import Clock
from comity.errors import ComityError, DiskFull, Misused, Unavailable
from comity.language.translator import Translator

INTERRUPTED: Final = 130
"""As shells say it: 128 and the number of SIGINT."""


@click.group(
    cls=LazyGroup, sections=SECTIONS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="comity")
@with_shared
def comity() -> None:
    """Ask the officer who can answer, in another country: sealed, and with proof.

    Every value may come from a file (@file), from standard input (-) or from a prompt (?), so that
    no number or name need stand on the command line.
    """


def now() -> datetime:
    return datetime.now(UTC)


def main(
    arguments: Sequence[str] | None = None, *, clock: Clock = now, random: Random = os.urandom
) -> None:
    """Run one command; say an error once, with its stable code, and exit by its kind."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    call = Call(clock=clock, random=random)
    call.json = "--json" in words
    _write_any_sign()
    try:
        ended = comity.main(args=words, prog_name="comity", standalone_mode=False, obj=call)
    except _EXPECTED as error:
        ended = _end(error, call)
    except Exception as error:  # noqa: BLE001  # its message may hold what an officer wrote
        ended = _own_mistake(error, call)
    if ended:
        sys.exit(ended)


def _end(error: BaseException, call: Call) -> int:
    """Say *error*, if there is anything to say of it, and return the exit code."""
    match error:
        case click.exceptions.Abort():
            return INTERRUPTED
        case click.exceptions.Exit():
            return error.exit_code
        case click.ClickException():
            _say(Misused.code, error.format_message(), call)
            return Misused.exit
        case ComityError():
            _say(error.cause, _translator(call).say(error), call)
            return error.exit
        case BrokenPipeError():
            return _leave_quietly()
        case OSError():
            told = _translator(call).say(DiskFull())
            _say(DiskFull.code, f"{told} {error.strerror or type(error).__name__}", call)
            return DiskFull.exit
        case _:
            raise error


_EXPECTED: Final = (
    click.exceptions.Abort,
    click.exceptions.Exit,
    click.ClickException,
    ComityError,
    OSError,
)


def _say(code: str, sentence: str, call: Call) -> None:
    if call.json:
        empty = {"id": "", "thread": "", "stage": "", "next": []}
        click.echo(json.dumps({"ok": False, "code": code, **empty}))
    click.echo(f"{sentence} [{code}]", err=True)


def _translator(call: Call) -> Translator:
    return Translator(*wanted(call.lang))


def _own_mistake(error: Exception, call: Call) -> int:
    """Say where in the program a mistake of ours came up, and nothing of what it held."""
    if "COMITY_DEBUG" in os.environ:
        raise error
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__}, {Path(last.filename).name}:{last.lineno}"
    _say(ComityError.code, f"{_translator(call).say(ComityError())} ({place})", call)
    return Unavailable.exit


def _write_any_sign() -> None:
    """Let a terminal of another alphabet show what it can, instead of ending in the middle."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _leave_quietly() -> int:
    """Whoever read our output has gone: there is nobody left to be told."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
