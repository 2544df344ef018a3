# SPDX-License-Identifier: Apache-2.0
"""What is said for each error: by its cause, the English sentence that the catalogues translate.

A cause without a sentence takes its nearest parent's: every class in ``errors.py`` has one, and a
sub-cause has one where something else is to be done. The words are those that officers use
(``docs/glossary.md``); what stands in braces must be among the values that the error carries.
"""

from collections.abc import Mapping
from typing import Final

from comity.language.brokering import BROKERING
from comity.language.delegated import DELEGATED
from comity.language.filing import FILING
from comity.language.identified import IDENTIFIED
from comity.language.marks import marked
from comity.language.misused import MISUSED
from comity.language.misused_keys import MISUSED_KEYS
from comity.language.pages import PAGES
from comity.language.recovered import RECOVERED
from comity.language.refused import REFUSED
from comity.language.sentence import Sentence
from comity.language.signing_in import SIGNING_IN
from comity.language.taking_back import TAKING_BACK
from comity.language.trust import TRUST
from comity.language.unavailable import UNAVAILABLE
from comity.language.unheard import UNHEARD
from comity.language.untrusted import UNTRUSTED

SENTENCES: Final[Mapping[str, Sentence]] = {
    "error": Sentence(
        happened=marked("Something went wrong."),
        then=marked("Try again; if it happens again, tell your administrator the code."),
    ),
    **REFUSED,
    **MISUSED,
    **IDENTIFIED,
    **BROKERING,
    **FILING,
    **SIGNING_IN,
    **DELEGATED,
    **TAKING_BACK,
    **MISUSED_KEYS,
    **UNTRUSTED,
    **UNAVAILABLE,
    **RECOVERED,
    **TRUST,
    **UNHEARD,
    **PAGES,
}


def sentence_for(cause: str) -> Sentence:
    """Return the sentence of *cause*, or of its nearest parent that has one."""
    while cause not in SENTENCES and "." in cause:
        cause = cause.rpartition(".")[0]
    return SENTENCES.get(cause, SENTENCES["error"])
