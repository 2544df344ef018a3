# SPDX-License-Identifier: Apache-2.0
"""Passkeys: what a browser says for a key that a telephone or a stick keeps (WebAuthn Level 3).

The library ``webauthn`` judges it; it comes with the extra ``desk``. Attestation is not asked for:
which make of telephone an officer has is nobody's business. Counters are not compared: those that
synchronise say nought, and what is shown here is shown beside a passphrase.
"""

import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

from comity.errors import Malformed, Unavailable

NAME: Final = "Desk"
"""What the telephone shows; it names no system and nobody."""
LIMIT: Final = 16 * 1024
"""Characters of what a browser says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where a passkey is asked for."""

    host: str
    origins: tuple[str, ...]
    challenge: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    id: bytes
    public: bytes


def is_there() -> bool:
    """Return whether passkeys can be used here at all."""
    try:
        _library()
    except Unavailable:
        return False
    return True


def to_register(door: Door, user: bytes, known: tuple[bytes, ...]) -> str:
    """Return what the browser's script is told, to make a passkey; *known* ones are not renewed."""
    library, structs = _library(), _structs()
    options = library.generate_registration_options(
        rp_id=door.host,
        rp_name=NAME,
        user_name=NAME,
        user_id=user,
        challenge=door.challenge,
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=each) for each in known],
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.DISCOURAGED,
            user_verification=structs.UserVerificationRequirement.DISCOURAGED,
        ),
    )
    told: str = library.options_to_json(options)
    return told


def registered(door: Door, said: str) -> Registered:
    """Return the passkey that a browser made; raise Malformed unless it is for this door."""
    found = _judged(
        "verify_registration_response",
        credential=_bounded(said),
        expected_challenge=door.challenge,
        expected_rp_id=door.host,
        expected_origin=list(door.origins),
        require_user_verification=False,
    )
    return Registered(id=found.credential_id, public=found.credential_public_key)


def to_show(door: Door, known: tuple[bytes, ...]) -> str:
    """Return what the browser's script is told, to show one of the *known* passkeys."""
    library, structs = _library(), _structs()
    options = library.generate_authentication_options(
        rp_id=door.host,
        challenge=door.challenge,
        allow_credentials=[structs.PublicKeyCredentialDescriptor(id=each) for each in known],
        user_verification=structs.UserVerificationRequirement.DISCOURAGED,
    )
    told: str = library.options_to_json(options)
    return told


def shown_id(said: str) -> bytes:
    """Return which passkey *said* speaks of; it proves nothing yet."""
    found = _judged("parse_authentication_credential_json", _bounded(said))
    return bytes(found.raw_id)


def check(door: Door, said: str, public: bytes) -> None:
    """Raise Malformed unless *said* is by the passkey *public*, for this door, just now."""
    _judged(
        "verify_authentication_response",
        credential=_bounded(said),
        expected_challenge=door.challenge,
        expected_rp_id=door.host,
        expected_origin=list(door.origins),
        credential_public_key=public,
        credential_current_sign_count=0,
        require_user_verification=False,
    )


def _bounded(said: str) -> str:
    if not said or len(said) > LIMIT:
        raise Malformed("passkey")
    return said


def _judged(name: str, *given: object, **named: object) -> Any:  # noqa: ANN401  # of a library
    """Return what the library makes of it; whatever it complains of is one complaint of ours."""
    helpers = importlib.import_module("webauthn.helpers")
    library = _library()
    verb = getattr(library, name, None) or getattr(helpers, name)
    try:
        return verb(*given, **named)
    except Exception:  # noqa: BLE001  # parsers of strangers' bytes raise of many kinds
        raise Malformed("passkey") from None


def _library() -> ModuleType:
    """Return the library; raise Unavailable where this extra is not installed."""
    try:
        return importlib.import_module("webauthn")
    except ImportError:
        raise Unavailable("passkey.library") from None


def _structs() -> ModuleType:
    return importlib.import_module("webauthn.helpers.structs")
