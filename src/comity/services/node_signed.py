# SPDX-License-Identifier: Apache-2.0
"""Whether a node signed something, while its keys change.

For some weeks two entries of one node count, and what is on its way may be signed by either.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from comity.domain.roster import NodeEntry
from comity.errors import BadSignature

T = TypeVar("T")


def first_of(entries: Sequence[NodeEntry], check: Callable[[NodeEntry], T]) -> T:
    """Return what *check* says of the first of *entries* whose key signed.

    Raise what it says of the newest where none did.
    """
    failure: BadSignature | None = None
    for each in entries:
        try:
            return check(each)
        except BadSignature as error:
            failure = failure or error
    raise failure or BadSignature("unknown")
