# SPDX-License-Identifier: Apache-2.0
"""The options that asking and telling share: to whom, what it is about, and on what basis."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from comity.cli.values import VALUE
from comity.domain.statement import Basis
from comity.knowledge.codes import bases
from comity.language.marks import marked
from comity.services.seat import Seat

TO = marked("To whom: country/desk")
REF = marked("Your file number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    to: str
    kind: str
    ref: str
    given: tuple[str, ...]
    """As ``--set`` has them."""
    attachments: tuple[Path, ...]
    clean: bool
    """Whether photographs go without what the camera wrote beside them."""
    facts: str
    offence: str
    why_you: str
    basis: Basis
    mandate: str
    language: str
    desk: str
    roster_reason: str


def with_case(basis: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what gives a command these options, and its function what they say as ``case``."""

    def given_to(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def collected(
            *told: object,
            basis: str,
            basis_text: str,
            old_keys_reason: str,
            **more: Any,  # noqa: ANN401  # as click fills them in
        ) -> None:
            mine = {name: more.pop(name) for name in _NAMES}
            case = Case(
                basis=Basis(code=basis, text=basis_text), roster_reason=old_keys_reason, **mine
            )
            function(*told, case=case, **more)

        for each in reversed(_options(basis)):
            collected = each(collected)
        return collected

    return given_to


def language_of(seat: Seat) -> str:
    """Return the language in which whoever acts writes, as far as his agency says it."""
    return next(iter(seat.unlocked.entry.languages), "en")


_NAMES = (
    "to",
    "kind",
    "ref",
    "given",
    "attachments",
    "clean",
    "facts",
    "offence",
    "why_you",
    "mandate",
    "language",
    "desk",
)


def _options(basis: str) -> tuple[Callable[[Any], Any], ...]:
    return (
        click.option("--to", type=VALUE, default="", metavar="AGENCY/DESK", help="To whom."),
        click.option(
            "--kind", default="", metavar="KIND", help="What it is about: see comity kinds."
        ),
        click.option("--ref", type=VALUE, default="", help="Your own file number."),
        click.option(
            "--set",
            "given",
            multiple=True,
            metavar="FIELD=VALUE",
            help="A field of the kind; repeat. Without =VALUE you are asked for it.",
        ),
        click.option(
            "--attach",
            "attachments",
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="A file; repeat.",
        ),
        click.option(
            "--clean", is_flag=True, help="Photographs without place, time, device and owner."
        ),
        click.option("--facts", type=VALUE, default="", help="What happened."),
        click.option("--offence", type=VALUE, default="", help="Which offence it would be."),
        click.option("--why-you", type=VALUE, default="", help="Why you turn to this desk."),
        click.option(
            "--basis",
            type=click.Choice(tuple(bases())),
            default=basis,
            show_default=True,
            help="On what legal basis.",
        ),
        click.option("--basis-text", type=VALUE, default="", help="With other: which."),
        click.option("--mandate", default="", metavar="ID", help="Default: one that covers it."),
        click.option("--language", default="", metavar="TAG", help="Of your text. Default: yours."),
        click.option("--desk", type=VALUE, default="", help="For which of your desks you sign."),
        click.option(
            "--old-keys-reason", type=VALUE, default="", help="Why their old list will do."
        ),
    )
