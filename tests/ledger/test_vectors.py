# SPDX-License-Identifier: Apache-2.0
"""Every vector of the ledger has the outcome that it states."""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from comity.crypto.signing import QUANTUM_KEY_SIZE, QuantumVerifyingKey, VerifyingKey
from comity.domain import time
from comity.errors import ComityError
from comity.ledger import checkpoint, note, tlog_proof, tree
from comity.ledger.checkpoint import read_text
from comity.ledger.cosignature import Witness, cosigned, verify
from comity.ledger.leaf import LeafType, Opening
from comity.ledger.proof import verify_consistency, verify_inclusion
from comity.ledger.succession import succeed
from comity.ledger.tile import NOTHING, extend
from comity.ledger.witness import judge

VECTORS = sorted((Path(__file__).parents[2] / "spec" / "vectors" / "ledger").iterdir())
Given = Mapping[str, Any]  # what json.loads returns


def hashes(values: list[str]) -> list[bytes]:
    return [b64decode(each) for each in values]


def named(value: Given) -> Witness:
    raw = b64decode(value["key"])
    kind = QuantumVerifyingKey if len(raw) == QUANTUM_KEY_SIZE else VerifyingKey
    return Witness(value["name"], kind(raw))


def opened(value: Given) -> Opening:
    return Opening(LeafType(value["type"]), b64decode(value["salt"]), b64decode(value["entry"]))


def check_tree(given: Given) -> None:
    leaves = [tree.leaf_hash(each) for each in hashes(given["leaves"])]

    assert tree.root(leaves) == extend(NOTHING, leaves)[0].root == b64decode(given["root"])


def check_tiles(given: Given) -> None:
    edge, tiles = extend(NOTHING, [tree.leaf_hash(b"%d" % i) for i in range(given["size"])])
    told = {(each["level"], each["index"]): each for each in given["tiles"]}
    found = {(each.level, each.index): each for each in tiles}

    assert edge.root == b64decode(given["root"])
    for place, each in told.items():
        assert found[place].width == each["width"]
        assert sha256(found[place].hashes).hexdigest() == each["sha256"]
    # Left out are full tiles of leaves alone.
    assert {each.width for place, each in found.items() if place not in told} <= {256}


def check_inclusion(given: Given) -> None:
    verify_inclusion(
        given["index"],
        given["size"],
        b64decode(given["leaf"]),
        hashes(given["proof"]),
        b64decode(given["root"]),
    )


def check_consistency(given: Given) -> None:
    verify_consistency(
        given["old"],
        given["new"],
        b64decode(given["old_root"]),
        b64decode(given["new_root"]),
        hashes(given["proof"]),
    )


def check_leaf(given: Given) -> None:
    opened(given).check(b64decode(given["leaf"]))


def check_note(given: Given) -> None:
    data = b64decode(given["note"])

    assert note.write(note.read(data)) == data


def check_checkpoint(given: Given) -> None:
    read = note.read(given["note"].encode())

    seen = checkpoint.verify(read, given["origin"], VerifyingKey(b64decode(given["key"])))

    assert seen.text == read.text


def check_cosignature(given: Given) -> None:
    read = note.read(given["note"].encode())

    seen = verify(read.signatures[0], read_text(read.text), named(given["witness"]))

    assert seen.time == given["time"]


def check_cosigned(given: Given) -> None:
    witnesses = [named(each) for each in given["witnesses"]]

    seen = cosigned(note.read(given["note"].encode()), witnesses, given["k"])

    assert len(seen) == given["counted"]
    assert time.written(seen[0].at) == given["earliest"]


def check_judge(given: Given) -> None:
    last = read_text(given["last"]) if given["last"] else None

    verdict = judge(last, read_text(given["new"]), hashes(given["proof"]))

    assert type(verdict).__name__.lower() == given["result"]


def check_succession(given: Given) -> None:
    restored = succeed(
        read_text(given["last"]),
        read_text(given["new"]),
        opened(given["opening"]),
        hashes(given["inclusion"]),
        hashes(given["consistency"]),
    )

    assert restored.gap == given["gap"]


def check_tlog_proof(given: Given) -> None:
    data = b64decode(given["proof"])

    read = tlog_proof.read(data)

    assert tlog_proof.write(read) == data
    read.verify(
        b64decode(given["leaf"]),
        given["origin"],
        VerifyingKey(b64decode(given["key"])),
        [named(each) for each in given["witnesses"]],
        given["k"],
    )


CHECKS: Mapping[str, Callable[[Given], None]] = {
    "tree": check_tree,
    "tiles": check_tiles,
    "inclusion": check_inclusion,
    "consistency": check_consistency,
    "leaf": check_leaf,
    "note": check_note,
    "checkpoint": check_checkpoint,
    "cosignature": check_cosignature,
    "cosigned": check_cosigned,
    "judge": check_judge,
    "succession": check_succession,
    "tlog-proof": check_tlog_proof,
}


@pytest.mark.parametrize("path", VECTORS, ids=[path.stem for path in VECTORS])
def test_a_vector_has_the_outcome_that_it_states(path: Path) -> None:
    case = json.loads(path.read_text())
    assert case["name"] == path.stem

    try:
        CHECKS[case["type"]](case["input"])
        outcome = "ok"
    except ComityError as error:
        outcome = error.cause

    assert outcome == case["expect"]


def test_there_are_good_and_bad_vectors_of_every_type() -> None:
    cases = [json.loads(path.read_text()) for path in VECTORS]

    good = {case["type"] for case in cases if case["expect"] == "ok"}
    bad = {case["type"] for case in cases if case["expect"] != "ok"}

    assert good == set(CHECKS)
    # A tree and its tiles take any hashes: a wrong one is for a proof to find.
    assert bad == good - {"tree", "tiles"}


def test_the_page_shows_real_bytes() -> None:
    folder = VECTORS[0].parent
    page = (folder.parents[1] / "ledger.md").read_text()
    cosigned_note = json.loads((folder / "cosigned-two-of-three.json").read_text())["input"]["note"]
    restored = json.loads((folder / "succession-restored-gap-of-100.json").read_text())["input"]
    entry = opened(restored["opening"]).entry.decode()

    assert f"```\n{cosigned_note}```\n" in page
    assert "".join(f"    {line}\n" for line in entry.splitlines()) in page
