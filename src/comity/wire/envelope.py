# SPDX-License-Identifier: Apache-2.0
"""Envelopes: a signed copy, padded and sealed to its readers as one age file.

The padding is newlines after the DSSE's JSON, up to a Padmé size: what a stock age tool opens with
the reader's own key is valid JSON as it stands. The envelope's id is the SHA-256 of its bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from comity.crypto import age
from comity.domain.ids import EnvelopeId, digest
from comity.errors import Differs, Malformed
from comity.wire.padding import padme
from comity.wire.statement import DSSE_LIMIT

ENVELOPE_LIMIT: Final = 1 << 20
PADDING: Final = b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    id: EnvelopeId
    sealed: bytes


def seal(dsse: bytes, recipients: Iterable[age.HybridRecipient]) -> Envelope:
    """Return *dsse* padded and sealed to *recipients*."""
    padded = dsse.ljust(padme(len(dsse)), PADDING)
    sealed = age.encrypt(padded, recipients)
    return Envelope(id=EnvelopeId(digest(sealed)), sealed=sealed)


def open_(sealed: bytes, identities: Iterable[age.Identity], *, named: EnvelopeId) -> bytes:
    """Return the DSSE bytes in *sealed*, whose id must be *named*."""
    if len(sealed) > ENVELOPE_LIMIT:
        raise Malformed("size", limit=ENVELOPE_LIMIT)
    if EnvelopeId(digest(sealed)) != named:
        raise Differs("envelope")
    padded = age.decrypt(sealed, identities)
    dsse = padded.rstrip(PADDING)
    # One content, one padding: a hidden tail of newlines would be a place to mark a reader's copy.
    if len(dsse) > DSSE_LIMIT or len(padded) != padme(len(dsse)):
        raise Malformed("padding")
    return dsse
