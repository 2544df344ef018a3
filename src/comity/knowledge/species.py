# SPDX-License-Identifier: Apache-2.0
"""Species in the trade: names in up to ten languages, CITES appendix, what is made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from comity.knowledge.rows import Confidence, ours, read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Species:
    scientific_name: str
    taxon_group: str
    name_en: str
    name_fr: str
    name_pt: str
    name_sw: str
    name_zh: str
    name_vi: str
    name_th: str
    name_ar: str
    name_ms: str
    name_id: str
    cites_appendix: str
    cites_note: str
    main_commodities: tuple[str, ...]
    """CITES term codes."""
    source_countries: tuple[str, ...]
    consumer_countries: tuple[str, ...]
    zoonotic_risk: str
    zoonotic_note: str
    confidence: Confidence
    names_confidence: Confidence
    as_of: str
    source: str

    def name(self, tag: str) -> str:
        """Return the common name in the language of the BCP 47 *tag*, or in English."""
        column = f"name_{tag.partition('-')[0].lower()}"
        return getattr(self, column, "") or self.name_en


@cache
def species() -> Mapping[str, Species]:
    """Return the species by scientific name."""
    return {each.scientific_name: each for each in read_table(ours("data", "species.csv"), Species)}
