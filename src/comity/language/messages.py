# SPDX-License-Identifier: Apache-2.0
"""Collects what is to be translated in ``knowledge``, for Babel (``babel.cfg``).

In YAML the values of a few keys are labels, in CSV one column; all else is a code or a fact.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import IO, Final

import yaml

LABELS: Final = frozenset({"label", "question", "line", "hint", "steps"})
"""Keys whose text, or list of texts, an officer reads."""

COLUMN: Final = "name_en"

Message = tuple[int, str, str, list[str]]


def extract_yaml(
    source: IO[bytes],
    _keywords: Mapping[str, object],
    _comment_tags: Sequence[str],
    options: Mapping[str, str],  # noqa: ARG001 - Babel names it
) -> Iterator[Message]:
    """Yield each label of one YAML file with its line, as Babel asks of an extractor."""
    root = yaml.compose(source, Loader=yaml.SafeLoader)
    if root is not None:
        yield from _labels(root)


def extract_csv(
    source: IO[bytes],
    _keywords: Mapping[str, object],
    _comment_tags: Sequence[str],
    options: Mapping[str, str],  # noqa: ARG001 - Babel names it
) -> Iterator[Message]:
    """Yield the English name in each row of one table, with its line."""
    table = csv.DictReader(StringIO(source.read().decode(), newline=""))
    for row in table:
        yield table.line_num, "", row[COLUMN], []


def _labels(node: yaml.Node) -> Iterator[Message]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _texts(value) if key.value in LABELS else _labels(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _labels(value)


def _texts(node: yaml.Node) -> Iterator[Message]:
    if isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _texts(value)
    elif isinstance(node, yaml.ScalarNode) and node.value:
        yield node.start_mark.line + 1, "", node.value, []
