"""Strategies for every message there is."""

from __future__ import annotations

import math
import re
from dataclasses import fields
from typing import Any

from hypothesis import strategies as st

from passerby.outlet.messages import (
    ANALYSES,
    INWARD,
    NO_TIME,
    OPENING_IN,
    OPENING_OUT,
    OUTWARD,
    Address,
    Codec,
    Explain,
    Health,
    ItemEnd,
    Message,
    Mode,
    Mosaic,
    Opening,
    PassEnd,
    Proof,
    Proves,
    RedactedPacket,
    Ruling,
    SealedPacket,
    SealUnder,
    Status,
    Stream,
    StreamHeader,
    StreamStart,
    Task,
)

OPENING = tuple(dict.fromkeys(kind for kind in OPENING_IN + OPENING_OUT if kind not in INWARD + OUTWARD))
ALL = INWARD + OUTWARD + OPENING
MOST_TAIL = 300
_SIZES = {"B": 8, "H": 16, "I": 32, "Q": 64}


def _values(code: str, count: int) -> st.SearchStrategy[Any]:
    if code == "s":
        return st.binary(min_size=count, max_size=count)
    if code == "q":
        return st.one_of(st.just(NO_TIME), st.integers(-(2**63), 2**63 - 1))
    if code in "df":
        return st.floats(allow_nan=False, allow_infinity=False, width=64 if code == "d" else 32)
    return st.integers(0, 2 ** _SIZES[code] - 1)


def codes_of(kind: type[Message]) -> list[tuple[str, int]]:
    """The layout as one (code, bytes) for each field, the tail apart."""
    out: list[tuple[str, int]] = []
    for count, code in re.findall(r"(\d*)([a-zA-Z])", kind.layout.format):
        out += [(code, int(count or 1))] if code == "s" else [(code, 1)] * int(count or 1)
    return out


def names_of(kind: type[Message]) -> list[str]:
    return [f.name for f in fields(kind)]  # type: ignore[arg-type]


# What `check` asks for, field by field.
_NARROW: dict[tuple[type[Message], str], st.SearchStrategy[Any]] = {
    (StreamStart, "stream"): st.sampled_from(list(Stream)).map(int),
    (StreamStart, "codec"): st.sampled_from(list(Codec)).map(int),
    **{
        (StreamStart, name): st.integers(1, most)
        for name, most in {
            "width": 65535,
            "height": 65535,
            "time_base_num": 2**32 - 1,
            "time_base_den": 2**32 - 1,
        }.items()
    },
    (RedactedPacket, "duration"): st.integers(0, 2**40),
    (RedactedPacket, "stream"): st.sampled_from(list(Stream)).map(int),
    (Health, "mode"): st.sampled_from(list(Mode)).map(int),
    (Health, "mosaic"): st.sampled_from(list(Mosaic)).map(int),
    (Proof, "of"): st.sampled_from(list(Proves)).map(int),
    (Task, "analyses"): st.integers(1, 31),
    (ItemEnd, "status"): st.sampled_from(list(Status)).map(int),
    (SealedPacket, "opens"): st.integers(0, 1),
    (SealUnder, "period_us"): st.integers(0, 2**63 - 1),
    (SealUnder, "length_us"): st.integers(1, 2**63 - 1),
    (PassEnd, "status"): st.sampled_from(list(Status)).map(int),
    (StreamHeader, "orientation"): st.integers(1, 8),
    (StreamHeader, "passes"): st.integers(1, 2),
    **{(StreamHeader, name): st.integers(1, 2**32 - 1) for name in ("time_base_num", "time_base_den")},
    (StreamHeader, "duration_s"): st.floats(0, allow_infinity=False),
    **{(Address, name): st.integers(0, 1) for name in ("transport", "keyframes", "prior")},
}


@st.composite
def of_kind(draw: st.DrawFn, kind: type[Message]) -> Message:
    names, codes = names_of(kind), codes_of(kind)
    values = {
        name: draw(_NARROW.get((kind, name), _values(*code)))
        for name, code in zip(names[: len(codes)], codes, strict=True)
    }
    if kind is Explain:
        values["columns"], values["rows"] = draw(st.integers(0, 16)), draw(st.integers(0, 16))
        size = values["columns"] * values["rows"]
        values["tail"] = draw(st.binary(min_size=size, max_size=size))
    elif kind is RedactedPacket:
        values["pts"] = max(-(2**63), min(2**63 - 1, values["dts"] + draw(st.integers(1 - 2**31, 2**31 - 1))))
        values["tail"] = draw(st.binary(max_size=MOST_TAIL))
    elif kind is Opening:
        values["tail"] = draw(st.binary(max_size=MOST_TAIL))
        for name in ("asking_bytes", "entry_bytes", "proof_bytes"):
            values[name] = draw(st.integers(0, len(values["tail"]) // 3))
    elif kind is Proof:
        values["tail"] = draw(st.binary(max_size=MOST_TAIL))
        values["entry_bytes"] = draw(st.integers(0, len(values["tail"])))
    elif kind is Ruling:
        values["asked"] = draw(st.integers(0, 31))
        values["lawful"] = values["asked"] & draw(st.integers(0, 31))
        values["open"] = values["lawful"] & draw(st.integers(0, 31))
        denied = values["asked"] & ~values["lawful"]
        values["reasons"] = bytes(draw(st.integers(1, 255)) if denied >> at & 1 else 0 for at in range(len(ANALYSES)))
    elif kind.max_tail:
        values["tail"] = draw(st.binary(min_size=int(kind is SealedPacket), max_size=MOST_TAIL))
    return kind(**values)


messages = st.sampled_from(ALL).flatmap(of_kind)


def floats_of(message: Message) -> list[float]:
    return [v for name in names_of(type(message)) if isinstance(v := getattr(message, name), float)]


def all_finite(message: Message) -> bool:
    return all(math.isfinite(v) for v in floats_of(message))
