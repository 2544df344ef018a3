# SPDX-License-Identifier: Apache-2.0
"""A blob opens to what was sealed, whole and verified, or to nothing at all."""

import io
import os
import tracemalloc
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.crypto import age
from comity.crypto.age import HybridIdentity
from comity.domain.ids import BlobId, Digest, digest
from comity.domain.statement import Attachment
from comity.errors import Misused, Untrusted
from comity.wire.blob import (
    CLEAR_LIMIT,
    HEADER,
    BlobSealing,
    Sealed,
    open_blob,
    seal_blob,
    sealed_size,
)
from comity.wire.padding import padme

SIZES = (0, 1, 2, 9, 1000, 65_535, 65_536, 65_537, 131_072, 200_000)


class Dribble(io.BytesIO):
    """A slow source: a few bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 7) if size != -1 else 7)


def sealed(content: bytes) -> tuple[bytes, Attachment]:
    sink = io.BytesIO()
    said = seal_blob(io.BytesIO(content), sink, os.urandom)
    return sink.getvalue(), named(said)


def named(said: Sealed) -> Attachment:
    return Attachment(
        blob=said.blob,
        size=said.size,
        seed=said.seed,
        clear=said.clear,
        length=said.length,
        name="photo.jpg",
        media="image/jpeg",
    )


def opened(data: bytes, attachment: Attachment) -> bytes:
    sink = io.BytesIO()
    open_blob(io.BytesIO(data), sink, attachment)
    return sink.getvalue()


def refused(data: bytes, attachment: Attachment) -> str:
    """Return why *data* is refused, having seen that not a byte of it came out."""
    sink = io.BytesIO()
    with pytest.raises(Untrusted) as caught:
        open_blob(io.BytesIO(data), sink, attachment)
    assert sink.getvalue() == b""
    return caught.value.cause


def lying(content: bytes, padding: bytes, **lies: Any) -> tuple[bytes, Attachment]:
    """Seal what an honest sender would not, named by its true id."""
    identity = HybridIdentity.from_seed(bytes(32))
    data = age.encrypt(content + padding, [identity.recipient])
    told = Attachment(
        blob=BlobId(digest(data)),
        size=len(data),
        seed=identity.seed,
        clear=digest(content),
        length=len(content),
        name="",
        media="",
    )
    return data, replace(told, **lies)


@pytest.mark.parametrize("size", SIZES)
def test_a_blob_opens_to_what_was_sealed(size: int) -> None:
    content = os.urandom(size)

    data, attachment = sealed(content)

    assert opened(data, attachment) == content
    assert attachment.size == len(data) == sealed_size(size)
    assert attachment.blob == sha256(data).hexdigest()
    assert (attachment.clear, attachment.length) == (digest(content), size)


def test_it_is_sealed_the_same_from_a_slow_source() -> None:
    sink = io.BytesIO()
    said = seal_blob(Dribble(b"ivory" * 100), sink, os.urandom)

    assert opened(sink.getvalue(), named(said)) == b"ivory" * 100


@pytest.mark.parametrize("size", SIZES)
def test_it_is_sealed_the_same_from_a_source_that_pushes(size: int) -> None:
    content, sink = os.urandom(size), io.BytesIO()
    sealing = BlobSealing(sink, os.urandom)

    for at in range(0, size, 70_001):
        sealing.write(content[at : at + 70_001])
    attachment = named(sealing.finish())

    assert opened(sink.getvalue(), attachment) == content
    assert (attachment.size, attachment.length) == (sealed_size(size), size)


def test_a_source_that_pushes_has_a_limit_too() -> None:
    sealing = BlobSealing(io.BytesIO(), os.urandom, limit=10)

    with pytest.raises(Misused):
        sealing.write(bytes(11))


def test_a_stock_age_tool_opens_it_with_the_seed() -> None:
    data, attachment = sealed(b"ivory")

    clear = age.decrypt(data, [HybridIdentity.from_seed(attachment.seed)])

    assert clear == b"ivory".ljust(padme(5), b"\0")


def test_no_two_blobs_share_a_key_and_the_size_hides_the_exact_length() -> None:
    one, other = sealed(bytes(1001)), sealed(bytes(1003))

    assert one[1].seed != other[1].seed
    assert one[1].size == other[1].size


def test_sealing_stops_beyond_the_limit() -> None:
    with pytest.raises(Misused) as caught:
        seal_blob(io.BytesIO(bytes(11)), io.BytesIO(), os.urandom, limit=10)

    assert caught.value.cause == "usage.file-large"
    assert seal_blob(io.BytesIO(bytes(10)), io.BytesIO(), os.urandom, limit=10).length == 10


@given(st.data())
@settings(max_examples=60)
def test_every_flipped_bit_is_refused_and_nothing_comes_out(data: st.DataObject) -> None:
    good, attachment = sealed(b"ivory" * 20)
    changed = bytearray(good)
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    assert refused(bytes(changed), attachment) == "untrusted.differs.file.sealed"
    # A sender who names the changed bytes gets no further: the seal itself is broken.
    refused(bytes(changed), replace(attachment, blob=BlobId(digest(bytes(changed)))))


@given(st.integers(0, sealed_size(100) - 1))
@settings(max_examples=60)
def test_every_truncation_is_refused_and_nothing_comes_out(size: int) -> None:
    good, attachment = sealed(b"ivory" * 20)
    cut = good[:size]

    assert refused(cut, attachment) == "untrusted.differs.file.sealed"
    renamed = replace(attachment, blob=BlobId(digest(cut)), size=len(cut))
    assert refused(cut, renamed) == "untrusted.differs.file.size"


def test_a_second_chunk_that_is_broken_keeps_the_first_one_back() -> None:
    good, attachment = sealed(os.urandom(100_000))
    changed = good[:-1] + bytes([good[-1] ^ 1])

    refused(changed, replace(attachment, blob=BlobId(digest(changed))))


@pytest.mark.parametrize(
    ("lies", "cause"),
    [
        ({"blob": BlobId(digest(b""))}, "differs.file.sealed"),
        ({"clear": Digest(digest(b""))}, "differs.file.clear"),
        ({"length": 8}, "differs.file.size"),
        ({"length": 10}, "differs.file.clear"),
        ({"size": 1}, "differs.file.size"),
        ({"size": -1}, "differs.file.size"),
        ({"seed": bytes([1]) * 32}, "not-for-us.age"),
        ({"length": -1}, "malformed.blob"),
        ({"length": CLEAR_LIMIT + 1}, "malformed.blob"),
    ],
)
def test_a_statement_that_lies_about_its_file_is_caught(lies: dict[str, Any], cause: str) -> None:
    data, attachment = lying(b"two tusks", b"\0")

    assert opened(data, attachment) == b"two tusks"
    assert refused(data, replace(attachment, **lies)) == f"untrusted.{cause}"


def test_padding_holds_nothing() -> None:
    data, attachment = lying(b"x" * 1000, b"hidden".ljust(24, b"\0"))

    assert refused(data, attachment) == "untrusted.malformed.padding"


def test_a_second_stanza_has_no_room() -> None:
    identity = HybridIdentity.from_seed(bytes(32))
    stranger = HybridIdentity.from_seed(bytes([1]) * 32)
    content = bytes(20_000)
    data = age.encrypt(content, [identity.recipient, stranger.recipient])
    length = next(n for n in range(20_000, 30_000) if sealed_size(n) >= len(data))
    told = Attachment(
        blob=BlobId(digest(data)),
        size=sealed_size(length),
        seed=identity.seed,
        clear=digest(content),
        length=length,
        name="",
        media="",
    )

    refused(data, told)
    refused(data, replace(told, size=len(data)))


def test_a_header_that_fills_the_room_of_the_content_is_refused() -> None:
    """The sizes fit, the id fits, the seed opens it: and still less comes out than was said."""
    identity = HybridIdentity.from_seed(bytes(32))
    armour = age.armour(age.encrypt(bytes(2048), [identity.recipient]))
    length = next(n for n in range(5_000) if sealed_size(n) >= len(armour))
    data = armour + b"\n" * (sealed_size(length) - len(armour))
    told = Attachment(
        blob=BlobId(digest(data)),
        size=len(data),
        seed=identity.seed,
        clear=digest(bytes(length)),
        length=length,
        name="",
        media="",
    )

    assert refused(data, told) == "untrusted.malformed.padding"


def test_a_file_exchanged_between_the_two_readings_is_caught() -> None:
    data, attachment = lying(b"two tusks", b"\0")
    other, _ = lying(b"one timber", b"")

    class Exchanged(io.BytesIO):
        """At the second rewinding it is another file, sealed to the same key."""

        rewound = 0

        def seek(self, at: int, whence: int = 0, /) -> int:
            self.rewound += 1
            if self.rewound == 2:
                super().seek(0)
                self.write(other)
            return super().seek(at, whence)

    with pytest.raises(Untrusted, match=r"padding|clear"):
        open_blob(Exchanged(data), io.BytesIO(), attachment)


def test_a_large_file_takes_little_memory() -> None:
    class Zeros:
        def __init__(self, left: int) -> None:
            self.left = left

        def read(self, size: int, /) -> bytes:
            taken = min(size, self.left)
            self.left -= taken
            return bytes(taken)

    class Nowhere:
        def write(self, data: bytes | memoryview, /) -> int:
            return len(data)

    tracemalloc.start()
    seal_blob(Zeros(32 << 20), Nowhere(), os.urandom)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 2 << 20


def test_a_header_has_the_length_that_is_reckoned_with() -> None:
    assert len(sealed(b"")[0]) == HEADER + 16 + 16
