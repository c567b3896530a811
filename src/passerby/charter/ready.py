"""Is a camera ready for its next step, or for a permit? What is on file against what the site root demands.

Pure and total: the answer is a list of obstacles, each one sentence, empty only if nothing demanded is missing. What a
root does not demand is attached where it is there, and hinders nothing where it isn't. Without a root all is demanded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Generic, TypeVar

from passerby.charter.papers.assessment.paper import Assessment
from passerby.charter.papers.placed import Placed
from passerby.charter.papers.plan import Cover, Plan, cover
from passerby.charter.papers.supplier import Supplier
from passerby.charter.register.entry import Entry, Organisation, missing
from passerby.charter.register.phase import Phase, Step
from passerby.charter.root import DAY, DEMANDS
from passerby.charter.site_permit import KEEPING

Paper = TypeVar("Paper")
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Filed(Generic[Paper]):
    """A paper on file, with what was decided on it.

    Args:
        paper: The paper.
        hash: SHA-256 of its file.
        accepted: Whether both institutions accepted it.
        until_s: Until when (seconds since 1970).
    """

    paper: Paper
    hash: str
    accepted: bool = False
    until_s: int = 0


@dataclass(frozen=True, slots=True)
class Files:
    """What is on file about a camera.

    Args:
        assessments: By analysis, the newest each.
        placed: The newest record of a placed sign.
        plans: The owner's.
        suppliers: All, the newest version of each.
        others: How many other cameras of the owner in the area are noticed, active or suspended.
    """

    assessments: Mapping[str, Filed[Assessment]] = field(default_factory=dict)
    placed: Filed[Placed] | None = None
    plans: Sequence[Filed[Plan]] = ()
    suppliers: Sequence[Filed[Supplier]] = ()
    others: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a permit would allow. Times are seconds since 1970.

    Args:
        analyses: What would run.
        purpose: What for.
        retention_s: How long anything would be kept.
        begins: From when on.
        ends: Until when.
        models: Name to SHA-256 of each model.
    """

    analyses: tuple[str, ...]
    purpose: str
    retention_s: int
    begins: int
    ends: int
    models: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether there is anything in the way.

    Args:
        obstacles: What, one sentence each.
        papers: Name to SHA-256 of the papers that a permit names.
    """

    obstacles: tuple[str, ...]
    papers: Mapping[str, str]


def for_permit(
    entry: Entry, owner: Organisation, phase: Phase, files: Files, terms: Terms, demands: frozenset[str], now: int
) -> Readiness:
    """May a permit with these terms be drafted?

    Args:
        entry: The camera.
        owner: Its owner.
        phase: How far it has come.
        files: What is on file.
        terms: What the permit would allow.
        demands: What the site root demands, of `DEMANDS`.
        now: Seconds since 1970.
    """
    obstacles = [*_published(entry, owner), *_as_registered(entry, phase, terms, demands)]
    papers: dict[str, str] = {}
    for name, check in _CHECKS.items():
        found, against = check(entry, files, terms, now)
        obstacles += against if name in demands else []
        papers |= found
    return Readiness(tuple(obstacles), dict(sorted(papers.items())))


def for_step(
    step: Step, entry: Entry, owner: Organisation, files: Files, demands: frozenset[str], now: int
) -> tuple[str, ...]:
    """What is in the way of a step; steps that only narrow have nothing in the way, ever.

    Args:
        step: Which.
        entry: The camera.
        owner: Its owner.
        files: What is on file.
        demands: What the site root demands.
        now: Seconds since 1970.
    """
    terms = Terms(entry.analyses, "", entry.retention_s, now, now + 1)
    needed = {Step.ASSESS: {"assessment"}, Step.NOTICE: {"assessment", "notice"}}
    opens = {Step.ACTIVATE, Step.RESUME}
    names = needed.get(step, set(DEMANDS) - {"supplier"} if step in opens else set())
    found = [] if not names or step is Step.ASSESS else list(_published(entry, owner))
    for name in sorted(names & demands):
        found += _CHECKS[name](entry, files, terms, now)[1]
    return tuple(found)


Found = tuple[dict[str, str], list[str]]


def _published(entry: Entry, owner: Organisation) -> Iterator[str]:
    if gaps := missing(entry, owner):
        yield f"{entry.id} is not publishable: it lacks {', '.join(gaps)}"


def _as_registered(entry: Entry, phase: Phase, terms: Terms, demands: frozenset[str]) -> Iterator[str]:
    if more := set(terms.analyses) - set(entry.analyses):
        yield f"the register does not have {', '.join(sorted(more))} for {entry.id}"
    if terms.purpose not in entry.purposes:
        yield f"the register does not have the purpose {terms.purpose} for {entry.id}"
    if terms.retention_s > entry.retention_s:
        yield f"the register keeps {entry.retention_s // 3600} hours, the permit would keep {terms.retention_s // 3600}"
    enough = {Phase.NOTICED, Phase.ACTIVE, Phase.SUSPENDED}
    enough |= set() if "notice" in demands else {Phase.ASSESSED}
    enough |= set() if "assessment" in demands else {Phase.PROPOSED}
    if phase not in enough:
        yield f"{entry.id} is {phase.value}: lead it on first (camera step)"
    if entry.ends is not None and terms.ends > _after(entry.ends):
        yield f"its entry ends on {entry.ends}, before the permit would"


def _after(day: date) -> int:
    """The end of a day, where on earth it ends last (UTC-12)."""
    return (day.toordinal() - EPOCH + 1) * DAY + 12 * 3600


def _assessed(entry: Entry, files: Files, terms: Terms, now: int) -> Found:  # noqa: ARG001
    papers, against = {}, []
    for analysis in terms.analyses:
        filed = files.assessments.get(analysis)
        if filed is None:
            against.append(f"there is no assessment of {analysis} on {entry.id}")
            continue
        why = _stands(filed, terms.ends) or _assesses(filed.paper, entry, terms)
        if why:
            against.append(f"the assessment of {analysis} on {entry.id} {why}")
        else:
            papers[f"assessment-{analysis}"] = filed.hash
    return papers, against


def _assesses(paper: Assessment, entry: Entry, terms: Terms) -> str:
    if paper.capture != entry.capture:
        return "is of something else than what is captured now: write a new version"
    if paper.analysis in KEEPING and terms.retention_s > paper.retention_h * 3600:
        return f"argues for {paper.retention_h} hours only"
    if terms.ends > _after(paper.review_by):
        return f"is to be looked at again by {paper.review_by}, before the permit would end"
    return ""


def _stands(filed: Filed[Paper], ends: int) -> str:
    if not filed.accepted:
        return "is not accepted by both institutions"
    if filed.until_s < ends:
        return f"is accepted until {_day(filed.until_s)} only"
    return ""


def _noticed(entry: Entry, files: Files, terms: Terms, now: int) -> Found:  # noqa: ARG001
    if files.placed is None:
        return {}, [f"no sign of {entry.id} is known to be in its place"]
    if files.placed.paper.capture != entry.capture:
        return {}, [f"the sign of {entry.id} says something else than what is captured now: put up a new one"]
    return {"notice": files.placed.hash}, []


def _planned(entry: Entry, files: Files, terms: Terms, now: int) -> Found:  # noqa: ARG001
    against = [f"there is no rollout plan of {entry.owner}"] if not files.plans else []
    for filed in files.plans:
        if why := _stands(filed, terms.ends):
            against.append(f"the plan {filed.paper.id} {why}")
            continue
        covered = cover(filed.paper, entry, terms.begins, terms.ends, files.others)
        if covered is Cover.COVERED:
            return {"plan": filed.hash}, []
        against.append(f"the plan {filed.paper.id} does not cover {entry.id}: {covered.value}")
    return {}, against


def _supplied(entry: Entry, files: Files, terms: Terms, now: int) -> Found:  # noqa: ARG001
    papers, against = {}, []
    for name, model in sorted(terms.models.items()):
        having = [filed for filed in files.suppliers if model in filed.paper.model_hashes]
        good = [filed for filed in having if not _expired(filed, now)]
        if good:
            papers[f"supplier-{good[0].paper.id}"] = good[0].hash
        elif having:
            against.append(f"the supplier's record {having[0].paper.id} of {name} {_expired(having[0], now)}")
        else:
            against.append(f"no supplier's record has the model {name} ({model[:16]}…)")
    return papers, against


def _expired(filed: Filed[Supplier], now: int) -> str:
    if why := _stands(filed, now):
        return why
    ended = now >= _after(filed.paper.valid_until)
    return f"has expired ({filed.paper.valid_until})" if ended else ""


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(min(seconds, 253_000_000_000), UTC).date().isoformat()


_CHECKS: Mapping[str, Callable[[Entry, Files, Terms, int], Found]] = {
    "assessment": _assessed,
    "notice": _noticed,
    "plan": _planned,
    "supplier": _supplied,
}
assert _CHECKS.keys() == set(DEMANDS)
