# SPDX-License-Identifier: Apache-2.0
"""The order that goes with a recall, in clear to the nodes that hold what is taken back.

A node cannot open the recall itself; the order tells it, under the signature of the officer, which
acts of his agency are meant and by what right he speaks for them. Nobody else's act is touched: the
node looks that the order comes from the agency that sent the act. That he is the author, or may
sign for the desk that did, is held against the statement by whoever opens it.
"""

from dataclasses import dataclass
from datetime import datetime

from comity.domain.ids import ActId, AgencyId, CertificateHash, ThreadId, check_digest, check_random
from comity.domain.taking_back import Taking, check_acts
from comity.domain.time import check_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallOrder:
    type: str = "comity/recall-order@1"
    agency: AgencyId
    thread: ThreadId
    acts: tuple[ActId, ...]
    what: Taking
    author: str
    """The officer who did *acts*."""
    desk: str = ""
    """The desk for which he did them; empty where he spoke for himself."""
    certificate: CertificateHash
    """Of the officer who signs this order."""
    at: datetime

    def __post_init__(self) -> None:
        check_acts(self.acts)
        check_random("thread", self.thread)
        check_random("officer", self.author)
        check_digest("certificate", self.certificate)
        check_instant("at", self.at)
        if self.desk:
            check_random("desk", self.desk)
