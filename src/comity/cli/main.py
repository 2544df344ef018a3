# SPDX-License-Identifier: Apache-2.0
"""The command ``comity``: the same words as the code.

Exit codes: 0 done, 1 refused by the rules, 2 wrong usage, 3 not verified, 4 unavailable. With
``--json`` a command prints one object with ``ok, code, id, thread, stage, next``.
"""

import json
import sys
from collections.abc import Sequence

import click

from comity import __version__
from comity.cli import age
from comity.errors import ComityError, DiskFull

USAGE = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="comity")
def comity() -> None:
    """Ask the officer who can answer, in another country: sealed, and with proof."""


comity.add_command(age.seal)
comity.add_command(age.open_)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; say an error once, with its stable code, and exit by its kind."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        comity.main(args=words, prog_name="comity", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(1)
    except click.ClickException as error:
        _say("usage", error.format_message(), as_json="--json" in words)
        sys.exit(USAGE)
    except ComityError as error:
        _say(error.cause, _sentence(error), as_json="--json" in words)
        sys.exit(error.exit)
    except OSError as error:
        _say(DiskFull.code, error.strerror or type(error).__name__, as_json="--json" in words)
        sys.exit(DiskFull.exit)


def _sentence(error: ComityError) -> str:
    first = (type(error).__doc__ or "").split("\n", 1)[0]
    return f"{first} [{error.cause}]"


def _say(code: str, sentence: str, *, as_json: bool) -> None:
    if as_json:
        empty = {"id": "", "thread": "", "stage": "", "next": []}
        click.echo(json.dumps({"ok": False, "code": code, **empty}))
    click.echo(sentence, err=True)
