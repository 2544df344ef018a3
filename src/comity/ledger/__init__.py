# SPDX-License-Identifier: Apache-2.0
"""The append-only log as mathematics: tree, checkpoint, proof (RFC 6962, C2SP)."""
