"""What a new root changes, in words, and whether it *loosens*: allows, trusts or keeps more than the one before.

Whatever isn't known to narrow counts as loosening, so a kind of change that nobody thought of needs both signatures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from passerby.charter.keys import ORDER, SiteKey, State
from passerby.charter.root import DAY, Limits, SiteRoot

HOUR = 3600
# Limits of which *less* is the looser.
_MORE_IS_STRICTER = frozenset({"waiting_s"})
_LIMITS = {
    "retention_s": "the longest retention",
    "permit_s": "the longest permit",
    "heartbeat_s": "how old the witnesses' word may be",
    "waiting_s": "the waiting period before a camera starts",
    "seat_new_s": "how long new permits count while the reviewer's seat is empty",
    "seat_renewal_s": "how long renewals count while the reviewer's seat is empty",
    "review_s": "the time until a permit is reviewed",
    "review_grace_s": "how late a review may be",
}
_GONE = {
    State.RETIRED: "is retired",
    State.LOST: "is lost",
    State.COMPROMISED: "is compromised: nothing that it ever signed counts",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One change.

    Args:
        words: What changes, as a sentence without its stop.
        loosens: Whether it needs both institutions.
    """

    words: str
    loosens: bool


def differences(old: SiteRoot, new: SiteRoot) -> list[Difference]:
    """Every change from one root to another but serial, time and the hash of the one before."""
    return [
        *_plain(old, new),
        *_institutions(old.institutions, new.institutions),
        *_keys(old.keys, new.keys),
        *_limits(old.limits, new.limits),
        *_lists(old, new),
        *_revoked(old.revoked, new.revoked),
        *_seat(old.seat_empty_since, new.seat_empty_since),
    ]


def _plain(old: SiteRoot, new: SiteRoot) -> Iterator[Difference]:
    if old.site != new.site:
        yield Difference(f"the site's name changes from {old.site} to {new.site}", loosens=True)
    if old.demo != new.demo:
        yield Difference("a demo becomes a site, or a site a demo", loosens=True)
    if old.policy != new.policy:
        yield Difference(f"the witness policy changes: {_lines(old.policy, new.policy)}", loosens=True)
    if old.schema != new.schema:
        yield Difference(f"the schema of the ledger's acts changes to {new.schema}", loosens=True)
    if old.oldest != new.oldest:
        words = f"permits under roots before number {new.oldest} are over (until now: before number {old.oldest})"
        yield Difference(words, loosens=new.oldest < old.oldest)


def _lines(old: str, new: str) -> str:
    before, after = old.splitlines(), new.splitlines()
    gone = [f"no longer '{line}'" for line in before if line not in after]
    come = [f"now '{line}'" for line in after if line not in before]
    return "; ".join([*gone, *come]) or "the order of its lines"


def _institutions(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before is None:
            yield Difference(f"{after} ({name}) is enrolled as an institution", loosens=True)
        elif after is None:
            yield Difference(f"{before} ({name}) is an institution no longer", loosens=True)
        elif before != after:
            yield Difference(f"the institution {name} is called {after} instead of {before}", loosens=True)


def _keys(old: Mapping[str, SiteKey], new: Mapping[str, SiteKey]) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if after is None:
            yield Difference(f"the key {name[:16]} is missing, and no key's history may be", loosens=True)
        elif before is None:
            yield Difference(f"{_whose(after)} is enrolled ({name[:16]}), until {after.ends}", loosens=True)
        elif before != after:
            yield Difference(f"{_whose(after)} {_became(before, after)}", loosens=not _less(before, after))


def _whose(key: SiteKey) -> str:
    return f"the {key.role.value}'s key {key.key.name} of {key.institution}"


def _became(before: SiteKey, after: SiteKey) -> str:
    if before.state is not after.state and after.state in _GONE:
        return f"{_GONE[after.state]} since {after.since}"
    return f"changes from {before.fields()} to {after.fields()}"


def _less(before: SiteKey, after: SiteKey) -> bool:
    """The same key, trusted no more than before."""
    same = (before.key, before.institution, before.role, before.begins) == (
        after.key, after.institution, after.role, after.begins,
    )  # fmt: skip
    further = ORDER.index(after.state) >= ORDER.index(before.state)
    earlier = before.since == 0 or 0 < after.since <= before.since
    return same and further and earlier and after.ends <= before.ends


def _limits(old: Limits, new: Limits) -> Iterator[Difference]:
    for name in (f.name for f in fields(Limits) if f.name != "emergency"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            looser = after < before if name in _MORE_IS_STRICTER else after > before
            words = f"{_LIMITS[name]} changes from {duration(before)} to {duration(after)}"
            yield Difference(words, loosens=looser)
    if old.emergency != new.emergency:
        words = "the operator alone may start a camera in an emergency" if new.emergency else "no emergency is allowed"
        yield Difference(words, loosens=new.emergency)


def _lists(old: SiteRoot, new: SiteRoot) -> Iterator[Difference]:
    for name, what in (("analyses", "the analysis"), ("purposes", "the purpose"), ("builds", "the build")):
        before, after = set(getattr(old, name)), set(getattr(new, name))
        for word in sorted(after - before):
            yield Difference(f"{what} {word} is allowed", loosens=True)
        for word in sorted(before - after):
            yield Difference(f"{what} {word} is allowed no longer", loosens=False)
    for word in sorted(set(new.demands) - set(old.demands)):
        yield Difference(f"each permit must name its {word}", loosens=False)
    for word in sorted(set(old.demands) - set(new.demands)):
        yield Difference(f"no permit must name its {word} any longer", loosens=True)


def _revoked(old: Mapping[str, int], new: Mapping[str, int]) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before is None:
            yield Difference(f"the permit {name} is revoked", loosens=False)
        elif before != after:
            yield Difference(f"the revocation of the permit {name} is taken back or changed", loosens=True)


def _seat(old: int, new: int) -> Iterator[Difference]:
    if old == new:
        return
    if new == 0:
        yield Difference("the reviewer's seat is held again", loosens=True)
    else:
        yield Difference(f"the reviewer's seat is empty since {new}", loosens=0 < old < new)


def duration(seconds: int) -> str:
    """A length of time as people say it."""
    for size, name in ((DAY, "day"), (HOUR, "hour"), (60, "minute")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {name}{'' if seconds == size else 's'}"
    return f"{seconds} seconds"
