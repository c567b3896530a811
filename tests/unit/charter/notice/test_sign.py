"""What a sign says: all of the first layer, in every language, and never more than the camera does."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.charter.register.samples import camera, owner

from passerby.base.errors import CharterError
from passerby.charter.notice.catalogue import WORDS, Catalogue, parse_catalogue
from passerby.charter.notice.icons import NAMES, icon
from passerby.charter.notice.sign import Sign, sign
from passerby.charter.register.entry import REQUIRED
from passerby.charter.register.words import Flaw, Flawed
from passerby.charter.root import PURPOSES
from passerby.press.signs import built_in

BOOK = built_in()
BOTH = (BOOK["en"], BOOK["zh-Hant"])
PAGE = "https://register.example.org/cameras/pier-3"
ROOT = "7f" * 32
RECORDS: dict[str, Any] = {"analyses": ["crowd", "record"], "retention_s": 48 * 3600}


def made(catalogues: tuple[Catalogue, ...] = BOTH, address: str = PAGE, root: str = ROOT, **values: Any) -> Sign:
    return sign(camera(**values), owner(), catalogues, address, root)


def said(found: Sign, language: str) -> str:
    block = next(block for block in found.blocks if block.language == language)
    return " ".join([block.title, block.place, *(f.text for f in block.facts), *(f"{h} {t}" for h, t in block.lines)])


def test_the_first_layer_is_whole_in_each_language() -> None:
    english, chinese = said(made(), "en"), said(made(), "zh-Hant")
    for text in ("crowds", "Harbour Authority", "crowd@harbour.example", "privacy@harbour.example",
                 "object and complain", "Privacy Commissioner", "counted as one of many", "Harbour Ordinance",
                 "Pier 3, east landing"):  # fmt: skip
        assert text in english
    for text in ("人群安全", "海港管理局", "crowd@harbour.example", "私隱主任", "反對及投訴", "三號碼頭東面"):
        assert text in chinese
    assert [len(block.lines) for block in made().blocks] == [8, 8]


@pytest.mark.parametrize(
    ("values", "icons", "title", "effect"),
    [
        ({}, ["count", "hidden", "nobody", "no-picture"], "counted here", "Nothing that could identify you is kept"),
        ({"analyses": ["crowd", "live"]}, ["count", "hidden", "nobody", "live"], "watched", "staff may see you"),
        (RECORDS, ["count", "hidden", "nobody", "kept"], "recorded", "for 48 hours"),
        (RECORDS | {"analyses": ["live", "record"]}, ["count", "hidden", "nobody", "kept"], "recorded", "guess"),
    ],
)  # fmt: skip
def test_a_sign_promises_nothing_that_the_camera_does_not_keep(
    values: dict[str, Any], icons: list[str], title: str, effect: str
) -> None:
    block = made(**values).blocks[0]
    assert [fact.icon for fact in block.facts] == icons
    assert title in block.title
    assert effect in said(made(**values), "en")
    if "record" in values.get("analyses", []):
        assert "No picture" not in said(made(**values), "en")
        assert "ask for what is kept" in said(made(**values), "en")


@pytest.mark.parametrize("name", [name for name in REQUIRED if name not in ("name", "languages")])
def test_no_sign_with_a_hole(name: str) -> None:
    empty = {"purposes": [], "analyses": [], "begins": None, "ends": None}
    with pytest.raises(CharterError, match=name):
        made(**{name: empty.get(name, "")})


def test_the_code_leads_to_the_page_and_keeps_the_root_from_servers() -> None:
    assert made().code == f"{PAGE}#{'f39_' * 10}f38"
    assert made(root="").code == PAGE


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://", "https://x.example/?q=1", "https://x.example/#x", "x" * 10,
                "https://x.example/ y", "https://x.example/" + "a" * 150, "ftp://x.example"],
)  # fmt: skip
def test_addresses_that_no_sign_leads_to(address: str) -> None:
    with pytest.raises(CharterError):
        made(address=address)


def test_languages_are_those_of_the_entry() -> None:
    for catalogues in ((), (BOOK["en"],), (BOOK["zh-Hant"], BOOK["en"])):
        with pytest.raises(CharterError):
            made(catalogues)
    five = camera(languages=["en", "fr", "de", "it", "es"])
    with pytest.raises(CharterError):
        sign(five, owner(), [BOOK["en"]] * 5, PAGE, ROOT)


def text_of(catalogue: Catalogue) -> str:
    lines = [
        f'language = "{catalogue.language}"',
        f'name = "{catalogue.name}"',
        'colon = ": "',
        'comma = ", "',
        "[words]",
    ]
    lines += [f'{name} = "{text}"' for name, text in catalogue.words.items()]
    return "\n".join([*lines, "[purposes]", *(f'{name} = "{text}"' for name, text in catalogue.purposes.items())])


def test_a_new_language_is_a_file() -> None:
    text = (
        text_of(BOOK["en"]).replace('"en"', '"de"').replace("People are counted here", "Hier werden Menschen gezählt")
    )
    german = parse_catalogue(text.encode())
    found = made((german,), languages=["de"], texts={"de": {"place": "Anleger 3"}})
    assert found.blocks[0].title == "Hier werden Menschen gezählt"
    assert found.blocks[0].place == "Anleger 3"


@pytest.mark.parametrize("name", WORDS)
def test_a_word_that_is_missing_is_named(name: str) -> None:
    text = "\n".join(line for line in text_of(BOOK["en"]).split("\n") if not line.startswith(f"{name} = "))
    with pytest.raises(Flawed) as refused:
        parse_catalogue(text.encode())
    assert refused.value.flaw is Flaw.MISSING and name in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "flaw"),
    [
        ("{hours}", "{secret}", Flaw.UNKNOWN),
        ('check = "', 'check = "{hours} ', Flaw.UNKNOWN),
        ('camera = "Camera"', 'camera = ""', Flaw.EMPTY),
        ('camera = "Camera"', 'camera = "a\\u202eb"', Flaw.HIDDEN),
        ('camera = "Camera"', 'camera = "Camera"\nspy = "x"', Flaw.SURPLUS),
        ('language = "en"', 'language = "English"', Flaw.NO_LANGUAGE),
        ('colon = ": "', 'colon = "long mark"', Flaw.SYNTAX),
        ("[purposes]", "[aims]", Flaw.SYNTAX),
    ],
)
def test_catalogues_that_are_none(old: str, new: str, flaw: Flaw) -> None:
    with pytest.raises(Flawed) as refused:
        parse_catalogue(text_of(BOOK["en"]).replace(old, new, 1).encode())
    assert refused.value.flaw is flaw


def test_the_languages_that_come_with_it_are_whole() -> None:
    assert set(BOOK) == {"en", "zh-Hant"}
    for catalogue in BOOK.values():
        assert catalogue.words.keys() == WORDS.keys() and catalogue.purposes.keys() == set(PURPOSES)


def test_icons_are_closed_and_of_two_colours() -> None:
    for name in NAMES:
        drawn = icon(name, "#111111", "#eeeeee")
        assert "{" not in drawn and drawn.startswith("<svg ")
        assert "script" not in drawn and "href" not in drawn
