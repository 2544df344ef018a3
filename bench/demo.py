# SPDX-License-Identifier: Apache-2.0
"""Demonstration: how long a newcomer waits for `comity demo`, in a process of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

LONGEST = 60.0
"""Seconds: four agencies, every claim checked, on two quiet cores."""


def main() -> int:
    command = [str(Path(sys.executable).with_name("comity")), "demo"]
    # A home or a passphrase of whoever measures is none of its business.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    before = os.getloadavg()[0]
    begin = time.monotonic()
    done = subprocess.run(
        command,
        env=outside,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    spent = time.monotonic() - begin
    if done.returncode:
        print(done.stdout, end="")
    print(f"{'comity demo, from the shell and back':<45} {spent:>10.1f} s   ≤ {LONGEST:.0f} s")
    print(f"{'others at work here, before it began':<45} {before:>10.1f}     load")
    print(f"{'it ended with':<45} {done.returncode:>12}   0")
    return int(spent > LONGEST or done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
