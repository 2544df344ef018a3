# SPDX-License-Identifier: Apache-2.0
"""Holders of shares: who keeps them, and what each of them opens on his own machine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.services.settle import Settled

from comity.crypto.age import HybridIdentity, decrypt
from comity.services.recover_split import HandOut, Holder, Split, split
from comity.wire.recovery import HeldShare, read_share

PEOPLE = ("A. Mwangi", "B. Otieno")


@dataclass(slots=True)
class Keepers:
    """Some people with keys of their own, and the shares that they were handed."""

    keys: dict[str, HybridIdentity] = field(default_factory=dict)
    held: dict[str, Path] = field(default_factory=dict)

    def holders(self, count: int) -> list[Holder]:
        """Return *count* more people who are to hold a share."""
        names = [f"holder {len(self.keys) + each}" for each in range(1, count + 1)]
        self.keys |= {name: HybridIdentity.generate() for name in names}
        return [Holder(name=each, recipient=str(self.keys[each].recipient)) for each in names]

    def take(self, handed: Iterable[HandOut]) -> None:
        self.held |= {each.holder: each.path for each in handed}

    def open(self, name: str) -> HeldShare:
        return read_share(decrypt(self.held[name].read_bytes(), [self.keys[name]]))

    def words(self, *names: str) -> list[str]:
        return [self.open(each).words for each in names]

    def rehearsal(self, *names: str) -> list[str]:
        return [self.open(each).rehearsal for each in names]


def appoint(
    settled: Settled, path: Path, *, needed: int = 3, count: int = 5, old: Sequence[str] = ()
) -> tuple[Keepers, Split]:
    """Split *settled*'s recovery among *count* new keepers."""
    keepers = Keepers()
    done = split(
        settled.house,
        settled.agency,
        needed=needed,
        holders=keepers.holders(count),
        folder=path,
        decided_by=PEOPLE,
        old=old,
    )
    keepers.take(done.handed_out)
    return keepers, done
