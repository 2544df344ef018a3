# SPDX-License-Identifier: Apache-2.0
"""The pages say what is there: their links lead somewhere, their commands and tests exist."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest

from comity.cli.main import comity

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "spec").glob("*.md")]
)
LINK: Final = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
COMMAND: Final = re.compile(
    r"(?<!=)\b(?:comity|ke|vn) (?:--home \S+ |--lang \S+ )*([a-z][^|`\n&;)]*)"
)
SHELL: Final = re.compile(
    r"^```(?:console|sh)\n(.*?)^```|`(comity [^`\n]+)`", re.DOTALL | re.MULTILINE
)


def commands(page: Path) -> Iterator[str]:
    """Yield what *page* shows of commands, without ``comity`` itself; a long one as one line."""
    for block, said in SHELL.findall(page.read_text("utf-8")):
        for found in COMMAND.findall(re.sub(r"\\\n(?:> )?", " ", block or said)):
            if not found.startswith(("is ", "()")):
                yield found


def problem(words: list[str]) -> str:
    """Return what of a command the program does not know; nothing if it knows all of it."""
    found: click.Command = comity
    for at, word in enumerate(words):
        if not isinstance(found, click.Group) or word.startswith("-"):
            return _unknown_options(found, words[at:])
        following = found.get_command(click.Context(found), word)
        if following is None:
            return word
        found = following
    return ""


def _unknown_options(command: click.Command, words: list[str]) -> str:
    known = {each for option in command.params for each in option.opts} | {"--help"}
    named = [each.split("=")[0] for each in words if re.match(r"--?[a-z]", each)]
    return next((each for each in named if each not in known), "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = [each for each in LINK.findall(page.read_text("utf-8")) if "://" not in each]

    assert [each for each in links if not (page.parent / each).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_on_a_page_exists_with_its_options(page: Path) -> None:
    shown = {each: problem(each.split()) for each in commands(page)}

    assert {command: wrong for command, wrong in shown.items() if wrong} == {}


def test_the_pages_show_commands_at_all() -> None:
    counted = {str(page.relative_to(ROOT)): len(list(commands(page))) for page in PAGES}

    assert counted["README.md"] > 20
    assert counted["docs/operate/running.md"] > 10


def test_the_threat_model_names_tests_that_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/threat-model.md").read_text("utf-8")))
    there = {
        each
        for file in (ROOT / "tests").rglob("test_*.py")
        for each in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
    }

    assert len(named) > 50
    assert named - there == set()


def test_every_decision_is_listed_once_and_in_order() -> None:
    folder = ROOT / "docs" / "adr"
    files = sorted(each.name for each in folder.glob("[0-9]*.md"))
    listed = re.findall(
        r"^\| \[(\d+)\]\(([^)]+)\)", (folder / "README.md").read_text(), re.MULTILINE
    )

    assert [name for _, name in listed] == files
    assert [int(number) for number, _ in listed] == list(range(1, len(files) + 1))


def test_every_setting_of_the_environment_is_told() -> None:
    told = (ROOT / "docs/operate/running.md").read_text("utf-8")
    read = {
        each
        for file in (ROOT / "src").rglob("*.py")
        for each in re.findall(r'"(COMITY_[A-Z_]+)"', file.read_text("utf-8"))
    }

    assert {each for each in read if not each.endswith("_")} - set(
        re.findall(r"COMITY_[A-Z_]+", told)
    ) == set()
