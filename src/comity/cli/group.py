# SPDX-License-Identifier: Apache-2.0
"""A group of commands that are loaded when they are called, so that ``--help`` is there at once.

What stands in the list (name, file, one line) is all that the overview needs; a test compares each
line with the command's own.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class Listed:
    """One command of the overview."""

    name: str
    module: str
    line: str
    """As its own help begins."""
    attribute: str = ""
    """What it is called in its file, where that is not its name."""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    commands: tuple[Listed, ...]


class LazyGroup(click.Group):
    """Knows its commands by name, in sections, and loads the one that is called."""

    def __init__(self, *args: Any, sections: Sequence[Section], **more: Any) -> None:  # noqa: ANN401  # click's
        super().__init__(*args, **more)
        self.sections = sections
        self._listed = {each.name: each for section in sections for each in section.commands}

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self._listed)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        listed = self._listed.get(cmd_name)
        if listed is None:
            return None
        module = importlib.import_module(f"comity.cli.{listed.module}")
        found: click.Command = getattr(module, listed.attribute or cmd_name.replace("-", "_"))
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        for section in self.sections:
            with formatter.section(section.title):
                formatter.write_dl([(each.name, each.line) for each in section.commands])
