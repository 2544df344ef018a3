# SPDX-License-Identifier: Apache-2.0
"""What an officer does, one verb a file."""
