"""What an entry may say. The schema is a document that is itself logged, so that a change of it is an act.

No field takes a name, free text or a picture: each is a number, a hash, a pseudonym, an id of letters and hexadecimal
digits, or a word of a list in the document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import rfc8785

from passerby.ledger.errors import Refusal

Act = dict[str, Any]
Fits = Callable[[object], bool]
MOST = (1 << 53) - 1  # what canonical JSON can hold exactly
_PATTERNS: Final = {
    "pseudonym": re.compile("p-[0-9a-f]{32}"),
    "id": re.compile("[a-z]{1,8}-[0-9a-f]{1,32}"),
    "hash": re.compile("[0-9a-f]{64}"),
}
_NUMBERS: Final = ("count", "time")
_COMMON: Final = {"act": "act", "v": "count", "actor": "pseudonym", "seq": "count", "time": "time", "logged": "time"}
SCHEMA_ACT: Final = "schema"
HOUR_ACT: Final = "hour"
# What following a log's acts relies on, in every schema.
_HOUR: Final = {"station": "id", "hour": "count", "cameras": "count", "list": "hash"}
_CASE = {"purpose": "purpose", "case": "hash"}
FIRST: Final[Act] = {
    "v": 1,
    "lists": {
        "purpose": [
            "access-request", "audit", "complaint", "crowd-safety", "flow-statistics", "incident-review", "legal-order",
            "maintenance",
        ],
        "basis": [
            "consent", "court-order", "own-data", "public-interest", "statute", "vital-interest", "warrant",
        ],
        "cost": ["equipment", "legal", "maintenance", "other", "software", "staff", "training"],
        "currency": ["aud", "cad", "chf", "eur", "gbp", "hkd", "nzd", "sgd", "usd"],
        "duty": ["access-request", "complaint", "incident-notice", "justification", "look-review"],
        "finding": [
            "audio", "can-record", "default-password", "open-stream", "sessions", "unconfigured", "unreachable",
            "unregistered", "unseen",
        ],
        "outcome": [
            "answered", "dismissed", "in-order", "justified", "not-identified", "not-needed", "notified",
            "part-answered", "part-upheld", "passed-on", "refused", "upheld", "violation", "withdrawn",
        ],
        "phase": ["active", "assessed", "noticed", "proposed", "removed", "suspended"],
        "reason": [
            "assault", "calibration", "complaint", "counts-only", "court-order", "crime-prevention", "damage",
            "data-subject", "emergency", "evacuation", "excessive", "expired", "fall", "fee-unpaid", "fire", "injury",
            "lost-child", "no-identity", "no-place-or-time", "not-held", "obstruction", "only-redacted",
            "other-people", "overcrowding", "picture-fault", "proceedings", "repeated", "spot-check", "statute",
            "unfounded", "warrant",
        ],
        "recipient": [
            "court", "data-subject", "insurer", "other-authority", "police", "prosecutor", "public", "regulator",
        ],
        "role": ["auditor", "desk", "exporter", "reviewer", "viewer"],
        "setting": ["build", "forbidden-zone", "model", "period", "purpose", "quorum", "retention", "role", "scene"],
    },
    "acts": {
        # These widen: they are logged before they happen.
        "start": {"camera": "id", "purpose": "purpose", "permit": "hash"},
        "look": {"camera": "id", **_CASE, "content": "hash", "until": "time"},
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
        "phase": {"camera": "id", "owner": "id", "area": "id", "phase": "phase", "content": "hash"},
        "plan": {"content": "hash"},
        "supplier": {"content": "hash"},
        "notice": {"camera": "id", "content": "hash"},
        "comment": {"content": "hash"},
        "case": {"case": "hash", "purpose": "purpose"},
        "request": {"case": "hash", "content": "hash"},
        "complaint": {"case": "hash", "content": "hash"},
        "review": {"case": "hash", "content": "hash"},
        "incident": {"case": "hash", "content": "hash"},
        "report": {"content": "hash"},
        "budget": {"content": "hash", "thousandths": "count"},
        "release": {"content": "hash"},
        # Promises with a date, about a case or about the leaf hash of an act.
        "due": {"subject": "hash", "duty": "duty", "until": "time"},
        "done": {"subject": "hash", "duty": "duty", "outcome": "outcome"},
        "because": {"subject": "hash", "reason": "reason"},
        "share": {"camera": "id", **_CASE, "content": "hash", "recipient": "recipient", "basis": "basis"},
        "train": {"person": "pseudonym", "content": "hash", "until": "time"},
        "authorise": {"person": "pseudonym", "role": "role", "until": "time"},
        "unauthorise": {"person": "pseudonym", "role": "role"},
        "spend": {"cost": "cost", "currency": "currency", "year": "count", "amount": "count"},
        # These stand for a list beside the log (`lists`).
        "draw": {
            "first": "count", "last": "count", "size": "count", "root": "hash", "thousandths": "count",
            "until": "time", "list": "hash",
        },
        "reconcile": {"cameras": "count", "findings": "count", "list": "hash"},
        # One for each station and hour: silence, and the births and deaths of keys; see `hours`.
        HOUR_ACT: _HOUR,
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
            self._lists = {name: frozenset(list[str](words)) for name, words in document["lists"].items()}
            self._acts = {name: {**fields, **_COMMON} for name, fields in document["acts"].items()}
            kinds = {(name, f): kind for name, fields in document["acts"].items() for f, kind in fields.items()}
            words = [*self._lists, *self._acts, *(word for words in self._lists.values() for word in words)]
            whole = all(isinstance(listed, list) for listed in document["lists"].values())
        except (KeyError, TypeError, AttributeError) as error:
            raise Refusal("this is not a schema") from error
        plain = whole and all(isinstance(word, str) and re.fullmatch("[a-z-]{1,24}", word) for word in words)
        if type(self.version) is not int or not plain:
            raise Refusal("a schema's words are of small letters and dashes, its version a number")
        known = [*_PATTERNS, *_NUMBERS, *self._lists]
        if odd := {f"{act}.{name}" for (act, name), kind in kinds.items() if kind not in known}:
            raise Refusal(f"the schema has fields of unknown types: {', '.join(sorted(odd))}")
        if odd := {f"{act}.{name}" for act, name in kinds if name in _COMMON}:
            raise Refusal(f"the schema redefines what every act has: {', '.join(sorted(odd))}")
        if self._acts.get(HOUR_ACT, _HOUR | _COMMON) != _HOUR | _COMMON:
            raise Refusal("the schema changes what an hour is: no schema may")
        self._ready = {act: self._compiled(fields) for act, fields in self._acts.items()}

    def check(self, act: Act) -> None:
        """Refuse what the schema does not allow.

        Raises:
            Refusal: An unknown act, a field too many or too few, or a value that is not of its type.
        """
        if act.get("act") == SCHEMA_ACT:
            _check_fields(act, self._compiled({**_COMMON, SCHEMA_ACT: "schema"}))
            Schema(act[SCHEMA_ACT])
            return
        if (fields := self._ready.get(str(act.get("act")))) is None:
            raise Refusal("this kind of act is not in the schema: names, free text and pictures never are")
        _check_fields(act, fields)

    def _compiled(self, fields: Mapping[str, str]) -> dict[str, tuple[str, Fits]]:
        return {name: (kind, self._fits(kind)) for name, kind in fields.items()}

    def _fits(self, kind: str) -> Fits:
        """What says whether a value is of a kind: made once, asked for every field of every act."""
        if kind in _NUMBERS:
            return is_count
        if kind in ("act", "schema"):
            wanted = str if kind == "act" else dict
            return lambda value: isinstance(value, wanted)
        if (words := self._lists.get(kind)) is not None:
            return lambda value: isinstance(value, str) and value in words
        match = _PATTERNS[kind].fullmatch
        return lambda value: isinstance(value, str) and match(value) is not None


def _check_fields(act: Act, fields: Mapping[str, tuple[str, Fits]]) -> None:
    if act.keys() != fields.keys():
        if missing := fields.keys() - act.keys():
            raise Refusal(f"the act lacks {', '.join(sorted(missing))}")
        odd = len(act.keys() - fields.keys())
        raise Refusal(f"the act has {odd} fields that its kind has not: no names, free text or pictures")
    for name, (kind, fits) in fields.items():
        if not fits(act[name]):
            raise Refusal(f"the act's {name} is not a {kind}")


def is_count(value: object) -> bool:
    """Whether it is a whole number that canonical JSON holds exactly."""
    return type(value) is int and 0 <= value <= MOST


def is_id(value: object) -> bool:
    """Whether it is an id: a word for the kind, and hexadecimal digits."""
    return isinstance(value, str) and bool(_PATTERNS["id"].fullmatch(value))


def is_pseudonym(value: object) -> bool:
    """Whether it is a pseudonym of an actor."""
    return isinstance(value, str) and bool(_PATTERNS["pseudonym"].fullmatch(value))


def parse_act(entry: bytes) -> Act:
    """An entry as an act.

    Raises:
        Refusal: It is not one object in canonical JSON (RFC 8785).
    """
    try:
        act = _decode(entry.decode())
        if _FLAT.fullmatch(entry) and (names := list(act)) == sorted(names) and entry.count(b'":') == len(names):
            return act
        canonical = _canonical(act)
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise Refusal("the entry is not JSON") from error
    if not isinstance(act, dict) or canonical != entry:
        raise Refusal("the entry is not one object in canonical JSON (RFC 8785)")
    return act


def format_act(act: Act) -> bytes:
    """An act as an entry."""
    try:
        return _canonical(act)
    except rfc8785.CanonicalizationError as error:
        raise Refusal("the act can't be written as canonical JSON") from error


_decode: Callable[[str], Any] = json.JSONDecoder().decode
# One flat object of plain words and small numbers, as nearly every act is. Such bytes are canonical where their names
# are in order and none comes twice; that is seen without writing them again. No word here holds a quote or a colon.
_FLAT = re.compile(
    rb'\{"[a-z-]+":(?:"[0-9a-z./-]*"|0|[1-9][0-9]{0,14})(?:,"[a-z-]+":(?:"[0-9a-z./-]*"|0|[1-9][0-9]{0,14}))*\}'
)
_plain = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _canonical(value: object) -> bytes:
    """The value in RFC 8785's form.

    For one flat object of ASCII words and exact whole numbers, as nearly every act is, the standard library's encoder
    writes the same bytes in a tenth of the time.
    """
    if isinstance(value, dict) and all(
        type(name) is str and name.isascii() and (is_count(v) or (type(v) is str and v.isascii()))
        for name, v in value.items()
    ):
        return _plain(value).encode("ascii")
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # it refuses what it can't write
