# SPDX-License-Identifier: Apache-2.0
"""Every vector of what travels has the outcome that it states (``make_vectors.py`` writes them)."""

import io
import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.wire import notice_cases, sealed_cases, signed_cases

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import SigningKey, VerifyingKey
from comity.domain.docket import Docket, Proven, Receipt
from comity.domain.ids import EnvelopeId, digest
from comity.domain.statement import Attachment
from comity.errors import ComityError, TwoBodies
from comity.wire import canonical, docket, envelope, notice, order, parcel, statement
from comity.wire.blob import open_blob
from comity.wire.docket import Said
from comity.wire.envelope import Envelope
from comity.wire.parcel import Parcel

SPEC = Path(__file__).parents[2] / "spec" / "vectors"
FOLDERS = ("statement", "docket", "receipt", "order", "notice", "envelope", "parcel", "blob")
VECTORS = sorted(path for folder in FOLDERS for path in (SPEC / folder).iterdir())
Given = Mapping[str, Any]  # what json.loads returns


def loaded(path: Path) -> Given:
    """Return the case in *path*, grown to the size that it is to have."""
    case: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if grow := case.get("grow"):
        text = case[grow["field"]]
        at = grow["at"]
        case[grow["field"]] = text[:at] + grow["text"] * grow["times"] + text[at:]
    return case


def key_of(given: Given, name: str = "key") -> VerifyingKey:
    return VerifyingKey(b64decode(given[name]))


def identity_of(seed: str) -> HybridIdentity:
    return HybridIdentity.from_seed(bytes.fromhex(seed))


def check_statement(given: Given) -> None:
    data = given["dsse"].encode()

    read = statement.author_of(data)
    verified = statement.verify(data, key_of(given))

    assert verified == read
    assert read.payload == given["text"].encode()
    assert read.copy == given["copy"]
    assert read.statement.type == given["type"]
    assert statement.body_digest(read.statement) == given["body"]
    assert statement.sign(read.statement, SigningKey(bytes.fromhex(given["seed"]))).dsse == data


def check_copies(given: Given) -> None:
    copies = [statement.verify(each.encode(), key_of(given)).statement for each in given["copies"]]

    assert len({each.act for each in copies}) == 1
    if len({statement.body_digest(each) for each in copies}) > 1:
        raise TwoBodies


def check_released(kind: type[Said]) -> Callable[[Given], None]:
    def check(given: Given) -> None:
        data = given["dsse"].encode()

        read = docket.read(data, kind)
        said = docket.verify(read, key_of(given))

        assert read.payload == given["text"].encode()
        assert read.digest == given["digest"]
        assert docket.sign(said, SigningKey(bytes.fromhex(given["seed"]))).dsse == data

    return check


def check_notice(given: Given) -> None:
    data = given["dsse"].encode()

    told = notice.read(data)
    notice.verify(told, key_of(given))

    assert told.signed.payload == given["text"].encode()
    assert notice.sign(told.said, SigningKey(bytes.fromhex(given["seed"]))).dsse == data


def check_order(given: Given) -> None:
    data = given["dsse"].encode()

    read = order.read(data)
    said = order.verify(read, key_of(given))

    assert read.payload == given["text"].encode()
    assert read.digest == given["digest"]
    assert order.sign(said, SigningKey(bytes.fromhex(given["seed"]))).dsse == data


def check_compare(given: Given) -> None:
    released = docket.read(given["docket"].encode(), Docket)
    said = docket.verify(released, key_of(given, "carrier"))
    sealed = b64decode(given["sealed"])
    # By its own id: whether the docket names it is for the comparison to find.
    name = EnvelopeId(digest(sealed))
    opened = envelope.open_(sealed, [identity_of(given["identity"])], named=name)
    author = statement.verify(opened, key_of(given, "author"))

    docket.compare(said, author, Envelope(id=name, sealed=sealed))


def check_envelope(given: Given) -> None:
    identities = [identity_of(each) for each in given["identities"]]

    opened = envelope.open_(
        b64decode(given["sealed"]), identities, named=EnvelopeId(given["named"])
    )

    assert opened == given["dsse"].encode()


def check_parcel(given: Given) -> None:
    data = b64decode(given["parcel"])

    read = parcel.read(data)

    assert parcel.write(read) == data
    assert says(read) == given["says"]


def check_sealed(given: Given) -> None:
    opened = parcel.open_(b64decode(given["sealed"]), identity_of(given["identity"]))

    assert says(opened) == given["says"]


def says(packed: Parcel) -> object:
    """Return all that *packed* holds as plain values, bytes in base64."""
    return json.loads(canonical.encode(packed))


def check_blob(given: Given) -> None:
    told = canonical.decode(canonical.encode(given["attachment"]), Attachment, limit=4096)
    sink = io.BytesIO()

    try:
        open_blob(io.BytesIO(b64decode(given["sealed"])), sink, told)
    except ComityError:
        assert sink.getvalue() == b""
        raise
    assert sink.getvalue() == b64decode(given["content"])


CHECKS: Mapping[str, Callable[[Given], None]] = {
    "statement": check_statement,
    "copies": check_copies,
    "docket": check_released(Docket),
    "receipt": check_released(Receipt),
    "proven": check_released(Proven),
    "notice": check_notice,
    "order": check_order,
    "compare": check_compare,
    "envelope": check_envelope,
    "parcel": check_parcel,
    "sealed": check_sealed,
    "blob": check_blob,
}


@pytest.mark.parametrize(
    "path", VECTORS, ids=[f"{path.parent.name}-{path.stem}" for path in VECTORS]
)
def test_a_vector_has_the_outcome_that_it_states(path: Path) -> None:
    case = loaded(path)

    try:
        CHECKS[case["kind"]](case)
        outcome = "accepted"
    except ComityError as error:
        outcome = error.cause

    assert outcome == case["outcome"]
    assert path.stem.startswith("bad-") == (outcome != "accepted")


def test_there_are_good_and_bad_vectors_of_every_kind() -> None:
    cases = [loaded(path) for path in VECTORS]

    good = {case["kind"] for case in cases if case["outcome"] == "accepted"}
    bad = {case["kind"] for case in cases if case["outcome"] != "accepted"}

    assert good == bad == set(CHECKS)


@pytest.mark.parametrize(
    ("folder", "cases"),
    [
        ("statement", signed_cases.statements),
        ("docket", signed_cases.dockets),
        ("receipt", signed_cases.receipts),
        ("notice", notice_cases.notices),
        ("envelope", sealed_cases.envelopes),
        ("parcel", sealed_cases.parcels),
        ("blob", sealed_cases.blobs),
    ],
)
def test_this_version_still_makes_the_vectors(folder: str, cases: Any) -> None:
    """A change of the wire shows here, and begins in spec/."""
    kept = {path.stem: json.loads(path.read_text("utf-8")) for path in (SPEC / folder).iterdir()}

    made = dict(cases())

    assert made.keys() == kept.keys()
    for name, case in made.items():
        told = {key: case[key] for key in ("about", "outcome", "kind")}
        assert told == {key: kept[name][key] for key in told}
        if case["kind"] in {"statement", "copies", "docket", "receipt", "proven", "notice"}:
            assert case == kept[name]
