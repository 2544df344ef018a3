# SPDX-License-Identifier: Apache-2.0
"""Eight officers who sign in at the same moment do not take the machine's memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "sign_in.py"


@pytest.mark.slow
def test_eight_sign_ins_at_once_stay_under_400_mib(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, BENCH, tmp_path], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout.splitlines()[-1])

    assert told["let_in"] == told["asked"]
    assert told["peak"] < 400
