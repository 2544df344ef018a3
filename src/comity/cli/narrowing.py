# SPDX-License-Identifier: Apache-2.0
"""Handling that was given already, changed where an option says so and nowhere else."""

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import click

from comity.cli.values import MOMENT, VALUE, utc
from comity.domain.handling import Handling, Leave, See
from comity.domain.time import written

Changed = Callable[[Handling], Handling]

_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    click.option("--see", type=click.Choice([each.value for each in See]), help="Who may see it."),
    click.option(
        "--onward", type=click.Choice([each.value for each in Leave]), help="May it be passed on?"
    ),
    click.option(
        "--court",
        type=click.Choice([each.value for each in Leave]),
        help="May it be used in court?",
    ),
    click.option("--condition", type=VALUE, default="", help="A condition of your own; it binds."),
    click.option(
        "--expires", type=MOMENT, metavar="TIME", help="After this it may not be used, UTC."
    ),
)


def with_changes(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options, and *function* what they make of a handling as ``changed``."""

    @functools.wraps(function)
    def collected(
        *told: object,
        see: str | None,
        onward: str | None,
        court: str | None,
        condition: str,
        expires: datetime | None,
        **more: object,
    ) -> None:
        def changed(held: Handling) -> Handling:
            return replace(
                held,
                see=See(see) if see else held.see,
                onward=Leave(onward) if onward else held.onward,
                judicial=Leave(court) if court else held.judicial,
                condition=_both(held.condition, condition),
                expires=written(utc(expires)) if expires else held.expires,
            )

        function(*told, changed=changed, **more)

    for each in reversed(_OPTIONS):
        collected = each(collected)
    return collected


def _both(held: str, added: str) -> str:
    """Return both conditions, as paragraphs: what bound before goes on to bind."""
    return "\n\n".join(each for each in (held, added) if each)
