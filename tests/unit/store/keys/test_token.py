"""Keys in a PKCS#11 token, with Debian's SoftHSM as the token."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
SCRIPT = """
import sys
from passerby.base.errors import CharterError
from passerby.ledger.note import sign_note
from passerby.ledger.verify import verify_note
from passerby.store.keys.signing import signed_with
from passerby.store.keys.token import TokenKey, make_key

module, = sys.argv[1:]

def refused(call, words):
    try:
        call()
    except CharterError as error:
        assert words in str(error), error
    else:
        raise SystemExit(f"not refused: {words}")

refused(lambda: TokenKey("op", module, "site", "operator", "1234"), "no such Ed25519 key")
make_key(module, "site", "operator", "1234")
refused(lambda: make_key(module, "site", "operator", "1234"), "already")
held = TokenKey("op.example.org", module, "site", "operator", "1234")
again = TokenKey("op.example.org", module, "site", "operator", "1234")
assert held.key == again.key
note = signed_with("a permit\\n", None, held)
assert set(verify_note(note, [held.key])[1]) == {held.key}
make_key(module, "site", "other", "1234")
assert TokenKey("op.example.org", module, "site", "other", "1234").key != held.key
refused(lambda: TokenKey("op", module, "site", "operator", "0000"), "PIN")
refused(lambda: TokenKey("op", module, "elsewhere", "operator", "1234"), "no token elsewhere")
refused(lambda: TokenKey("op", "/nowhere.so", "site", "operator", "1234"), "no PKCS#11 library")
import pkcs11
from pkcs11 import Attribute, ObjectClass
with pkcs11.lib(module).get_token(token_label="site").open(user_pin="1234") as session:
    key = session.get_key(ObjectClass.PRIVATE_KEY, label="operator")
    assert key[Attribute.SENSITIVE] and not key[Attribute.EXTRACTABLE]
print("done")
"""


def test_a_token_signs_and_keeps_its_key(tmp_path: Path) -> None:
    if not MODULE.exists() or shutil.which("softhsm2-util") is None:
        if os.environ.get("CI"):
            pytest.fail("softhsm2 is missing: install requirements/debian.txt")
        pytest.skip("no softhsm2")
    (tmp_path / "tokens").mkdir()
    settings = tmp_path / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {tmp_path}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    environment = os.environ | {"SOFTHSM2_CONF": str(settings)}
    make = ["softhsm2-util", "--init-token", "--free", "--label", "site", "--pin", "1234", "--so-pin", "5678"]
    subprocess.run(make, env=environment, check=True, capture_output=True, timeout=60)
    # A process of its own: the library reads its settings once, when it is loaded.
    command = [sys.executable, "-c", SCRIPT, str(MODULE)]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (found.returncode, found.stdout) == (0, "done\n"), found.stderr
