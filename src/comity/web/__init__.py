# SPDX-License-Identifier: Apache-2.0
"""The desk in the browser: the same services and the same words as the command line.

``kit`` alone sees a request; every other file is a noun with plain functions of a ``Visit``.
"""
