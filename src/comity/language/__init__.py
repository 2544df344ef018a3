# SPDX-License-Identifier: Apache-2.0
"""Sentences for people: gettext catalogues, plurals and names of places."""
