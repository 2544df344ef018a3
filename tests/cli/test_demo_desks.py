# SPDX-License-Identifier: Apache-2.0
"""When the demonstration is told its desks go on, and the words on the screen open them."""

import re
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import urllib3

from comity.cli import cast, demo_desks
from comity.cli.output import Output
from comity.cli.play import Play, Side, free_port


@pytest.mark.slow
def test_a_desk_opens_with_what_stands_on_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    play = Play(
        tmp_path,
        Output("en", as_json=False, clock=lambda: datetime.now(UTC)),
        python=(sys.executable,),
        names=cast.NAMES,
    )
    side = Side(country="ET", home=tmp_path / "et", port=free_port())
    stopped = threading.Event()
    said = ""
    try:
        cast.settle(play, side)
        shown = threading.Thread(target=demo_desks.open_desks, args=(play, [side], stopped))
        shown.start()
        for _ in range(200):
            said += capsys.readouterr().out
            if "Ctrl-C" in said:
                break
            time.sleep(0.1)
        address = re.search(r"http://et\.localhost:(\d+)", said)
        assert address is not None, said
        origin = f"http://et.localhost:{address[1]}"
        answer = urllib3.PoolManager().request(
            "POST",
            f"http://127.0.0.1:{address[1]}/in",
            body="who=Abebe+Girma&passphrase=practice",
            headers={
                "Host": f"et.localhost:{address[1]}",
                "Origin": origin,
                "Content-Type": "application/x-www-form-urlencoded",
            },
            redirect=False,
            retries=False,
        )
        stopped.set()
        shown.join(20)
    finally:
        stopped.set()
        play.close()

    assert answer.status == 303
    assert answer.headers["Location"] == "/today"
    assert "Abebe Girma" in said
    assert "investigator" in said
