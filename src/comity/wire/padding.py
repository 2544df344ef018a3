# SPDX-License-Identifier: Apache-2.0
"""Padmé: sizes that tell little, for at most 12 % more bytes.

Nikitin, Barman, Lueks, Underwood, Hubaux, Ford: *Reducing Metadata Leakage from Encrypted Files and
Communication with PURBs*, PoPETs 2019, algorithm 1. A size of L bits leaks O(log log L) of them.
"""


def padme(size: int) -> int:
    """Return the size to which *size* bytes are padded."""
    if size < 2:
        return size
    exponent = size.bit_length() - 1
    free = exponent - exponent.bit_length()
    mask = (1 << free) - 1
    return (size + mask) & ~mask
