# SPDX-License-Identifier: Apache-2.0
"""What an officer writes, checked before it is signed: lengths, languages, bases and handling."""

import re
from collections.abc import Sequence
from typing import Final

from comity.domain import time
from comity.domain.handling import Handling
from comity.domain.onward import has_expired
from comity.domain.statement import Attachment, Basis
from comity.errors import Misused, NeedsReason
from comity.knowledge.codes import bases
from comity.knowledge.request_kind import Values
from comity.services.house import House
from comity.storage import blobs

TEXT_LIMIT: Final = 8000
"""Characters of one free text: longer belongs in a file."""
REF_LIMIT: Final = 200
"""Of a file number or a name."""
FILES_MOST: Final = 20
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
"""BCP 47, as far as we write it: a language, then script and region."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What moves a terminal's cursor instead of saying something; tabs and line ends may stand."""


def check_texts(**texts: str) -> None:
    """Raise Misused for a free text that is too long, or that cannot be written as one."""
    _check_lengths(texts, TEXT_LIMIT)


def check_names(**texts: str) -> None:
    """Raise Misused for a file number or a name that is too long."""
    _check_lengths(texts, REF_LIMIT)


def check_given(**texts: str) -> None:
    """Raise Misused for what is needed and left empty."""
    for name, text in texts.items():
        if not text.strip():
            raise Misused("field-missing", field=name)


def check_language(tag: str) -> None:
    if not _LANGUAGE.fullmatch(tag):
        raise Misused("language")


def check_basis(basis: Basis) -> None:
    if basis.code not in bases():
        raise Misused("basis-unknown")
    if bases()[basis.code].needs_text and not basis.text.strip():
        raise NeedsReason("basis")
    check_texts(basis=basis.text)


def check_handling(house: House, handling: Handling) -> None:
    """Raise Misused for a handling that nobody could keep: over already, or not to be read."""
    check_texts(condition=handling.condition)
    check_names(original=handling.original)
    if not handling.expires:
        return
    try:
        time.read(handling.expires)
    except ValueError:
        raise Misused("handling-expires") from None
    if has_expired(handling, house.now()):
        raise Misused("handling-expired")


def check_files(house: House, attachments: Sequence[Attachment]) -> None:
    """Raise Misused unless every file is here, whole and durable, before it is named."""
    if not attachments:
        return
    if len(attachments) > FILES_MOST:
        raise Misused("files-many", limit=FILES_MOST)
    with house.store.read() as reading:
        rows = blobs.by_ids(reading, sorted({each.blob for each in attachments}))
    whole = {(row.blob, row.size) for row in rows if row.completed_at}
    if any((each.blob, each.size) not in whole for each in attachments):
        raise Misused("file-missing")


def _check_lengths(texts: dict[str, str], limit: int) -> None:
    for name, text in texts.items():
        if not text:
            continue
        if len(text) > limit:
            raise Misused("field-long", field=name, limit=limit)
        if not _is_text(text):
            raise Misused("field-value", field=name)


def check_values(values: Values) -> None:
    """Raise Misused for a coded value that cannot be written as a text."""
    for name, given in values.items():
        if not all(_is_text(each) for each in (name, *given)):
            raise Misused("field-value", field="fields")


def _is_text(text: str) -> bool:
    """Return whether *text* is one: no half sign that a terminal could not decode, no command."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return False
    return _CONTROL.search(text) is None
