# SPDX-License-Identifier: Apache-2.0
"""Other implementations of age open what we seal, and we open what they seal."""

import base64
import io
import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pyrage
import pytest

from comity.crypto.age import HybridIdentity, Passphrase, armour, beside, decrypt, encrypt
from comity.crypto.age.header import read
from comity.crypto.age.scrypt import READ_FACTOR
from comity.crypto.age.source import Source
from comity.crypto.age.stream import CHUNK
from comity.errors import Malformed

WORDS = "ivory coast line"
TEXTS = [random.Random(size).randbytes(size) for size in (0, 6, CHUNK, CHUNK + 1, 3 * CHUNK + 7)]
PEER = "age-encryption@0.3.1"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "comity-tests" / "age"
SCRIPT = """
import * as age from 'age-encryption'
import fs from 'fs'
const {seed, recipients, words, sealed, locked, armoured, texts} = JSON.parse(fs.readFileSync(0))
const bytes = each => new Uint8Array(Buffer.from(each, 'base64'))
const text = each => Buffer.from(each).toString('base64')
const all = (list, work) => Promise.all(list.map(work))
const key = new age.Decrypter()
key.addIdentity(seed)
const lock = new age.Decrypter()
lock.addPassphrase(words)
const readers = new age.Encrypter()
recipients.forEach(each => readers.addRecipient(each))
const locker = new age.Encrypter()
locker.setPassphrase(words)
locker.setScryptWorkFactor(10)
const theirs = await all(texts, each => readers.encrypt(bytes(each)))
console.log(JSON.stringify({
  own: await age.identityToRecipient(seed),
  opened: (await all(sealed, each => key.decrypt(bytes(each)))).map(text),
  unlocked: (await all(locked, each => lock.decrypt(bytes(each)))).map(text),
  unarmoured: armoured.map(each => text(age.armor.decode(each))),
  theirs: theirs.map(text),
  theirArmour: theirs.map(each => age.armor.encode(each)),
  theirLocked: (await all(texts, each => locker.encrypt(bytes(each)))).map(text),
}))
"""


@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_rage_opens_our_passphrase_file_binary_and_armoured(text: bytes) -> None:
    sealed = encrypt(text, [Passphrase(WORDS, factor=10)])

    assert pyrage.passphrase.decrypt(sealed, WORDS) == text
    assert pyrage.passphrase.decrypt(armour(sealed), WORDS) == text


@pytest.mark.slow
def test_we_open_rages_passphrase_file_binary_and_armoured() -> None:
    sealed = pyrage.passphrase.encrypt(TEXTS[-1], WORDS, armored=True)
    inside = base64.b64decode(b"".join(sealed.splitlines()[1:-1]))
    factor = int(read(Source(io.BytesIO(inside).read)).stanzas[0].arguments[1])

    # rage measures the machine, and may choose more than we open without being told to.
    if factor > READ_FACTOR:
        with pytest.raises(Malformed):
            decrypt(sealed, [Passphrase(WORDS)])
    assert armour(inside) == sealed
    assert decrypt(sealed, [Passphrase(WORDS, limit=factor)]) == TEXTS[-1]


def _peer() -> tuple[str, Path]:
    """Return Node and a folder in which it finds the TypeScript implementation."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("no Node.js here: the hybrid peer is a JavaScript package")
    # npm writes this file last: without it, an installation was cut short.
    if not (CACHE / "node_modules" / ".package-lock.json").exists():
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
    return node, CACHE


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.slow
def test_the_typescript_age_and_ours_open_each_others_files() -> None:
    node, folder = _peer()
    amina, binh = HybridIdentity.generate(), HybridIdentity.generate()
    readers = [binh.recipient, amina.recipient]
    sealed = [encrypt(text, readers) for text in TEXTS]
    other = encrypt(TEXTS[1], [binh.recipient])
    key = beside.key_of(other, [binh])
    sealed.append(beside.addressed_again(other, key, beside.wrap(key, amina.recipient)))
    asked = {
        "seed": str(amina),
        "recipients": [str(each) for each in readers],
        "words": WORDS,
        "sealed": [_text(each) for each in sealed],
        "locked": [_text(encrypt(text, [Passphrase(WORDS, factor=10)])) for text in TEXTS],
        "armoured": [armour(each).decode() for each in sealed],
        "texts": [_text(text) for text in TEXTS],
    }

    told = subprocess.run(
        [node, "--input-type=module", "--eval", SCRIPT],
        cwd=folder,
        input=json.dumps(asked).encode(),
        capture_output=True,
        check=True,
        timeout=120,
    )
    answer = {
        name: [each.encode() for each in value] if isinstance(value, list) else value
        for name, value in json.loads(told.stdout).items()
    }
    theirs, locked = (
        [base64.b64decode(each) for each in answer[name]] for name in ("theirs", "theirLocked")
    )

    assert answer["own"] == str(amina.recipient)
    assert [base64.b64decode(each) for each in answer["opened"]] == [*TEXTS, TEXTS[1]]
    assert [base64.b64decode(each) for each in answer["unlocked"]] == TEXTS
    assert [base64.b64decode(each) for each in answer["unarmoured"]] == sealed
    assert [decrypt(each, [amina]) for each in theirs] == TEXTS
    assert [decrypt(each, [binh]) for each in answer["theirArmour"]] == TEXTS
    assert [decrypt(each, [Passphrase(WORDS)]) for each in locked] == TEXTS
    assert [armour(each) for each in theirs] == answer["theirArmour"]
