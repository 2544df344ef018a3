# SPDX-License-Identifier: Apache-2.0
"""Sealing, signing and passphrases: bytes in, bytes out; the only importer of ``cryptography``."""
