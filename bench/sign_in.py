# SPDX-License-Identifier: Apache-2.0
"""Signing in: how much memory eight take at once, and how much of the time is the derivation.

One process serves the real pages over a home whose officers' files are sealed as on a real node
(scrypt at 2^17: 128 MiB each). Eight officers sign in at the same moment; then one after the other,
beside the derivation alone.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.services.settle import PASSPHRASE, settle

from comity.crypto.age import Passphrase, decrypt, encrypt
from comity.crypto.age.scrypt import WRITE_FACTOR
from comity.node import Node
from comity.services.enrol import Person, enrol
from comity.services.export import export, keep
from comity.services.house import House
from comity.services.sessions import open_sessions
from comity.web.app import pages
from comity.web.visit import Desk

AT_ONCE = 8
MEMORY_MOST = 400
"""MiB."""
ALONE = 5


def measured() -> dict[str, float]:
    """Return what a process of its own measures."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, __file__, folder], capture_output=True, text=True, check=True
        )
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _real(house: House, agency: Any) -> tuple[House, list[str]]:
    """Return *house* as a real one, and eight officers whose files are sealed as there."""
    names = [f"officer of shift {number}" for number in range(AT_ONCE)]
    for each in names:
        entry = enrol(house, agency, Person(name=each), PASSPHRASE)
        clear = decrypt(export(house, entry.id), [Passphrase(PASSPHRASE)])
        sealed = encrypt(clear, [Passphrase(PASSPHRASE, factor=WRITE_FACTOR)])
        house.store.write(
            partial(keep, house=house, agency=entry.agency, officer=entry.id, sealed=sealed)
        )
    return replace(house, practice=False), names


def _peak() -> float:
    """Return the most memory that this process ever held, in MiB.

    What the system's own account (getrusage) says begins with the peak of whoever started us.
    """
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM")


def _measure(folder: Path) -> dict[str, float]:
    settled = settle(folder)
    house, names = _real(settled.house, settled.agency)
    before = _peak()
    app = pages(Desk(node=Node(house), sessions=open_sessions(house)))
    answers: list[int] = []

    def enter(who: str) -> None:
        answer = app.test_client().post(
            "/in",
            base_url="http://desk.localhost",
            headers={"Sec-Fetch-Site": "same-origin"},
            data={"who": who, "passphrase": PASSPHRASE},
        )
        answers.append(answer.status_code)

    callers = [threading.Thread(target=enter, args=(each,)) for each in names]
    begun = time.perf_counter()
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    together = time.perf_counter() - begun
    peak = _peak()
    alone, derivation = [], []
    for each in names[:ALONE]:
        begun = time.perf_counter()
        enter(each)
        alone.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        encrypt(b"", [Passphrase(PASSPHRASE, factor=WRITE_FACTOR)])
        derivation.append(time.perf_counter() - begun)
    return {
        "let_in": answers.count(303),
        "asked": len(answers),
        "before": before,
        "peak": peak,
        "together": together,
        "alone": statistics.median(alone),
        "derivation": statistics.median(derivation),
    }


def main() -> int:
    told = measured()
    share = told["derivation"] / told["alone"]
    print(f"{'let in, of all that asked':<45} {told['let_in']:>10.0f}   {told['asked']:.0f}")
    print(f"{'memory with eight at once':<45} {told['peak']:>10.0f} MiB   {MEMORY_MOST}")
    print(f"{'memory before the first':<45} {told['before']:>10.0f} MiB")
    print(f"{'eight at once':<45} {told['together']:>10.2f} s")
    print(f"{'one alone':<45} {told['alone']:>10.2f} s")
    print(f"{'of which the derivation':<45} {share:>10.0%}   50%")
    return int(told["peak"] > MEMORY_MOST or told["let_in"] != told["asked"] or share < 1 / 2)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(_measure(Path(sys.argv[1]))))
    else:
        sys.exit(main())
