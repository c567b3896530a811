"""What the gate says about each analysis that a camera asks for, from its papers as they came.

A camera's *papers* are its permit, the site's roots and all that proves them. `rule` is what a darkroom asks before the
first packet and again and again; what it answers has a form of fixed size (`Reason` by number), so that it can leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from passerby.charter.changes import Unlawful
from passerby.charter.document import Unsound
from passerby.charter.facts import Asked, Evidence, Time, standing
from passerby.charter.gate import Caution, Denied, Lawful, decide
from passerby.charter.proofs import Logged, RolledBack, Site, open_site
from passerby.charter.site_permit import SitePermit, parse_site_permit
from passerby.charter.standing import Reason, Root

REASONS = tuple(Reason)
CAUTIONS = tuple(Caution)
NOTHING = Evidence()


@dataclass(frozen=True, slots=True)
class Papers:
    """A camera's papers, as they came.

    Args:
        permit: The permit's note; empty where there is none.
        roots: The notes of the site's roots, from the first on.
        rooted: For each root the proof that it is in the ledger.
        evidence: What came with the permit.
    """

    permit: bytes = b""
    roots: tuple[bytes, ...] = ()
    rooted: tuple[Logged | None, ...] = ()
    evidence: Evidence = NOTHING

    def site(self, first: str, least: int = 0) -> Site | Root:
        """The site, or what is wrong with its roots.

        Args:
            first: The first root's hash, known beforehand.
            least: The highest serial that was seen before.
        """
        try:
            return open_site(self.roots, first, self.rooted, least)
        except RolledBack:
            return Root.ROLLED_BACK
        except (Unlawful, Unsound):
            return Root.BROKEN


@dataclass(frozen=True, slots=True)
class Ruling:
    """What may run and what may not.

    Args:
        lawful: What may.
        denied: What may not, and why.
        cautions: What somebody should know.
    """

    lawful: frozenset[str]
    denied: Mapping[str, Denied]
    cautions: tuple[Caution, ...] = ()

    @property
    def sentence(self) -> str:
        """Which rule denied what, and what would satisfy it; empty where all is lawful."""
        return sentence(self.denied, self.lawful)


def rule(asked: Asked, papers: Papers, site: Site | Root, time: Time) -> Ruling:
    """Judge each analysis that is asked for by itself. Pure and offline; every input has an answer, by default no.

    Args:
        asked: What is about to run.
        papers: As they came.
        site: Of these papers, `Papers.site`: opened once, judged often.
        time: This machine's clocks.
    """
    permit = permit_in(papers)
    covered = asked.analyses & set(permit.analyses) if permit is not None else frozenset()
    looked_at = replace(asked, analyses=covered or asked.analyses)
    held, detail = standing(looked_at, papers.permit, site, papers.evidence, time)
    answers: dict[str, Lawful | Denied] = {}
    for name in asked.analyses:
        answer = decide(held, name)
        if covered and name not in covered:
            answer = Denied(Reason.OTHER_ANALYSIS)
        answers[name] = Denied(answer.reason, detail) if isinstance(answer, Denied) and detail else answer
    lawful = [answer for answer in answers.values() if isinstance(answer, Lawful)]
    return Ruling(
        frozenset(name for name, answer in answers.items() if isinstance(answer, Lawful)),
        {name: answer for name, answer in sorted(answers.items()) if isinstance(answer, Denied)},
        lawful[0].cautions if lawful else (),
    )


def permit_in(papers: Papers) -> SitePermit | None:
    """The permit, if it can be read; nothing is said about whether it counts."""
    try:
        return parse_site_permit(papers.permit)
    except Unsound:
        return None


def sentence(denied: Mapping[str, Denied], lawful: Iterable[str] = ()) -> str:
    """One sentence for each rule that denied: which, why, and what would satisfy it."""
    by_rule: dict[Denied, list[str]] = {}
    for name, answer in sorted(denied.items()):
        by_rule.setdefault(answer, []).append(name)
    if len(by_rule) == 1 and not list(lawful):
        return next(iter(by_rule)).sentence
    return "; ".join(f"{', '.join(names)}: {answer.sentence}" for answer, names in by_rule.items())


def reason_codes(denied: Mapping[str, Denied], order: Iterable[str]) -> bytes:
    """For each analysis in order which rule denies it, counted from 1; 0 where none does."""
    return bytes(REASONS.index(denied[name].reason) + 1 if name in denied else 0 for name in order)


def denied_of(codes: bytes, order: Iterable[str]) -> dict[str, Denied]:
    """The rules that such codes name; a code that none has is a fault of the software and denies as such."""
    return {
        name: Denied(REASONS[code - 1] if code <= len(REASONS) else Reason.UNKNOWN)
        for name, code in zip(order, codes, strict=True)
        if code
    }
