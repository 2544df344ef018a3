# SPDX-License-Identifier: Apache-2.0
"""QR codes as SVG: black on white, with the quiet zone that a camera needs."""

import importlib
import io
from types import ModuleType
from typing import Final

from comity.errors import Unavailable

SCALE: Final = 6
_QUIET: Final = 4
"""ISO/IEC 18004 §5.3.8."""


def svg(text: str) -> bytes:
    """Return *text* as a picture that stands alone."""
    sink = io.BytesIO()
    code = _library().make(text, error="m", micro=False)
    code.save(
        sink, kind="svg", scale=SCALE, border=_QUIET, light="#fff", svgclass=None, lineclass=None
    )
    return sink.getvalue()


def _library() -> ModuleType:
    """Return the library; raise Unavailable where this extra is not installed."""
    try:
        return importlib.import_module("segno")
    except ImportError:
        raise Unavailable("desk.library") from None
