"""From a plan that people wrote to a root or a permit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from passerby.base.errors import UsageError
from passerby.charter.document import Unsound
from passerby.charter.keys import SiteKey, key_id, parse_key
from passerby.charter.permit import camera_source
from passerby.charter.root import ANALYSES, DAY, Limits, SiteRoot, parse_root
from passerby.charter.site_permit import SitePermit, sensible
from passerby.ledger.verify import Unreadable, parse_vkey

YEARS = 2 * 365 * DAY
Found = TypeVar("Found")
EXAMPLE = """\
# The plan of a site root. Times are durations ("3 days") or seconds since 1970.
site = "example.org"                 # "demo.…" for one that is only shown
analyses = ["crowd", "live", "record", "traffic"]
purposes = ["crowd-safety", "flow-statistics"]
schema = "SHA-256 of the ledger's schema"
demands = []                         # of "assessment", "notice", "plan", "supplier": papers each permit must name
builds = []                          # what `passerby --version` prints after sha256:
policy = '''
log VKEY-OF-THE-LOG
witness paper VKEY-OF-A-WITNESS https://witness.example
quorum paper
'''

[institutions]
city = "City of Example"
privacy = "Privacy Office of Example"
paper = "The Example Paper"

[limits]
retention_s = "3 days"
permit_s = "365 days"
heartbeat_s = "1 day"
waiting_s = "5 days"
seat_new_s = "30 days"
seat_renewal_s = "90 days"
review_s = "180 days"
review_grace_s = "30 days"
emergency = false

# Two for the operator and two for the reviewer, one of each kept in a safe; roles: operator, reviewer, officer,
# keeper, witness, log. In a change, a key that ends gets: state = "retired" | "lost" | "compromised", since = TIME
[[keys]]
vkey = "VKEY"
institution = "city"
role = "operator"
"""
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": DAY}
_ROOT = {"site", "analyses", "purposes", "demands", "schema", "builds", "policy", "institutions", "limits", "keys"}
_CHANGE = _ROOT | {"revoked", "oldest", "seat_empty_since"}


def seconds(value: object) -> int:
    """A number of seconds, from itself or from words such as `3 days`.

    Raises:
        UsageError: It is neither.
    """
    if type(value) is int:
        return value
    words = value.split() if isinstance(value, str) else []
    unit = _UNITS.get(words[1].removesuffix("s")) if len(words) == 2 else None
    if unit is None or not words[0].isdecimal():
        raise UsageError(f"{value!r} is no length of time", "write seconds, or words such as '3 days'")
    return int(words[0]) * unit


def root_of(plan: Mapping[str, Any], old: SiteRoot | None, now: int) -> SiteRoot:
    """The first root of a plan, or the one that follows another; what the plan leaves out stays as it was.

    Raises:
        UsageError: The plan lacks something, or has what no plan has.
        Unsound: Its parts contradict each other.
    """
    known = _CHANGE if old else _ROOT
    if odd := plan.keys() - known:
        raise UsageError(f"the plan has {', '.join(sorted(odd))}", f"it may have {', '.join(sorted(known))}")
    if old is None and (missing := _ROOT - plan.keys()):
        raise UsageError(f"the plan lacks {', '.join(sorted(missing))}", "see `passerby root init --example`")
    return _sound(lambda: parse_root(_root(plan, old, now).text()))


def _root(plan: Mapping[str, Any], old: SiteRoot | None, now: int) -> SiteRoot:
    lists = ("analyses", "purposes", "demands", "builds")
    found: dict[str, Any] = {name: tuple(sorted(plan[name])) for name in lists if name in plan}
    found |= {name: plan[name] for name in ("schema", "revoked", "oldest", "seat_empty_since") if name in plan}
    if "policy" in plan:
        found["policy"] = plan["policy"].strip() + "\n"
    if "limits" in plan:
        given: dict[str, Any] = {n: v if n == "emergency" else seconds(v) for n, v in plan["limits"].items()}
        found["limits"] = replace(old.limits, **given) if old else Limits(**given)
    keys = dict(old.keys) if old else {}
    for entry in plan.get("keys", []):
        key = _key(entry, keys, now)
        keys[key.id] = key
    institutions = {**(old.institutions if old else {}), **plan.get("institutions", {})}
    if old:
        after: dict[str, Any] = {"serial": old.serial + 1, "previous": old.hash, "at": now}
        return replace(old, **found, **after, keys=keys, institutions=institutions)
    site = plan["site"]
    first: dict[str, Any] = {
        "site": site,
        "demo": str(site).startswith("demo."),
        "serial": 0,
        "previous": "",
        "at": now,
    }
    return SiteRoot(**first, **found, keys=keys, institutions=institutions)


def _key(entry: Mapping[str, Any], known: Mapping[str, SiteKey], now: int) -> SiteKey:
    name = key_id(parse_vkey(entry["vkey"]))
    before = (
        known[name].fields() if name in known else {"from": now, "until": now + YEARS, "state": "active", "since": 0}
    )
    return parse_key(name, {**before, **entry})


_PERMIT = {
    "camera", "address", "analyses", "purpose", "retention", "period", "longest_stay", "scene", "models", "build",
    "from", "until", "review_by", "renews", "emergency", "papers", "seal", "unseal",
}  # fmt: skip
_OPTIONAL: dict[str, Any] = {
    "retention": 0, "period": 5, "longest_stay": "6 hours", "scene": "", "models": {}, "build": "", "renews": "",
    "emergency": False, "papers": {}, "seal": 0, "unseal": 0,
}  # fmt: skip


def permit_of(plan: Mapping[str, Any], root: SiteRoot, now: int) -> SitePermit:
    """The permit of a plan, under this root.

    Raises:
        UsageError: The plan lacks something, or has what no plan has.
        Unsound: Its parts contradict each other.
    """
    whole = _OPTIONAL | dict(plan)
    if odd := whole.keys() - _PERMIT:
        raise UsageError(f"the plan has {', '.join(sorted(odd))}", f"it may have {', '.join(sorted(_PERMIT))}")
    if missing := _PERMIT - whole.keys():
        raise UsageError(f"the plan lacks {', '.join(sorted(missing))}", f"the analyses are {', '.join(ANALYSES)}")

    def make() -> SitePermit:
        begins = _moment(whole["from"], now)
        permit = SitePermit(
            site=root.site, root=root.hash, camera=whole["camera"],
            source=camera_source(whole["camera"], whole["address"]).hex(), analyses=tuple(sorted(whole["analyses"])),
            purpose=whole["purpose"], retention_s=seconds(whole["retention"]), period_s=seconds(whole["period"]),
            longest_stay_s=seconds(whole["longest_stay"]), scene=whole["scene"], models=whole["models"],
            build=whole["build"], issued=now, begins=begins, ends=_moment(whole["until"], begins),
            review_by=_moment(whole["review_by"], begins), renews=whole["renews"], emergency=whole["emergency"],
            papers=whole["papers"], seal_s=seconds(whole["seal"]), unseal_s=seconds(whole["unseal"]),
        )  # fmt: skip
        sensible(permit)
        return permit

    return _sound(make)


def _moment(value: object, begins: int) -> int:
    """A time, or a length of time from another on."""
    return seconds(value) if type(value) is int else begins + seconds(value)


def _sound(make: Callable[[], Found]) -> Found:
    try:
        return make()
    except (TypeError, AttributeError, KeyError, Unreadable) as error:
        raise UsageError(f"the plan has a value of the wrong kind ({error})", "compare it with the example") from error
    except Unsound as error:
        raise UsageError(
            f"the plan makes no sound document: {error.detail or error.message}", "mend the plan"
        ) from error
