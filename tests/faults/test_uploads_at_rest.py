# SPDX-License-Identifier: Apache-2.0
"""While files come and go through the pages, no process of ours writes a clear byte to a disk."""

import http.client
import json
import re
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import pytest
from tests.faults.traced import HERE, STRACE, served, writes
from tests.formats.test_apart import document
from tests.services.settle import PASSPHRASE
from tests.web.taker import encoded

from comity.services.uploads import PIECE

PAGES = HERE / "tests" / "web" / "served.py"
MARK = b"Qz7Xk9Jw4 in clear "
LARGE = b"".join(MARK + Random(each).randbytes(1000) for each in range(3000))
"""Some three megabytes, with a canary in every kilobyte."""


class Caller:
    """A browser without a disk."""

    def __init__(self, address: str) -> None:
        self.host = address.removeprefix("http://")
        self.cookie = ""
        told = self.post("/in", urlencode({"who": "investigator KE", "passphrase": PASSPHRASE}))
        assert told[0] == 303

    def post(self, path: str, body: str | bytes, media: str = "") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.host, timeout=120)
        headers = {
            "Content-Type": media or "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
            "Cookie": self.cookie,
        }
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        told = answer.status, answer.read()
        if given := re.match("__Host-s=[^;]+", answer.headers.get("Set-Cookie", "")):
            self.cookie = given[0]
        connection.close()
        return told


def story(address: str) -> None:
    """Send what is large in one form, what is larger in pieces, and a document that is cleaned."""
    officer = Caller(address)
    parts = (
        ("ref", "", b"MSA/114"),
        ("file", "list.bin", LARGE),
        ("file", "report.pdf", document() + MARK),
        ("file", "small.bin", MARK * 100),
    )
    form = b"".join(b"--b\r\n" + encoded(each) + b"\r\n" for each in parts) + b"--b--\r\n"
    assert officer.post("/paper", form, "multipart/form-data; boundary=b")[0] == 303
    about = urlencode({"name": f"{MARK.decode()}.bin", "media": "", "size": len(LARGE)})
    begun = json.loads(officer.post("/up", about)[1])
    for at in range(0, len(LARGE), PIECE):
        status, _ = officer.post(f"/up/{begun['id']}?at={at}", LARGE[at : at + PIECE], "x/y")
        assert status == 200
    sent = officer.post("/paper", urlencode({"ref": "MSA/115", "upload": begun["id"]}))
    assert sent[0] == 303


@pytest.mark.slow
def test_no_file_of_ours_holds_a_clear_byte_of_an_upload(tmp_path: Path) -> None:
    with served(PAGES, tmp_path, None) as server:
        story(server.tells)

        here = [each for each in tmp_path.rglob("*") if each.is_file()]
        found = [each.name for each in here if MARK in each.read_bytes()]
    assert found == []
    assert sum(each.stat().st_size for each in here if "blobs" in each.parts) > 2 * len(LARGE)
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.slow
def test_the_kernel_sees_no_clear_byte_of_an_upload_written_to_a_file(tmp_path: Path) -> None:
    if STRACE is None:
        pytest.skip("strace is not on this machine; the files have been looked at")
    traces = tmp_path / "traces"
    traces.mkdir()
    with served(PAGES, tmp_path, traces) as server:
        story(server.tells)

    written, found, handed_on = 0, [], False
    for each in writes(traces):
        if not each.is_to_a_file:
            handed_on = handed_on or MARK.strip() in each.data
            continue
        written += len(each.data)
        if MARK.strip() in each.data:
            found.append(each.place)
    assert found == []
    assert handed_on  # the same search finds it where it is allowed
    assert written > 2 * len(LARGE)
