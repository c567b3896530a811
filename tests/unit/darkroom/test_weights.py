"""Model files: only those that are listed, byte for byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from passerby.base.errors import ModelError
from passerby.darkroom import weights
from passerby.darkroom.weights import Listed, listed, listed_hashes, load

DATA = b"a network"
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "weights.toml").write_text(f'[[model]]\nname = "net"\nfile = "net.onnx"\nsha256 = "{SHA}"\n')
    (tmp_path / "net.onnx").write_bytes(DATA)
    return tmp_path


def test_a_listed_model_is_loaded(folder: Path) -> None:
    assert listed(folder) == {"net": Listed("net", "net.onnx", SHA)}
    assert load("net", folder) == DATA


@pytest.mark.parametrize("change", [b"A network", b"a network ", b""])
def test_an_altered_model_is_not(folder: Path, change: bytes) -> None:
    (folder / "net.onnx").write_bytes(change)
    with pytest.raises(ModelError, match="is not the one that is listed"):
        load("net", folder)


def test_an_unlisted_model_is_not(folder: Path) -> None:
    (folder / "faces.onnx").write_bytes(DATA)
    for name in ("faces", "faces.onnx", "../net", ""):
        with pytest.raises(ModelError, match="is listed"):
            load(name, folder)


def test_a_missing_model_is_told(folder: Path) -> None:
    (folder / "net.onnx").unlink()
    with pytest.raises(ModelError, match=r"net\.onnx is missing"):
        load("net", folder)


@pytest.mark.parametrize("sha", ["", SHA.upper(), SHA[:-1]])
def test_a_hash_is_the_whole_hash(folder: Path, sha: str) -> None:
    (folder / "weights.toml").write_text(f'[[model]]\nname = "net"\nfile = "net.onnx"\nsha256 = "{sha}"\n')
    with pytest.raises(ModelError):
        load("net", folder)


@pytest.mark.parametrize(
    "text", [None, "not toml [", "", "model = 3", "model = ['x']", '[[model]]\nname = "net"\nfile = "net.onnx"']
)
def test_a_broken_list_is_one_clear_error(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "weights.toml").write_text(text)
    with pytest.raises(ModelError, match="the list of model files can't be read"):
        listed(tmp_path)


def test_the_shipped_models_are_those_listed_and_no_recognition_model() -> None:
    assert set(listed_hashes()) == {"nanodet", "centerface", "centernet", "plate"}
    for name, sha in listed_hashes().items():
        assert hashlib.sha256(load(name)).hexdigest() == sha
    folder = weights.weights_folder()
    assert {p.name for p in folder.iterdir()} == {m.file for m in listed().values()} | {"weights.toml"}
    assert sum(p.stat().st_size for p in folder.iterdir()) <= 20_000_000
