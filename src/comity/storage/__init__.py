# SPDX-License-Identifier: Apache-2.0
"""What a node keeps: rows, files and the ledger. The only floor that speaks SQL."""
