# SPDX-License-Identifier: Apache-2.0
"""A gateway is told a number and a sentence; what it answers is not believed, only counted."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from comity.carriers.gateway import CommandNudge, GatewayNudge
from comity.carriers.nudges import outlets_of
from comity.errors import Unreachable
from comity.services.nudge import Outlets
from comity.services.nudge_settings import Gateway, Settings, Smtp

TO, SENTENCE = "+254700000000", "Please look in."


@dataclass
class Heard:
    port: int = 0
    status: int = 202
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Run a gateway on the loopback."""
    told = Heard()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.calls.append((self.path, dict(self.headers), body))
            self.send_response(told.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Answers)
    told.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield told
    server.shutdown()
    server.server_close()
    thread.join()


def gateway(heard: Heard) -> GatewayNudge:
    url = f"http://127.0.0.1:{heard.port}/send"
    return GatewayNudge(settings=Gateway(url=url, token="t0ken"))


def test_the_gateway_gets_the_number_the_sentence_and_the_token(heard: Heard) -> None:
    gateway(heard).send(TO, SENTENCE)

    [(path, headers, body)] = heard.calls
    assert path == "/send"
    assert json.loads(body) == {"to": TO, "text": SENTENCE}
    assert headers["Authorization"] == "Bearer t0ken"
    assert "python" not in str(headers).lower()


@pytest.mark.parametrize("status", [301, 400, 503])
def test_what_it_does_not_take_is_not_sent_elsewhere(status: int, heard: Heard) -> None:
    heard.status = status

    with pytest.raises(Unreachable) as refused:
        gateway(heard).send(TO, SENTENCE)

    assert len(heard.calls) == 1
    assert TO not in repr(refused.value)


def test_a_gateway_that_is_not_there_is_given_up() -> None:
    with pytest.raises(Unreachable):
        gateway(Heard(port=1)).send(TO, SENTENCE)


def program(folder: Path, text: str) -> Path:
    made = folder / "sms"
    made.write_text(f"#!/bin/sh\n{text}\n")
    made.chmod(0o700)
    return made


def test_a_program_gets_both_on_standard_input_and_nothing_in_its_arguments(
    tmp_path: Path,
) -> None:
    made = program(tmp_path, f'cat > {tmp_path}/in; echo "$#" > {tmp_path}/arguments')

    CommandNudge(command=str(made)).send(TO, SENTENCE)

    assert (tmp_path / "in").read_text() == f"{TO}\n{SENTENCE}\n"
    assert (tmp_path / "arguments").read_text() == "0\n"


def test_a_program_that_fails_or_hangs_or_is_not_there_is_given_up(tmp_path: Path) -> None:
    began = time.monotonic()
    for command, seconds in (
        (program(tmp_path, "exit 3"), 20.0),
        (tmp_path / "nothing", 20.0),
    ):
        with pytest.raises(Unreachable):
            CommandNudge(command=str(command), seconds=seconds).send(TO, SENTENCE)
    hangs = program(tmp_path, "exec sleep 60")
    with pytest.raises(Unreachable):
        CommandNudge(command=str(hangs), seconds=0.3).send(TO, SENTENCE)

    assert time.monotonic() - began < 10


def test_only_what_an_operator_set_up_is_there() -> None:
    mail = Smtp(host="localhost", port=25, sender="a@b.example")

    assert outlets_of(Settings(), _never) == Outlets()
    both = outlets_of(Settings(mail=(mail,), short=(Gateway(command="/bin/true"),)), _never)
    assert both.mail is not None
    assert isinstance(both.short, CommandNudge)
    called = outlets_of(Settings(short=(Gateway(url="https://sms.example/"),)), _never)
    assert isinstance(called.short, GatewayNudge)


def _never():  # type: ignore[no-untyped-def]  # nobody asks for the time
    raise AssertionError
