# SPDX-License-Identifier: Apache-2.0
"""Epochs of reading keys: when each began, when it ended, and when its secret is to be destroyed.

An officer or a desk reads under one key at a time. What was opened under it is kept otherwise
(ADR 19), so its secret is destroyed 180 days after its epoch ended: whoever then has the disk and
every passphrase opens nothing that nobody opened before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from comity.domain.ids import (
    AgencyId,
    CertificateHash,
    Digest,
    EnvelopeId,
    OfficerId,
    ThreadId,
    check_digest,
    check_random,
)
from comity.domain.roster import DeskEntry, Entry, OfficerEntry
from comity.domain.time import check_instant

EVERY_DAYS: Final = 90
"""An officer's epoch lasts so long, where his agency says nothing else."""
DAYS_LEAST: Final = 7
DAYS_MOST: Final = 366
KEPT: Final = timedelta(days=180)
"""Design §5 *Keys*: for so long after the end of its epoch a secret is kept."""
EARLY: Final = timedelta(days=1)
"""An officer's next certificate begins so much earlier: he signs with it at once, and a peer whose
clock is a little behind must not take its key for one of tomorrow."""
ENVELOPES_LIMIT: Final = 500
"""In one record of what was wrapped again; more are several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One reading key of an officer or a desk."""

    reader: str
    number: int
    line: str
    """The age recipient line."""
    begins: datetime
    ended: datetime | None = None
    """When the next one began, or the last certificate was withdrawn; None while it is in use."""

    @property
    def destroyed_at(self) -> datetime | None:
        """Return when its secret is to be destroyed; None while nothing ended it."""
        return self.ended + KEPT if self.ended else None

    def is_retired(self, now: datetime) -> bool:
        """Return whether its secret is not to be anywhere any more."""
        return self.destroyed_at is not None and self.destroyed_at <= now


class Part(StrEnum):
    """What of an epoch was destroyed."""

    WHOLE = "whole"
    """All that lay here, the escrow with it."""
    ESCROW = "escrow"
    """An officer's own is in his identity file until he signs in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDestroyed:
    """The entry of a leaf: the secret of an epoch was destroyed here."""

    type: str = "comity/key-destroyed@1"
    reader: str
    """The officer or desk."""
    epoch: int
    recipient: Digest
    """SHA-256 of the age recipient line."""
    part: Part
    at: datetime

    def __post_init__(self) -> None:
        check_random("reader", self.reader)
        check_digest("recipient", self.recipient)
        check_instant("at", self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrapped:
    """What a member of a desk wrapped again for somebody who joined it; he signs it."""

    type: str = "comity/rewrapped@1"
    agency: AgencyId
    desk: str
    by: OfficerId
    certificate: CertificateHash
    to: OfficerId
    envelopes: tuple[EnvelopeId, ...]
    """Ascending."""
    at: datetime

    def __post_init__(self) -> None:
        for each in (self.desk, self.by, self.to):
            check_random("reader", each)
        check_digest("certificate", self.certificate)
        check_instant("at", self.at)
        _check_envelopes(self.envelopes)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOn:
    """What an officer wrapped again for whoever goes on with a thread of his; he signs it."""

    type: str = "comity/handed-on@1"
    agency: AgencyId
    thread: ThreadId
    by: OfficerId
    certificate: CertificateHash
    to: OfficerId
    envelopes: tuple[EnvelopeId, ...]
    """Ascending."""
    at: datetime

    def __post_init__(self) -> None:
        check_random("thread", self.thread)
        for each in (self.by, self.to):
            check_random("officer", each)
        check_digest("certificate", self.certificate)
        check_instant("at", self.at)
        _check_envelopes(self.envelopes)


def _check_envelopes(envelopes: tuple[EnvelopeId, ...]) -> None:
    for each in envelopes:
        check_digest("envelope", each)
    if not 0 < len(envelopes) <= ENVELOPES_LIMIT:
        raise ValueError("rewrapped: so many envelopes are not one record")
    if list(envelopes) != sorted(set(envelopes)):
        raise ValueError("rewrapped: envelopes ascend, each once")


def epochs_of(
    history: Mapping[CertificateHash, Entry],
    readers: Iterable[str],
    revoked: Mapping[CertificateHash, datetime],
) -> Mapping[str, tuple[Epoch, ...]]:
    """Return the epochs of each of *readers*, the oldest first, by all that was certified."""
    wanted = set(readers)
    found: dict[str, dict[int, Epoch]] = {each: {} for each in wanted}
    ends: dict[tuple[str, int], list[datetime | None]] = {}
    for named, entry in history.items():
        if not isinstance(entry, OfficerEntry | DeskEntry) or entry.id not in wanted:
            continue
        made = Epoch(reader=entry.id, number=entry.epoch, line=entry.reading, begins=_began(entry))
        known = found[entry.id].get(entry.epoch, made)
        found[entry.id][entry.epoch] = min(known, made, key=lambda each: each.begins)
        ends.setdefault((entry.id, entry.epoch), []).append(revoked.get(named))
    return {reader: _ended(epochs, ends) for reader, epochs in found.items()}


def _began(entry: OfficerEntry | DeskEntry) -> datetime:
    """Return when the key of *entry* was in use at the latest: never before it was made."""
    is_next = isinstance(entry, OfficerEntry) and entry.epoch > 1
    return entry.begins + EARLY if is_next else entry.begins


def _ended(
    epochs: Mapping[int, Epoch], ends: Mapping[tuple[str, int], list[datetime | None]]
) -> tuple[Epoch, ...]:
    ordered = [epochs[number] for number in sorted(epochs)]
    told = [replace(each, ended=after.begins) for each, after in pairwise(ordered)]
    for last in ordered[-1:]:
        withdrawn = [each for each in ends[(last.reader, last.number)] if each is not None]
        gone = len(withdrawn) == len(ends[(last.reader, last.number)])
        told.append(replace(last, ended=max(withdrawn)) if gone else last)
    return tuple(told)
