# SPDX-License-Identifier: Apache-2.0
"""A visible mark on what is shown or saved: who read it, and when, in a line at its foot.

Called apart (``apart_work``). The mark is a deterrent and no lock: who wants to can cut it off.
"""

from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from comity.formats.smaller import LARGE, opened, upright

PAGES: Final = 2000
_SHARE: Final = 48
"""The line is this part of the picture's width high."""
_LEAST: Final = 11
_INK, _PAPER = "#1b211f", "#faf9f6"


def picture(data: bytes, text: str) -> bytes:
    """Return the picture in *data* as a JPEG with *text* in a line below it."""
    image = opened(data)
    if image.width * image.height > LARGE:
        image.draft("RGB", (image.width // 2, image.height // 2))
    seen = upright(image)
    size = max(_LEAST, seen.width // _SHARE)
    font = ImageFont.load_default(size)
    lines = _wrapped(text, font, seen.width - size)
    height = round(size * 1.5)
    marked = Image.new("RGB", (seen.width, seen.height + height * len(lines) + size // 2), _PAPER)
    marked.paste(seen)
    pen = ImageDraw.Draw(marked)
    for at, line in enumerate(lines):
        pen.text((size // 2, seen.height + size // 4 + at * height), line, fill=_INK, font=font)
    sink = BytesIO()
    marked.save(sink, "JPEG", quality=88)
    return sink.getvalue()


def _wrapped(
    text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int
) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def pdf(data: bytes, text: str) -> bytes:
    """Return the document in *data* with *text* at the foot of each page."""
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415  # pictures need none of it

    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    if not 0 < len(writer.pages) <= PAGES:
        raise ValueError("too many pages")
    for page in writer.pages:
        box = page.mediabox
        stamp = PdfReader(BytesIO(_stamp(float(box.width), float(box.height), text))).pages[0]
        page.merge_translated_page(stamp, float(box.left), float(box.bottom))
    sink = BytesIO()
    writer.write(sink)
    return sink.getvalue()


def _stamp(width: float, height: float, text: str) -> bytes:
    """Return a document of one page that holds the line and no more."""
    size = max(6.0, min(9.0, width * 1.7 / max(1, len(text))))
    said = text.encode("latin-1", "replace")
    for each in (b"\\", b"(", b")"):
        said = said.replace(each, b"\\" + each)
    band = size * 1.8
    drawn = b"q 0.98 g 0 0 %.2f %.2f re f Q BT /F 0 Tf 0.1 g /F %.2f Tf %.2f %.2f Td (%s) Tj ET" % (
        width,
        band,
        size,
        size,
        size * 0.6,
        said,
    )
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>" % (width, height),
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    )
    whole, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(whole))
        whole += b"%d 0 obj%s endobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % each for each in places)
    return (
        whole
        + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (
            table,
            len(whole),
        )
    )
