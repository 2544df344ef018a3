# SPDX-License-Identifier: Apache-2.0
"""Wraps: what an officer has opened once he opens by his storage key from then on (ADR 19).

On first opening the file key is wrapped again; the new stanza lies beside the envelope, whose bytes
and id never change. So the secret of a reading epoch can be destroyed, and takes with it only what
nobody opened. A ``Keyhole`` says by which keys a copy opens for one officer, and why none does.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Final

from comity.crypto.age import HybridIdentity, HybridRecipient, Identity, beside
from comity.crypto.age.beside import FileKey
from comity.crypto.age.header import Stanza
from comity.domain.docket import ReceiptStage
from comity.domain.epochs import Epoch, epochs_of
from comity.domain.ids import CopyId, digest
from comity.errors import Damaged, Untrusted
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.officer import Unlocked
from comity.services.unseal import Opened, keys_for, lines_of, readers_of
from comity.storage import envelopes, receipts, wraps
from comity.storage.copies import Copy, CopyReader
from comity.storage.reading import Reading
from comity.storage.wraps import Wrap

NO_KEY: Final = "no-key"
"""He was named under a key of his that he has no more."""
KEY_RETIRED: Final = "key-retired"
"""Nobody opened it before the secret of its epoch was destroyed: it can only be sent again."""

PAGE: Final = 100
"""Envelopes that are looked at together: each may have 64 KiB."""


class _Noting:
    """A reading key that notes the file key it finds: to find it again would cost as much again."""

    def __init__(self, identity: HybridIdentity) -> None:
        self._identity = identity
        self.key: FileKey | None = None

    def unwrap(self, stanzas: tuple[Stanza, ...]) -> bytes | None:
        found = self._identity.unwrap(stanzas)
        self.key = FileKey(found) if found is not None else None
        return found


class Keyhole:
    """By which keys one officer opens copies, in one snapshot."""

    def __init__(
        self, reading: Reading, unlocked: Unlocked, house: House, card: AgencyCard
    ) -> None:
        self._reading = reading
        self._unlocked = unlocked
        self._house = house
        self._card = card
        self._lines = lines_of(unlocked, card)
        self._wraps: dict[str, bytes] = {}
        self._opened: dict[str, tuple[bytes, tuple[_Noting, ...]]] = {}
        self._epochs: Mapping[str, tuple[Epoch, ...]] = {}

    def look(self, ids: Collection[str]) -> None:
        """Look up which of the envelopes *ids* he has wraps of."""
        self._wraps |= wraps.of(self._reading, self._unlocked.entry.id, sorted(ids))

    def keys(self, row: Copy, named: Sequence[CopyReader], sealed: bytes) -> tuple[Identity, ...]:
        """Return what opens *sealed*, the envelope of *row*, for him: his wrap, or else his keys.

        A wrap that does not fit is as good as none: it is our own, and says nothing of who sent.
        """
        keys = keys_for(self._unlocked, named, self._lines)
        if row.envelope not in self._wraps:
            noting = tuple(_Noting(each) for each in keys)
            self._opened[row.envelope] = (sealed, noting)
            return noting
        if self._unlocked.remembered.copy(CopyId(row.copy)) is not None:
            return keys or (self._unlocked.storage,)
        key = self._fitting(row.envelope, sealed)
        if key is not None:
            return (key,)
        whole = digest(sealed) == row.envelope
        return keys if keys or whole else (self._unlocked.storage,)

    def key_of(self, row: Copy, named: Sequence[CopyReader], sealed: bytes) -> FileKey | None:
        """Return the file key of *sealed*, the envelope of *row*; None where nothing opens it."""
        if row.envelope in self._wraps:
            found = self._fitting(row.envelope, sealed)
            if found is not None:
                return found
        with suppress(Untrusted):
            return beside.key_of(sealed, keys_for(self._unlocked, named, self._lines))
        return None

    def lacking(self, row: Copy, named: Sequence[CopyReader]) -> str:
        """Return why nothing of his opens *row*, as a code; empty where that is as it should be.

        Who joined a desk has no key of its earlier epochs; and what a colleague has opened is not
        lost: he can wrap it again.
        """
        if row.envelope in self._wraps:
            return ""
        if not self._epochs:
            self._epochs = epochs_of(
                self._card.history, readers_of(self._unlocked), self._card.revoked
            )
        now = self._house.now()
        epochs = [self._epoch(each) for each in named]
        if all(each is not None and each.is_retired(now) for each in epochs):
            return "" if self._is_open_to_others(row) else KEY_RETIRED
        own = [e for e in named if e.reader == self._unlocked.entry.id]
        # A session from before his newest epoch is no reason to say that he has lost a key.
        ahead = any(each.epoch > self._unlocked.entry.epoch for each in own)
        return NO_KEY if own and not ahead else ""

    def fresh(self, verified: Sequence[Opened]) -> tuple[Wrap, ...]:
        """Return a wrap for each of *verified* that he opened by a reading key."""
        made: dict[str, Wrap] = {}
        for each in verified:
            envelope = each.row.envelope
            if envelope in self._opened and envelope not in made:
                sealed, keys = self._opened[envelope]
                # What he opened before in this session was not opened again just now.
                key = next((e.key for e in keys if e.key), None) or beside.key_of(sealed, keys)
                made[envelope] = sealed_for(self._house, self._unlocked, envelope, key)
        return tuple(made.values())

    def fits(self, envelope: str, sealed: bytes) -> bool:
        """Return whether his wrap opens *sealed*, which *envelope* names."""
        return digest(sealed) == envelope and self._fitting(envelope, sealed) is not None

    def _fitting(self, envelope: str, sealed: bytes) -> FileKey | None:
        place = place_of_wrap(envelope, self._unlocked.entry.id)
        with suppress(Damaged, Untrusted):
            stanza = self._house.vault.open(self._wraps[envelope], place)
            key = beside.unwrap(stanza, self._unlocked.storage)
            return beside.key_of(sealed, [key])
        return None

    def _epoch(self, named: CopyReader) -> Epoch | None:
        epochs = self._epochs.get(named.reader, ())
        return next((each for each in epochs if each.number == named.epoch), None)

    def _is_open_to_others(self, row: Copy) -> bool:
        if wraps.count(self._reading, row.envelope):
            return True
        said = receipts.by_copies(self._reading, [row.copy])
        return any(each.stage == ReceiptStage.OPENED for each in said)


def sealed_for(house: House, unlocked: Unlocked, envelope: str, key: FileKey) -> Wrap:
    """Return the wrap by which *unlocked* opens *envelope* from now on."""
    return made_for(
        house, unlocked.entry.id, unlocked.storage.recipient, envelope=envelope, key=key
    )


def made_for(
    house: House, officer: str, storage: HybridRecipient, *, envelope: str, key: FileKey
) -> Wrap:
    """Return the wrap by which *officer*, whose storage key is *storage*, opens *envelope*.

    The lock keeps nothing secret; by it the node finds, without his passphrase, what was changed.
    """
    stanza = beside.wrap(key, storage)
    return Wrap(
        envelope=envelope,
        reader=officer,
        stanza=house.vault.lock(stanza, place_of_wrap(envelope, officer)),
        at=house.millis(),
    )


def place_of_wrap(envelope: str, officer: str) -> str:
    """Return where the row of a wrap is locked: it opens nowhere else."""
    return f"wraps/{envelope}/{officer}"


def check_own(house: House, unlocked: Unlocked) -> tuple[str, ...]:
    """Return the envelopes that wraps of *unlocked* lie beside and do not open."""
    wrong: list[str] = []
    after, card = "", read_book(house).agency(unlocked.agency)
    with house.store.read() as reading:
        while page := wraps.page_of(reading, unlocked.entry.id, after, PAGE):
            after = page[-1].envelope
            ids = [row.envelope for row in page]
            keyhole = Keyhole(reading, unlocked, house, card)
            keyhole.look(ids)
            sealed = sealed_of(reading, ids)
            wrong += [each for each in ids if not keyhole.fits(each, sealed.get(each, b""))]
    return tuple(wrong)


def sealed_of(reading: Reading, ids: Sequence[str]) -> Mapping[str, bytes]:
    """Return the envelopes that are here; one lost file, which is empty here, hides no other."""
    with suppress(Damaged):
        return envelopes.get(reading, ids)
    found: dict[str, bytes] = dict.fromkeys(ids, b"")
    for each in ids:
        with suppress(Damaged):
            found |= envelopes.get(reading, [each])
    return found
