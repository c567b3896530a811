"""Who may import and do what: the contracts, and what contracts can't say."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports
from tests.rules.sources import ROOT, calls, dotted, imported, modules

PYAV = ("intake/demux.py", "archive/mux.py")
INFERENCE = "darkroom/find/network.py"
# Calls that open a decoder or decode with one, by their last names.
DECODING = {"VideoCapture", "imdecode", "imdecodemulti", "imread", "imreadmulti", "VideoReader", "decode_video"}
READS_MODELS = {"read_model", "compile_model", "readNet", "readNetFromONNX", "readNetFromCaffe", "InferenceSession",
                "readNetFromTensorflow", "readNetFromDarknet", "readNetFromTorch", "FaceRecognizerSF", "FaceDetectorYN",
                "CascadeClassifier", "import_model"}  # fmt: skip


def in_darkroom(path: str) -> bool:
    return path.startswith("darkroom/")


def test_the_contracts_hold(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / ".importlinter"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_control_a_contract_can_be_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "contracts"
    config.write_text(
        "[importlinter]\nroot_package = passerby\n[importlinter:contract:upside-down]\nname = upside down\n"
        "type = layers\nlayers =\n    passerby.base\n    passerby.station\n"
    )
    assert lint_imports(config_filename=str(config), no_cache=True) != EXIT_STATUS_SUCCESS
    assert "BROKEN" in capsys.readouterr().out


def test_pyav_only_where_it_may_be() -> None:
    users = {path for path, tree in modules().items() if any(name.split(".")[0] == "av" for name in imported(tree))}
    assert set(PYAV) <= users
    assert [path for path in users if path not in PYAV and not in_darkroom(path)] == []


@pytest.mark.parametrize(("package", "home"), [("openvino", INFERENCE), ("onnxruntime", INFERENCE)])
def test_inference_in_one_module(package: str, home: str) -> None:
    users = {path for path, tree in modules().items() if any(n.split(".")[0] == package for n in imported(tree))}
    assert users <= {home}


def test_opencv_only_in_the_darkroom() -> None:
    users = {path for path, tree in modules().items() if any(n.split(".")[0] == "cv2" for n in imported(tree))}
    assert users
    assert [path for path in users if not in_darkroom(path)] == []


def opens_a_decoder(tree: ast.Module, *, knows_pyav: bool) -> list[str]:
    """Calls that decode, or that open what could. ``.decode`` means pictures only where PyAV is known."""
    found = []
    for name, call in calls(tree):
        last = name.rsplit(".", 1)[-1]
        mode = [a.value for a in call.args[1:2] if isinstance(a, ast.Constant)]
        if (
            last in DECODING
            or (name.endswith("CodecContext.create") and mode != ["w"])
            or (knows_pyav and last == "decode" and not _decodes_text(call))
            or name.endswith("get_hwaccel")
        ):
            found.append(f"{name}:{call.lineno}")
    return found


def _decodes_text(call: ast.Call) -> bool:
    # bytes.decode() takes an encoding's name or nothing from a literal or a bytes method.
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)


def test_only_the_darkroom_opens_a_decoder() -> None:
    found = {}
    for path, tree in modules().items():
        knows = any(name.split(".")[0] == "av" for name in imported(tree))
        if calls_found := opens_a_decoder(tree, knows_pyav=knows):
            found[path] = calls_found
    assert "darkroom/decoder.py" in found, "the scan sees nothing"
    assert [f"{path}: {where}" for path, where in found.items() if not in_darkroom(path)] == []


@pytest.mark.parametrize(
    "text",
    [
        "import cv2\ncv2.VideoCapture(0)",
        "import av\nfor f in av.open('x').decode(video=0): pass",
        "import av\nav.CodecContext.create('h264', 'r')",
        "import av\nav.CodecContext.create('h264', mode='r')",
        "from cv2 import imread\nimread('x')",
    ],
)
def test_control_the_scan_sees_decoders(text: str) -> None:
    assert opens_a_decoder(ast.parse(text), knows_pyav="av" in text)


def test_every_container_is_opened_without_decoders() -> None:
    """Outside the darkroom every ``av.open`` for reading names a codec whitelist."""
    seen = 0
    for path in PYAV:
        for name, call in calls(modules()[path]):
            if name != "av.open" or any(isinstance(a, ast.Constant) and a.value == "w" for a in call.args):
                continue
            seen += 1
            options = next((ast.unparse(k.value) for k in call.keywords if k.arg == "options"), "")
            assert "OPTIONS" in options or "'codec_whitelist': 'none'" in options, f"{path}:{call.lineno}"
    assert seen >= 2


def test_models_are_loaded_only_by_hash() -> None:
    """One module gives model files to a library, and it gets them from `weights.load`, which compares hashes."""
    users = {p for p, tree in modules().items() if any(n.rsplit(".", 1)[-1] in READS_MODELS for n, _ in calls(tree))}
    assert users == {INFERENCE}
    source = modules()[INFERENCE]
    assert "weights.load" in {name for name, _ in calls(source)}
    readers = [n for n, _ in calls(source) if n.rsplit(".", 1)[-1] in {"open", "read_bytes", "fromfile", "load"}]
    assert set(readers) == {"weights.load"}


def test_raw_frames_are_private() -> None:
    users = {p for p, tree in modules().items() if any("darkroom._frames" in name for name in imported(tree))}
    assert users
    assert [path for path in users if not in_darkroom(path)] == []


def test_the_supervisor_never_maps_memory() -> None:
    for path, tree in modules().items():
        if not path.startswith(("darkroom/_frames", "lock/")):
            assert "mmap.mmap" not in {dotted(call.func) for _, call in calls(tree)}, path
