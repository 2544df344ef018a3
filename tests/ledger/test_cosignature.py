# SPDX-License-Identifier: Apache-2.0
"""Enough witnesses means enough different ones, each of whom signed this very checkpoint."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.crypto.signing import QuantumSigningKey, SigningKey
from comity.domain.ids import NodeId
from comity.errors import BadProof, BadSignature, Untrusted
from comity.ledger import checkpoint
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.cosignature import (
    Witness,
    cosign,
    cosigned,
    verify,
    witness_name,
)
from comity.ledger.note import Note, Signature

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LOG = SigningKey.from_seed(bytes(32))
SEEN = Checkpoint("comity/f6u3kbk3hzrpzvq2r3tvsc3l7e/1", 7, bytes(32))
NOTE = checkpoint.sign(SEEN, LOG)
KEYS = {f"witness-{n}": SigningKey.from_seed(bytes([n]) * 32) for n in range(1, 6)}
WITNESSES = [Witness(name, key.public) for name, key in KEYS.items()]
QUANTUM = QuantumSigningKey.from_seed(bytes(32))


def line(name: str, minutes: int = 0, seen: Checkpoint = SEEN) -> Signature:
    return cosign(seen, name, KEYS[name], NOON + timedelta(minutes=minutes))


@given(st.lists(st.tuples(st.sampled_from(sorted(KEYS)), st.integers(0, 9)), max_size=20))
def test_each_witness_counts_once_at_its_earliest_time(drawn: list[tuple[str, int]]) -> None:
    note = NOTE.add(*(line(name, minutes) for name, minutes in drawn))
    firsts = {name: min(m for each, m in drawn if each == name) for name, _ in drawn}

    counted = cosigned(note, WITNESSES, len(firsts))

    assert {each.witness.name: each.at for each in counted} == {
        name: NOON + timedelta(minutes=minutes) for name, minutes in firsts.items()
    }
    assert list(counted) == sorted(counted, key=lambda each: each.time)
    with pytest.raises(BadProof) as refused:
        cosigned(note, WITNESSES, len(firsts) + 1)
    assert refused.value.cause == "untrusted.proof.cosignatures"


@pytest.mark.parametrize("key", [KEYS["witness-1"], QUANTUM], ids=["ed25519", "ml-dsa-44"])
@settings(max_examples=30)
@given(data=st.data())
def test_a_flipped_bit_is_refused(key: SigningKey | QuantumSigningKey, data: st.DataObject) -> None:
    signature = cosign(SEEN, "witness", key, NOON)
    value = bytearray(signature.value)
    at = data.draw(st.integers(3, len(value) - 1))
    value[at] ^= 1 << data.draw(st.integers(0, 7))
    witness = Witness("witness", key.public)

    changed = Signature(signature.name, signature.key_hash, bytes(value))

    verify(signature, SEEN, witness)
    with pytest.raises(Untrusted):
        verify(changed, SEEN, witness)


@pytest.mark.parametrize("key", [KEYS["witness-1"], QUANTUM], ids=["ed25519", "ml-dsa-44"])
@pytest.mark.parametrize(
    "other",
    [
        Checkpoint(SEEN.origin, 8, SEEN.root),
        Checkpoint(SEEN.origin, 7, bytes([1]) * 32),
        Checkpoint("comity/f6u3kbk3hzrpzvq2r3tvsc3l7e/2", 7, SEEN.root),
    ],
    ids=["size", "root", "origin"],
)
def test_a_cosignature_holds_for_one_checkpoint_alone(
    key: SigningKey | QuantumSigningKey, other: Checkpoint
) -> None:
    signature = cosign(SEEN, "witness", key, NOON)

    with pytest.raises(BadSignature):
        verify(signature, other, Witness("witness", key.public))


def test_a_log_may_vouch_for_itself_beyond_ed25519() -> None:
    note = NOTE.add(cosign(SEEN, SEEN.origin, QUANTUM, NOON))

    own = verify(note.signatures[1], SEEN, Witness(SEEN.origin, QUANTUM.public))

    assert own.at == NOON
    assert checkpoint.verify(note, SEEN.origin, LOG.public) == SEEN


def test_the_logs_own_signature_is_no_cosignature() -> None:
    with pytest.raises(BadProof):
        cosigned(NOTE, [Witness(SEEN.origin, LOG.public)], 1)


def test_a_key_claimed_by_two_names_counts_once() -> None:
    key = KEYS["witness-1"]
    note = NOTE.add(*(cosign(SEEN, name, key, NOON) for name in ("honest", "thief")))
    claimed = [Witness("honest", key.public), Witness("thief", key.public)]

    assert len(cosigned(note, claimed, 1)) == 1


def test_one_failing_line_of_a_named_witness_spoils_the_note() -> None:
    bad = Signature("witness-2", WITNESSES[1].key_hash, line("witness-1").value)
    note: Note = NOTE.add(line("witness-1"), bad)

    with pytest.raises(BadSignature):
        cosigned(note, WITNESSES, 1)
    assert len(cosigned(note, WITNESSES[:1], 1)) == 1


def test_a_cosignature_needs_a_whole_second_in_utc() -> None:
    with pytest.raises(ValueError, match="whole second"):
        cosign(SEEN, "witness-1", KEYS["witness-1"], NOON.replace(tzinfo=None))


def test_a_node_is_a_witness_under_its_own_name() -> None:
    name = witness_name(NodeId("f6u3kbk3hzrpzvq2r3tvsc3l7e"))

    assert name == "comity/f6u3kbk3hzrpzvq2r3tvsc3l7e/witness"
    assert Witness(name, LOG.public).name == name
