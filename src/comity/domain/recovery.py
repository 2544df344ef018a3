# SPDX-License-Identifier: Apache-2.0
"""Recovery: what is escrowed, and what is known of those who hold the shares.

Reading keys, desks' keys and storage keys are sealed to the agency's recovery identity, whose seed
exists only as shares; a signing key never is (design §5 *Recovery*). Each escrowed key has a name,
``<officer or desk>/<kind>/<epoch>``, by which it is forgotten when its epoch is destroyed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from comity.domain.ids import AgencyId, check_digest
from comity.domain.time import check_instant

REHEARSE_EVERY: Final = timedelta(days=365)
DECIDERS: Final = 2


class KeyKind(StrEnum):
    READING = "reading"
    STORAGE = "storage"
    DESK = "desk"


class Happened(StrEnum):
    """What was done with shares, for the agency's own record."""

    SPLIT = "split"
    REHEARSED = "rehearsed"
    RECOVERED = "recovered"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: datetime
    what: Happened
    subject: str
    """The officer who was recovered; empty otherwise."""
    shares: tuple[int, ...]
    """Numbers of the shares that were joined."""
    decided_by: tuple[str, ...]

    def __post_init__(self) -> None:
        check_instant("at", self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """One recovery identity: how many hold it, and by what each of their shares is known.

    A share's digest tells nothing of it: its words hold 256 random bits.
    """

    type: str = "comity/recovery-arrangement@1"
    agency: AgencyId
    number: int
    needed: int
    recipient: str
    shares: tuple[str, ...]
    """SHA-256 of each share's words, the first of share 1."""
    rehearsal: tuple[str, ...]
    """The same of the shares of the rehearsal."""
    test: bytes
    """Sealed to the identity of the rehearsal."""
    answer: str
    """SHA-256 of what the test opens to."""
    holders: tuple[str, ...]
    """Names, as the agency knows them; the first has share 1."""
    events: tuple[Event, ...]
    """The newest last."""

    def __post_init__(self) -> None:
        for each in (*self.shares, *self.rehearsal, self.answer):
            check_digest("share", each)
        if not len(self.shares) == len(self.rehearsal) == len(self.holders):
            raise ValueError("recovery: each holder has a share and its rehearsal")

    @property
    def rehearsed(self) -> datetime:
        """When it was last seen that enough holders can open their shares, or made sure of."""
        seen = (Happened.REHEARSED, Happened.SPLIT, Happened.REOPENED, Happened.RECOVERED)
        return max(each.at for each in self.events if each.what in seen)

    @property
    def next_rehearsal(self) -> datetime:
        return self.rehearsed + REHEARSE_EVERY

    def is_due(self, at: datetime) -> bool:
        """Return whether a rehearsal is due at *at*."""
        return at >= self.next_rehearsal


def name_of(owner: str, kind: KeyKind, epoch: int) -> str:
    """Return the name of an escrowed key of an officer or a desk."""
    return f"{owner}/{kind}/{epoch}"


def wrong(digests: Sequence[str], given: Sequence[tuple[int, str]]) -> int:
    """Return the place in *given*, from 1, of the first share that is none of these; 0 if none is.

    *given* has each share's number and digest.
    """
    for place, (number, digest) in enumerate(given, start=1):
        if not 1 <= number <= len(digests) or digests[number - 1] != digest:
            return place
    return 0
