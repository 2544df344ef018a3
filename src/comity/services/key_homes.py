# SPDX-License-Identifier: Apache-2.0
"""The homes of the house key: always outside the database and its backups (design §5 *Keys*).

=============  ==================================  =========================================
home           after a restart                     what a thief of the machine's disk gets
=============  ==================================  =========================================
``prompt``     waits for the house passphrase      a passphrase-sealed age file
``tpm``        opens by itself, on this machine    blobs that no other TPM opens
``credential`` opens by itself, under systemd      what ``systemd-creds`` was told to seal to
``file``       opens by itself                     **the key**: explicit option, standing warning
=============  ==================================  =========================================

Losing the key loses every housed value, so ``store`` returns only when the file and its folder are
on disk. A home that opens by itself also opens for whoever steals the whole machine and can boot
it; ``docs/limitations.md`` says so.
"""

import errno
import hmac
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from comity.crypto import passphrase
from comity.crypto.age import Passphrase, decrypt, encrypt
from comity.crypto.age.scrypt import WRITE_FACTOR
from comity.errors import Damaged, DiskFull, Locked, Misused, NotForUs, Unavailable, Untrusted
from comity.storage.folder import settle_folder

HOUSE_KEY_SIZE = 32
CREDENTIAL = "comity-house"
FILE_LIMIT = 4096
"""No home keeps more than a few hundred bytes; a larger file is not ours."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
_SEAL = "systemd-creds encrypt"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyHome(Protocol):
    """Where the house key lives while the node is off."""

    describe: ClassVar[str]
    """A stable word: ``prompt``, ``tpm``, ``credential`` or ``file``."""
    standing_warning: ClassVar[bool]
    """Whether every status page must warn of this home."""
    needs_person: ClassVar[bool]
    """Whether somebody has to come before ``open`` can succeed."""

    def open(self) -> bytes:
        """Return the house key; raise ``Locked`` if it needs a person who is not there."""
        ...

    def store(self, key: bytes) -> None:
        """Keep *key* for every later start; when this returns it is on disk."""
        ...


@dataclass(frozen=True, slots=True)
class FileHome:
    """The bare key in a file that only the node's user may read."""

    path: Path

    describe: ClassVar[str] = "file"
    standing_warning: ClassVar[bool] = True
    needs_person: ClassVar[bool] = False

    def open(self) -> bytes:
        return _house_key(_read_private(self.path))

    def store(self, key: bytes) -> None:
        _keep(self.path, _house_key(key))


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialHome:
    """A systemd credential: systemd opens it for this service alone, in memory, at each start.

    Nothing here may write it; the operator does, once, with ``command``.
    """

    directory: Path | None
    """``$CREDENTIALS_DIRECTORY``, None when systemd gave this process no credentials."""
    name: str = CREDENTIAL

    describe: ClassVar[str] = "credential"
    standing_warning: ClassVar[bool] = False
    needs_person: ClassVar[bool] = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "CredentialHome":
        told = environment.get("CREDENTIALS_DIRECTORY")
        return cls(directory=Path(told) if told else None)

    @property
    def command(self) -> str:
        """Return what the operator types to make the key; it never passes through a terminal."""
        sealed = f"/etc/credstore.encrypted/{self.name}"
        return f"head -c {HOUSE_KEY_SIZE} /dev/urandom | {_SEAL} --name={self.name} - {sealed}"

    def open(self) -> bytes:
        if self.directory is None:
            raise Misused("house-key.credential", command=self.command)
        return _house_key(_read(self.directory / self.name))

    def store(self, key: bytes) -> None:
        """Accept the key that the credential already holds; for any other, name the command."""
        if self.directory is None or not (self.directory / self.name).exists():
            raise Misused("house-key.credential", command=self.command)
        if not hmac.compare_digest(self.open(), key):
            raise Misused("house-key.other", command=self.command)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptHome:
    """The key in an age file under the house passphrase, which the operator types at each start."""

    path: Path
    ask: Callable[[], str] = field(repr=False)
    """Returns what the operator typed, or an empty string when nobody can be asked."""
    practice: bool = False
    factor: int = WRITE_FACTOR

    describe: ClassVar[str] = "prompt"
    standing_warning: ClassVar[bool] = False
    needs_person: ClassVar[bool] = True

    def open(self) -> bytes:
        sealed = _read(self.path)  # first: nobody is asked for a passphrase to no file
        typed = self._typed()
        try:
            key = decrypt(sealed, [Passphrase(passphrase.normalise(typed))])
        except (NotForUs, Misused):
            raise Locked("passphrase") from None
        except Untrusted:
            raise Damaged("house-key") from None
        return _house_key(key)

    def store(self, key: bytes) -> None:
        chosen = passphrase.accept(self._typed(), practice=self.practice)
        _keep(self.path, encrypt(_house_key(key), [Passphrase(chosen, factor=self.factor)]))

    def _typed(self) -> str:
        typed = self.ask()
        if not typed:
            raise Locked
        return typed


