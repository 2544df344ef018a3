# SPDX-License-Identifier: Apache-2.0
"""A stranger's file is decoded apart, and comes back small, clean or marked; or not at all."""

import io
import struct
import threading
import zipfile
import zlib
from random import Random

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from comity.errors import Malformed, Unavailable
from comity.formats import apart, apart_work, marking, metadata, photograph, smaller

CANARY = "Mombasa-canary"


def picture(width: int = 1200, height: int = 900, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    """Return a photograph that does not compress, with what a telephone writes beside it."""
    image = Image.frombytes("RGB", (width, height), Random(1).randbytes(width * height * 3))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, CANARY
    exif.get_ifd(0x8825)[2] = (4.0, 3.0, 0.0)
    sink = io.BytesIO()
    image.convert(mode).save(sink, kind, exif=exif)
    return sink.getvalue()


def document() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(300, 400)
    writer.add_blank_page(300, 400)
    writer.add_metadata({"/Author": CANARY, "/Title": CANARY})
    writer.xmp_metadata = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>'
        b"<rdf:Seq><rdf:li>Mombasa-canary</rdf:li></rdf:Seq></dc:creator></rdf:Description>"
        b"</rdf:RDF></x:xmpmeta>"
    )
    sink = io.BytesIO()
    writer.write(sink)
    return sink.getvalue()


def office(entries: dict[str, bytes] | None = None) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", "<w>the text</w>")
        packed.writestr("docProps/core.xml", f"<creator>{CANARY}</creator>")
        packed.writestr("docProps/app.xml", f"<Company>{CANARY}</Company>")
        for name, content in (entries or {}).items():
            packed.writestr(name, content)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGBA"), ("WEBP", "RGB"), ("PNG", "P")]
)
def test_a_photograph_becomes_small_upright_and_bare(kind: str, mode: str) -> None:
    made = apart.done("light", picture(kind=kind, mode=mode), limit=100_000)

    image = Image.open(io.BytesIO(made))
    assert len(made) <= 100_000
    assert image.format == "JPEG"
    assert image.height > image.width  # it lay on its side
    assert not image.getexif()
    assert CANARY.encode() not in made


