"""What `passerby doctor` is told about a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from passerby.lock import seccomp
from passerby.lock.landlock import State
from passerby.lock.support import probe


def _machine(proc: Path, **files: str) -> Path:
    defaults = {
        "sys/kernel/core_pattern": "core\n",
        "sys/kernel/yama/ptrace_scope": "1\n",
        "swaps": "Filename Type Size Used Priority\n",
        "sys/user/max_user_namespaces": "100\n",
    }
    for name, text in {**defaults, **files}.items():
        path = proc / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return proc


def test_a_good_machine(tmp_path: Path) -> None:
    support = probe(State(7), _machine(tmp_path))
    assert all(f.ok and not f.advice for f in support.findings)
    assert support.lockable
    assert not support.weaker_only
    assert support["landlock"].detail == "ABI 7"


def test_this_machine_is_looked_at_without_an_error() -> None:
    names = [f.name for f in probe().findings]
    assert names == ["machine", "seccomp", "landlock", "core_pattern", "ptrace_scope", "swap", "user_namespaces"]


def test_every_finding_that_is_not_ok_says_what_to_do(tmp_path: Path) -> None:
    for finding in probe(State(None, "why"), tmp_path).findings:
        assert finding.ok or finding.advice


def test_no_landlock(tmp_path: Path) -> None:
    support = probe(State(None, "disabled at boot"), _machine(tmp_path))
    assert not support.lockable
    assert support.weaker_only
    assert support["landlock"].detail == "disabled at boot"


def test_no_seccomp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "available", lambda: "missing")
    support = probe(State(7), _machine(tmp_path))
    assert not support.lockable
    assert not support.weaker_only


@pytest.mark.parametrize(
    ("name", "files", "ok", "detail"),
    [
        ("core_pattern", {"sys/kernel/core_pattern": "|/usr/lib/taker %P\n"}, True, "(/usr/lib/taker)"),
        ("core_pattern", {"sys/kernel/core_pattern": "\n"}, True, "no core dumps"),
        ("ptrace_scope", {"sys/kernel/yama/ptrace_scope": "0\n"}, False, "is 0"),
        ("swap", {"swaps": "Filename Type\n/dev/sda2 partition\n/swap file\n"}, False, "/dev/sda2, /swap"),
        ("user_namespaces", {"sys/user/max_user_namespaces": "0\n"}, False, "not available"),
    ],
)  # fmt: skip
def test_details(tmp_path: Path, name: str, files: dict[str, str], ok: bool, detail: str) -> None:
    finding = probe(State(7), _machine(tmp_path, **files))[name]
    assert finding.ok is ok
    assert detail in finding.detail


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        probe()["sound"]
