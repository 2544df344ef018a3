# SPDX-License-Identifier: Apache-2.0
"""Domain values to bytes and back: statements, dockets, envelopes, parcels, receipts."""
