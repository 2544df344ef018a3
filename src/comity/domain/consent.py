# SPDX-License-Identifier: Apache-2.0
"""Consent: a holder asks the originator for what handling leaves to him, and his signed answer.

The answer says all that it is about once more, so that it means the same wherever it is shown:
which act, who may do what with it, towards whom, until when, and what handling then holds. It is
never consent to anything else (design §6 *Originator control*, UNTOC art. 18(5) and 18(19)).
"""

from dataclasses import dataclass, field
from enum import StrEnum

from comity.domain.handling import Handling
from comity.domain.ids import ActId, AgencyId, check_random
from comity.domain.onward import Use


class Word(StrEnum):
    """What the originator says."""

    YES = "yes"
    CONDITIONS = "conditions"
    """Yes, with a condition that was not there before."""
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRequest:
    """Asks whoever told something for leave to use it otherwise than his handling allows."""

    to: ActId
    """What was told."""
    use: Use
    holder: AgencyId
    """Who would do it: the asker, or an agency to which the asker passed it on."""
    agencies: tuple[AgencyId, ...] = ()
    """With *pass-on*: to whom."""
    named: str = ""
    """How the asker's list of agencies names them: shown, and relied on for nothing."""
    purpose: str = ""
    """Purpose code: what it would be used for."""
    reason: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The originator's answer; it counts for what it names and nothing beside it."""

    to: ActId
    """The request for it."""
    word: Word
    act: ActId
    """What was told, as its originator first told it."""
    use: Use
    holder: AgencyId
    agencies: tuple[AgencyId, ...] = ()
    purpose: str = ""
    handling: Handling = field(default_factory=Handling)
    """What then binds the holder's act and whoever receives it."""
    until: str = ""
    """RFC 3339: until when it may be made use of; or empty."""
    text: str = ""
    signed: bytes = b""
    """The originator's own consent, as he signed it, where who asked him for another brings it."""
    certified: tuple[bytes, ...] = ()
    """With it: what a stranger needs to know whose key signed it (``wire/proof.py``)."""

    def __post_init__(self) -> None:
        check_random("act", self.act)
