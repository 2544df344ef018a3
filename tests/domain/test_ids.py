# SPDX-License-Identifier: Apache-2.0
"""Ids are written as anybody else would write them."""

from base64 import b32encode

from hypothesis import given
from hypothesis import strategies as st

from comity.domain.ids import base32


@given(st.binary(max_size=40))
def test_an_id_is_base32_in_lower_case_without_padding(raw: bytes) -> None:
    assert base32(raw) == b32encode(raw).decode().rstrip("=").lower()
