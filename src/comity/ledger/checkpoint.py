# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: what a log says of itself at one size, and never otherwise again.

The body is the three lines of c2sp.org/tlog-checkpoint and no extension lines, since ML-DSA-44
cosignatures do not cover those; so a checkpoint has one text, and the text is the checkpoint. The
log signs under its origin: Ed25519 here, and ML-DSA-44 by ``cosignature`` as if it were a witness
of itself.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from comity.crypto.signing import SigningKey, VerifyingKey
from comity.domain.ids import NodeId
from comity.errors import BadProof, BadSignature, Malformed
from comity.ledger.note import (
    Note,
    Signature,
    SignatureType,
    check_name,
    decode64,
    encode64,
    key_hash,
)
from comity.ledger.tree import EMPTY_ROOT, HASH_SIZE, SIZE_LIMIT

_ORIGIN = re.compile(r"comity/(?P<node>[a-z2-7]{26})/(?P<number>[1-9][0-9]{0,8})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_LINES = 3  # c2sp.org/tlog-checkpoint, Note text


@dataclass(frozen=True, slots=True)
class Origin:
    """The name of one of a node's logs; the first is number 1."""

    node: NodeId
    number: int

    def __post_init__(self) -> None:
        if not _ORIGIN.fullmatch(str(self)):
            raise Malformed("origin")

    def __str__(self) -> str:
        return f"comity/{self.node}/{self.number}"

    @classmethod
    @lru_cache(maxsize=256)  # every checkpoint names one, and a node has few
    def parse(cls, text: str) -> "Origin":
        if not (found := _ORIGIN.fullmatch(text)):
            raise Malformed("origin")
        return cls(NodeId(found["node"]), int(found["number"]))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    """As text: other people's logs have other origins, and only a succession needs the parts."""
    size: int
    root: bytes

    def __post_init__(self) -> None:
        check_name(self.origin)
        if not 0 <= self.size < SIZE_LIMIT or len(self.root) != HASH_SIZE:
            raise Malformed("checkpoint")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise Malformed("checkpoint")

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{encode64(self.root)}\n"


def read_text(text: str) -> Checkpoint:
    """Return the checkpoint that *text* is; whoever signed it is not looked at."""
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[_LINES]:
        raise Malformed("extension" if len(lines) > _LINES + 1 else "checkpoint")
    origin, size, root, _ = lines
    if not _SIZE.fullmatch(size):
        raise Malformed("checkpoint")
    return Checkpoint(origin, int(size), decode64(root))


def sign(checkpoint: Checkpoint, key: SigningKey) -> Note:
    """Return *checkpoint* signed by the log itself.

    The caller makes sure that no other root was ever signed for this size, and that the note is
    durable before it leaves.
    """
    named = key_hash(checkpoint.origin, SignatureType.ED25519, key.public.raw)
    signature = Signature(checkpoint.origin, named, key.sign(checkpoint.text.encode()))
    return Note(checkpoint.text, (signature,))


def verify(note: Note, origin: str, key: VerifyingKey) -> Checkpoint:
    """Return the checkpoint that the log *origin* signed with *key*, or raise."""
    checkpoint = read_text(note.text)
    if checkpoint.origin != origin:
        raise BadProof("origin")
    named = key_hash(origin, SignatureType.ED25519, key.raw)
    ours = [each for each in note.signatures if (each.name, each.key_hash) == (origin, named)]
    if not ours:
        raise BadSignature("absent", key=key.key_id)
    for each in ours:
        key.verify(each.value, note.text.encode())
    return checkpoint
