# SPDX-License-Identifier: Apache-2.0
"""The world's facts as data and their loaders; each row with its source and date."""
