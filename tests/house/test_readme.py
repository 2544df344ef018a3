# SPDX-License-Identifier: Apache-2.0
"""The README's session is typed here as a newcomer would type it."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PORT: Final = "8702"
"""As the README names it; here another one that is free."""
SETS_UP: Final = re.compile(r"make \w+|\. \.venv/bin/activate && ")
"""What a fresh clone needs and what runs these tests has: the environment."""


def session() -> list[str]:
    """Return what the README's one session has somebody type, each command whole."""
    [block] = re.findall(
        r"```console\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL
    )
    lines = [line for line in block.splitlines() if line]
    assert all(line.startswith(("$ ", "> ")) for line in lines)
    return re.findall(r"^\$ (.*(?:\n> .*)*)", "\n".join(lines), re.MULTILINE)


def script(port: int) -> str:
    """Return the session for a shell that stops at the first failure and waits where people do."""
    typed = [SETS_UP.sub("", each.replace("\n> ", "\n")) for each in session()]
    wait = f"until (: < /dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.1; done"
    begun = [line for each in typed for line in ([each, wait] if each.endswith("&") else [each])]
    # With jobs, as at a terminal: killing one ends all that it started.
    head = ["set -meuo pipefail", "trap 'kill %1 2>/dev/null || true' EXIT"]
    return "\n".join([*head, *begun]).replace(PORT, str(port))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


@pytest.mark.slow
def test_the_session_in_the_readme_runs_as_it_stands(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"

    screen, folder = tmp_path / "screen", tmp_path / "folder"
    folder.mkdir()

    with screen.open("wb") as output:
        done = subprocess.run(
            ["bash", "-c", script(free_port())],
            cwd=folder,
            env={**kept, "PATH": path, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=300,
            check=False,
        )
    shown = screen.read_text("utf-8")

    assert done.returncode == 0, shown
    for told in (
        "Its number, to be said by telephone: KV-",
        "312 kg of ivory",
        "Minh Long Timber",
        "delivered, with proof",
        "This home is as it was written",
    ):
        assert told in shown, shown
    assert [each.name for each in folder.iterdir()] == ["play"]
