# SPDX-License-Identifier: Apache-2.0
"""Canaries: words and bytes that must lie nowhere in clear, and how to look for them.

``planted(texts, raw)`` makes a ``Cage`` of them; ``found(data)`` names those that are in *data*, in
UTF-8, UTF-16, hexadecimal or base64.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MARK = "Qz7Xk9Jw4"
"""Stands in every text that is planted; the alphabet of nothing that is random here has it."""


@dataclass(frozen=True, slots=True)
class Cage:
    forms: tuple[tuple[str, bytes], ...]
    """Each with what it is called when it is found."""

    def found(self, data: bytes) -> list[str]:
        return sorted({name for name, form in self.forms if form in data})

    def found_in(self, path: Path) -> list[str]:
        """Return which lie in the file at *path*, if it is one and still there."""
        try:
            return self.found(path.read_bytes())
        except (FileNotFoundError, IsADirectoryError):
            return []


def planted(texts: Mapping[str, str], raw: Mapping[str, bytes]) -> Cage:
    """Return a cage of *texts* and of *raw* bytes, each by its name."""
    forms: list[tuple[str, bytes]] = []
    for name, text in texts.items():
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            forms += (
                (f"{name} ({encoding}{how})", form) for how, form in _in(text.encode(encoding))
            )
    for name, data in raw.items():
        forms += ((f"{name}{how}", form) for how, form in _in(data))
    return Cage(tuple(forms))


def _in(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "", data
    yield ", hex", data.hex().encode()
    yield ", HEX", data.hex().upper().encode()
    for shift in range(3):
        # Letters at both ends depend on what stands before and behind; those between do not.
        whole = base64.b64encode(bytes(shift) + data)
        core = whole[(0, 2, 3)[shift] : (shift + len(data)) * 8 // 6]
        yield f", base64 +{shift}", core
        yield f", base64url +{shift}", core.translate(bytes.maketrans(b"+/", b"-_"))


def slice_of(file: Path, at: float) -> bytes:
    """Return 24 bytes of *file* that stand nowhere else, from about *at* of its length."""
    data = file.read_bytes()
    start = int(len(data) * at)
    for begin in range(start, len(data) - 24):
        found = data[begin : begin + 24]
        if len(set(found)) > 12 and not re.fullmatch(rb"[\x20-\x7e]*", found):
            return found
    raise AssertionError("no such bytes")
