# SPDX-License-Identifier: Apache-2.0
"""What is said of a number or mark that is not written as one of its kind."""

from collections.abc import Mapping
from typing import Final

from comity.language.marks import marked
from comity.language.sentence import Sentence

IDENTIFIED: Final[Mapping[str, Sentence]] = {
    "usage.identifier": Sentence(
        happened=marked("This number or mark is not written as one of its kind."),
        then=marked("Compare it with the document, sign for sign."),
    ),
    "usage.identifier.phone": Sentence(
        happened=marked("This is not a telephone number with its country code."),
        then=marked("Begin with + and the country code: +254 …"),
    ),
    "usage.identifier.container": Sentence(
        happened=marked("A container number has four letters and seven digits."),
        then=marked("Compare it with the door of the container or the bill of lading."),
    ),
    "usage.identifier.imei": Sentence(
        happened=marked("An IMEI has fifteen digits."),
        then=marked("Dial *#06# on the device, or look at the label under the battery."),
    ),
    "usage.identifier.check-digit": Sentence(
        happened=marked(
            "The last digit does not fit the others: one sign is wrong or two are exchanged."
        ),
        then=marked("Compare it with the original, sign for sign."),
    ),
    "usage.identifier.passport": Sentence(
        happened=marked("A document number has letters and digits only."),
        then=marked("Copy it from the document, without the country."),
    ),
    "usage.identifier.cites-permit": Sentence(
        happened=marked("This is not written as a permit number."),
        then=marked("Copy it from box 1 of the permit."),
    ),
    "usage.identifier.air-waybill": Sentence(
        happened=marked("An air waybill has eleven digits: three of the airline, then eight."),
        then=marked("Copy it from the top of the waybill."),
    ),
    "usage.identifier.bill-of-lading": Sentence(
        happened=marked("This is not written as the number of a bill of lading."),
        then=marked("Copy it from the top of the bill."),
    ),
    "usage.identifier.company": Sentence(
        happened=marked("This is not written as a registration or tax number."),
        then=marked("Copy it from the register; put the name into its own field."),
    ),
    "usage.identifier.imo": Sentence(
        happened=marked("An IMO number has seven digits."),
        then=marked("Compare it with the hull or the papers of the vessel."),
    ),
    "usage.identifier.mmsi": Sentence(
        happened=marked("An MMSI has nine digits."),
        then=marked("Compare it with what the vessel's radio sends."),
    ),
    "usage.identifier.plate": Sentence(
        happened=marked("A number plate has two to twelve letters and digits."),
        then=marked("Write it as it stands on the vehicle."),
    ),
    "usage.identifier.vin": Sentence(
        happened=marked("A chassis number has seventeen letters and digits, without I, O and Q."),
        then=marked("Compare it with the dashboard or the door frame."),
    ),
}
