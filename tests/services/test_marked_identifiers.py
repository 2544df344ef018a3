# SPDX-License-Identifier: Apache-2.0
"""Marked identifiers: what of a question is looked for, whatever script and signs it is typed in."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from comity.services.marked_identifiers import SHORTEST, folded, pieces

NUMBERS = re.compile(r"\+?\d[\d\s().\-/]*\d")
ASCII = st.text(st.characters(max_codepoint=127))
TYPED = st.text("ab1 2-+./_(),;:!?\"'\t\n\x1c\x1f\u00a0é\uff11\u00a8")


@given(st.lists(ASCII | st.text() | TYPED, max_size=3))
def test_each_text_its_words_and_its_numbers_are_looked_for_as_if_alone(texts: list[str]) -> None:
    words = [word for text in texts for word in (text, *text.split())]
    numbers = [n for text in texts for n in NUMBERS.findall(unicodedata.normalize("NFKC", text))]

    told = {folded(each) for each in (*words, *numbers)}

    assert pieces(texts) == {each for each in told if len(each) >= SHORTEST}
