# SPDX-License-Identifier: Apache-2.0
"""Agencies of this node: founded with a root that then goes offline.

The root key signs the root once and its successor's hash stands in it; both seeds leave the machine
in a passphrase-sealed age file, to be kept apart and later split among people. What stays, locked,
is the roster key. A poor state's node houses several agencies: each certifies the node's keys.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Final

from comity.crypto import passphrase as passphrases
from comity.crypto.age import Passphrase, encrypt
from comity.crypto.age.scrypt import WRITE_FACTOR
from comity.crypto.signing import SigningKey
from comity.crypto.tls import spki_pin
from comity.domain.ids import AgencyId, agency_id, digest
from comity.domain.roster import AgencyType, NodeEntry, Root
from comity.errors import DiskFull, Misused
from comity.knowledge.countries import countries
from comity.services.address_book import AgencyCard, read_book
from comity.services.house import House
from comity.services.rosters import found
from comity.wire.roster import sign_root

PRACTICE_FACTOR: Final = 10
"""scrypt work factor of practice nodes: a tenth of a second for nobody to wait for."""
VALIDITY: Final = timedelta(days=3650)


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
    if not name.strip():
        raise Misused("field-missing", field="agency")
    country = country.strip().upper()
    if country not in countries() and not country.startswith("X"):
        raise Misused("country")
    if any(card.name.casefold() == name.strip().casefold() for card in read_book(house).own):
        raise Misused("agency-exists")
    chosen = passphrases.accept(root_passphrase, practice=house.practice)
    root_key, next_key = SigningKey(house.random(32)), SigningKey(house.random(32))
    roster_key = SigningKey(house.random(32))
    root = Root(
        agency=agency_id(root_key.public.raw),
        name=name.strip(),
        country=country,
        kind=kind,
        root=root_key.public.raw,
        successor=digest(next_key.public.raw),
        roster=roster_key.public.raw,
        at=house.now(),
    )
    _keep_roots(root_file, root_key, next_key, Passphrase(chosen, factor=factor_of(house)))
    try:
        entry = node_entry(house, root.agency, address)
        found(house, root, sign_root(root, root_key), roster_key, [entry])
    except BaseException:
        root_file.unlink(missing_ok=True)
        raise
    return read_book(house).agency(root.agency)


def node_entry(house: House, agency: AgencyId, address: str) -> NodeEntry:
    """Return the entry by which *agency* certifies this node's keys."""
    keys = house.keys
    loopback = address.startswith("http://") or not address
    now = house.now()
    with house.store.read() as reading:
        head = reading.head()
    return NodeEntry(
        agency=agency,
        node=keys.node,
        address=address,
        carrier=keys.carrier.public.raw,
        parcel=str(keys.parcel.recipient),
        tls="" if loopback else spki_pin(_certificate(keys.tls)).hex(),
        origin=head.origin if head else "",
        ledger=keys.ledger.public.raw,
        ledger_quantum=keys.ledger_quantum.public.raw,
        witness=keys.witness.public.raw,
        begins=now,
        ends=now + VALIDITY,
    )


def own_agency(house: House, text: str = "") -> AgencyCard:
    """Return the agency of this house that *text* means; the only one where it is empty."""
    own = read_book(house).own
    if text:
        return read_book(house).find_agency(text, own)
    if len(own) != 1:
        raise Misused("agency-ambiguous" if own else "agency-none")
    return own[0]


def _certificate(bundle: bytes) -> bytes:
    """Return the certificate of a PEM bundle, whose key comes first."""
    begin = b"-----BEGIN CERTIFICATE-----"
    return begin + bundle.split(begin, 1)[1]


def _keep_roots(path: Path, root: SigningKey, following: SigningKey, lock: Passphrase) -> None:
    text = (
        "# Root of a Comity agency. Keep this off every machine that is switched on.\n"
        f"# root-ed25519-seed: {root.seed.hex()}\n"
        f"# next-root-ed25519-seed: {following.seed.hex()}\n"
    )
    sealed = encrypt(text.encode(), [lock])
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise Misused("root-file-exists") from None
    except OSError:
        raise DiskFull("root-file") from None
