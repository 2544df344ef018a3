# SPDX-License-Identifier: Apache-2.0
"""Identifiers: what each names, how it is written, and how a new one is made.

Random ids (acts, officers, desks, nodes) are 128 random bits in lowercase unpadded base32, 26
characters; those of agencies and threads look the same and are derived. Digests (copies, envelopes,
blobs, certificates) are SHA-256 in lowercase hexadecimal, 64 characters, so that ``sha256sum``
shows the same text.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import Final, NewType

Random = Callable[[int], bytes]
"""Return that many random bytes; injected, so that a test can repeat itself."""

AgencyId = NewType("AgencyId", str)
"""Derived from the agency's first root key: the name that no rename changes."""
NodeId = NewType("NodeId", str)
OfficerId = NewType("OfficerId", str)
DeskId = NewType("DeskId", str)
ActId = NewType("ActId", str)
"""One act by one person; the same in every copy."""
ThreadId = NewType("ThreadId", str)
CopyId = NewType("CopyId", str)
"""SHA-256 of the DSSE payload: one signed copy for one recipient node."""
EnvelopeId = NewType("EnvelopeId", str)
"""SHA-256 of the sealed bytes."""
BlobId = NewType("BlobId", str)
"""SHA-256 of a blob's sealed bytes."""
CertificateHash = NewType("CertificateHash", str)
"""SHA-256 of a roster entry's canonical bytes."""
Digest = NewType("Digest", str)

RANDOM_BYTES: Final = 16
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648 §6
_PAIRS: Final = [first + second for first in _LETTERS for second in _LETTERS]
_RANDOM = re.compile(r"[a-z2-7]{26}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def mint(random: Random) -> str:
    """Return a new random id."""
    return base32(random(RANDOM_BYTES))


def base32(raw: bytes) -> str:
    # Two letters at a time: half the price of the library's, and several are made for each act.
    bits = 8 * len(raw)
    number = int.from_bytes(raw, "big") << -bits % 10
    pairs = [_PAIRS[number >> at & 1023] for at in range(bits + -bits % 10 - 10, -1, -10)]
    return "".join(pairs)[: -(-bits // 5)]


def digest(data: bytes) -> Digest:
    return Digest(sha256(data).hexdigest())


def agency_id(root_public: bytes) -> AgencyId:
    """Return the id of the agency whose first root key is *root_public* (32 bytes)."""
    return AgencyId(base32(sha256(b"comity/agency@1\x00" + root_public).digest()[:RANDOM_BYTES]))


@lru_cache(maxsize=256)  # who asks needs it twice: for the statement, and when that is released
def thread_of(agency: AgencyId, opening: ActId) -> ThreadId:
    """Return the id of the thread that *agency* opens by the act *opening*.

    It commits to both, so nobody who learns a thread's id can open that thread himself and become
    its asker where it has not arrived yet.
    """
    named = b"comity/thread@1\x00" + agency.encode() + b"\x00" + opening.encode()
    return ThreadId(base32(sha256(named).digest()[:RANDOM_BYTES]))


def check_random(name: str, value: str) -> None:
    """Raise ValueError unless *value* is written as a random id."""
    if not _RANDOM.fullmatch(value):
        raise ValueError(f"{name}: not an id")


def check_digest(name: str, value: str) -> None:
    """Raise ValueError unless *value* is written as a SHA-256 digest."""
    if not _DIGEST.fullmatch(value):
        raise ValueError(f"{name}: not a digest")
