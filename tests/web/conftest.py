# SPDX-License-Identifier: Apache-2.0
"""Worlds for the pages: founded once, copied for each test."""

from tests.templates import three_countries, two_countries, two_strangers

__all__ = ["three_countries", "two_countries", "two_strangers"]
