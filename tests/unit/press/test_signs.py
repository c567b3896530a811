"""Signs as they are printed: the code decodes, the bytes stay the same, nothing is cut off and no letter is a hole."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.unit.charter.papers.samples import entry, owner
from tests.unit.charter.register.samples import camera

from passerby.base.errors import PressError
from passerby.charter.notice.catalogue import Catalogue, parse_catalogue
from passerby.charter.notice.sign import Form, Sign, sign
from passerby.charter.register.entry import Entry
from passerby.press import typeset
from passerby.press.signs import built_in, sign_pdf, sign_picture

BOOK = built_in()
ROOT = "7f3c" * 16
DPI = 144
PAGE = "https://register.lindmark.example/cameras/"


def made(held: Entry) -> tuple[Sign, tuple[Catalogue, ...]]:
    catalogues = tuple(BOOK[language] for language in held.languages)
    return sign(held, owner(), catalogues, PAGE + held.id, ROOT), catalogues


def seen(picture: bytes) -> Any:
    return cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("name", ["square", "concourse", "gate"])
def test_the_code_leads_to_the_cameras_page(form: Form, name: str) -> None:
    found, catalogues = made(entry(name))
    picture = seen(sign_picture(found, form, catalogues, dpi=DPI))
    height, width = picture.shape[:2]
    assert (round(width / DPI * 25.4), round(height / DPI * 25.4)) == (form.width_mm, form.height_mm)
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == found.code
    assert found.code == f"{PAGE}{found.camera}#{'fzx_PH88' * 5}fzw"
    yellow = np.all(np.abs(picture[2, width // 2].astype(int) - (0, 208, 255)) < 8)
    assert yellow and picture[-2, width // 2].min() > 250


def test_the_code_stands_being_spoilt() -> None:
    found, catalogues = made(entry("square"))
    picture = seen(sign_picture(found, Form.A4, catalogues, dpi=DPI))
    corners = cv2.QRCodeDetector().detect(picture)[1][0]
    (left, top), (right, bottom) = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
    x, y, size = (left + right) // 2, (top + bottom) // 2, (right - left) // 8
    picture[y : y + size, x : x + size] = 255
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == found.code


def test_the_same_bytes_each_time_and_everywhere() -> None:
    """In another process, with another locale, time zone and hash seed."""
    found, catalogues = made(entry("square"))
    here = sign_pdf(found, Form.A4, catalogues)
    assert here.startswith(b"%PDF-") and here == sign_pdf(found, Form.A4, catalogues)
    script = (
        "import sys; sys.path.insert(0, '.'); import hashlib; from tests.unit.press.test_signs import *; "
        "f, c = made(entry('square')); sys.stdout.write(hashlib.sha256(sign_pdf(f, Form.A4, c)).hexdigest())"
    )
    other = {**os.environ, "TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[3], env=other, capture_output=True, check=True
    )
    assert run.stdout.decode() == hashlib.sha256(here).hexdigest()


def test_a_letter_without_a_font_is_refused() -> None:
    held = camera(languages=["en"], place="Pier \U00012000", owner="lindmark")
    found, catalogues = made(held)
    with pytest.raises(PressError, match="font"):
        sign_pdf(found, Form.A4, catalogues)
    with pytest.raises(PressError, match="font"):
        sign_picture(found, Form.A4, catalogues)


def test_a_missing_font_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeset, "_families", lambda: frozenset({"DejaVu Sans"}))
    found, catalogues = made(entry("square"))
    with pytest.raises(PressError, match="apt-get install fonts-noto-cjk"):
        sign_pdf(found, Form.A4, catalogues)


def test_words_that_do_not_fit_are_refused_rather_than_cut_off() -> None:
    long = {"ground": "All laws that anybody knows of. " * 15, "place": "A place with a name. " * 9}
    found, catalogues = made(camera(**long, owner="lindmark"))
    sign_pdf(found, Form.A3, catalogues)
    words = {name: text * 40 for name, text in BOOK["en"].words.items() if name == "effect_counts"}
    wordy = replace(BOOK["en"], words={**BOOK["en"].words, **words})
    catalogues = (wordy, BOOK["zh-Hant"])
    overfull = sign(camera(**long, owner="lindmark"), owner(), catalogues, PAGE + "pier-3", ROOT)
    with pytest.raises(PressError, match="don't fit on a4"):
        sign_pdf(overfull, Form.A4, catalogues)


@pytest.mark.parametrize(
    "name", ["#set page(fill: red)", "\\", '"; panic()', "$x$", "*bold* _i_ `c` <x> @y [z] #{1+1}"]
)
def test_markup_in_a_field_is_only_text(name: str) -> None:
    """Data never becomes part of the template."""
    held = camera(languages=["en"], place=name, office=name, contact=name, ground=name, owner="lindmark")
    found, catalogues = made(held)
    picture = seen(sign_picture(found, Form.A4, catalogues, dpi=40))
    assert picture[-2, 2].min() > 250, "the paper stays white"


OTHER_WAY = {
    tag: parse_catalogue((Path(__file__).parent / f"languages/{tag}.toml").read_bytes()) for tag in ("ar", "he")
}


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("languages", [("ar", "en"), ("he", "ar"), ("he",), ("en", "ar")])
def test_languages_that_go_the_other_way(languages: tuple[str, ...], form: Form) -> None:
    """The first language decides where things stand; every letter has a font; what is copied keeps its order."""
    held, words = replace(entry("concourse"), languages=languages), BOOK | OTHER_WAY
    catalogues = tuple(words[language] for language in languages)
    found = sign(held, owner(), catalogues, PAGE + held.id, ROOT)
    assert sign_pdf(found, form, catalogues).startswith(b"%PDF-")
    picture = seen(sign_picture(found, form, catalogues, dpi=DPI))
    text, corners, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    assert text == found.code
    assert (corners[0][:, 0].mean() > picture.shape[1] / 2) == (languages[0] in OTHER_WAY)
    # The camera's picture is on the side where reading begins: much ink, and no word.
    band = picture[: picture.shape[0] // 8].max(axis=2) < 90
    left, right = (band[:, : band.shape[1] // 4].mean(), band[:, -band.shape[1] // 4 :].mean())
    assert (right > left) == (languages[0] in OTHER_WAY)


def test_a_letter_without_a_font_is_refused_in_words() -> None:
    words = OTHER_WAY["he"]
    odd = replace(words, words={**words.words, "title_counts": "\U00012000\U00012001"})
    held = replace(entry("square"), languages=("he",))
    with pytest.raises(PressError, match="a letter has no font here"):
        sign_pdf(sign(held, owner(), (odd,), PAGE, ROOT), Form.A4, (odd,))
