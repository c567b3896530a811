"""The house's own rules for its files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.rules.sources import PACKAGE, ROOT, modules, tracked

LONGEST, LONG = 500, 200
BINARY = {".onnx", ".png", ".jpg", ".jpeg", ".mp4", ".avi", ".webp", ".ico", ".woff2"}
# Where a wide net is meant to catch everything: the end of a process.
SUPERVISORS = {"lock/child.py": 1}
# Paths of the machine it was made on, and places where packages come from: neither belongs into the repository.
MACHINE = re.compile(rf"{'/'}work/|{'/'}root/|/home/\w+/")
REGISTRY = re.compile(r"https?://[^\s\"')>]*(?:pypi|files\.pythonhosted|artifactory|nexus|devpi|proxy)[^\s\"')>]*")
INDEX = re.compile(r"--(?:extra-)?index-url|--find-links|--trusted-host")
PUBLIC = ("https://pypi.org/project/", "https://pypi.org/pypi/")


def texts() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text(errors="replace") for path in tracked() if path.suffix not in BINARY
    }


def test_files_are_short() -> None:
    lengths = {name: len(text.splitlines()) for name, text in texts().items() if name.startswith("src/")}
    assert len(lengths) > 50
    assert {n: count for n, count in lengths.items() if count > LONGEST and n.endswith((".py", ".ts"))} == {}
    longer = {name: count for name, count in lengths.items() if count > LONG}
    sys.stdout.write(f"over {LONG} lines: {longer}\n")


def test_nothing_is_caught_blindly() -> None:
    found: dict[str, int] = {}
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and _names(node) & {"", "Exception", "BaseException"}:
                found[path] = found.get(path, 0) + 1
    assert found == SUPERVISORS


def _names(node: ast.ExceptHandler) -> set[str]:
    if node.type is None:
        return {""}
    parts = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return {ast.unparse(part) for part in parts}


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for name, text in texts().items():
        for line in text.splitlines():
            registry = [url for url in REGISTRY.findall(line) if not url.startswith(PUBLIC)]
            if MACHINE.search(line) or registry or (INDEX.search(line) and name.endswith((".lock", ".in", ".toml"))):
                found.append(f"{name}: {line.strip()[:120]}")
    assert found == []


def test_control_machine_paths_are_seen() -> None:
    assert MACHINE.search(f"see {'/'}work/main/x")
    assert MACHINE.search(f"in {'/'}home/ann/passerby")
    assert REGISTRY.search(f"https:{'//'}pypi.internal.example/simple")


def test_words() -> None:
    """The design's words: a number plate is written in full wherever people read it, and nobody is 'anonymised'."""
    shown = {n: t for n, t in texts().items() if n.endswith((".md", ".html")) and not n.startswith("models/")}
    wrong = re.compile(
        r"licen[cs]e plates?|anonymi[sz]ed (?:video|footage|frames?)|blacklist|watch ?list of", re.IGNORECASE
    )
    assert [f"{n}: {m.group()}" for n, t in shown.items() for m in wrong.finditer(t)] == []


def test_every_package_says_what_it_is() -> None:
    folders = {p.parent for p in PACKAGE.rglob("*.py")}
    silent = [str(f) for f in folders if not (f / "__init__.py").is_file() or not _docstring(f / "__init__.py")]
    assert silent == []


def _docstring(path: Path) -> str | None:
    return ast.get_docstring(ast.parse(path.read_text()))


def test_secrets_and_large_files_are_not_tracked() -> None:
    sizes = {str(p.relative_to(ROOT)): p.stat().st_size for p in tracked()}
    assert {n: s for n, s in sizes.items() if s > 8 << 20} == {}
    assert sum(s for n, s in sizes.items() if n.endswith(".onnx")) <= 20 << 20
    keys = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/]{20}")
    assert [n for n, text in texts().items() if keys.search(text)] == []


def test_the_lock_files_are_the_scripts_own() -> None:
    """What is excluded stays excluded, and every package has a hash."""
    excluded = [line for line in (ROOT / "requirements/excluded.txt").read_text().split() if not line.startswith("#")]
    assert "openvino-telemetry" in excluded
    for lock in (ROOT / "requirements").glob("*.lock"):
        entries = re.split(r"\n(?=[a-z0-9])", lock.read_text().strip())
        assert all("--hash=sha256:" in entry for entry in entries), lock.name
    assert "--require-hashes" in (ROOT / "scripts/setup.sh").read_text()


def test_git_is_asked_rightly() -> None:
    known = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "pyproject.toml" in known
