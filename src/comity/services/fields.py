# SPDX-License-Identifier: Apache-2.0
"""What is typed into one line of a form: trimmed, bounded, and unable to disturb a page.

Names of agencies, desks and people travel to peers and are shown beside others' words. A line break
or a sign that turns the writing direction would let one name pass for another.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from comity.errors import Misused

LINE: Final = 200
"""Characters; the longest law's title that we met has 160."""
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_NEVER = frozenset({"Cc", "Cs", "Cn", "Co", "Zl", "Zp"})
# Unicode 16.0 §23.2: embeddings, overrides and isolates. Marks (U+200E, U+200F, U+061C) and joiners
# stay: names in Arabic and Indic scripts need them.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def line(text: str, field: str, *, limit: int = LINE) -> str:
    """Return *text* as one line; raise Misused naming its *field* where it is none."""
    typed = unicodedata.normalize("NFC", text.strip())
    if not typed:
        raise Misused("field-missing", field=field)
    if len(typed) > limit:
        raise Misused("field-long", field=field, limit=limit)
    if any(unicodedata.category(each) in _NEVER or each in _TURNING for each in typed):
        raise Misused("field-value", field=field)
    return typed


def optional_line(text: str, field: str, *, limit: int = LINE) -> str:
    """Return *text* as one line, or nothing where nothing was typed."""
    return line(text, field, limit=limit) if text.strip() else ""


def languages(tags: Sequence[str]) -> tuple[str, ...]:
    """Return language *tags* (BCP 47), each once; raise Misused where there is none or no tag."""
    if not tags:
        raise Misused("field-missing", field="language")
    if not all(_TAG.fullmatch(each) for each in tags):
        raise Misused("field-value", field="language")
    return tuple(dict.fromkeys(tags))
