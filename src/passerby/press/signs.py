"""Signs as PDF and as pictures."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import segno

from passerby.base.errors import PressError
from passerby.charter.notice.catalogue import Catalogue, parse_catalogue
from passerby.charter.notice.icons import NAMES, icon
from passerby.charter.notice.sign import Block, Form, Sign
from passerby.press.typeset import CJK, pictures, typeset

INK, PAPER, ACCENT = "#10222e", "#ffffff", "#ffd000"
A4_WIDTH_MM = 210
STICKER_SCALE = 100 / 88
_TELEPHONE = re.compile(r"\+?\d[\d ]{5,}\d")
# Families for scripts that the first has not, where they are installed; then whatever has the letters.
OTHERS = ("Noto Sans Arabic", "Noto Sans Hebrew", "DejaVu Sans")
# As the typesetter decides it for each language.
RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})
_FULL = "don't fit"


def sign_pdf(sign: Sign, form: Form, catalogues: tuple[Catalogue, ...]) -> bytes:
    """A sign as PDF: the same bytes for the same sign and fonts.

    Raises:
        PressError: A font is missing, or the words don't fit.
    """
    with _fitting(sign, form):
        return typeset("sign", _data(sign, form, catalogues))


def sign_picture(sign: Sign, form: Form, catalogues: tuple[Catalogue, ...], dpi: int = 100) -> bytes:
    """A sign as PNG.

    Raises:
        PressError: As for `sign_pdf`.
    """
    with _fitting(sign, form):
        return pictures("sign", _data(sign, form, catalogues), dpi)[0]


@contextmanager
def _fitting(sign: Sign, form: Form) -> Iterator[None]:
    try:
        yield
    except PressError as error:
        if _FULL not in str(error):
            raise
        what = f"the words of {sign.camera}'s sign don't fit on {form.label}"
        raise PressError(what, "shorten them, or take larger paper") from error


def built_in() -> dict[str, Catalogue]:
    """The languages that come with Passerby."""
    folder = files("passerby.press").joinpath("languages")
    names = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    found = [parse_catalogue(entry.read_bytes(), entry.name) for entry in names]
    return {catalogue.language: catalogue for catalogue in found}


def _data(sign: Sign, form: Form, catalogues: tuple[Catalogue, ...]) -> dict[str, Any]:
    begins = sign.begins
    return {
        "form": form.label, "width": form.width_mm, "height": form.height_mm,
        "scale": STICKER_SCALE if form is Form.STICKER else form.width_mm / A4_WIDTH_MM,
        "edge": 6 if form is Form.STICKER else 15 * form.width_mm / A4_WIDTH_MM,
        "title": f"{sign.blocks[0].title}: {sign.camera}", "fonts": [CJK, *OTHERS], "camera": sign.camera,
        "rtl": _right_to_left(sign.blocks[0]), "mixed": any(map(_right_to_left, sign.blocks)),
        "address": sign.address, "date": [begins.year, begins.month, begins.day],
        "root": " ".join(sign.root[at : at + 8] for at in range(0, len(sign.root), 8)),
        "blocks": [_block(block, words) for block, words in zip(sign.blocks, catalogues, strict=True)],
        "icons": {name: icon(name, INK, ACCENT if name == "camera" else PAPER) for name in NAMES},
        "code": _code(sign.code),
    }  # fmt: skip


def _right_to_left(block: Block) -> bool:
    return block.language.split("-")[0] in RIGHT_TO_LEFT


def _block(block: Block, words: Catalogue) -> dict[str, Any]:
    lang, *rest = block.language.split("-")
    script = next((part for part in rest if len(part) == 4), "")
    region = next((part for part in rest if len(part) == 2), "TW" if script == "Hant" else "")
    return {
        "lang": lang, "script": script.lower() or "auto", "region": region or None, "title": block.title,
        "place": block.place, "facts": [{"icon": fact.icon, "text": fact.text} for fact in block.facts],
        "lines": [[head, _TELEPHONE.sub(_unbroken, text)] for head, text in block.lines], "more": block.more,
        "camera": block.camera,
        "check": block.check, "colon": words.colon,
    }  # fmt: skip


def _unbroken(number: re.Match[str]) -> str:
    """A telephone number that no line breaks."""
    return number.group().replace(" ", "\u00a0")


def _code(text: str) -> str:
    """A square code as SVG, with its quiet edge; a seventh of it may be spoilt."""
    out = io.BytesIO()
    made = segno.make(text, error="m", micro=False, boost_error=False)
    made.save(out, kind="svg", border=4, xmldecl=False, dark=INK)
    return out.getvalue().decode()
