"""Permits: the right to run one analysis on one source. Default deny.

These are the smallest permits there are, the *local* ones, with which people redact or count files of their own on a
machine of their own, known by their SHA-256. Each allows one file and nothing else. No camera runs under one: cameras
need permits of two institutions (`site_permit`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import rfc8785

VERSION = 1
LOCAL_FILE = "local-file"
ANALYSES = frozenset({"redact", "count", "explain", "calibrate"})
LOCAL_LIFETIME_S = 24 * 3600
_FIELDS = {"version", "kind", "source", "analyses", "models", "build", "not_before_s", "not_after_s"}


class Verdict(Enum):
    """Every answer there is. Only `GRANTED` opens anything."""

    GRANTED = "granted"
    MALFORMED = "the permit is not a permit"
    NOT_CANONICAL = "the permit is not in canonical form"
    UNKNOWN_KIND = "the permit is of a kind this build does not know"
    OTHER_SOURCE = "the permit is for another source"
    OTHER_ANALYSIS = "the permit does not allow this analysis"
    OTHER_MODELS = "the permit names other models"
    OTHER_BUILD = "the permit names another build"
    NOT_YET = "the permit is not valid yet"
    EXPIRED = "the permit has expired"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a darkroom is about to do, in its own words.

    Args:
        source: SHA-256 of the source (32 bytes).
        analyses: What will be done, out of `ANALYSES`.
        models: Name to SHA-256 (hex) of every model that is loaded.
        build: Hash of the running build (32 bytes).
        now_s: Seconds since 1970.
    """

    source: bytes
    analyses: frozenset[str]
    models: Mapping[str, str]
    build: bytes
    now_s: float


def camera_source(camera: str, place: str) -> bytes:
    """What a camera's permit is bound to: SHA-256 of its name and its address without credentials."""
    return hashlib.sha256(rfc8785.dumps({"camera": camera, "place": place})).digest()


def local_permit(claims: Claims) -> bytes:
    """A permit for exactly these claims, from now on for a day, as canonical JSON (RFC 8785)."""
    return rfc8785.dumps(
        {
            "version": VERSION,
            "kind": LOCAL_FILE,
            "source": claims.source.hex(),
            "analyses": sorted(claims.analyses),
            "models": dict(claims.models),
            "build": claims.build.hex(),
            "not_before_s": int(claims.now_s) - 1,
            "not_after_s": int(claims.now_s) + LOCAL_LIFETIME_S,
        }
    )


def judge(permit: bytes, claims: Claims) -> Verdict:
    """Does the permit cover the claims? A total function: every input has an answer, and no answer but one opens.

    Args:
        permit: The permit as it came.
        claims: What is asked for.
    """
    fields = _parse(permit)
    if isinstance(fields, Verdict):
        return fields
    if fields["kind"] != LOCAL_FILE:
        return Verdict.UNKNOWN_KIND
    if fields["source"] != claims.source.hex():
        return Verdict.OTHER_SOURCE
    if not claims.analyses or not claims.analyses <= set(fields["analyses"]) & ANALYSES:
        return Verdict.OTHER_ANALYSIS
    if fields["models"] != dict(claims.models):
        return Verdict.OTHER_MODELS
    if fields["build"] != claims.build.hex():
        return Verdict.OTHER_BUILD
    if claims.now_s < fields["not_before_s"]:
        return Verdict.NOT_YET
    if not claims.now_s < fields["not_after_s"]:
        return Verdict.EXPIRED
    return Verdict.GRANTED


def _parse(permit: bytes) -> dict[str, Any] | Verdict:
    try:
        fields = json.loads(permit)
    except (ValueError, RecursionError):
        return Verdict.MALFORMED
    if not isinstance(fields, dict) or set(fields) != _FIELDS or not _well_typed(fields):
        return Verdict.MALFORMED
    try:
        canonical = rfc8785.dumps(fields)
    except (rfc8785.CanonicalizationError, UnicodeError):
        return Verdict.MALFORMED
    return fields if canonical == permit else Verdict.NOT_CANONICAL


def _well_typed(fields: Mapping[str, Any]) -> bool:
    times = (fields["not_before_s"], fields["not_after_s"])
    return (
        fields["version"] == VERSION
        and not isinstance(fields["version"], bool)
        and all(isinstance(fields[k], str) for k in ("kind", "source", "build"))
        and all(isinstance(t, int) and not isinstance(t, bool) for t in times)
        and isinstance(fields["analyses"], list)
        and all(isinstance(a, str) for a in fields["analyses"])
        and isinstance(fields["models"], dict)
        and all(isinstance(v, str) for v in fields["models"].values())
    )
