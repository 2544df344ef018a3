# SPDX-License-Identifier: Apache-2.0
"""A recall follows what was passed on: what a passer's node tells the next holder, and hears.

Who passed something on tells his recipient that the originator took it back, and shows the
originator's own order (``recall_order.py``); to the originator he reports what each holder beyond
him answered. Both are told by nodes, for no node can read what it carries.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.domain.docket import ORDER_LIMIT
from comity.domain.ids import ActId, AgencyId, NodeId, ThreadId, check_random
from comity.domain.passed_on import HANDS_MOST
from comity.domain.tally import Held
from comity.domain.time import check_instant

CERTIFIED_MOST: Final = 16
CERTIFIED_LIMIT: Final = 96 * 1024
"""Bytes of what shows the originator's keys, all of it."""
REASON_LIMIT: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallOnward:
    """What was passed on in *act* was recalled, narrowed or corrected by who told it first."""

    type: str = "comity/recall-onward@1"
    node: NodeId
    agency: AgencyId
    """Who passed it on."""
    to: AgencyId
    """To whom."""
    act: ActId
    """The act that passed it on."""
    thread: ThreadId
    original: ActId
    """What was told first; one of those that the order names."""
    recall: ActId
    """The originator's act of recall: it tells his recalls of one act apart."""
    order: bytes
    """The originator's order, as his officer signed it."""
    certified: tuple[bytes, ...] = ()
    """What shows a stranger whose key that is."""
    at: datetime

    def __post_init__(self) -> None:
        check_random("node", self.node)
        check_random("thread", self.thread)
        for each in (self.act, self.original, self.recall):
            check_random("act", each)
        check_instant("at", self.at)
        if self.agency == self.to or self.act == self.original:
            raise ValueError("recall-onward: passed on to nobody")
        if not 0 < len(self.order) <= ORDER_LIMIT:
            raise ValueError("recall-onward: no possible order")
        sizes = [len(each) for each in self.certified]
        if len(sizes) > CERTIFIED_MOST or sum(sizes) > CERTIFIED_LIMIT:
            raise ValueError("recall-onward: shows too much")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnwardHeld:
    """What one holder beyond *agency* answered, as *agency* reports it to whom it had it from."""

    type: str = "comity/onward-held@1"
    node: NodeId
    agency: AgencyId
    """Who reports: it passed *act* on, or has it from one that did."""
    to: AgencyId
    """Who told *act*."""
    act: ActId
    recall: ActId
    passed: ActId
    """The act by which *holder* has it."""
    holder: AgencyId
    hands: int
    """Through how many hands beyond *to* it went: the first is that of *agency*."""
    held: Held
    reason: str = ""
    at: datetime

    def __post_init__(self) -> None:
        check_random("node", self.node)
        for each in (self.act, self.recall, self.passed):
            check_random("act", each)
        check_instant("at", self.at)
        if not 0 < self.hands <= HANDS_MOST:
            raise ValueError("onward-held: through so many hands nothing goes")
        if self.agency == self.to or len(self.reason) > REASON_LIMIT:
            raise ValueError("onward-held: of nobody, or too long")
