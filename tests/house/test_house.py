# SPDX-License-Identifier: Apache-2.0
"""The house keeps its own rules: short modules, short functions, named things, told errors."""

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity import errors

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
ALL = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py"))]
# Alembic lays the folder of migrations.
OWN_ROOMS = [path for path in SOURCES if "migrations" not in path.parts]
FORBIDDEN = {"utils", "helpers", "common", "base", "manager"}


def _functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def test_no_module_is_over_500_lines() -> None:
    assert [path for path in SOURCES if len(path.read_text().splitlines()) > 500] == []


def test_no_function_is_over_60_lines() -> None:
    long = [
        f"{path.name}:{node.name}"
        for path, node in _functions()
        if (node.end_lineno or 0) - node.lineno >= 60
    ]

    assert long == []


def test_every_file_names_its_licence() -> None:
    lines = {path: path.read_text().split("\n", 1)[0] for path in ALL}

    assert [p for p, line in lines.items() if line != "# SPDX-License-Identifier: Apache-2.0"] == []


def test_every_module_says_what_it_is() -> None:
    assert [path for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_no_room_is_named_after_nothing() -> None:
    assert [path for path in SOURCES if FORBIDDEN & {*path.parts, path.stem}] == []


def test_rooms_are_at_most_two_levels_deep() -> None:
    depths = [len(path.relative_to(ROOT / "src" / "comity").parts) for path in OWN_ROOMS]

    assert max(depths) <= 3


def _error_codes() -> list[str]:
    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass)]
    return sorted(each.code for each in classes if issubclass(each, errors.ComityError))


@pytest.mark.parametrize("code", _error_codes())
def test_every_error_is_told_in_the_documentation(code: str) -> None:
    assert f"`{code}`" in (ROOT / "docs" / "errors.md").read_text()


def test_an_error_names_its_cause_and_values_and_shows_them() -> None:
    error = errors.Malformed("size", limit=3)

    assert error.cause == "untrusted.malformed.size"
    assert str(error) == "untrusted.malformed.size (limit=3)"
    assert str(errors.Malformed()) == "untrusted.malformed"


def test_at_most_twelve_libraries_at_run_time_and_each_is_justified() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    needed = project["project"]["dependencies"]
    every = [
        *needed,
        *(each for extra in extras for each in extra),
        *project["dependency-groups"]["dev"],
    ]
    told = (ROOT / "docs" / "dependencies.md").read_text()

    assert len(needed) <= 12
    assert [n for each in every if f"`{(n := re.split('[>=<[]', each)[0])}`" not in told] == []


def test_the_locks_name_no_index() -> None:
    locks = [path.read_text() for path in (ROOT / "requirements").glob("*.txt")]

    assert len(locks) == 2
    assert not any(
        re.search(r"https?://|--(extra-)?index-url|--find-links", each) for each in locks
    )


def test_the_readme_names_only_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text()))

    assert named
    assert named <= targets
