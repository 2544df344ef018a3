# SPDX-License-Identifier: Apache-2.0
"""Photographs made small enough for a poor link: the picture alone, upright, and nothing beside it.

Called apart (``apart_work``): Pillow decodes what a stranger sent.
"""

from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

FORMATS: Final = ("JPEG", "PNG", "WEBP")
PIXELS: Final = 120_000_000
"""Of a picture that is decoded at all; a telephone's has 12 to 108 million."""
LARGE: Final = 40_000_000
"""Of one that cannot be read smaller than it is: a JPEG can."""
SIDE: Final = 1600
_PLUGINS: Final = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
"""Loaded here, so that Pillow need not look for all that it could decode."""
_LEAST: Final = 320
_QUALITIES: Final = (82, 74, 66, 58, 50)


def opened(data: bytes) -> Image.Image:
    """Return the picture in *data*, not decoded yet; raise ValueError for one that is too large."""
    Image.MAX_IMAGE_PIXELS = PIXELS  # beyond twice of it Pillow refuses by itself
    image = Image.open(BytesIO(data), formats=FORMATS)
    pixels = image.width * image.height
    if pixels > PIXELS or (pixels > LARGE and image.format not in {"JPEG", "MPO"}):
        raise ValueError("too many pixels")
    return image


def upright(image: Image.Image) -> Image.Image:
    """Return the picture as it is meant to be seen, in plain colours."""
    turned = ImageOps.exif_transpose(image)
    if turned.mode in {"RGBA", "LA", "PA", "P"}:
        turned = turned.convert("RGBA")
        paper = Image.new("RGBA", turned.size, "white")
        turned = Image.alpha_composite(paper, turned)
    return turned.convert("RGB")


def light(data: bytes, limit: int) -> bytes:
    """Return the picture in *data* as a JPEG of at most *limit* bytes, and nothing beside it."""
    image = opened(data)
    image.draft("RGB", (SIDE, SIDE))
    picture, side = upright(image), SIDE
    while side >= _LEAST:
        small = picture.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            made = _jpeg(small, quality)
            if len(made) <= limit:
                return made
        side = side * 3 // 4
    raise ValueError("it does not become small")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    bare = Image.frombytes("RGB", image.size, image.tobytes())  # with no info of where it was
    sink = BytesIO()
    bare.save(sink, "JPEG", quality=quality, optimize=True, progressive=True)
    return sink.getvalue()
