# SPDX-License-Identifier: Apache-2.0
"""Nudges by mail: one message of one sentence, handed to the operator's mail server.

TLS is verified, by the system's authorities or the one that the operator named; without it nothing
is said to the server but the wish for it. The message tells the sender's address, the officer's,
the time and the sentence; neither the machine's name nor the program's. A server that drips is left
after ``SECONDS``: a timer shuts its line, for a timeout counts from the last byte only.
"""

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Final

from comity.domain.time import Clock, whole
from comity.errors import Unreachable
from comity.services.nudge_settings import Security, Smtp

SECONDS: Final = 30.0
"""For the whole of one nudge."""
WAIT: Final = 10.0
"""For the next byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailNudge:
    """Speaks to one mail server."""

    settings: Smtp
    clock: Clock
    seconds: float = SECONDS

    def send(self, to: str, sentence: str) -> None:
        message = self._message(to, sentence)
        try:
            with self._connected() as server:
                if self.settings.user:
                    server.login(self.settings.user, self.settings.password)
                server.send_message(message, self.settings.sender, [to])
        except (smtplib.SMTPException, OSError, ValueError):
            # What a mail server answers holds the address that it was given.
            raise Unreachable("mail") from None

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        own = self.settings.sender.rpartition("@")[2]
        at_once = self.settings.security is Security.TLS
        server = _Line(own, self.settings.host, self._context() if at_once else None)
        limit = threading.Timer(self.seconds, server.shut)
        limit.daemon = True
        limit.start()
        try:
            server.connect(self.settings.host, self.settings.port)
            if self.settings.security is Security.STARTTLS:
                server.starttls(context=self._context())
            yield server
        finally:
            limit.cancel()
            server.end()

    def _context(self) -> ssl.SSLContext:
        return context_of(self.settings.authority)

    def _message(self, to: str, sentence: str) -> EmailMessage:
        # Seven bits: not every mail server takes more.
        message = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit"))
        own = self.settings.sender.rpartition("@")[2]
        message["From"] = self.settings.sender
        message["To"] = to
        message["Subject"] = sentence
        message["Date"] = format_datetime(whole(self.clock()))
        message["Message-ID"] = make_msgid(domain=own)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5
        message.set_content(sentence)
        return message


class _Line(smtplib.SMTP):
    """A line to one server that can be shut from another thread, whatever it is waiting for."""

    def __init__(self, own: str, host: str, context: ssl.SSLContext | None) -> None:
        super().__init__(local_hostname=own, timeout=WAIT)
        self._host = host
        """The name that its certificate must bear, after STARTTLS too."""
        self._context = context
        self._again: socket.socket | None = None
        """The same line once more: TLS takes the first for itself."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line = socket.create_connection((host, port), timeout)
        self._again = line.dup()
        if self._context is None:
            return line
        return self._context.wrap_socket(line, server_hostname=host)

    def shut(self) -> None:
        if self._again is not None:
            with contextlib.suppress(OSError):
                self._again.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        self.close()
        if self._again is not None:
            self._again.close()


def context_of(authority: str) -> ssl.SSLContext:
    """Return what verifies a server, by *authority* alone where one is named."""
    context = ssl.create_default_context(cadata=authority or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
