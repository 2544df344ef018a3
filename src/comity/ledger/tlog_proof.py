# SPDX-License-Identifier: Apache-2.0
"""Offline proofs: one text that shows, for ever and without us, that a leaf was logged and seen.

The form is c2sp.org/tlog-proof; any verifier of it can check one of ours. Its extra data is not
authenticated, and we read nothing out of it: the opening travels beside.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from comity.crypto.signing import VerifyingKey
from comity.errors import Malformed
from comity.ledger import checkpoint, note
from comity.ledger.cosignature import Cosignature, Witness, cosigned
from comity.ledger.note import NOTE_LIMIT, Note, decode64, encode64
from comity.ledger.proof import verify_inclusion
from comity.ledger.tree import HASH_SIZE

EXTRA_LIMIT = 4096
HASHES_LIMIT = 63  # c2sp.org/tlog-witness; no tree of a size that can be written needs more
_HEADER = "c2sp.org/tlog-proof@v1"
_HEAD_LIMIT = 2 * EXTRA_LIMIT + 64 * HASHES_LIMIT
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class TlogProof:
    index: int
    hashes: tuple[bytes, ...]
    note: Note
    extra: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        if len(self.hashes) > HASHES_LIMIT or any(len(each) != HASH_SIZE for each in self.hashes):
            raise Malformed("tlog-proof")
        if len(self.extra) > EXTRA_LIMIT:
            raise Malformed("size", limit=EXTRA_LIMIT)

    def verify(
        self, leaf: bytes, origin: str, key: VerifyingKey, witnesses: Iterable[Witness], k: int
    ) -> tuple[Cosignature, ...]:
        """Return who vouches, and since when, that *leaf* is in the log *origin*, or raise."""
        head = checkpoint.verify(self.note, origin, key)
        verify_inclusion(self.index, head.size, leaf, self.hashes, head.root)
        return cosigned(self.note, witnesses, k)


def write(proof: TlogProof) -> bytes:
    extra = [f"extra {encode64(proof.extra)}"] if proof.extra else []
    lines = [_HEADER, *extra, f"index {proof.index}", *(encode64(each) for each in proof.hashes)]
    return "\n".join(lines).encode() + b"\n\n" + note.write(proof.note)


def read(data: bytes) -> TlogProof:
    """Return the proof that *data* is; still unverified."""
    if len(data) > _HEAD_LIMIT + NOTE_LIMIT:
        raise Malformed("size", limit=_HEAD_LIMIT + NOTE_LIMIT)
    head, _, rest = data.partition(b"\n\n")
    try:
        header, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Malformed("tlog-proof") from None
    if header != _HEADER:
        raise Malformed("tlog-proof")
    extra = _extra(lines.pop(0)) if lines and lines[0].startswith("extra ") else b""
    if not lines or not (index := _INDEX.fullmatch(lines.pop(0))):
        raise Malformed("tlog-proof")
    hashes = tuple(decode64(each) for each in lines)
    return TlogProof(int(index[1]), hashes, note.read(rest), extra)


def _extra(line: str) -> bytes:
    if not (extra := decode64(line.removeprefix("extra "))):
        raise Malformed("tlog-proof")
    return extra
