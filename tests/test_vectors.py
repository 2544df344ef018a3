# SPDX-License-Identifier: Apache-2.0
"""No vector lies unread: each folder has a reader among the tests, and each file says its outcome.

A reader takes every file of its folder (``iterdir``) and looks up what to do by the file's kind, so
that a file of a kind that it does not know fails there. Here is checked that there are such readers.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

TESTS: Final = Path(__file__).parent
VECTORS: Final = TESTS.parent / "spec" / "vectors"
ABOUT: Final = {"README.md", ".gitattributes"}
FILES: Final = sorted(
    path for path in VECTORS.rglob("*") if path.is_file() and path.name not in ABOUT
)
OF_ONE_KIND: Final = {"age", "fingerprint", "passphrase"}
"""Folders of which every file is read alike: none says a kind."""
NAMES: Final = [f"{path.parent.name}/{path.name}" for path in FILES]
SOURCES: Final = {
    path: path.read_text("utf-8") for path in TESTS.rglob("test_*.py") if path != Path(__file__)
}


def readers_of(folder: str) -> list[str]:
    """Return the source of the tests that take every file of *folder*."""
    named = re.compile(rf'"{folder}"')
    return [
        text
        for text in SOURCES.values()
        if '"spec" / "vectors"' in text and named.search(text) and "iterdir()" in text
    ]


def kind_of(path: Path) -> str:
    """Return what the reader goes by; empty where a folder's files are all read alike."""
    if path.parent.name == "age":  # not JSON, but the age project's own format
        return ""
    case: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return str(case.get("kind") or case.get("type") or "")


def outcome_of(path: Path) -> str:
    if path.parent.name == "age":
        told = path.read_bytes().partition(b"\n\n")[0].decode().splitlines()
        return next(line.partition(": ")[2] for line in told if line.startswith("expect: "))
    case: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return str(case.get("outcome") or case["expect"])


def test_every_vector_lies_in_a_folder_of_its_own_kind() -> None:
    assert {path.parent.parent for path in FILES} == {VECTORS}


@pytest.mark.parametrize("folder", sorted({path.parent.name for path in FILES}))
def test_every_folder_has_a_reader_that_knows_its_kinds(folder: str) -> None:
    readers = readers_of(folder)

    assert readers, f"no test reads spec/vectors/{folder}"
    for path in FILES:
        if path.parent.name == folder:
            kind = kind_of(path)
            assert bool(kind) is (folder not in OF_ONE_KIND), path.name
            assert not kind or any(f'"{kind}"' in text for text in readers), kind


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_vector_says_its_outcome(path: Path) -> None:
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9. -]*", outcome_of(path))


def test_every_folder_holds_good_and_bad() -> None:
    for folder in sorted({path.parent for path in FILES}):
        outcomes = {outcome_of(path) for path in FILES if path.parent == folder}
        assert len(outcomes) > 1, folder.name
