# SPDX-License-Identifier: Apache-2.0
"""An unlocked officer: the certificate and the opened keys, for as long as one session lasts.

It lives in memory only. Its ``repr`` shows whose it is and no key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.crypto.age import HybridIdentity
from comity.crypto.signing import SigningKey
from comity.domain.ids import AgencyId, CertificateHash, DeskId
from comity.domain.roster import OfficerEntry
from comity.services.remembered import Remembered
from comity.wire.identity import Factors


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocked:
    entry: OfficerEntry
    certificate: CertificateHash
    signing: SigningKey = field(repr=False)
    reading: tuple[HybridIdentity, ...] = field(repr=False)
    """Newest epoch first."""
    storage: HybridIdentity = field(repr=False)
    desks: Mapping[DeskId, tuple[HybridIdentity, ...]] = field(repr=False)
    """Reading keys of his desks, newest epoch first."""
    factors: Factors = field(default_factory=Factors, repr=False, compare=False)
    """By what he signs in besides; only while his passphrase is at hand, never in a session."""
    newly_escrowed: int = field(default=0, compare=False)
    """Keys of his that were left with the agency's holders just now: he is to be told."""
    remembered: Remembered = field(default_factory=Remembered, repr=False, compare=False)
    """What he has opened since, so that it is not opened twice."""

    @property
    def agency(self) -> AgencyId:
        return self.entry.agency

    @property
    def identities(self) -> tuple[HybridIdentity, ...]:
        """Return every key that may open something for him, likeliest first."""
        of_desks = tuple(each for epochs in self.desks.values() for each in epochs)
        return (*self.reading, *of_desks, self.storage)
