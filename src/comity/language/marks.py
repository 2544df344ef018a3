# SPDX-License-Identifier: Apache-2.0
"""Marks on English text that is to be translated; ``make messages`` collects what they hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """A sentence whose form depends on a number: *one* for one, *many* else."""

    one: str
    many: str


def marked(text: str) -> str:
    """Return *text*, which the catalogues translate."""
    return text


def counted(one: str, many: str) -> Counted:
    """Return both forms of a sentence, which the catalogues translate by number."""
    return Counted(one, many)
