# SPDX-License-Identifier: Apache-2.0
"""A proof convinces whoever knows the agencies' fingerprints, and nothing in it can be otherwise."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import NOW
from tests.wire.court import SALT, Case, Country, seed

from comity.crypto import fingerprint
from comity.crypto.signing import SigningKey
from comity.domain.docket import OpenedBy, ReceiptStage
from comity.domain.ids import CertificateHash, Digest, digest
from comity.domain.roster import Root, entries_root
from comity.errors import Malformed, Untrusted
from comity.ledger.leaf import LeafType, Opening
from comity.wire import canonical
from comity.wire import docket as docket_wire
from comity.wire import proof as proof_wire
from comity.wire import roster as roster_wire
from comity.wire.proof import THINGS_LIMIT, Logged, Proof, Shown
from comity.wire.roster import write_hashes

CASE = Case()
PROOF = CASE.proof()
WRITTEN = proof_wire.write(PROOF)


def test_a_proof_says_who_released_what_to_whom_and_since_when_it_is_vouched_for() -> None:
    shown = proof_wire.check(proof_wire.read(WRITTEN))

    [docket] = shown.dockets
    assert docket.docket == CASE.docket()
    assert (docket.place.origin, docket.place.index, docket.place.size) == (CASE.ke.origin, 2, 5)
    witness = (f"comity/{CASE.vn.node}/witness", NOW + timedelta(minutes=1))
    assert docket.place.witnesses == (witness,)
    assert docket.place.quantum
    assert shown.at == NOW


def test_a_proof_names_the_agencies_and_the_digits_to_compare() -> None:
    shown = proof_wire.check(PROOF)

    assert [(each.root, each.fingerprint) for each in shown.agencies] == [
        (each.root(), fingerprint.digits(each.root_key.public.raw)) for each in (CASE.ke, CASE.vn)
    ]


def test_a_proof_shows_what_the_other_node_and_its_people_said() -> None:
    delivered, opened, returned = proof_wire.check(PROOF).receipts

    assert delivered.receipt == CASE.receipt(ReceiptStage.DELIVERED)
    assert delivered.place is not None
    assert delivered.place.origin == CASE.vn.origin
    assert [name for name, _ in delivered.place.witnesses] == [f"comity/{CASE.ke.node}/witness"]
    assert not delivered.place.quantum
    assert (opened.receipt.stage, opened.place) == (ReceiptStage.OPENED, None)
    assert (returned.receipt.stage, returned.place) == (ReceiptStage.RETURNED, None)


def test_a_root_that_was_changed_is_followed_to_the_one_that_stands() -> None:
    case = Case()
    case.ke.roots = (*case.ke.roots, case.ke.successor())

    shown = proof_wire.check(case.proof())

    assert shown.agencies[0].root == case.ke.root()


def test_a_ledger_whose_key_was_changed_is_proven_by_either() -> None:
    case = Case()
    older = SigningKey(seed("older"))
    case.ke.entries.insert(0, replace(case.ke.node_entry(), ledger=older.public.raw))

    new = case.proof()
    old = replace(
        new, dockets=(replace(new.dockets[0], proof=case.ke.prove(case.leaf(), key=older)),)
    )

    assert proof_wire.check(new).dockets[0].place.witnesses
    assert proof_wire.check(old).dockets[0].place.witnesses == ()


def test_a_proof_without_any_agency_shows_nothing() -> None:
    with pytest.raises(Untrusted, match=r"signature\.unknown"):
        proof_wire.check(replace(PROOF, agencies=()))


def test_a_node_that_vouches_for_its_own_ledger_counts_for_nothing() -> None:
    proof = CASE.ke.prove(CASE.leaf(), by=CASE.ke)

    shown = proof_wire.check(replace(PROOF, dockets=(replace(CASE.released(), proof=proof),)))

    assert shown.dockets[0].place.witnesses == ()


def docket_of(**changed: object) -> Proof:
    """Return the proof with a docket that its node signed otherwise, without receipts."""
    docket = replace(CASE.docket(), **changed)  # type: ignore[arg-type]
    signed = docket_wire.sign(docket, CASE.ke.carrier)
    leaf = Opening(LeafType.DOCKET, SALT, signed.payload)
    logged = Logged(signed=signed.dsse, salt=SALT, proof=CASE.ke.prove(leaf))
    return replace(PROOF, dockets=(logged,), receipts=())


def test_a_docket_of_another_act_is_another_docket() -> None:
    other = docket_of(size=9)

    assert proof_wire.check(other).dockets[0].docket.size == 9
    with pytest.raises(Untrusted, match=r"differs\.receipt"):
        proof_wire.check(replace(other, receipts=PROOF.receipts))


def with_receipt(receipt: Logged) -> Proof:
    return replace(PROOF, receipts=(receipt,))


def signed_by(key: SigningKey, stage: ReceiptStage, **changed: object) -> Logged:
    return CASE.said(replace(CASE.receipt(stage), **changed), key)  # type: ignore[arg-type]


def rehashed(hashes: bytes) -> Proof:
    """Return the proof with a head of Kenya's that commits to *hashes* as they are."""
    certified = CASE.ke.committed(hashes, Digest(digest(hashes)), ())
    return replace(PROOF, agencies=(certified, PROOF.agencies[1]))


