# SPDX-License-Identifier: Apache-2.0
"""Bars: who may not read a new thread, named by its author before anything of it is sealed.

Later the agency's exclude list has them; here they are written to it with the thread's first act,
so that there is no moment in which the thread exists and they do not hold. Before a copy leaves it
is looked whether somebody was barred since it was sealed.
"""

from collections.abc import Callable, Collection, Sequence

from comity.domain.docket import Docket
from comity.domain.ids import AgencyId, ThreadId
from comity.domain.policy import Exclusion, barred
from comity.domain.verdict import Barred
from comity.errors import Misused
from comity.services.address_book import Book
from comity.services.agency_card import AgencyCard
from comity.services.house import House
from comity.services.oversight import exclude_in
from comity.storage.reading import Writing


def read_bars(book: Book, thread: ThreadId, named: Sequence[str]) -> Exclusion | None:
    """Return the exclusion from *thread* of whom *named* names: agencies, desks or officers."""
    if not named:
        return None
    agencies, readers = set(), set()
    for each in named:
        try:
            agencies.add(book.find_agency(each).id)
        except Misused as error:
            if error.cause != "usage.agency-unknown":
                raise
            readers.add(book.find_reader(each)[1].id)
    return Exclusion(thread=thread, readers=frozenset(readers), agencies=frozenset(agencies))


def bar(
    house: House, agency: AgencyId, exclusion: Exclusion | None
) -> tuple[Callable[[Writing], None], ...]:
    """Return what writes *exclusion*, together with the thread's first act."""
    if exclusion is None:
        return ()
    return (lambda writing: exclude_in(writing, house, agency, exclusion),)


def bars_any(exclusions: Collection[Exclusion], docket: Docket, card: AgencyCard) -> bool:
    """Return whether a reader of *docket*, of the agency of *card*, is barred from its thread."""
    verdicts = (
        barred(
            exclusions,
            docket.thread,
            reader=each.id,
            agency=card.id,
            members=card.members(each.id),
        )
        for each in docket.readers
    )
    return any(isinstance(each, Barred) for each in verdicts)
