"""Papers as people write them, and as people who mean harm do: each named, none half read."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.charter.papers.front import LARGEST, Written, count_words, read_written
from passerby.charter.register.words import Flaw, Flawed

HEADINGS = ("Why", "How")
GOOD = (
    b'+++\nname = "x"\n+++\n\n# Title\n\nNot kept.\n\n## Why\n\nBecause *so* [here](https://x.example/a?b).\n\n'
    b"## How\n\nThus.\n"
)


def read(content: bytes) -> Written:
    return read_written(content, "paper", HEADINGS)


def test_a_paper() -> None:
    found = read(GOOD)
    assert found.front == {"name": "x"}
    assert found.sections == {"Why": "Because *so* [here](https://x.example/a?b).", "How": "Thus."}
    assert found.hash == hashlib.sha256(GOOD).hexdigest(), "what sha256sum shows"
    assert read(GOOD.replace(b"\n", b"\r\n")).sections == found.sections


BODY = "+++\n+++\n## Why\n\n"
HOSTILE = [
    ("a script", BODY + "<script>alert(1)</script>", Flaw.SENSE),
    ("a picture that runs", BODY + "<img src=x onerror=alert(1)>", Flaw.SENSE),
    ("a spaced tag", BODY + "< script>", Flaw.SENSE),
    ("a comment", BODY + "<!-- x -->", Flaw.SENSE),
    ("an entity", BODY + "&#x3c;script", Flaw.SENSE),
    ("a link that runs", BODY + "[x](javascript:alert(1))", Flaw.SENSE),
    ("a link in disguise", BODY + "[x]( JaVaScRiPt:alert(1))", Flaw.SENSE),
    ("a link with angles", BODY + "[x](<javascript:alert(1)>)", Flaw.SENSE),
    ("a named link", BODY + "[x]\n\n[x]: data:text/html,x", Flaw.SENSE),
    ("a picture of data", BODY + "![x](data:image/svg+xml;base64,x)", Flaw.SENSE),
    ("an autolink", BODY + "<javascript:alert(1)>", Flaw.SENSE),
    ("right to left", BODY + "a\u202eb", Flaw.HIDDEN),
    ("an isolate", BODY + "a\u2066b", Flaw.HIDDEN),
    ("a zero", BODY + "a\x00b", Flaw.HIDDEN),
    ("an escape", BODY + "a\x1b[31m", Flaw.HIDDEN),
    ("long", BODY + "x" * 20_001, Flaw.TOO_LONG),
    ("an unknown heading", "+++\n+++\n## Whence\n", Flaw.SURPLUS),
    ("a heading twice", "+++\n+++\n## Why\n\n## Why\n", Flaw.TWICE),
    ("no front", "## Why\n", Flaw.SYNTAX),
    ("an open front", "+++\nname = 1\n", Flaw.SYNTAX),
    ("no TOML", "+++\nname: x\n+++\n", Flaw.SYNTAX),
    ("TOML twice", '+++\na = "x"\na = "y"\n+++\n', Flaw.SYNTAX),
    ("deep TOML", "+++\na = " + "[" * 5000 + "\n+++\n", Flaw.SYNTAX),
    ("empty", "", Flaw.SYNTAX),
]


@pytest.mark.parametrize(("text", "flaw"), [(t, f) for _, t, f in HOSTILE], ids=[n for n, _, _ in HOSTILE])
def test_hostile_papers(text: str, flaw: Flaw) -> None:
    with pytest.raises(Flawed) as refused:
        read(text.encode())
    assert refused.value.flaw is flaw
    assert str(refused.value).startswith("paper") and "\n" not in str(refused.value)


def test_other_encodings_and_sizes() -> None:
    for content, flaw in (
        (GOOD.decode().encode("utf-16"), Flaw.NOT_UTF8),
        (b"+++\n\xff\n+++\n", Flaw.NOT_UTF8),
        (b"x" * (LARGEST + 1), Flaw.TOO_LARGE),
    ):
        with pytest.raises(Flawed) as refused:
            read(content)
        assert refused.value.flaw is flaw
    assert read(b"\xef\xbb\xbf" + GOOD).front == {"name": "x"}


@given(st.text(max_size=200))
def test_any_text_is_a_paper_or_a_named_refusal(text: str) -> None:
    for content in (text, BODY + text, f"+++\n{text}\n+++\n"):
        try:
            found = read(content.encode("utf-8", "surrogatepass"))
        except Flawed:
            continue
        assert all("<script" not in said.lower() for said in found.sections.values())


def test_words_are_counted_in_scripts_without_spaces() -> None:
    assert count_words("one two, three") == 3
    assert count_words("在舊市集數人") == 3
    assert count_words("ميدان التحرير") == 2
    assert count_words("") == 0
