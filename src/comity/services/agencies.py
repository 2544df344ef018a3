# SPDX-License-Identifier: Apache-2.0
"""Agencies of this node: founded with a root that then goes offline.

The root key signs the root once and its successor's hash stands in it; both seeds leave the machine
in a passphrase-sealed age file, to be kept apart and later split among people. What stays, locked,
is the roster key. A poor state's node houses several agencies: each certifies the node's keys.
"""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from comity.crypto.age.scrypt import WRITE_FACTOR
from comity.crypto.signing import SEED_SIZE, SigningKey
from comity.crypto.tls import spki_pin
from comity.domain.ids import AgencyId, agency_id, digest
from comity.domain.roster import AgencyType, NodeEntry, Root
from comity.errors import Misused
from comity.knowledge.countries import countries
from comity.services import root_file as root_files
from comity.services.address_book import read_book
from comity.services.agency_card import AgencyCard
from comity.services.fields import line
from comity.services.house import House
from comity.services.node_keys import NodeKeys
from comity.services.root_file import RootKeys
from comity.services.rosters import Change, amend, found
from comity.wire.roster import sign_root

PRACTICE_FACTOR: Final = 10
"""scrypt work factor of practice nodes: a tenth of a second for nobody to wait for."""
VALIDITY: Final = timedelta(days=3650)
ADDRESS: Final = 255
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_BODY: Final = re.compile(r"X[A-Z]")
"""User-assigned codes (ISO 3166-1 §8.1.3), for bodies of several states."""


def factor_of(house: House) -> int:
    return PRACTICE_FACTOR if house.practice else WRITE_FACTOR


def found_agency(
    house: House,
    *,
    name: str,
    country: str,
    kind: AgencyType,
    address: str,
    root_file: Path,
    root_passphrase: str,
) -> AgencyCard:
    """Found an agency in this house, its root's seeds sealed in *root_file*.

    *address* is where peers reach the node, empty where none can. A file that is there already is
    left alone, and so is everything else.
    """
    called = _name(house, name)
    code = _country(country, kind)
    check_address(address)
    root_key, next_key = SigningKey(house.random(SEED_SIZE)), SigningKey(house.random(SEED_SIZE))
    roster_key = SigningKey(house.random(SEED_SIZE))
    root = Root(
        agency=agency_id(root_key.public.raw),
        name=called,
        country=code,
        kind=kind,
        root=root_key.public.raw,
        successor=digest(next_key.public.raw),
        roster=roster_key.public.raw,
        at=house.now(),
    )
    # The file first: an agency whose root nobody has could never replace its roster key.
    roots = RootKeys(root=root_key, following=next_key)
    keep_roots(house, root_file, roots, root_passphrase)
    try:
        entry = node_entry(house, root.agency, address)
        found(house, root, sign_root(root, root_key), roster_key, [entry])
    except BaseException:
        with suppress(OSError):
            root_file.unlink()
        raise
    return read_book(house).agency(root.agency)


def keep_roots(house: House, path: Path, roots: RootKeys, passphrase: str) -> None:
    root_files.write(path, roots, passphrase, practice=house.practice, factor=factor_of(house))


def move(house: House, agency: AgencyId, address: str) -> NodeEntry:
    """Tell peers, with the next roster, that *agency*'s node is reached at *address* from now on.

    Also after a restore, when the ledger goes on under its next origin.
    """
    check_address(address)

    def decide(card: AgencyCard) -> Change:
        # What is to be known of keys that are going out of use stays.
        before = [k for k, each in card.told_nodes.items() if each == card.node]
        entry = node_entry(house, agency, address)
        begins = max(entry.begins, card.node.begins + timedelta(seconds=1))
        return Change(add=[replace(entry, begins=begins)], end=before)

    amend(house, agency, decide)
    return read_book(house).agency(agency).node


def node_entry(house: House, agency: AgencyId, address: str) -> NodeEntry:
    """Return the entry by which *agency* certifies this node's keys."""
    with house.store.read() as reading:
        head = reading.head()
    origin = head.origin if head else ""
    return certified(house.keys, agency, address, origin=origin, begins=house.now())


def certified(
    keys: NodeKeys, agency: AgencyId, address: str, *, origin: str, begins: datetime
) -> NodeEntry:
    return NodeEntry(
        agency=agency,
        node=keys.node,
        address=address,
        carrier=keys.carrier.public.raw,
        parcel=str(keys.parcel.recipient),
        tls=spki_pin(_certificate(keys.tls)).hex() if address.startswith("https:") else "",
        origin=origin,
        ledger=keys.ledger.public.raw,
        ledger_quantum=keys.ledger_quantum.public.raw,
        witness=keys.witness.public.raw,
        begins=begins,
        ends=begins + VALIDITY,
    )


def check_address(address: str) -> None:
    """Raise Misused unless peers can be told to call *address*: https, or http on loopback."""
    if not address:
        return
    try:
        url = urlsplit(address)
        host, port = url.hostname or "", url.port
    except ValueError:
        raise Misused("address") from None
    plain = f"{url.scheme}://{url.netloc}" == address and "@" not in url.netloc
    loopback = host in _LOOPBACK or host.endswith(".localhost")
    if not (plain and host and port != 0 and address.isascii() and len(address) <= ADDRESS):
        raise Misused("address")
    if url.scheme != "https" and not (url.scheme == "http" and loopback):
        raise Misused("address")


def own_agency(house: House, text: str = "") -> AgencyCard:
    """Return the agency of this house that *text* means; the only one where it is empty."""
    own = [each for each in read_book(house).listed if each.own]
    if text:
        return read_book(house).find_agency(text, own)
    if len(own) != 1:
        raise Misused("agency-ambiguous" if own else "agency-none")
    return own[0]


def _name(house: House, name: str) -> str:
    called = line(name, "agency")
    if "/" in called:  # it parts an agency from its desk: VN/Anti-smuggling desk
        raise Misused("field-value", field="agency")
    if any(card.name.casefold() == called.casefold() for card in read_book(house).own):
        raise Misused("agency-exists")
    return called


def _country(country: str, kind: AgencyType) -> str:
    code = country.strip().upper()
    of_body = kind is AgencyType.BODY and _BODY.fullmatch(code)
    if code not in countries() and not of_body:
        raise Misused("country")
    return code


def _certificate(bundle: bytes) -> bytes:
    """Return the certificate of a PEM bundle, whose key comes first."""
    begin = b"-----BEGIN CERTIFICATE-----"
    return begin + bundle.split(begin, 1)[1]
