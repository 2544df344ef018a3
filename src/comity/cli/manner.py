# SPDX-License-Identifier: Apache-2.0
"""The options of every reply: its language, for which desk it is signed, under which mandate."""

import functools
from collections.abc import Callable
from typing import Any, Final

import click

from comity.cli.case import language_of
from comity.cli.values import VALUE
from comity.services.replies import Manner
from comity.services.seat import Seat

_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    click.option("--language", default="", metavar="TAG", help="Of your text. Default: yours."),
    click.option("--desk", type=VALUE, default="", help="For which of your desks you sign."),
    click.option("--mandate", default="", metavar="ID", help="Default: the one that covers it."),
    click.option("--old-keys-reason", type=VALUE, default="", help="Why their old list will do."),
)


def with_manner(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of every reply, and *function* what they say as ``manner``."""

    @functools.wraps(function)
    def collected(
        *told: object,
        language: str,
        desk: str,
        mandate: str,
        old_keys_reason: str,
        **more: object,
    ) -> None:
        def manner(seat: Seat) -> Manner:
            return Manner(
                language=language or language_of(seat),
                desk=desk,
                mandate=mandate,
                roster_reason=old_keys_reason,
            )

        function(*told, manner=manner, **more)

    for each in reversed(_OPTIONS):
        collected = each(collected)
    return collected
