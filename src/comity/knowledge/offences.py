# SPDX-License-Identifier: Apache-2.0
"""National wildlife offences with their penalties, to be read by the date of the facts.

The four-year test of UNTOC art. 2(b) is derived: a maximum of at least four years' deprivation of
liberty, or for life. Where no maximum is known the answer is *unknown*, not *no*.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from comity.knowledge.rows import Confidence, ours, read_table

SERIOUS_YEARS: Final = 4
"""UNTOC art. 2(b)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    country: str
    law: str
    article: str
    offence: str
    species_or_scope: str
    min_years: float | None
    max_years: float | None
    life_imprisonment: str
    fine_note: str
    meets_untoc_4y: str
    """As the table says; a test holds it against ``is_serious``."""
    status: str
    """``in force``, or which facts it still applies to."""
    confidence: Confidence
    as_of: str
    source: str
    notes: str

    @property
    def cited(self) -> str:
        """Return the law and article, as one line of a request names them."""
        return f"{self.law}, {self.article}" if self.article else self.law

    @property
    def is_serious(self) -> bool | None:
        """Return whether it is a serious crime under UNTOC, or None where that is not known."""
        if self.life_imprisonment == "yes":
            return True
        return None if self.max_years is None else self.max_years >= SERIOUS_YEARS


@cache
def offences() -> Mapping[str, tuple[Offence, ...]]:
    """Return the offences by country."""
    by_country: dict[str, list[Offence]] = {}
    for each in read_table(ours("data", "offences.csv"), Offence):
        by_country.setdefault(each.country, []).append(each)
    return {country: tuple(rows) for country, rows in by_country.items()}
