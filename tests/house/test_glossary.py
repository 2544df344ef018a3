# SPDX-License-Identifier: Apache-2.0
"""One word, one sense: the glossary is whole, and officers are shown none of our own words."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
DEFINED = (
    "act, copy, release, clock class, stage, limb, sensitivity, tally, storage key, "
    "head of a desk, integrity officer, read-log, comity path, kind, note, file, proof bundle, "
    "fingerprint, carrier, parcel, docket, envelope"
)
"""The plan's list of words that must be defined (design §10)."""
NEVER = "node, peer, ledger, checkpoint, cosign, envelope, statement, fold, canary, hash, sanitise"
"""Words that stand on no officer's page (journeys, *Words*)."""


def _words() -> dict[str, str]:
    """Return each word with what its last column says."""
    rows = re.findall(
        r"^\| ([^|]+) \| [^|]+ \| ?([^|]*?) ?\|$",
        (ROOT / "docs/glossary.md").read_text(),
        re.MULTILINE,
    )
    return {word: shown for word, shown in rows if word != "word"}


def _hidden() -> set[str]:
    return {word for word, shown in _words().items() if shown.startswith("never")}


def test_every_word_of_the_plan_is_defined() -> None:
    assert set(DEFINED.split(", ")) - set(_words()) == set()


def test_words_stand_once_and_in_order() -> None:
    text = (ROOT / "docs/glossary.md").read_text()
    words = re.findall(r"^\| ([^|]+) \| [^|]+ \|", text, re.MULTILINE)[1:]

    assert words == sorted(set(words))


def test_our_own_words_are_hidden_from_officers() -> None:
    assert set(NEVER.split(", ")) <= _hidden()


def _said(text: str) -> str:
    """Return *text* without the commands that it tells to type and the names of its values."""
    return re.sub(r"comity [a-z-]+( [a-z-]+)?|\{[a-z_]+\}", "", text)


def test_no_sentence_or_label_holds_a_hidden_word() -> None:
    hidden = re.compile(rf"\b({'|'.join(sorted(_hidden()))})(s|ed|d)?\b", re.IGNORECASE)
    with (ROOT / "src/comity/locale/comity.pot").open("rb") as source:
        shown = [
            text
            for each in read_po(source)
            for text in ([each.id] if isinstance(each.id, str) else each.id)
        ]

    assert [text for text in shown if hidden.search(_said(text))] == []
