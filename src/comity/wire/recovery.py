# SPDX-License-Identifier: Apache-2.0
"""A holder's share, and the house key in escrow, to bytes and back (spec/keys.md).

A share is text that a person can read, so that the stock age command is enough to get at it. What
is wrong in one is never said: its bytes are secret.
"""

from dataclasses import dataclass, field
from typing import Final

from comity.domain.ids import AgencyId, check_digest, check_random
from comity.errors import Malformed
from comity.wire import canonical

LIMIT: Final = 4096
"""Of a share's text."""
SEALED_LIMIT: Final = 16 * 1024
"""Of a share's age file, armoured, and of the house key in escrow."""
TITLE: Final = "# comity/recovery-share@1"
_AGENCY: Final = "# agency: "
_NUMBER: Final = "# recovery: "
_SHARE: Final = "# share: "
_WORDS: Final = "# words"
_REHEARSAL: Final = "# words of the rehearsal"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldShare:
    agency: AgencyId
    number: int
    """Of the recovery identity."""
    share: int
    holders: int
    needed: int
    words: str = field(repr=False)
    rehearsal: str = field(repr=False)
    """Words of a share that opens nothing: for practice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseEscrow:
    """The house key, sealed to one agency's recovery identity."""

    type: str = "comity/house-escrow@1"
    agency: AgencyId
    number: int
    needed: int
    recipient: str
    shares: tuple[str, ...]
    """SHA-256 of each share's words."""
    sealed: bytes

    def __post_init__(self) -> None:
        check_random("agency", self.agency)
        for each in self.shares:
            check_digest("share", each)


def write_share(held: HeldShare) -> bytes:
    lines = (
        TITLE,
        f"{_AGENCY}{held.agency}",
        f"{_NUMBER}{held.number}",
        f"{_SHARE}{held.share} of {held.holders}, {held.needed} needed",
        _WORDS,
        held.words,
        _REHEARSAL,
        held.rehearsal,
        "",
    )
    return "\n".join(lines).encode("ascii")


def read_share(data: bytes) -> HeldShare:
    """Return the share that *data* writes; raise Malformed where writing it gives other bytes."""
    if len(data) > LIMIT:
        raise Malformed("size", limit=LIMIT)
    try:
        _, agency, number, share, _, words, _, rehearsal = data.decode("ascii").splitlines()
        mine, _, holders, needed, _ = share.removeprefix(_SHARE).split()
        check_random("agency", agency.removeprefix(_AGENCY))
        held = HeldShare(
            agency=AgencyId(agency.removeprefix(_AGENCY)),
            number=int(number.removeprefix(_NUMBER)),
            share=int(mine),
            holders=int(holders.removesuffix(",")),
            needed=int(needed),
            words=words,
            rehearsal=rehearsal,
        )
    except ValueError:
        raise Malformed("share") from None
    if write_share(held) != data:
        raise Malformed("share")
    return held


def write_house(escrow: HouseEscrow) -> bytes:
    return canonical.encode(escrow)


def read_house(data: bytes) -> HouseEscrow:
    return canonical.decode(data, HouseEscrow, limit=SEALED_LIMIT)
