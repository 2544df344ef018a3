# SPDX-License-Identifier: Apache-2.0
"""What comes with a form: never a clear byte of it on our disk, however large it is.

A small body is held in memory. Of a large one each file is sealed to a key of its own while it is
read; what no handler takes is gone when the call has been answered.
"""

import contextlib
from io import BytesIO
from typing import IO, Final, cast

from flask import Request

from comity.services.attach import Arriving
from comity.services.house import House

IN_MEMORY: Final = 256 * 1024
"""Bytes of a body whose files are not written anywhere before they are taken."""


class SealingRequest(Request):
    """A request whose files are sealed as they arrive."""

    house: House

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        del content_type, filename, content_length
        if total_content_length is not None and total_content_length <= IN_MEMORY:
            return BytesIO()
        arriving = Arriving(self.house)
        self._left.callback(arriving.close)
        return cast("IO[bytes]", arriving)

    @property
    def _left(self) -> contextlib.ExitStack:
        """What is to be done once the call has been answered, whatever became of it."""
        left: contextlib.ExitStack = self.environ.setdefault("comity.left", contextlib.ExitStack())
        return left

    def close(self) -> None:
        super().close()
        self._left.close()


def sealing(house: House) -> type[Request]:
    """Return the requests of the pages of *house*."""
    return type("RequestOfHouse", (SealingRequest,), {"house": house})
