# SPDX-License-Identifier: Apache-2.0
"""Nudges by short message: a gateway that is called, or a program on this machine.

The gateway gets ``{"to": …, "text": …}`` over verified TLS, with the operator's token; its answer
is looked at for its status alone. The program gets the number and the sentence on standard input,
a line each, since every user of a machine can read another's arguments.
"""

import json
import subprocess
from dataclasses import dataclass
from typing import Final

import urllib3
from urllib3.exceptions import HTTPError

from comity.carriers.smtp import context_of
from comity.errors import Unreachable
from comity.services.nudge_settings import Gateway

TIMEOUT: Final = urllib3.Timeout(connect=5.0, read=10.0)
COMMAND_SECONDS: Final = 20.0
_GOOD: Final = range(200, 300)
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayNudge:
    """Calls one gateway."""

    settings: Gateway

    def send(self, to: str, sentence: str) -> None:
        headers = {"Content-Type": "application/json", "User-Agent": ""}
        if self.settings.token:
            headers["Authorization"] = f"Bearer {self.settings.token}"
        body = json.dumps({"to": to, "text": sentence}).encode()
        try:
            with urllib3.PoolManager(ssl_context=context_of(self.settings.authority)) as pool:
                answer = pool.request(
                    "POST",
                    self.settings.url,
                    body=body,
                    headers=headers,
                    timeout=TIMEOUT,
                    retries=False,
                    redirect=False,
                    preload_content=False,
                )
                answer.close()
        except (HTTPError, OSError, ValueError):
            raise Unreachable("gateway") from None
        if answer.status not in _GOOD:
            raise Unreachable("gateway")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandNudge:
    """Runs one program."""

    command: str
    seconds: float = COMMAND_SECONDS

    def send(self, to: str, sentence: str) -> None:
        try:
            done = subprocess.run(  # noqa: S603  # the operator named it, by its whole path
                [self.command],
                input=f"{to}\n{sentence}\n".encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": _PATH, "LC_ALL": "C.UTF-8"},
                cwd="/",
                timeout=self.seconds,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            raise Unreachable("gateway") from None
        if done.returncode:
            raise Unreachable("gateway")
