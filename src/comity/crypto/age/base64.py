# SPDX-License-Identifier: Apache-2.0
"""Base64 as age wants it: RFC 4648 §4, unpadded, canonical."""

import binascii

from comity.errors import Malformed


def encode(data: bytes) -> bytes:
    return binascii.b2a_base64(data, newline=False).rstrip(b"=")


def decode(text: bytes) -> bytes:
    """Return the bytes of *text*; raise Malformed if it is padded or could be written otherwise."""
    try:
        data = binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
    except binascii.Error as error:
        raise Malformed("age.base64") from error
    # Only what follows the last full group has bits to spare, or padding.
    if encode(data[len(data) // 3 * 3 :]) != text[len(data) // 3 * 4 :]:
        raise Malformed("age.base64")
    return data
