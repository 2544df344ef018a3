# SPDX-License-Identifier: Apache-2.0
"""How parcels travel between nodes."""