def with_entry_of(other: Country) -> Proof:
    """Return the proof with a roster of Kenya's that certifies another agency's officer."""
    entries = (roster_wire.entry_bytes(other.officer()),)
    hashes = [CertificateHash(digest(each)) for each in entries]
    certified = CASE.ke.committed(write_hashes(hashes), entries_root(hashes), entries)
    return replace(PROOF, agencies=(certified, PROOF.agencies[1]))


def with_roots(*roots: bytes) -> Proof:
    return replace(PROOF, agencies=(replace(PROOF.agencies[0], roots=roots), PROOF.agencies[1]))


def another_root() -> bytes:
    root: Root = replace(CASE.ke.root(), root=CASE.vn.root_key.public.raw)
    return roster_wire.sign_root(root, CASE.vn.root_key)


VN, KE = CASE.vn, CASE.ke
DELIVERED, OPENED = ReceiptStage.DELIVERED, ReceiptStage.OPENED
REFUSED: dict[str, tuple[Callable[[], Proof], str]] = {
    "no root": (with_roots, "signature.root"),
    "a root that is not of this agency": (lambda: with_roots(another_root()), "signature.root"),
    "a successor that nobody named": (
        lambda: with_roots(KE.roots[0], another_root()),
        "signature.root",
    ),
    "a head of another agency": (
        lambda: replace(
            PROOF,
            agencies=(
                replace(PROOF.agencies[0], head=PROOF.agencies[1].head),
                PROOF.agencies[1],
            ),
        ),
        "signature",
    ),
    "digests that the head does not commit to": (
        lambda: replace(
            PROOF,
            agencies=(replace(PROOF.agencies[0], hashes=bytes(32)), PROOF.agencies[1]),
        ),
        "differs.roster",
    ),
    "digests in another order": (lambda: rehashed(b"\2" * 32 + b"\1" * 32), "malformed.hashes"),
    "a digest twice": (lambda: rehashed(b"\1" * 64), "malformed.hashes"),
    "half a digest": (lambda: rehashed(b"\1" * 16), "malformed.hashes"),
    "an entry that is not in the roster": (
        lambda: replace(
            PROOF,
            agencies=(
                replace(PROOF.agencies[0], entries=PROOF.agencies[1].entries),
                PROOF.agencies[1],
            ),
        ),
        "differs.entry",
    ),
    "an entry of another agency": (lambda: with_entry_of(VN), "differs.entry"),
    "a docket that another node signed": (
        lambda: replace(
            PROOF,
            dockets=(
                replace(PROOF.dockets[0], signed=docket_wire.sign(CASE.docket(), VN.carrier).dsse),
            ),
        ),
        "signature.unknown",
    ),
    "another salt": (
        lambda: replace(PROOF, dockets=(replace(PROOF.dockets[0], salt=b"t" * 16),)),
        "proof.root",
    ),
    "a ledger of a node that is not certified": (
        lambda: replace(
            PROOF,
            dockets=(
                replace(PROOF.dockets[0], proof=Country("Elsewhere", "ET").prove(CASE.leaf())),
            ),
        ),
        "signature.unknown",
    ),
    "a receipt of a docket that is not shown": (
        lambda: with_receipt(signed_by(VN.carrier, DELIVERED, docket=digest(b"other"))),
        "differs.receipt",
    ),
    "a receipt that names another thread": (
        lambda: with_receipt(signed_by(VN.carrier, DELIVERED, thread=CASE.docket().act)),
        "differs.receipt",
    ),
    "a receipt that the sender wrote himself": (
        lambda: with_receipt(signed_by(KE.carrier, DELIVERED)),
        "signature.unknown",
    ),
    "a delivery that the sender signed for himself, out of his own ledger": (
        lambda: with_receipt(
            replace(
                signed_by(
                    KE.carrier, DELIVERED, agency=KE.id, node=KE.node, origin=KE.origin, index=2
                ),
                proof=PROOF.dockets[0].proof,
            )
        ),
        "differs.receipt",
    ),
    "a receipt to somebody else": (
        lambda: with_receipt(signed_by(VN.carrier, DELIVERED, to=VN.id)),
        "differs.receipt",
    ),
    "a return by somebody else than sender and receiver": (
        lambda: with_receipt(
            signed_by(VN.carrier, ReceiptStage.RETURNED, agency=Country("Elsewhere", "ET").id)
        ),
        "differs.receipt",
    ),
    "a delivery that a person signed": (
        lambda: with_receipt(signed_by(VN.person, DELIVERED, certificate=VN.certificate)),
        "signature",
    ),
    "a person's receipt under a certificate that is not shown": (
        lambda: with_receipt(signed_by(VN.person, OPENED, certificate=digest(b"nobody"))),
        "signature.not-an-officer",
    ),
    "a person's receipt by somebody else's officer": (
        lambda: with_receipt(signed_by(KE.person, OPENED, certificate=KE.certificate)),
        "signature.not-an-officer",
    ),
    "a person's receipt that his node signed": (
        lambda: with_receipt(signed_by(VN.carrier, OPENED)),
        "signature",
    ),
    "a receipt whose proof is of another place": (
        lambda: with_receipt(
            replace(signed_by(VN.carrier, DELIVERED, index=1), proof=PROOF.receipts[0].proof)
        ),
        "proof.origin",
    ),
    "a silence that the other side says of what it never sent": (
        lambda: with_receipt(signed_by(VN.carrier, ReceiptStage.NOT_DELIVERED)),
        "differs.receipt",
    ),
    "a silence that the other side signs in the sender's name": (
        lambda: with_receipt(signed_by(VN.carrier, ReceiptStage.NOT_OPENED, agency=KE.id)),
        "signature",
    ),
    "a silence without its proof": (
        lambda: with_receipt(replace(CASE.silent(), proof="")),
        "malformed.tlog-proof",
    ),
    "a silence under another salt": (
        lambda: with_receipt(replace(CASE.silent(), salt=b"t" * 16)),
        "proof.root",
    ),
    "a silence with the proof of the docket": (
        lambda: with_receipt(replace(CASE.silent(), proof=PROOF.dockets[0].proof)),
        "proof.root",
    ),
    "a silence in the ledger of somebody else": (
        lambda: with_receipt(CASE.silent(by=VN)),
        "proof.origin",
    ),
    "a receipt without its proof": (
        lambda: with_receipt(signed_by(VN.carrier, DELIVERED)),
        "malformed.tlog-proof",
    ),
}


