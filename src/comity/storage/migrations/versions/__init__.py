# SPDX-License-Identifier: Apache-2.0
"""One file a revision; a released one is never changed."""
