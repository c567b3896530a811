"""Writes ``docs/hostile-inputs.md`` from the cases that are tested: ``python -m tests.e2e.hostile_table``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.e2e import hostile_pictures, hostile_places, hostile_videos
from tests.e2e.test_hostile_streams import CODECS, CONTAINERS, CUTS, PACKETS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hostile-inputs.md"
WORDS = """# Hostile and odd input

What Passerby does with input that nobody would send on purpose, and with input that somebody would. Every row is a test
(`tests/e2e/test_hostile_*.py`), named by its first column; this page is written from the tests by
`python -m tests.e2e.hostile_table`, and a test fails where both differ.

In every case: no traceback; on failure exactly one line on standard error, which begins with `passerby: ` (left out
below), and exit 1; nothing new in OUT's folder, hidden files included; IN untouched; no process left over. In every
result: one H.264 stream and nothing else in the MP4 (no sound, no tags, no SEI), pictures without EXIF, comments,
profiles or text; timestamps strictly forward and, where nothing is reported as repaired, exactly those of the source.
"""


def rows(cases: Iterable[tuple[str, str, str]]) -> str:
    """One table."""
    lines = ["| case | input | what happens |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {name} | {what} | {comes} |" for name, what, comes in cases)])


def said(line: str) -> str:
    """A line in a table."""
    short = line.replace("n" * 300, "nnn…").replace("{folder}", "FOLDER")
    return f"`{short}`, exit 1"


def page() -> str:
    """The whole page."""
    videos = [(c.id, c.what, f"`in.mp4 {c.line}`, exit 1") for c in hostile_videos.REFUSED]
    worked = [(c.id, c.what, c.comes) for c in hostile_videos.WORKED]
    pictures = [(p.id, p.what, said(f"{p.name} {p.line}") if p.line else p.comes) for p in hostile_pictures.PICTURES]
    places = [(p.id, p.what, said(p.line) if p.line else "a result") for p in hostile_places.PLACES]
    always = "what can be read, else a line; never a crash"
    streams = [
        *((f"truncated-{c}", f"{c}, cut at {CUTS} random points", always) for c in CONTAINERS),
        *((f"flipped-{c}", f"{c}, bytes changed anywhere, 100 times", always) for c in CONTAINERS),
        *(
            (f"corrupted-{c}", f"{c}, {PACKETS:,} corrupted packets", "the pictures that can be decoded")
            for c in CODECS
        ),
        ("corrupted-locked", f"h264, {PACKETS:,} corrupted packets through the locked processes", "the same"),
    ]
    parts = [
        ("Videos that come out right", worked),
        ("Videos that can't be worked on", videos),
        ("Pictures", pictures),
        ("Places: what IN and OUT can be", places),
        ("Damaged streams, many at once", streams),
    ]
    return WORDS + "".join(f"\n## {title}\n\n{rows(cases)}\n" for title, cases in parts)


if __name__ == "__main__":
    PAGE.write_text(page())