def test_that_somebody_opened_it_is_proven_by_his_node_without_naming_him() -> None:
    said = replace(CASE.receipt(ReceiptStage.OPENED), shows=OpenedBy.FACT, certificate="")
    by_node, by_him = (CASE.said(said, key) for key in (CASE.vn.carrier, CASE.vn.person))

    [shown] = proof_wire.check(replace(PROOF, receipts=(by_node,))).receipts
    assert (shown.receipt, shown.place) == (said, None)
    with pytest.raises(Untrusted, match=r"untrusted\.signature"):
        proof_wire.check(replace(PROOF, receipts=(by_him,)))


def test_that_nothing_was_heard_is_the_senders_own_word_and_stands_in_his_ledger() -> None:
    [shown] = proof_wire.check(with_receipt(CASE.silent())).receipts

    assert shown.receipt.stage is ReceiptStage.NOT_DELIVERED
    assert shown.place is not None
    assert shown.place.origin == KE.origin
    assert [name for name, _ in shown.place.witnesses] == [f"comity/{VN.node}/witness"]


def test_what_a_sender_did_not_send_may_stand_in_his_ledger_too() -> None:
    said = replace(CASE.receipt(ReceiptStage.RETURNED), agency=KE.id, node=KE.node)
    signed = docket_wire.sign(said, KE.carrier)
    leaf = Opening(LeafType.RECEIPT, SALT, signed.payload)
    logged = Logged(signed=signed.dsse, salt=SALT, proof=KE.prove(leaf, by=VN))

    [shown] = proof_wire.check(with_receipt(logged)).receipts

    assert shown.place is not None


