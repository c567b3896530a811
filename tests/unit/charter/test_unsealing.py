"""What belongs to an unsealing: read strictly, at most half of a picture, two officers."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.world import sha

from passerby.base.errors import PasserbyError
from passerby.charter.document import Unsound
from passerby.charter.unsealing import MOST_AREA, Unsealing, parse_unsealing

ANN, EVE = "0a" * 8, "0b" * 8
GOOD = Unsealing(((100, 200, 300, 400), (0, 0, 1000, 100)), (ANN, EVE), sha("people"))


def test_there_and_back() -> None:
    assert parse_unsealing(GOOD.text()) == GOOD
    assert GOOD.hash != Unsealing(GOOD.region[:1], GOOD.officers, GOOD.recipients).hash


def other(**values: Any) -> str:
    return rfc8785.dumps(json.loads(GOOD.text()) | values).decode() + "\n"


@pytest.mark.parametrize(
    "text",
    [
        other(region=[]), other(region=[[0, 0, 1001, 5]]), other(region=[[5, 0, 5, 5]]), other(region=[[0, 5, 5, 5]]),
        other(region=[[0, 0, 5]]), other(region=[[0, 0, 5, True]]), other(region=[[-1, 0, 5, 5]]), other(region="all"),
        other(region=[[0, 0, 1, 1]] * 9), other(region=[[0, 0, 1000, 501]]), other(region=[[0, 0, 500, 1000]] * 2),
        other(officers=[EVE, ANN]), other(officers=[ANN, ANN]), other(officers=[ANN]), other(officers=[ANN, "x" * 16]),
        other(recipients="me"), other(format="x"), other(more=1), GOOD.text() + " ", "", "{}",
    ],
)  # fmt: skip
def test_nothing_else(text: str) -> None:
    with pytest.raises(Unsound):
        parse_unsealing(text)


def test_half_of_the_picture_is_the_most() -> None:
    half = other(region=[[0, 0, 1000, 500]])
    (one,) = parse_unsealing(half).region
    assert (one[2] - one[0]) * (one[3] - one[1]) == MOST_AREA


@given(st.text(max_size=200))
def test_every_text_has_an_answer(text: str) -> None:
    with pytest.raises(PasserbyError):
        parse_unsealing(text)
