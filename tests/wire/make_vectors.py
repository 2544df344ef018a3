# SPDX-License-Identifier: Apache-2.0
"""Make the vectors of all that travels and is not HTTP, a ledger or a proof anew.

Run by hand when the wire changes: ``python -m tests.wire.make_vectors``. What is signed comes out
the same each time; what is sealed does not, for sealing takes fresh randomness.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.wire import (
    carry_cases,
    notice_cases,
    passed_on_cases,
    roster_cases,
    sealed_cases,
    signed_cases,
)
from tests.wire.signed_cases import Case

SPEC = Path(__file__).parents[2] / "spec" / "vectors"


def write(folder: str, cases: Iterator[tuple[str, Case]]) -> None:
    place = SPEC / folder
    place.mkdir(exist_ok=True)
    for old in place.glob("*.json"):
        old.unlink()
    for name, case in cases:
        text = json.dumps(case, ensure_ascii=False, indent=2)
        (place / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write("statement", signed_cases.statements())
    write("passed-on", passed_on_cases.cases())
    write("docket", signed_cases.dockets())
    write("receipt", signed_cases.receipts())
    write("order", signed_cases.orders())
    write("envelope", sealed_cases.envelopes())
    write("notice", notice_cases.notices())
    write("parcel", sealed_cases.parcels())
    write("blob", sealed_cases.blobs())
    write("carry", carry_cases.carries())
    write("roster", roster_cases.rosters())
