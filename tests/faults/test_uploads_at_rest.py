# SPDX-License-Identifier: Apache-2.0
"""While files come and go through the pages, no process of ours writes a clear byte to a disk."""

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import pytest
from tests.formats.test_apart import document
from tests.services.settle import PASSPHRASE
from tests.web.taker import encoded

from comity.services.uploads import PIECE

HERE = Path(__file__).parents[2]
STRACE = shutil.which("strace")
MARK = b"Qz7Xk9Jw4 in clear "
LARGE = b"".join(MARK + Random(each).randbytes(1000) for each in range(3000))
"""Some three megabytes, with a canary in every kilobyte."""
CALLS = "write,pwrite64,writev,pwritev,pwritev2"


@contextmanager
def served(folder: Path, traces: Path | None) -> Iterator[str]:
    """Serve pages from another process, traced if there is a folder for *traces*."""
    traced = ["-D", "-ff", "-qq", "-y", "-xx", "-s", "300000", "-e", f"trace={CALLS}"]
    traced += ["-e", "signal=none", "-o", f"{traces}/t"]
    before = [str(STRACE), *traced] if traces else []
    process = subprocess.Popen(
        [*before, sys.executable, str(HERE / "tests" / "web" / "served.py"), str(folder / "world")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": f"{HERE / 'src'}{os.pathsep}{HERE}",
            "TMPDIR": str(folder / "tmp"),
        },
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


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


def held(line: str) -> bytes:
    """Return what a traced call wrote."""
    text = "".join(re.findall(r'"((?:\\x[0-9a-f]{2})*)"', line.split(">, ", 1)[-1]))
    return bytes.fromhex(text.replace("\\x", ""))


@pytest.mark.slow
def test_no_file_of_ours_holds_a_clear_byte_of_an_upload(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    with served(tmp_path, None) as address:
        story(address)

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
    (tmp_path / "tmp").mkdir()
    with served(tmp_path, traces) as address:
        story(address)

    written, found, handed_on = 0, [], False
    for file in traces.iterdir():
        for line in file.read_text(errors="replace").splitlines():
            place = re.match(r"\w+\(\d+<([^>]*)>", line)
            # A pipe leads to the child that decodes, a socket to whoever called.
            if place is None:
                continue
            data = held(line)
            if not _unhex(place[1]).startswith("/"):
                handed_on = handed_on or MARK.strip() in data
                continue
            written += len(data)
            if MARK.strip() in data:
                found.append(_unhex(place[1]))
    assert found == []
    assert handed_on  # the same search finds it where it is allowed
    assert written > 2 * len(LARGE)


def _unhex(path: str) -> str:
    """Return a path as strace writes it, some of them in hexadecimal."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), path)