def bomb(side: int) -> bytes:
    """Return a PNG of a few bytes that says it is *side* pixels wide and high."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(side * 3 + 1) * 100, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        bomb(60_000),
        bomb(7_000),
        b"\xff\xd8 this is no photograph",
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        picture()[:2000],
    ],
)
def test_a_bomb_or_what_is_no_photograph_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        apart.done("light", data, limit=100_000)


def test_an_unknown_verb_is_refused_and_says_nothing() -> None:
    with pytest.raises(Malformed) as caught:
        apart.done("run", CANARY.encode())

    assert CANARY not in str(caught.value)


def test_a_picture_that_becomes_small_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="small"):
        smaller.light(picture(400, 400), 500)


def test_a_marked_picture_has_a_line_below_it() -> None:
    data = picture(900, 600)

    made = apart.done("mark-picture", data, text="Read by officer 7 on 2026-11-23 04:40 UTC " * 3)

    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(made))
    assert after.width == before.height  # upright
    assert after.height > before.width
    foot = after.crop((0, after.height - 40, after.width, after.height)).convert("L")
    shades = foot.tobytes()
    assert min(shades) < 80
    assert max(shades) > 200


def test_a_very_large_photograph_is_marked_smaller() -> None:
    sink = io.BytesIO()
    Image.new("RGB", (7000, 6500), "teal").save(sink, "JPEG")

    made = marking.picture(sink.getvalue(), "Read by officer 7")

    assert Image.open(io.BytesIO(made)).width == 3500


def test_a_pdf_loses_its_information_and_keeps_its_pages() -> None:
    made = apart.done("clean-pdf", document())

    reader = PdfReader(io.BytesIO(made))
    assert len(reader.pages) == 2
    assert reader.xmp_metadata is None
    assert CANARY.encode() not in made


def test_a_photograph_in_a_pdf_loses_what_the_camera_wrote() -> None:
    sink = io.BytesIO()
    Image.open(io.BytesIO(picture(200, 100))).save(sink, "PDF")
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(sink.getvalue())))
    for each in writer._objects:
        if getattr(each, "_data", b"").startswith(b"\xff\xd8"):
            each._data = picture(200, 100)  # type: ignore[union-attr]
    dirty = io.BytesIO()
    writer.write(dirty)

    assert CANARY.encode() in dirty.getvalue()
    assert CANARY.encode() not in metadata.pdf(dirty.getvalue())


def test_a_locked_pdf_is_refused() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(document())))
    writer.encrypt("secret", algorithm="RC4-128")
    sink = io.BytesIO()
    writer.write(sink)

    with pytest.raises(Malformed):
        apart.done("clean-pdf", sink.getvalue())


def test_a_pdf_is_marked_on_each_page() -> None:
    made = apart.done("mark-pdf", document(), text="Read by officer 7 (\\o/)")

    pages = PdfReader(io.BytesIO(made)).pages
    assert [each.extract_text().strip() for each in pages] == ["Read by officer 7 (\\o/)"] * 2


def test_a_pdf_without_pages_is_not_marked() -> None:
    sink = io.BytesIO()
    PdfWriter().write(sink)

    with pytest.raises(ValueError, match="pages"):
        marking.pdf(sink.getvalue(), "Read by officer 7")


def test_an_office_file_loses_its_properties_and_keeps_its_text() -> None:
    inside = picture(40, 30)
    made = apart.done(
        "clean-office", office({"word/media/1.jpg": inside, "word/bad.jpg": b"\xff\xd8"})
    )

    assert CANARY.encode() not in made
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        everything = b"".join(packed.read(each) for each in packed.namelist())
        assert packed.read("word/document.xml") == b"<w>the text</w>"
        assert packed.read("word/media/1.jpg") == photograph.cleaned(inside)
        assert {e.date_time[0] for e in packed.infolist()} == {1980}
    assert CANARY.encode() not in everything


def test_an_office_file_that_is_a_bomb_or_locked_is_refused() -> None:
    large = office({"word/bomb.xml": bytes(300 << 20)})
    locked = bytearray(office())
    locked[locked.index(b"PK\x01\x02") + 8] |= 1

    for each in (large, bytes(locked), office()[:200]):
        with pytest.raises(Malformed):
            apart.done("clean-office", each)
    with pytest.raises(ValueError, match="too much"):
        metadata.office(large)
    with pytest.raises(ValueError, match="locked"):
        metadata.office(bytes(locked))


def test_what_is_packed_but_no_document_is_no_office_file() -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as packed:
        packed.writestr("list.txt", "1")

    assert metadata.is_office(office())
    assert not metadata.is_office(sink.getvalue())
    assert not metadata.is_office(b"PK\x03\x04 and no more")
    assert not metadata.is_office(b"%PDF-1.7")


@pytest.mark.parametrize(
    "event",
    [
        ("socket.connect", ()),
        ("subprocess.Popen", ()),
        ("open", ("/tmp/x", "wb", 0)),
        ("os.system", ()),
    ],
)
def test_the_child_opens_no_way_out(event: tuple[str, tuple[object, ...]]) -> None:
    with pytest.raises(PermissionError):
        apart_work._deny(*event)

    apart_work._deny("open", ("/tmp/x", "rb", 0))
    apart_work._deny("open", ("/tmp/x", None, 0))


def test_what_is_not_installed_is_said() -> None:
    assert apart.can("light")
    assert apart.can("clean-office")


@pytest.mark.parametrize(
    ("verb", "data", "told"),
    [
        ("light", picture(300, 200), {"limit": 100_000}),
        ("light", picture(300, 200, "PNG", "RGBA"), {"limit": 100_000}),
        ("mark-picture", picture(300, 200), {"text": "Read by officer 7"}),
        ("mark-pdf", document(), {"text": "Read by officer 7"}),
        ("clean-pdf", document(), {}),
        ("clean-office", office({"word/media/1.jpg": picture(40, 30)}), {}),
    ],
)
def test_what_is_done_apart_is_what_would_be_done_here(
    verb: str, data: bytes, told: dict[str, str | int]
) -> None:
    here = apart_work.VERBS[verb](data, told)
    there = apart.done(verb, data, **told)

    assert abs(len(here) - len(there)) < 100  # a PDF bears an id of its own


def test_what_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "SECONDS", 0.01)

    with pytest.raises(Malformed):
        apart.done("light", picture(), limit=100_000)


def test_who_finds_every_place_taken_is_told_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apart, "SECONDS", 0.01)
    monkeypatch.setattr(apart, "_places", threading.BoundedSemaphore(1))

    with apart._places, pytest.raises(Unavailable):
        apart.done("light", picture(), limit=100_000)


def test_a_locked_pdf_is_refused_here_too() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(document())))
    writer.encrypt("secret", algorithm="RC4-128")
    sink = io.BytesIO()
    writer.write(sink)

    with pytest.raises(ValueError, match="locked"):
        metadata.pdf(sink.getvalue())


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(ValueError, match="pixels"):
        smaller.opened(bomb(7_000))
