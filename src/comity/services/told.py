# SPDX-License-Identifier: Apache-2.0
"""What an officer was told in a thread, and may want to use further: the copy that came, opened.

Only what came to his own agency as one of those who were told, and only what he can open: an
overseer's copy is for looking, and our own words are ours to tell again.
"""

from comity.domain.ids import AgencyId
from comity.domain.release import looks_on
from comity.domain.statement import Telling
from comity.domain.thread import Effect
from comity.errors import Misused, Refused
from comity.services.thread import OpenThread
from comity.services.unseal import Opened


def told_in(opened: OpenThread, agency: AgencyId, act: str = "") -> Opened:
    """Return the copy of *act*, or of the newest that told *agency* something, as it came."""
    acts = [
        each
        for each in opened.thread.acts
        if each.effect is Effect.APPLIED
        and isinstance(each.body, Telling)
        and each.agency != agency
        and act in ("", each.id)
    ]
    for each in reversed(acts):
        for copy in opened.copies_of(each.id):
            if copy.statement.to == agency and not looks_on(copy.statement):
                return copy
    raise Misused("act-unknown") if act else Refused("nothing-told")
