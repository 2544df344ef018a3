# SPDX-License-Identifier: Apache-2.0
"""What a newcomer would type, from two empty folders to a checked proof: every claim must hold."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("two_nodes.sh")


def run(tmp_path: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the story with ``comity`` on the PATH, as an installed one is."""
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("COMITY_", "PYTHON"))}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment["TMPDIR"] = str(tmp_path)
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path / "pycache")
    return subprocess.run(
        ["bash", str(SCRIPT), *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )


@pytest.mark.slow
def test_two_countries_ask_answer_and_prove_by_the_command_line_alone(tmp_path: Path) -> None:
    done = run(tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(" claims hold.\n")
    assert done.stdout.count("holds: ") >= 35
    assert not list(tmp_path.glob("comity-two-nodes-*"))


@pytest.mark.slow
def test_one_of_them_may_keep_its_records_in_postgresql(
    tmp_path: Path, blank_postgres_url: str
) -> None:
    done = run(tmp_path, "--database", blank_postgres_url)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("holds: ") >= 35
