"""The build's hash: changes with every file that could run, and with nothing else."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from passerby.base import build

PACKAGE = Path(build.__file__).resolve().parents[1]


def hash_of(package: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    with monkeypatch.context() as patch:
        patch.setattr(build, "_PACKAGE", package)
        return build.build_hash.__wrapped__()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small source tree with weights beside it, as in the repository."""
    package = tmp_path / "src" / "passerby"
    (package / "base").mkdir(parents=True)
    (package / "__init__.py").write_text("one")
    (package / "base" / "build.py").write_text("two")
    weights = tmp_path / "models" / "weights"
    weights.mkdir(parents=True)
    (weights / "weights.toml").write_text("three")
    (weights / "some.onnx").write_bytes(b"four")
    return package


def test_compiled_files_make_no_difference(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = hash_of(tree, monkeypatch)
    (tree / "base" / "__pycache__").mkdir()
    (tree / "base" / "__pycache__" / "build.cpython-311.pyc").write_bytes(b"compiled")
    (tree / "__pycache__").mkdir()
    (tree / "__pycache__" / "__init__.cpython-311.pyc").write_bytes(b"compiled")
    assert hash_of(tree, monkeypatch) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda t: (t / "__init__.py").write_text("ONE"),
        lambda t: (t / "base" / "build.py").write_text(""),
        lambda t: (t / "base" / "new.py").write_text(""),
        lambda t: (t / "base" / "build.py").unlink(),
        lambda t: (t / "base" / "build.py").rename(t / "base" / "other.py"),
        lambda t: (t / "base" / "build.py").rename(t / "build.py"),
        lambda t: (t / "data.bin").write_bytes(b""),
        lambda t: (t.parents[1] / "models" / "weights" / "some.onnx").write_bytes(b"FOUR"),
        lambda t: (t.parents[1] / "models" / "weights" / "weights.toml").unlink(),
    ],
    ids=["changed", "emptied", "added", "removed", "renamed", "moved", "other file", "weights", "list"],
)
def test_every_change_shows(tree: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]) -> None:
    before = hash_of(tree, monkeypatch)
    change(tree)
    assert hash_of(tree, monkeypatch) != before


def test_contents_can_not_be_moved_between_files(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = hash_of(tree, monkeypatch)
    one, two = tree / "__init__.py", tree / "base" / "build.py"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    assert hash_of(tree, monkeypatch) != before


def test_a_name_can_not_hide_code(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = hash_of(tree, monkeypatch)
    (tree / "base" / "x__pycache__y.py").write_text("import os")
    assert hash_of(tree, monkeypatch) != before


def test_a_wheel_has_the_hash_of_its_source_tree(tree: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed = tmp_path / "site-packages" / "passerby"
    shutil.copytree(tree, installed)
    shutil.copytree(tmp_path / "models" / "weights", installed / "weights")
    assert hash_of(installed, monkeypatch) == hash_of(tree, monkeypatch)


def test_the_real_package_is_hashed_as_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (build.weights_folder() / "weights.toml").is_file()
    total = hashlib.sha256()
    names = {f"passerby/{p.relative_to(PACKAGE)}": p for p in PACKAGE.rglob("*.*") if p.parent.name != "__pycache__"}
    names |= {f"passerby/weights/{p.name}": p for p in build.weights_folder().iterdir()}
    for name, path in sorted(names.items()):
        total.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    # Not the cached value: other tests and editors may have come in between.
    assert hash_of(PACKAGE, monkeypatch) == total.digest()


def test_the_version_line_tells_it() -> None:
    assert build.version_line().endswith(f"(build sha256:{build.build_hash().hex()})")
    assert len(build.build_hash()) == 32
