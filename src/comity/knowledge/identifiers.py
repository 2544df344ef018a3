# SPDX-License-Identifier: Apache-2.0
"""Identifiers made normal: one way to write a phone number, a container, a permit.

The normal form is what travels and what is compared, so it depends on the text alone and never on
which libraries a machine has: ``phonenumbers``, where installed (extra ``checks``), only refuses
more. The refused text is never named in the error.
"""

import importlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from comity.errors import Misused

LENGTH_LIMIT: Final = 80


def normalise(kind: str, text: str) -> str:
    """Return *text* as an identifier of *kind* is written; raise Misused if it is none."""
    rule = _RULES.get(kind)
    if rule is None:
        raise Misused("identifier-kind-unknown", kind=kind)
    if len(text) > LENGTH_LIMIT:
        raise Misused(f"identifier.{kind}")
    return rule(_plain(text))


def identifier_kinds() -> tuple[str, ...]:
    """Return the kinds of identifier that are known, in alphabetical order."""
    return tuple(sorted(_RULES))


def _plain(text: str) -> str:
    """Return *text* in capitals, with every script's digits as 0-9 and full-width signs plain."""
    folded = unicodedata.normalize("NFKC", text).strip().upper()
    if folded.isascii():
        return folded
    return "".join(
        each if (digit := unicodedata.decimal(each, None)) is None else str(digit)
        for each in folded
        if unicodedata.category(each) != "Cf"  # invisible marks that come with copied text
    )


_PHONE_BETWEEN = re.compile(r"\(0\)|[\s().\-/‐-―]")  # noqa: RUF001 - the dashes people type
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def _phone(text: str) -> str:
    """Return E.164: plus, country code, at most 15 digits (ITU-T E.164 §6.2.1)."""
    bare = _PHONE_BETWEEN.sub("", text)
    bare = "+" + bare[2:] if bare.startswith("00") else bare
    if not _E164.fullmatch(bare) or not _possible(bare):
        raise Misused("identifier.phone")
    return bare


def _possible(number: str) -> bool:
    try:
        library = importlib.import_module("phonenumbers")
    except ImportError:
        return True
    try:
        return bool(library.is_possible_number(library.parse(number)))
    except library.NumberParseException:
        return False


def _bare(text: str, without: str, form: str, *, kind: str) -> str:
    """Return *text* without what matches *without*; raise Misused unless it has the *form*."""
    bare = re.sub(without, "", text)
    if not re.fullmatch(form, bare):
        raise Misused(f"identifier.{kind}")
    return bare


def _container(text: str) -> str:
    """Return owner, category, serial and check digit (ISO 6346:2022 §3), without spaces."""
    bare = _bare(text, r"[\s\-./]", r"[A-Z]{3}[UJZ][0-9]{7}", kind="container")
    total = sum(_CONTAINER_VALUES[each] << place for place, each in enumerate(bare[:10]))
    if total % 11 % 10 != int(bare[10]):
        raise Misused("identifier.check-digit", kind="container")
    return bare


def _imei(text: str) -> str:
    """Return the 15 digits of an IMEI (3GPP TS 23.003 §6.2.1).

    Sixteen digits end in a software version, fourteen lack the check digit: both name one device.
    """
    bare = _bare(text, r"[\s\-./]", r"[0-9]{14,16}", kind="imei")
    whole = bare[:14] + str(_luhn(bare[:14]))
    if len(bare) == 15 and bare != whole:
        raise Misused("identifier.check-digit", kind="imei")
    return whole


def _luhn(digits: str) -> int:
    """Return the check digit that follows an even number of *digits* (ISO/IEC 7812-1, annex B)."""
    doubled = sum(sum(divmod(2 * int(each), 10)) for each in digits[1::2])
    return -(doubled + sum(int(each) for each in digits[::2])) % 10


def _passport(text: str) -> str:
    """Return letters and digits alone: up to 9 in a passport (ICAO 9303-4), more on some cards."""
    return _bare(text, r"[\s\-./<]", r"(?=.*[0-9])[A-Z0-9]{5,20}", kind="passport")


def _cites_permit(text: str) -> str:
    """Return the permit number without spaces; its form is each State's own (Res. Conf. 12.3)."""
    return _bare(text, r"\s", r"(?=.*[0-9])[A-Z0-9][A-Z0-9/.\-]{2,39}", kind="cites-permit")


def _air_waybill(text: str) -> str:
    """Return airline and serial number, 11 digits; the last is the remainder by 7 (IATA 600a)."""
    bare = _bare(text, r"[\s\-./]", r"[0-9]{11}", kind="air-waybill")
    if int(bare[3:10]) % 7 != int(bare[10]):
        raise Misused("identifier.check-digit", kind="air-waybill")
    return bare


def _bill_of_lading(text: str) -> str:
    """Return the number of a bill of lading without spaces; its form is each carrier's own."""
    return _bare(text, r"\s", r"(?=.*[0-9])[A-Z0-9][A-Z0-9/.\-]{3,34}", kind="bill-of-lading")


def _company(text: str) -> str:
    """Return a registration or tax number without spaces; each register has its own form."""
    return _bare(text, r"\s", r"(?=.*[0-9])[A-Z0-9][A-Z0-9/.\-]{2,39}", kind="company")


def _imo(text: str) -> str:
    """Return the seven digits of an IMO number (IMO Res. A.1117(30), annex): the last checks."""
    bare = _bare(text, r"^IMO|[\s\-.]", r"[0-9]{7}", kind="imo")
    total = sum(int(each) * weight for each, weight in zip(bare, range(7, 1, -1), strict=False))
    if total % 10 != int(bare[6]):
        raise Misused("identifier.check-digit", kind="imo")
    return bare


def _mmsi(text: str) -> str:
    """Return the nine digits of a ship's maritime identity (ITU-R M.585-9, annex 1)."""
    return _bare(text, r"[\s\-.]", r"[0-9]{9}", kind="mmsi")


def _plate(text: str) -> str:
    """Return letters and digits alone, of whatever script: a plate is written as it is read."""
    bare = re.sub(r"[\W_]", "", text)
    if not re.fullmatch(r"(?=.*[0-9])\w{2,12}", bare) or _plain(bare) != bare:
        raise Misused("identifier.plate")
    return bare


def _vin(text: str) -> str:
    """Return the 17 signs of a vehicle identification number (ISO 3779 §4): no I, O or Q.

    Its check digit is not looked at: it is one in North America and China alone.
    """
    return _bare(text, r"[\s\-.]", r"[A-HJ-NPR-Z0-9]{17}", kind="vin")


def _letter_values() -> dict[str, int]:
    """Return ISO 6346's values of letters: from 10, leaving out multiples of 11."""
    free = (value for value in range(10, 39) if value % 11)
    letters = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", free, strict=True))
    return letters | {str(digit): digit for digit in range(10)}


_CONTAINER_VALUES: Final[Mapping[str, int]] = _letter_values()

_RULES: Final[Mapping[str, Callable[[str], str]]] = {
    "air-waybill": _air_waybill,
    "bill-of-lading": _bill_of_lading,
    "cites-permit": _cites_permit,
    "company": _company,
    "container": _container,
    "imei": _imei,
    "imo": _imo,
    "mmsi": _mmsi,
    "passport": _passport,
    "phone": _phone,
    "plate": _plate,
    "vin": _vin,
}
