# SPDX-License-Identifier: Apache-2.0
"""Comity: one officer asks another across a border, sealed end to end and with proof.

Start at ``ARCHITECTURE.md``; the floors are listed there, lowest first.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
