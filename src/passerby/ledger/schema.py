"""What an entry may say. The schema is a document that is itself logged, so that a change of it is an act.

No field takes a name, free text or a picture: each is a number, a hash, a pseudonym, an id of letters and hexadecimal
digits, or a word of a list in the document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import rfc8785

from passerby.ledger.errors import Refusal

Act = dict[str, Any]
MOST = (1 << 53) - 1  # what canonical JSON can hold exactly
_PATTERNS: Final = {
    "pseudonym": re.compile("p-[0-9a-f]{32}"),
    "id": re.compile("[a-z]{1,8}-[0-9a-f]{1,32}"),
    "hash": re.compile("[0-9a-f]{64}"),
}
_NUMBERS: Final = ("count", "time")
_COMMON: Final = {"act": "act", "v": "count", "actor": "pseudonym", "seq": "count", "time": "time", "logged": "time"}
SCHEMA_ACT: Final = "schema"
_CASE = {"purpose": "purpose", "case": "hash"}
FIRST: Final[Act] = {
    "v": 1,
    "lists": {
        "purpose": [
            "access-request", "audit", "complaint", "crowd-safety", "flow-statistics", "incident-review", "legal-order",
            "maintenance",
        ],
        "setting": ["build", "forbidden-zone", "model", "period", "purpose", "quorum", "retention", "role", "scene"],
    },
    "acts": {
        # These widen: they are logged before they happen.
        "start": {"camera": "id", "purpose": "purpose", "permit": "hash"},
        "look": {"camera": "id", **_CASE, "until": "time"},
        "export": {"camera": "id", **_CASE, "content": "hash"},
        "unseal": {"camera": "id", **_CASE, "content": "hash"},
        "loosen": {"camera": "id", "setting": "setting", "content": "hash"},
        "hold": {"camera": "id", **_CASE, "until": "time"},
        # These narrow: they happen at once, and are logged with the time at which they did.
        "stop": {"camera": "id", "permit": "hash"},
        "revoke": {"camera": "id", "permit": "hash"},
        "expire": {"camera": "id", "permit": "hash"},
        "mosaic": {"camera": "id"},
        "tighten": {"camera": "id", "setting": "setting", "content": "hash"},
        "end-hold": {"camera": "id", "case": "hash"},
        # These are for the record.
        "site-root": {"content": "hash"},
        "enrol": {"content": "hash"},
        "rotate": {"content": "hash"},
        "assess": {"camera": "id", "content": "hash"},
        "permit": {"camera": "id", "purpose": "purpose", "permit": "hash"},
        "register": {"camera": "id", "content": "hash"},
        "case": {"case": "hash", "purpose": "purpose"},
        "request": {"case": "hash", "content": "hash"},
        "complaint": {"case": "hash", "content": "hash"},
        "review": {"case": "hash", "content": "hash"},
        "incident": {"case": "hash", "content": "hash"},
        "report": {"content": "hash"},
        "budget": {"content": "hash", "thousandths": "count"},
        "release": {"content": "hash"},
        # One for each station and hour: silence, and the births and deaths of keys; see `hours`.
        "hour": {"station": "id", "hour": "count", "cameras": "count", "list": "hash"},
    },
}  # fmt: skip


class Schema:
    """A schema, ready to check acts.

    Args:
        document: As it was logged.

    Raises:
        Refusal: It allows what no schema may: a field of a type that isn't known here.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        try:
            self.version = document["v"]
            self._lists = {name: frozenset(words) for name, words in document["lists"].items()}
            self._acts = {name: {**_COMMON, **fields} for name, fields in document["acts"].items()}
            words = [*self._lists, *self._acts, *(word for words in self._lists.values() for word in words)]
        except (KeyError, TypeError, AttributeError) as error:
            raise Refusal("this is not a schema") from error
        plain = all(isinstance(word, str) and re.fullmatch("[a-z-]{1,24}", word) for word in words)
        if type(self.version) is not int or not plain:
            raise Refusal("a schema's words are of small letters and dashes, its version a number")
        known = {*_PATTERNS, *_NUMBERS, *self._lists, "act"}
        odd = {f"{act}.{f}" for act, fields in self._acts.items() for f, kind in fields.items() if kind not in known}
        if odd:
            raise Refusal(f"the schema has fields of unknown types: {', '.join(sorted(odd))}")

    def check(self, act: Act) -> None:
        """Refuse what the schema does not allow.

        Raises:
            Refusal: An unknown act, a field too many or too few, or a value that is not of its type.
        """
        if act.get("act") == SCHEMA_ACT:
            self._check_fields(act, {**_COMMON, SCHEMA_ACT: "schema"})
            Schema(act[SCHEMA_ACT])
            return
        if (fields := self._acts.get(str(act.get("act")))) is None:
            raise Refusal("this kind of act is not in the schema: names, free text and pictures never are")
        self._check_fields(act, fields)

    def _check_fields(self, act: Act, fields: Mapping[str, str]) -> None:
        if missing := fields.keys() - act.keys():
            raise Refusal(f"the act lacks {', '.join(sorted(missing))}")
        if odd := act.keys() - fields.keys():
            raise Refusal(f"the act has {len(odd)} fields that its kind has not: no names, free text or pictures")
        for name, kind in fields.items():
            if not self._fits(act[name], kind):
                raise Refusal(f"the act's {name} is not a {kind}")

    def _fits(self, value: object, kind: str) -> bool:
        if kind in _NUMBERS:
            return type(value) is int and 0 <= value <= MOST
        if kind in ("act", "schema"):
            return isinstance(value, str if kind == "act" else dict)
        if not isinstance(value, str):
            return False
        return value in self._lists[kind] if kind in self._lists else bool(_PATTERNS[kind].fullmatch(value))


def parse_act(entry: bytes) -> Act:
    """An entry as an act.

    Raises:
        Refusal: It is not one object in canonical JSON (RFC 8785).
    """
    try:
        act = json.loads(entry)
        canonical = rfc8785.dumps(act)
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise Refusal("the entry is not JSON") from error
    if not isinstance(act, dict) or canonical != entry:
        raise Refusal("the entry is not one object in canonical JSON (RFC 8785)")
    return act


def format_act(act: Act) -> bytes:
    """An act as an entry."""
    try:
        return rfc8785.dumps(act)
    except rfc8785.CanonicalizationError as error:
        raise Refusal("the act can't be written as canonical JSON") from error
