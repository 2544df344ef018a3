# SPDX-License-Identifier: Apache-2.0
"""Other implementations of age open what we seal, and we open what they seal."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pyrage
import pytest

from comity.crypto.age import HybridIdentity, Passphrase, armour, decrypt, encrypt
from comity.crypto.age.header import read
from comity.crypto.age.scrypt import READ_FACTOR
from comity.errors import Malformed

PEER = "age-encryption@0.3.1"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "comity-tests" / "age"
SCRIPT = """
import * as age from 'age-encryption'
import fs from 'fs'
const {seed, sealed, recipient, text} = JSON.parse(fs.readFileSync(0))
const d = new age.Decrypter()
d.addIdentity(seed)
const opened = await d.decrypt(Buffer.from(sealed, 'base64'), 'text')
const e = new age.Encrypter()
e.addRecipient(recipient)
const theirs = Buffer.from(await e.encrypt(text)).toString('base64')
const own = await age.identityToRecipient(seed)
console.log(JSON.stringify({opened, theirs, own}))
"""


def test_rage_opens_our_passphrase_file_binary_and_armoured() -> None:
    sealed = encrypt(b"keys", [Passphrase("ivory coast line", factor=10)])

    assert pyrage.passphrase.decrypt(sealed, "ivory coast line") == b"keys"
    assert pyrage.passphrase.decrypt(armour(sealed), "ivory coast line") == b"keys"


def test_we_open_rages_passphrase_file() -> None:
    sealed = pyrage.passphrase.encrypt(b"keys", "ivory coast line")
    factor = int(read(sealed).stanzas[0].arguments[1])

    if factor <= READ_FACTOR:
        assert decrypt(sealed, [Passphrase("ivory coast line")]) == b"keys"
        assert decrypt(armour(sealed), [Passphrase("ivory coast line")]) == b"keys"
    else:  # rage measures the machine and may choose more than we are willing to read
        with pytest.raises(Malformed):
            decrypt(sealed, [Passphrase("ivory coast line")])


def _peer() -> Path:
    """Return a folder in which Node finds the reference TypeScript implementation."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("no Node.js here: the hybrid peer is a JavaScript package")
    if not (CACHE / "node_modules" / "age-encryption").exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        made = subprocess.run(
            [npm, "install", "--silent", "--no-save", "--no-audit", "--no-fund", PEER],
            cwd=CACHE,
            capture_output=True,
            check=False,
            timeout=120,
        )
        if made.returncode:
            pytest.skip("the hybrid peer could not be installed: no registry in reach")
    return CACHE


@pytest.mark.slow
def test_the_typescript_age_and_ours_open_each_others_hybrid_files() -> None:
    folder = _peer()
    amina = HybridIdentity.generate()
    asked = {
        "seed": str(amina),
        "recipient": str(amina.recipient),
        "sealed": base64.b64encode(encrypt(b"from python", [amina.recipient])).decode(),
        "text": "from typescript",
    }
    script = folder / "peer.mjs"
    script.write_text(SCRIPT)

    told = subprocess.run(
        ["node", str(script)],
        cwd=folder,
        input=json.dumps(asked).encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    answer = json.loads(told.stdout)

    assert answer["opened"] == "from python"
    assert answer["own"] == str(amina.recipient)
    assert decrypt(base64.b64decode(answer["theirs"]), [amina]) == b"from typescript"