@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_hold_is_refused(what: str) -> None:
    made, cause = REFUSED[what]

    with pytest.raises(Untrusted, match=f"untrusted.{cause}"):
        proof_wire.check(made())


@settings(max_examples=300)
@given(st.integers(0, len(WRITTEN) - 1), st.integers(0, 7))
def test_a_changed_bit_never_shows_anything_else(at: int, bit: int) -> None:
    changed = WRITTEN[:at] + bytes([WRITTEN[at] ^ 1 << bit]) + WRITTEN[at + 1 :]

    try:
        shown = proof_wire.check(proof_wire.read(changed))
    except Untrusted:
        return

    # When it was put together is nobody's word, and a witness's line may be lost.
    assert bare(shown) == bare(proof_wire.check(PROOF))


def bare(shown: Shown) -> object:
    """Return what *shown* says without who vouches for it."""
    places = [each.place for each in shown.dockets] + [each.place for each in shown.receipts]
    return (
        shown.agencies,
        [each.docket for each in shown.dockets],
        [each.receipt for each in shown.receipts],
        [(each.origin, each.index, each.size) if each else None for each in places],
    )


@given(st.integers(0, len(WRITTEN) - 1))
def test_a_proof_that_is_cut_short_is_refused(size: int) -> None:
    with pytest.raises(Malformed):
        proof_wire.read(WRITTEN[:size])


def test_a_proof_of_too_many_things_is_refused() -> None:
    many = replace(PROOF, receipts=(Logged(signed=b""),) * (THINGS_LIMIT + 1))

    with pytest.raises(Malformed, match="size"):
        proof_wire.read(proof_wire.write(many))


def test_a_proof_is_canonical() -> None:
    assert canonical.encode(proof_wire.read(WRITTEN)) + b"\n" == WRITTEN


FOLDER = Path(__file__).parents[2] / "spec" / "vectors" / "proof"
VECTORS = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("name", VECTORS)
def test_a_proof_is_judged_as_its_vector_says(name: str) -> None:
    case = json.loads((FOLDER / name).read_text("utf-8"))
    assert case["kind"] == "proof"
    written = case["proof"].encode()

    if case["outcome"] != "ok":
        with pytest.raises(Untrusted) as refused:
            proof_wire.check(proof_wire.read(written))
        assert refused.value.cause == case["outcome"]
        return
    shown = proof_wire.check(proof_wire.read(written))

    assert [each.fingerprint for each in shown.agencies] == case["fingerprints"]
    assert [
        {"copy": each.docket.copy, "witnesses": [name for name, _ in each.place.witnesses]}
        for each in shown.dockets
    ] == case["dockets"]
    assert [each.receipt.stage.value for each in shown.receipts] == case["receipts"]
