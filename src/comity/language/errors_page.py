# SPDX-License-Identifier: Apache-2.0
"""Writes ``docs/errors.md`` from the sentences: ``python -m comity.language.errors_page``."""

import sys
from collections.abc import Iterator
from typing import Final

from comity.errors import ComityError
from comity.language.sentence import Sentence
from comity.language.sentences import SENTENCES

_HEAD: Final = """\
# Errors

Each error has a stable code: it keys the sentence that people read and stands as `code` in
`--json`. A narrower cause may follow it after a dot (`untrusted.malformed.depth`); what has no line
of its own here is told as its nearest parent. Exit codes of the command line: 1 refused by the
rules, 2 wrong usage, 3 not verified, 4 unavailable. No error holds content, a name or a number of
a case; words in braces are ids, sizes and names of fields.

Written by `make messages` from `src/comity/language/sentences.py`.

| code | exit | what happened | what to do | on a page, if it is something else |
|---|---|---|---|---|
"""


def page() -> str:
    """Return the whole page."""
    return _HEAD + "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    ends = {each.code: each.exit for each in _classes(ComityError)}
    for code, sentence in SENTENCES.items():
        parent = code
        while parent not in ends:
            parent = parent.rpartition(".")[0]
        yield (
            f"| `{code}` | {ends[parent]} | {_happened(sentence)} | {sentence.then} "
            f"| {sentence.page} |"
        )


def _happened(sentence: Sentence) -> str:
    told = sentence.happened
    return told if isinstance(told, str) else told.many


def _classes(of: type[ComityError]) -> Iterator[type[ComityError]]:
    yield of
    for child in of.__subclasses__():
        yield from _classes(child)


if __name__ == "__main__":
    sys.stdout.write(page())
