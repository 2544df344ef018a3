# SPDX-License-Identifier: Apache-2.0
"""What an agency says of who opened a copy, or could not, and whose word that is.

Where persons are shown, each signs for himself. Where only the desk or the fact is, the node says
it with its carrier key and names no certificate, for a certificate names its officer to everybody
who holds the roster; what he signed himself stays at home.
"""

from collections.abc import Collection
from datetime import datetime
from functools import partial

from comity.crypto.signing import verifying_key
from comity.domain.docket import OF_PEOPLE, Docket, DocketReader, OpenedBy, Receipt
from comity.domain.ids import AgencyId
from comity.domain.statement import ReaderKind
from comity.errors import BadSignature, Differs
from comity.services.agency_card import AgencyCard
from comity.services.judge import check_carrier, officer_at
from comity.services.remembered import Remembered
from comity.storage.copies import Copy
from comity.wire import docket as docket_wire
from comity.wire.docket import Released


def travels(said: Receipt) -> bool:
    """Return whether *said* is in the form that another agency is told."""
    return (said.certificate != "") is (said.shows is OpenedBy.PERSON)


def is_told(said: Receipt, agency: AgencyId) -> bool:
    """Return whether *agency* is told *said*: at home who opened it, elsewhere what travels."""
    if said.stage not in OF_PEOPLE:
        return True
    return said.certificate != "" if said.agency == agency else travels(said)


def check_travels(said: Receipt) -> None:
    if not travels(said):
        raise Differs("shows")


def check_read_by(
    released: Released[Receipt],
    row: Copy,
    card: AgencyCard,
    *,
    arrived: datetime,
    remembered: Remembered,
) -> None:
    """Raise Untrusted unless the agency of *card* may say *released* of the copy *row*.

    Its signature, and the key by when it *arrived* here; and it tells of nobody who is no reader.
    """
    readers = docket_wire.read(row.release, Docket).said.readers
    if released.said.certificate:
        _check_person(released, readers, card, arrived, remembered)
    else:
        _check_node(released, readers, card, arrived, remembered)


def _check_person(
    released: Released[Receipt],
    readers: Collection[DocketReader],
    card: AgencyCard,
    arrived: datetime,
    remembered: Remembered,
) -> None:
    said = released.said
    entry = officer_at(card, said.certificate, said=said.at, arrived=arrived)
    if said.reader not in ("", entry.id, *entry.desks):
        raise BadSignature("not-his-desk")
    if {each.id for each in readers}.isdisjoint((entry.id, *entry.desks)):
        raise BadSignature("not-a-reader")
    key = verifying_key(entry.signing)
    remembered.once(released.dsse, key, partial(docket_wire.verify, released, key))


def _check_node(
    released: Released[Receipt],
    readers: Collection[DocketReader],
    card: AgencyCard,
    arrived: datetime,
    remembered: Remembered,
) -> None:
    said = released.said
    desks = {each.id for each in readers if each.kind is ReaderKind.DESK}
    if said.reader and (said.shows is not OpenedBy.DESK or said.reader not in desks):
        raise BadSignature("not-a-reader")
    entry = check_carrier(released, card, arrived, remembered)
    if said.node != entry.node:
        raise BadSignature("not-his")
