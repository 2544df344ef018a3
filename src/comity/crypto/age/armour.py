# SPDX-License-Identifier: Apache-2.0
"""ASCII armour: strict PEM of RFC 7468, label ``AGE ENCRYPTED FILE``, lines of 64 columns.

White space around the armour is allowed; inside it nothing is.
"""

import binascii
from typing import Final

from comity.errors import Malformed

BEGIN: Final = b"-----BEGIN AGE ENCRYPTED FILE-----"
END: Final = b"-----END AGE ENCRYPTED FILE-----"
COLUMNS: Final = 64
SPACE: Final = b" \t\r\n"


def is_armoured(data: bytes | bytearray) -> bool:
    return data.lstrip(SPACE).startswith(BEGIN)


def armour(sealed: bytes) -> bytes:
    """Return *sealed* as text that survives mail and messengers."""
    text = binascii.b2a_base64(sealed, newline=False)
    lines = [text[at : at + COLUMNS] for at in range(0, len(text), COLUMNS)]
    return b"\n".join([BEGIN, *lines, END, b""])


def unarmour(data: bytes) -> bytes:
    """Return the bytes inside the armour, or raise Malformed."""
    lines = data.strip(SPACE).replace(b"\r\n", b"\n").split(b"\n")
    if len(lines) < 3 or lines[0] != BEGIN or lines[-1] != END:
        raise Malformed("age.armour")
    *full, last = lines[1:-1]
    if any(len(line) != COLUMNS for line in full) or not 0 < len(last) <= COLUMNS:
        raise Malformed("age.armour")
    text = b"".join([*full, last])
    try:
        sealed = binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise Malformed("age.armour") from error
    if binascii.b2a_base64(sealed, newline=False) != text:
        raise Malformed("age.armour")
    return sealed
