# SPDX-License-Identifier: Apache-2.0
"""A real mail server on the loopback, with STARTTLS and a password, that keeps all it is told."""

import contextlib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "comity", "open sesame"


@dataclass
class Kept:
    """What the mail provider sees."""

    sender: str
    to: list[str]
    data: bytes
    helo: str
    encrypted: bool
    user: str


@dataclass
class Provider:
    """Answers mail, and reads it."""

    mail: list[Kept] = field(default_factory=list)
    refuse: bool = False
    port: int = 0
    authority: str = ""
    """PEM of its certificate, which nobody but the test knows."""

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        if self.refuse:
            return f"550 no such mailbox: {envelope.rcpt_tos}"
        self.mail.append(
            Kept(
                sender=str(envelope.mail_from),
                to=[str(each) for each in envelope.rcpt_tos],
                data=envelope.original_content or b"",
                helo=str(session.host_name),
                encrypted=session.ssl is not None,
                user=str(session.auth_data),
            )
        )
        return "250 kept"

    def allow(
        self,
        _server: SMTP,
        _session: Session,
        _envelope: Envelope,
        _mechanism: str,
        auth_data: Any,
    ) -> AuthResult:
        good = isinstance(auth_data, LoginPassword) and auth_data == LoginPassword(
            USER.encode(), PASSWORD.encode()
        )
        return AuthResult(success=good, auth_data=USER if good else None)


class _Controller(Controller):
    """Offers STARTTLS, or speaks TLS at once."""

    def __init__(
        self, provider: Provider, context: ssl.SSLContext | None, *, at_once: bool
    ) -> None:
        self._provider = provider
        self._starttls = None if at_once else context
        super().__init__(
            provider,
            hostname="127.0.0.1",
            port=0,
            ssl_context=context if at_once else None,
        )

    def factory(self) -> SMTP:
        return SMTP(
            self._provider,
            hostname="mail.example",
            tls_context=self._starttls,
            require_starttls=self._starttls is not None,
            authenticator=self._provider.allow,
            auth_required=self._starttls is not None,
            auth_require_tls=self._starttls is not None,
        )

    def _trigger_server(self) -> None:
        # The port is the system's choice, known once it listens.
        if self.server is not None:
            listening: Any = self.server
            self.port = listening.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's


@contextlib.contextmanager
def provider(
    folder: Path, *, name: str = "localhost", at_once: bool = False, plain: bool = False
) -> Iterator[Provider]:
    """Run a mail provider whose certificate is for *name*."""
    made = Provider()
    context = None
    if not plain:
        made.authority, key = _certificate(folder, name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(key)
    controller = _Controller(made, context, at_once=at_once)
    controller.start()
    made.port = controller.port
    try:
        yield made
    finally:
        controller.stop()


@contextlib.contextmanager
def dripping() -> Iterator[int]:
    """Listen, and say one letter every fifth of a second, never a whole line."""
    import socket  # noqa: PLC0415

    ended = threading.Event()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def drip() -> None:
            with contextlib.suppress(OSError):
                line, _ = listening.accept()
                with line:
                    while not ended.wait(0.2):
                        line.send(b"2")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            ended.set()
            thread.join(timeout=5)


def _certificate(folder: Path, name: str) -> tuple[str, Path]:
    """Make a certificate for *name*; return its PEM, and a file with its key too."""
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    other = x509.IPAddress(ip_address("127.0.0.1")) if name == "localhost" else x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name), other]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    place = folder / "mail.pem"
    place.write_bytes(secret + pem)
    return pem.decode(), place
