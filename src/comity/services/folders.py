# SPDX-License-Identifier: Apache-2.0
"""Folders: what was named or removed in one survives a power cut once it is flushed."""

import os
from pathlib import Path


def flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
