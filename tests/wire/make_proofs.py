# SPDX-License-Identifier: Apache-2.0
"""Make the vectors of proofs anew: ``python -m tests.wire.make_proofs`` from the repository's root.

ML-DSA-44 signatures are hedged, so the files differ from run to run; make them only when the form
of a proof changes.
"""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.wire.test_proof import CASE, PROOF, REFUSED

from comity.crypto import fingerprint
from comity.domain.docket import ReceiptStage
from comity.errors import Untrusted
from comity.wire import proof as proof_wire
from comity.wire.proof import Proof

FOLDER = Path(__file__).parents[2] / "spec" / "vectors" / "proof"


def write(name: str, about: str, outcome: str, proof: Proof, **more: Any) -> None:
    text = proof_wire.write(proof).decode()
    case = {"about": about, "outcome": outcome, "kind": "proof", "proof": text, **more}
    path = FOLDER / f"{re.sub('[^a-z0-9]+', '-', name)}.json"
    path.write_text(json.dumps(case, indent=2, ensure_ascii=False) + "\n", "utf-8")


def outcome_of(proof: Proof) -> str:
    try:
        proof_wire.check(proof)
    except Untrusted as error:
        return error.cause
    return "ok"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    shown = proof_wire.check(PROOF)
    write(
        "good",
        "a copy that was released, delivered, opened and returned",
        "ok",
        PROOF,
        fingerprints=[fingerprint.digits(each.root_key.public.raw) for each in (CASE.ke, CASE.vn)],
        dockets=[
            {"copy": each.docket.copy, "witnesses": [name for name, _ in each.place.witnesses]}
            for each in shown.dockets
        ],
        receipts=[each.receipt.stage for each in shown.receipts],
    )
    silent = replace(PROOF, receipts=(CASE.silent(),))
    write(
        "good-silence",
        "a copy of which nothing was heard: the sender's word, a leaf of his ledger",
        "ok",
        silent,
        fingerprints=[fingerprint.digits(each.root_key.public.raw) for each in (CASE.ke, CASE.vn)],
        dockets=[
            {"copy": each.docket.copy, "witnesses": [name for name, _ in each.place.witnesses]}
            for each in shown.dockets
        ],
        receipts=[ReceiptStage.NOT_DELIVERED],
    )
    for about, (made, _) in REFUSED.items():
        proof = made()
        write(f"bad-{about}", about, outcome_of(proof), proof)


if __name__ == "__main__":
    main()
