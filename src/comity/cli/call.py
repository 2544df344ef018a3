# SPDX-License-Identifier: Apache-2.0
"""One call of the program: where the home is, who acts, how to speak; what every command is handed.

The options that all commands share may stand before the command's name or after it. Nothing here
loads a service: that is for the commands themselves (``session.py``).
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click

from comity.cli.output import Output
from comity.domain.ids import Random
from comity.domain.time import Clock
from comity.errors import Misused

P = ParamSpec("P")


@dataclass(slots=True, kw_only=True)
class Call:
    clock: Clock
    random: Random
    home: str = ""
    json: bool = False
    lang: str = ""
    who: str = ""
    """The acting person, as ``--as`` names him."""
    passphrase_fd: int | None = None
    stdin_taken: bool = False
    """Standard input can be one value only."""
    _out: Output | None = field(default=None, repr=False)

    @property
    def place(self) -> Path:
        """Return the folder of the home; raise Misused if none was named."""
        named = self.home or os.environ.get("COMITY_HOME", "")
        if not named:
            raise Misused("home")
        return Path(named)

    @property
    def out(self) -> Output:
        if self._out is None:
            self._out = Output(self.lang, as_json=self.json, clock=self.clock)
        return self._out


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
    if value not in (None, False) and parameter.name:
        setattr(context.find_object(Call), parameter.name, value)


_SHARED: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--home",
        metavar="PATH",
        expose_value=False,
        callback=_keep,
        help="The home of this server; else COMITY_HOME.",
    ),
    click.option(
        "--lang",
        metavar="TAG",
        expose_value=False,
        callback=_keep,
        help="The language to speak: en, fr, vi …; else that of the system.",
    ),
    click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_keep,
        help="Print one JSON object.",
    ),
)
_ACTING: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--as",
        "who",
        metavar="WHO",
        required=True,
        expose_value=False,
        callback=_keep,
        help="Who acts: a name, or officer 3.",
    ),
    click.option(
        "--passphrase-fd",
        type=int,
        metavar="N",
        expose_value=False,
        callback=_keep,
        help="Read his passphrase from file descriptor N; else COMITY_PASSPHRASE, else a prompt.",
    ),
)

_pass = click.make_pass_decorator(Call)


def shared(function: Callable[Concatenate[Call, P], None]) -> Callable[P, None]:
    """Hand *function* the call, and give its command the options that all commands share."""
    return with_shared(_pass(function))


def acting(function: Callable[Concatenate[Call, P], None]) -> Callable[P, None]:
    """Hand *function* the call of a command in which a person acts."""
    return _with(_with(_pass(function), _SHARED), _ACTING)


def with_shared(function: Callable[P, None]) -> Callable[P, None]:
    return _with(function, _SHARED)


def _with(
    function: Callable[P, None], options: tuple[Callable[[Any], Any], ...]
) -> Callable[P, None]:
    for each in reversed(options):
        function = each(function)
    return function