@dataclass(frozen=True, slots=True, kw_only=True)
class TpmHome:
    """The key sealed by this machine's TPM 2.0, through the ``tpm2-tools`` commands.

    The primary key is made anew from the TPM's owner seed each time; the file holds the two blobs
    that only it can load. The house key passes through pipes and stands in no argument and no
    file. The seal is not bound to boot measurements: an update of the firmware would lock the node.
    """

    path: Path
    tcti: str = ""
    """How to reach the TPM (``TPM2TOOLS_TCTI``); empty for the tools' own choice."""

    describe: ClassVar[str] = "tpm"
    standing_warning: ClassVar[bool] = False
    needs_person: ClassVar[bool] = False

    def open(self) -> bytes:
        public, private = _blobs(_read(self.path))
        with tempfile.TemporaryDirectory(prefix="comity-tpm-") as told:
            folder = Path(told)
            (folder / "key.pub").write_bytes(public)
            (folder / "key.priv").write_bytes(private)
            self._primary(folder)
            self._run(folder, "load", "-C", "primary", "-u", "key.pub", "-r", "key.priv", "-c", "k")
            return _house_key(self._run(folder, "unseal", "-c", "k"))

    def store(self, key: bytes) -> None:
        _house_key(key)
        with tempfile.TemporaryDirectory(prefix="comity-tpm-") as told:
            folder = Path(told)
            self._primary(folder)
            create = ("create", "-C", "primary", "-i", "-", "-u", "key.pub", "-r", "key.priv")
            self._run(folder, *create, given=key)
            blobs = [(folder / name).read_bytes() for name in ("key.pub", "key.priv")]
        _keep(self.path, _TPM_MAGIC + b"".join(blobs))

    def _primary(self, folder: Path) -> None:
        self._run(folder, "createprimary", "-C", "o", "-g", "sha256", "-G", "ecc", "-c", "primary")

    def _run(self, folder: Path, verb: str, *arguments: str, given: bytes = b"") -> bytes:
        output = self._tool(folder, [verb, "-Q", *arguments], given)
        # Without a resource manager each command leaves its keys in the TPM, which holds three.
        self._tool(folder, ["flushcontext", "-t"], b"")
        return output

    def _tool(self, folder: Path, command: Sequence[str], given: bytes) -> bytes:
        verb, *arguments = command
        tool = shutil.which(f"tpm2_{verb}")
        if tool is None:
            raise Unavailable("tpm.tools", tool=f"tpm2_{verb}")
        environment = {**os.environ, "TPM2TOOLS_TCTI": self.tcti} if self.tcti else None
        try:
            done = subprocess.run(  # noqa: S603  # fixed verbs and our own file names
                [tool, *arguments],
                cwd=folder,
                env=environment,
                input=given,
                capture_output=True,  # its complaints name handles and paths: not for our logs
                timeout=_TPM_PATIENCE,
                check=True,
            )
        except (subprocess.SubprocessError, OSError):
            raise Unavailable("tpm.failed", step=verb) from None
        return done.stdout


_TPM_MAGIC = b"comity-tpm/1\n"
_TPM_PATIENCE = 60.0  # seconds; a slow TPM makes an RSA primary in 20, ours is elliptic


def _blobs(data: bytes) -> tuple[bytes, bytes]:
    """Return the public and the private blob; each begins with its size (TPM 2.0 part 2, TPM2B)."""
    public_at = len(_TPM_MAGIC)
    private_at = public_at + 2 + int.from_bytes(data[public_at : public_at + 2], "big")
    end = private_at + 2 + int.from_bytes(data[private_at : private_at + 2], "big")
    if not data.startswith(_TPM_MAGIC) or end != len(data):
        raise Damaged("house-key")
    return data[public_at:private_at], data[private_at:]


def _house_key(key: bytes) -> bytes:
    if len(key) != HOUSE_KEY_SIZE:
        raise Damaged("house-key")
    return key


def _read_private(path: Path) -> bytes:
    """Return the content of *path*; refuse it when other users of the machine could read it."""
    data = _read(path)
    if path.stat().st_mode & _OTHERS:
        raise Misused("house-key.mode")
    return data


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except FileNotFoundError:
        raise Misused("house-key.absent") from None
    except OSError:
        raise Unavailable("house-key.unreadable") from None
    if len(data) > FILE_LIMIT:
        raise Damaged("house-key")
    return data


def _keep(path: Path, data: bytes) -> None:
    """Write *data* to *path* at once or not at all, readable by this user alone."""
    try:
        descriptor, told = tempfile.mkstemp(prefix=".house-key-", dir=path.parent)  # mode 0600
        temporary = Path(told)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        settle_folder(path.parent)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull("house-key") from None
        raise Unavailable("house-key.unwritable") from None
