# SPDX-License-Identifier: Apache-2.0
"""Short lists of codes: what goes over the wire as a code and is read as a label by each side.

A code never changes its meaning; a new meaning is a new code. Each list is one YAML file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from comity.errors import Misused
from comity.knowledge.rows import Confidence, convert, ours, read_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    code: str
    label: str
    hint: str = ""
    steps: tuple[str, ...] = ()
    """With a refusal: what its asker can do next."""
    needs_text: bool = False
    """The code says nothing without words beside it."""
    source: str
    as_of: str
    confidence: Confidence


@cache
def bases() -> Mapping[str, Code]:
    """Return the legal bases by code."""
    return _codes("bases.yaml")


@cache
def outcomes() -> Mapping[str, Code]:
    """Return the outcomes of an answer by code (``domain.statement.Outcome``)."""
    return _codes("outcomes.yaml")


@cache
def refusals() -> Mapping[str, Code]:
    """Return the grounds of refusal by code, each with the steps open to the asker."""
    return _codes("refusals.yaml")


@cache
def purposes() -> Mapping[str, Code]:
    """Return what an answer may be used for, by code."""
    return _codes("purposes.yaml")


@cache
def ask_back_reasons() -> Mapping[str, Code]:
    """Return by code what may be missing before a question can be answered."""
    return _codes("ask_back.yaml")


@cache
def urgencies() -> Mapping[str, Code]:
    """Return the three clocks by code (``domain.statement.Urgency``)."""
    return _codes("clocks.yaml")


def _codes(name: str) -> Mapping[str, Code]:
    rows = convert(name, read_yaml(ours(name)), tuple[Code, ...])
    found = {each.code: each for each in rows}
    if len(found) != len(rows):
        raise Misused("data-file", file=name)
    return found
