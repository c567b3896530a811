"""Typesetting: a template and its data become a PDF or pictures. No network, no file of the user's, no clock.

A letter for which no font is installed is refused: a sign with holes in it would be worse than none.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import typst

from passerby.base.errors import PressError

CJK = "Noto Sans CJK TC"
# The archive's PDF: it may hold no letter without a font.
STANDARD = "a-2u"
EPOCH = 0
_NO_LETTER = ("could not be displayed", "notdef", "missing glyph", "no font", "not be displayed with any font")


def typeset(template: str, data: Mapping[str, Any], fonts: Iterable[str] = (CJK,), *, timestamp: int = EPOCH) -> bytes:
    """A PDF.

    Args:
        template: Name of a template beside this module.
        data: What it shows, as JSON can hold it.
        fonts: Families that must be installed. With none only those of the typesetter are used, which are everywhere
            the same.
        timestamp: When it says it was made, in seconds since 1970.

    Raises:
        PressError: A font is missing, or has not all letters.
    """
    return _compiled(template, data, fonts, format="pdf", pdf_standards=STANDARD, timestamp=timestamp)[0]


def pictures(template: str, data: Mapping[str, Any], dpi: int, fonts: Iterable[str] = (CJK,)) -> list[bytes]:
    """Each page as a PNG.

    Args:
        template: As for `typeset`.
        data: As for `typeset`.
        dpi: Points an inch.
        fonts: As for `typeset`.

    Raises:
        PressError: As for `typeset`.
    """
    typeset(template, data, fonts)  # pictures are not refused for letters without a font
    return _compiled(template, data, fonts, format="png", ppi=float(dpi))


def _compiled(template: str, data: Mapping[str, Any], fonts: Iterable[str], **options: Any) -> list[bytes]:
    wanted = tuple(fonts)
    for family in wanted:
        if family not in _families():
            raise PressError(f"the font {family} is not installed", "install it: apt-get install fonts-noto-cjk")
    source = files("passerby.press").joinpath(f"{template}.typ").read_bytes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiler = _compiler(installed=bool(wanted))
            found = compiler.compile(source, sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, **options)
    except typst.TypstError as error:
        said = f"{error.message} {' '.join(error.hints)}"
        if any(words in said for words in _NO_LETTER):
            raise PressError(f"a letter has no font here ({error.message})", "install a font of that script") from error
        raise PressError(f"{template} can't be typeset ({error.message})", "report this: it is a fault") from error
    assert found is not None
    return found if isinstance(found, list) else [found]


@lru_cache(maxsize=2)
def _fonts(*, installed: bool) -> typst.Fonts:
    """Looking for fonts takes most of a second: done once."""
    return typst.Fonts(include_system_fonts=installed)


@lru_cache(maxsize=2)
def _compiler(*, installed: bool) -> typst.Compiler:
    return typst.Compiler(font_paths=_fonts(installed=installed))


def _families() -> frozenset[str]:
    return frozenset(_fonts(installed=True).families())
