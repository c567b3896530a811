"""Every reader of the ledger, fed by a fuzzer that looks for new ways through it, from a kept corpus."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fuzz import targets
from tests.fuzz.seeds import CORPUS, seeds

ROOT = Path(__file__).resolve().parents[2]
SECONDS = int(os.environ.get("PASSERBY_FUZZ_SECONDS", "10"))
FEWEST_RUNS = 20  # on a machine that is busy with other things
LONGEST_SEED = 4096


def fuzz(target: str, seconds: int, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the fuzzer; what it finds lands in `folder`."""
    folder.mkdir()
    options = [f"-max_total_time={seconds}", f"-artifact_prefix={folder}/", f"-max_len={LONGEST_SEED}", "-seed=1"]
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz", target, *options, str(folder), str(CORPUS / target)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=seconds + 300,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])},
    )  # fmt: skip


@pytest.mark.parametrize("target", targets.TARGETS)
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this Python")
def test_nothing_breaks_it(target: str, tmp_path: Path) -> None:
    done = fuzz(target, SECONDS, tmp_path / "found")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    runs = re.search(r"Done (\d+) runs", done.stderr)
    assert runs is not None
    assert int(runs[1]) >= FEWEST_RUNS, "it hardly ran"
    print(f"\n{target}: {runs[1]} inputs in {SECONDS} s")


@pytest.mark.parametrize("target", targets.TARGETS)
def test_the_kept_corpus(target: str) -> None:
    """Without the fuzzer, so that what was found once is tried on every Python."""
    kept = sorted((CORPUS / target).iterdir())
    assert len(kept) >= len(seeds()[target])
    for path in kept:
        targets.TARGETS[target](path.read_bytes())


def test_control_a_broken_writer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The targets can fail: with one character less in what is written, and with a verifier that believes anything."""
    monkeypatch.setattr(targets, "signature_line", lambda *_: "\n")
    with pytest.raises(AssertionError):
        test_the_kept_corpus("note")
    monkeypatch.setattr(targets, "verify_inclusion", lambda *_: None)
    with pytest.raises(AssertionError, match=r"a false proof was believed"):
        test_the_kept_corpus("proof")
    monkeypatch.setattr(targets, "_satisfied", lambda *_: True)
    with pytest.raises(AssertionError):
        test_the_kept_corpus("policy")
