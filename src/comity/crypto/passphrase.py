# SPDX-License-Identifier: Apache-2.0
"""Passphrases: offered from a word list, made normal, and refused when a child would guess them.

``words.txt`` is the English list of BIP-39, 2,048 words of a-z, taken as data from the Python
package ``mnemonic`` 0.21 (MIT licence). The first four letters tell its words apart, so a slip of
the pen is found. Six words chosen alike are 66 bits.

``normalise`` is the OpaqueString profile of RFC 8265 §4.2 over the FreeformClass of RFC 8264 §4.3:
the same keys pressed on two machines give the same bytes. Two differences, both for officers who
type in scripts that need them: the class is judged after NFC instead of before, so that Hangul in
single jamo is composed and not refused; and a zero-width non-joiner may stand between two letters
of a script like Arabic without the joining types of RFC 5892 §A.1, which Python does not know.
"""

import unicodedata
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from itertools import pairwise

from comity.errors import Misused

WORDS = 6
SHORTEST = 12
LONGEST = 256

_INDEX_MASK = 2047  # 2,048 words: 11 of 16 random bits, so no word is likelier than another

# RFC 5892 §2.6. The other exceptions there are letters that the categories below allow as well.
_NEVER = frozenset("\u0640\u07fa\u302e\u302f\u3031\u3032\u3033\u3034\u3035\u303b")
# RFC 8264 §9: LetterDigits, OtherLetterDigits, Spaces (Zs alone), Symbols and Punctuation are all
# categories of these initials but two.
_CLASSES = "LMNPSZ"
_LINE_ENDS = frozenset({"Zl", "Zp"})
# RFC 8264 §9.13: Default_Ignorable_Code_Point (Unicode 16.0, DerivedCoreProperties.txt).
_IGNORABLE = (
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x61C, 0x61C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
# RFC 8264 §9.9: Hangul_Syllable_Type L, V or T.
_OLD_JAMO = ((0x1100, 0x11FF), (0xA960, 0xA97C), (0xD7B0, 0xD7C6), (0xD7CB, 0xD7FB))
_REFUSED = _IGNORABLE + _OLD_JAMO

_VIRAMA = 9  # canonical combining class, RFC 5892 §A.1
_EAST_ASIAN = ("HIRAGANA LETTER", "KATAKANA LETTER", "CJK UNIFIED", "HALFWIDTH KATAKANA LETTER")

_ROWS = ("qwertyuiop", "azertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "1234567890")
_NEIGHBOURS = frozenset(pair for row in _ROWS for pair in pairwise(row))


def normalise(text: str) -> str:
    """Return *text* as everybody's machine would have it; refuse what cannot be typed twice alike.

    The causes are ``usage.passphrase.empty``, ``.long``, ``.character`` and ``.unassigned``.
    """
    if len(text) > LONGEST:
        raise Misused("passphrase.long", longest=LONGEST)
    # RFC 8265 §4.2.2: 2. spaces, 4. NFC, in this order; width, case and direction are left alone.
    spaced = "".join(" " if unicodedata.category(each) == "Zs" else each for each in text)
    normal = unicodedata.normalize("NFC", spaced)
    if not normal:
        raise Misused("passphrase.empty")
    for at in range(len(normal)):
        _require(normal, at)
    return normal


def offer(random: Callable[[int], bytes], words: int = WORDS) -> str:
    """Return *words* words from the list, parted by spaces: 11 bits each."""
    listed = _words()
    return " ".join(listed[int.from_bytes(random(2), "big") & _INDEX_MASK] for _ in range(words))


def accept(text: str, *, practice: bool = False) -> str:
    """Return *text* made normal; refuse it when it is short or trivial, except for *practice*.

    Three plain rules, no guess at strength: at least 12 characters; not made of fewer than 5
    different ones, nor of one piece said again and again; not three quarters of it steps to the
    next letter, number or key (``abcdefghijkl``, ``qwertyuiop12``).
    """
    normal = normalise(text)
    if practice:
        return normal
    if len(normal) < SHORTEST:
        raise Misused("passphrase.short", shortest=SHORTEST)
    plain = "".join(normal.casefold().split())
    if len(set(plain)) < 5 or _repeats(plain) or _walks(plain):
        raise Misused("passphrase.trivial")
    return normal


@cache
def _words() -> tuple[str, ...]:
    return tuple(files("comity.crypto").joinpath("words.txt").read_text("ascii").split())


def _repeats(plain: str) -> bool:
    """Return whether *plain* is one piece two or more times: it is then found within its double."""
    return plain in (plain + plain)[1:-1]


def _walks(plain: str) -> bool:
    steps = [_step(a, b) for a, b in pairwise(plain)]
    return 4 * sum(steps) >= 3 * len(steps)


def _step(a: str, b: str) -> bool:
    return abs(ord(a) - ord(b)) <= 1 or (a, b) in _NEIGHBOURS or (b, a) in _NEIGHBOURS


def _require(text: str, at: int) -> None:
    """Refuse the character of *text* at position *at* unless it is in the FreeformClass."""
    character = text[at]
    verdict = _in_context(text, at)
    if verdict is None:
        category = unicodedata.category(character)
        if category == "Cn":
            raise Misused("passphrase.unassigned", position=at + 1)
        verdict = category[0] in _CLASSES and not _never(character, category)
    if not verdict:
        raise Misused("passphrase.character", position=at + 1)


def _never(character: str, category: str) -> bool:
    if character in _NEVER or category in _LINE_ENDS:
        return True
    code = ord(character)
    return any(first <= code <= last for first, last in _REFUSED)


def _in_context(text: str, at: int) -> bool | None:
    """Return whether its context allows a contextual character (RFC 5892 §A), None for others."""
    before = text[at - 1 : at]
    after = text[at + 1 : at + 2]
    verdict: bool | None = None
    match text[at]:
        case "\u200c":  # §A.1, widened as said above
            verdict = _after_virama(before) or (_joins(before) and _joins(after))
        case "\u200d":  # §A.2
            verdict = _after_virama(before)
        case "\u00b7":  # §A.3, the Catalan middle dot
            verdict = before == after == "l"
        case "\u0375":  # §A.4
            verdict = _named(after, ("GREEK",))
        case "\u05f3" | "\u05f4":  # §A.5, §A.6
            verdict = _named(before, ("HEBREW",))
        case "\u30fb":  # §A.7
            verdict = any(_named(each, _EAST_ASIAN) for each in text)
        case other:
            verdict = _one_row_of_digits(other, text)
    return verdict


def _one_row_of_digits(digit: str, text: str) -> bool | None:
    """Keep apart the two rows of Arabic digits, which look alike (RFC 5892 §A.8, §A.9)."""
    if "\u0660" <= digit <= "\u0669":
        return not any("\u06f0" <= each <= "\u06f9" for each in text)
    if "\u06f0" <= digit <= "\u06f9":
        return not any("\u0660" <= each <= "\u0669" for each in text)
    return None


def _after_virama(before: str) -> bool:
    return bool(before) and unicodedata.combining(before) == _VIRAMA


def _joins(letter: str) -> bool:
    return bool(letter) and unicodedata.bidirectional(letter) == "AL"


def _named(character: str, prefixes: tuple[str, ...]) -> bool:
    return bool(character) and unicodedata.name(character, "").startswith(prefixes)
