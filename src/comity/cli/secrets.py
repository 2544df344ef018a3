# SPDX-License-Identifier: Apache-2.0
"""Secrets: typed at a terminal, or handed over by descriptor or environment; never an argument.

Standard input is left to values: a passphrase is asked for at the terminal itself, and where there
is none that is said, instead of taking the first line of somebody's facts for it.
"""

import getpass
import os
import sys
from typing import Final

from comity.cli.call import Call
from comity.crypto import passphrase as passphrases
from comity.errors import Misused
from comity.language.marks import marked

ACTING: Final = "COMITY_PASSPHRASE"
NEW: Final = "COMITY_NEW_PASSPHRASE"
HOUSE: Final = "COMITY_HOUSE_PASSPHRASE"
ROOT: Final = "COMITY_ROOT_PASSPHRASE"
LOCK: Final = "COMITY_LOCK_PHRASE"
LIMIT: Final = 4096
"""Bytes that are read from a descriptor: longer is no passphrase."""

_PASSPHRASE = marked("Passphrase: ")
_NEW = marked("New passphrase: ")
_HOUSE = marked("Passphrase of this server: ")
_FIRST_KEY = marked("Passphrase of the first key: ")
_NEW_HOUSE = marked("New passphrase of this server: ")
_LOCK = marked("Lock phrase: ")
_SHARE = marked("Words of a share ({number} of {needed}): ")
_AGAIN = marked("Once more: ")
_OFFER = marked("You may take these words: {words}")


def passphrase(call: Call) -> str:
    """Return the acting person's passphrase."""
    if call.passphrase_fd is not None:
        return _from_descriptor(call.passphrase_fd)
    return os.environ.get(ACTING) or _typed(call, _PASSPHRASE)


def new_passphrase(call: Call) -> str:
    """Return the passphrase that somebody chooses now."""
    return os.environ.get(NEW) or _chosen(call, _NEW)


def house_passphrase(call: Call) -> str:
    """Return the passphrase that opens this server, of homes that ask for one."""
    return os.environ.get(HOUSE) or _typed(call, _HOUSE)


def root_passphrase(call: Call) -> str:
    """Return the passphrase of the file with an agency's first key."""
    return os.environ.get(ROOT) or _typed(call, _FIRST_KEY)


def new_house_passphrase(call: Call) -> str:
    return os.environ.get(HOUSE) or _chosen(call, _NEW_HOUSE)


def lock_phrase(call: Call) -> str:
    """Return the phrase that somebody chooses, to lock everything of his."""
    return os.environ.get(LOCK) or _chosen(call, _LOCK)


def share(call: Call, number: int, needed: int) -> str:
    """Return the words of a share that its holder types; they are not shown."""
    _need_terminal()
    try:
        return getpass.getpass(call.out.say_in.of(_SHARE, number=number, needed=needed))
    except EOFError:
        raise Misused("passphrase.absent") from None


def lines_from_descriptor(number: int, limit: int) -> str:
    """Return all that descriptor *number* holds, at most *limit* bytes of it."""
    try:
        with os.fdopen(number, "rb", closefd=False) as file:
            return file.read(limit).decode()
    except (OSError, ValueError):
        raise Misused("passphrase.descriptor") from None


def secret(call: Call, name: str, prompt: str) -> str:
    """Return a secret that another service gave: from the environment's *name*, or typed."""
    return os.environ.get(name) or _typed(call, prompt)


def _from_descriptor(number: int) -> str:
    try:
        with os.fdopen(number, "rb", closefd=False) as file:
            data = file.read(LIMIT)
    except (OSError, ValueError):
        raise Misused("passphrase.descriptor") from None
    try:
        return data.split(b"\n", 1)[0].removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        raise Misused("passphrase.descriptor") from None


def _chosen(call: Call, prompt: str) -> str:
    """Ask for a new passphrase twice, offering words that are good ones."""
    _need_terminal()
    call.out.warn(_OFFER, words=passphrases.offer(call.random))
    first = _typed(call, prompt)
    if first != _typed(call, _AGAIN):
        raise Misused("passphrase.twice")
    return first


def _typed(call: Call, prompt: str) -> str:
    _need_terminal()
    try:
        return getpass.getpass(call.out.say_in.of(prompt))
    except EOFError:
        raise Misused("passphrase.absent") from None


def _need_terminal() -> None:
    if not has_terminal():
        raise Misused("passphrase.absent")


def has_terminal() -> bool:
    """Return whether somebody can be asked without touching standard input's data."""
    if sys.stdin is not None and sys.stdin.isatty():
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
