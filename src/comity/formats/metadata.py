# SPDX-License-Identifier: Apache-2.0
"""Documents without what their programs wrote beside the text: author, company, dates, places.

Called apart (``apart_work``). Of a PDF its information, its XMP and the notes of programs go; of an
Office or OpenDocument file its properties; of pictures in either, what the camera wrote. What
stands *in* a document, such as the name at a remark or at a tracked change, stays: it is its text.
"""

import zipfile
from io import BytesIO
from typing import Any, Final

from comity.errors import Malformed
from comity.formats import photograph

FILES: Final = 5000
UNPACKED: Final = 256 << 20
"""Bytes of all that a packed document holds: a bomb holds more."""
_XML: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE: Final = b"http://schemas.openxmlformats.org"
_EMPTY: Final = {
    "docProps/core.xml": b"<cp:coreProperties xmlns:cp=%s/>"
    % (b'"' + _OFFICE + b'/package/2006/metadata/core-properties"'),
    "docProps/app.xml": b"<Properties xmlns=%s/>"
    % (b'"' + _OFFICE + b'/officeDocument/2006/extended-properties"'),
    "docProps/custom.xml": b"<Properties xmlns=%s/>"
    % (b'"' + _OFFICE + b'/officeDocument/2006/custom-properties"'),
    "meta.xml": b"<office:document-meta xmlns:office="
    b'"urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2">'
    b"<office:meta/></office:document-meta>",
}
_MARK: Final = {"[Content_Types].xml", "mimetype"}
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def is_office(data: bytes) -> bool:
    """Return whether *data* is packed as an Office or OpenDocument file is."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            return not _MARK.isdisjoint(packed.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def office(data: bytes) -> bytes:
    """Return the Office or OpenDocument file *data* without its properties."""
    sink = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as packed, zipfile.ZipFile(sink, "w") as clean:
        entries = packed.infolist()
        if len(entries) > FILES or sum(each.file_size for each in entries) > UNPACKED:
            raise ValueError("too much in it")
        for each in entries:
            if each.flag_bits & 1:
                raise ValueError("locked")
            told = zipfile.ZipInfo(each.filename, _EPOCH)
            told.compress_type = each.compress_type
            told.external_attr = each.external_attr
            clean.writestr(told, _entry(each.filename, _read(packed, each)))
    return sink.getvalue()


def _read(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with packed.open(entry) as file:
        content = file.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise ValueError("not the size that it says")
    return content


def _entry(name: str, content: bytes) -> bytes:
    if name in _EMPTY:
        return _XML + _EMPTY[name]
    return _picture(content)


def _picture(content: bytes) -> bytes:
    """Return a picture without what the camera wrote; anything else as it is."""
    if not photograph.is_photograph(content):
        return content
    try:
        return photograph.cleaned(content)
    except Malformed:
        return content


def pdf(data: bytes) -> bytes:
    """Return the PDF *data* without its information, its XMP and what programs left in it."""
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415  # Office files need none of it
    from pypdf.generic import DictionaryObject, StreamObject  # noqa: PLC0415

    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted:
        raise ValueError("locked")
    writer = PdfWriter(clone_from=reader)
    writer.metadata = None
    for each in writer._objects:  # noqa: SLF001  # the one list of all that is written
        if isinstance(each, DictionaryObject):
            _stripped(each)
        if isinstance(each, StreamObject) and each.get("/Filter") == "/DCTDecode":
            each._data = _picture(each._data)  # noqa: SLF001  # as it lies in the file
    # What nothing leads to any more is still in that list: only what is reached is copied again.
    between, sink = BytesIO(), BytesIO()
    writer.write(between)
    PdfWriter(clone_from=PdfReader(between)).write(sink)
    return sink.getvalue()


def _stripped(each: dict[Any, Any]) -> None:
    for name in ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb"):
        each.pop(name, None)
