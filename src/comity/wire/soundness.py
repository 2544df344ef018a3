# SPDX-License-Identifier: Apache-2.0
"""Soundness: whether what an agency certified can be used, judged once when it comes in.

A signature only says that an agency meant it. A key that does not parse, a name with a line break
in it or a text that turns the reading direction of what stands beside it would hurt later, in a
place where other peers' entries are looked at too; so it is refused at the door.
"""

import re
import unicodedata
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from comity.crypto.age import HybridRecipient
from comity.crypto.signing import quantum_verifying_key, verifying_key
from comity.domain.roster import (
    DeskEntry,
    Entry,
    MandateEntry,
    NodeEntry,
    OfficerEntry,
    RecoveryEntry,
    RevocationEntry,
    Root,
    WitnessesEntry,
)
from comity.errors import Malformed
from comity.ledger.checkpoint import Origin

TEXT_LIMIT: Final = 400
"""Characters of a name, a label or a citation."""
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_PIN: Final = re.compile(r"([0-9a-f]{64})?")
_ADDRESS: Final = re.compile(r"(https?://[!-~]{1,255})?")
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates; joiners and plain marks are part of how names are written."""
_BREAKING: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


def check_root(root: Root) -> None:
    """Raise Malformed unless *root* names an agency that can be shown, and two usable keys."""
    _check_text(root.name)
    if not root.name.strip():
        raise Malformed("characters")
    if not _COUNTRY.fullmatch(root.country):
        raise Malformed("country")
    verifying_key(root.root)
    verifying_key(root.roster)


def check_entry(entry: Entry) -> None:
    """Raise Malformed unless every key in *entry* parses and every text in it can be shown."""
    match entry:
        case OfficerEntry():
            _check_text(entry.name, entry.label, *entry.languages)
            verifying_key(entry.signing)
            _check_recipients(entry.reading, entry.storage)
        case DeskEntry():
            _check_text(entry.name, entry.urgent_telephone, entry.zone, *entry.hours)
            _check_text(*entry.holidays, *entry.languages)
            _check_recipients(entry.reading)
        case NodeEntry():
            _check_node(entry)
        case MandateEntry():
            _check_text(entry.law, entry.signed_by, *entry.kinds, *entry.countries, *entry.purposes)
        case RevocationEntry():
            _check_text(entry.reason, entry.compromised_since)
        case RecoveryEntry():
            _check_recipients(entry.recipient)
        case WitnessesEntry():
            _check_keys([each.key for each in entry.witnesses])
        case _:
            return  # of a type that we do not know: it is kept, and nothing of it is used


def _check_keys(keys: Iterable[bytes]) -> None:
    for each in keys:
        verifying_key(each)


def _check_node(entry: NodeEntry) -> None:
    _check_keys((entry.carrier, entry.ledger, entry.witness))
    quantum_verifying_key(entry.ledger_quantum)
    _check_recipients(entry.parcel)
    if not _PIN.fullmatch(entry.tls) or not _ADDRESS.fullmatch(entry.address):
        raise Malformed("address")
    if not is_near(entry.address) and entry.address.startswith("http:"):
        raise Malformed("address")
    if entry.origin and Origin.parse(entry.origin).node != entry.node:
        raise Malformed("origin")


def is_near(address: str) -> bool:
    """Return whether *address* is of the machine that calls it, or of its own cable."""
    try:
        host = (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        raise Malformed("address") from None
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        place = ip_address(host)
    except ValueError:
        return False
    place = getattr(place, "ipv4_mapped", None) or place
    return place.is_loopback or place.is_unspecified or place.is_link_local


def _check_recipients(*lines: str) -> None:
    for each in lines:
        HybridRecipient.parse(each)


def _check_text(*texts: str) -> None:
    for each in texts:
        if len(each) > TEXT_LIMIT:
            raise Malformed("size", limit=TEXT_LIMIT)
        if any(c in _TURNING or unicodedata.category(c) in _BREAKING for c in each):
            raise Malformed("characters")
