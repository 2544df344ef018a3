# SPDX-License-Identifier: Apache-2.0
"""The page of the command line shows every command, its help as it is, and examples that parse.

To renew the blocks of help, run with ``COMITY_SNAPSHOTS=write``.
"""

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.cli.test_frame import commands

from comity.cli.main import comity

PAGE = Path(__file__).parents[2] / "docs" / "officers" / "command-line.md"
SECTION = re.compile(r"^### comity ([a-z -]+)$(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
HELP = re.compile(r"(?<=^```text\n).*?(?=\n```$)", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^\$ (comity (?:[^\n]*\\\n)*[^\n]*)$", re.MULTILINE)


def contexts(words: tuple[str, ...]) -> Iterator[click.Context]:
    """Yield the context of each word, the program's own first."""
    found: click.Command = comity
    context = click.Context(
        comity, info_name="comity", terminal_width=80, **comity.context_settings
    )
    yield context
    for word in words:
        assert isinstance(found, click.Group)
        following = found.get_command(context, word)
        assert following is not None, word
        found = following
        context = click.Context(found, info_name=word, parent=context, terminal_width=80)
        yield context


def sections() -> dict[str, str]:
    return dict(SECTION.findall(PAGE.read_text()))


def test_the_page_has_every_command_and_no_other() -> None:
    assert sorted(sections()) == sorted(" ".join(words) for words, _ in commands(comity))


@pytest.mark.parametrize("name", sorted(" ".join(words) for words, _ in commands(comity)))
def test_the_page_shows_the_help_as_it_is(name: str) -> None:
    *_, context = contexts(tuple(name.split()))
    said = context.command.get_help(context)

    if os.environ.get("COMITY_SNAPSHOTS") == "write":
        renewed = HELP.sub(lambda _: said, sections()[name])
        PAGE.write_text(PAGE.read_text().replace(sections()[name], renewed))

    assert HELP.findall(sections()[name]) == [said]


@pytest.mark.parametrize("name", sorted(" ".join(words) for words, _ in commands(comity)))
def test_its_examples_parse(name: str) -> None:
    examples = EXAMPLE.findall(sections()[name])
    assert examples

    for each in examples:
        words = shlex.split(each.replace("\\\n", " ").split(" < ")[0])
        depth = len(name.split())
        assert words[1 : 1 + depth] == name.split()
        *_, context = contexts(tuple(name.split()))
        given, rest, _ = context.command.make_parser(context).parse_args(words[1 + depth :])
        needed = {p.name for p in context.command.params if p.required}
        assert rest == []
        assert {n for n in needed if given.get(n or "") in (None, (), [])} == set()
