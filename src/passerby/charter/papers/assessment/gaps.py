"""What an assessment lacks before anybody may decide on it: a list of named gaps, each with where and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from passerby.charter.papers.assessment.paper import Assessment
from passerby.charter.papers.assessment.schema import REMAINS, SECTIONS
from passerby.charter.papers.front import count_words, tokens
from passerby.charter.register.entry import Entry
from passerby.charter.root import DAY, Limits
from passerby.charter.site_permit import KEEPING

# Beyond it the longer, the more argument is needed (EDPB Guidelines 3/2019, paragraph 121).
ARGUED_H = 72
LEAST_ARGUMENT = 40
LEAST_REMAINS = 4


class Lack(Enum):
    """What can be lacking."""

    SECTION = "this section is missing"
    SHORT = "this says too little"
    FORM = "this is the form's own text, or text that was copied within this paper"
    TABLE = "nothing is named"
    CAMERA = "it is about another camera"
    ANALYSIS = "the register does not run this analysis there"
    CAPTURE = "what is captured has changed since: write a new version"
    PURPOSES = "its purposes are not the register's"
    RETENTION = "its retention is not the register's"
    ARGUMENT = "more than 72 hours need a written argument"
    MAXIMUM = "it is longer than the site allows: no argument helps"
    REVIEW = "it is looked at again later than the site allows"
    OFFICER = "the privacy officer's advice is missing"
    REMAINS = "what may outlive a destroyed key on the machine that keeps this is not answered"
    AUTHORITY = "a high risk remains: the authority is to be consulted first, with its answer in the paper"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is lacking.

    Args:
        lack: What.
        where: In which part.
        more: In numbers or words.
    """

    lack: Lack
    where: str
    more: str = ""

    def __str__(self) -> str:
        """One line."""
        return f"{self.where}: {self.lack.value}{f' ({self.more})' if self.more else ''}"


def gaps(paper: Assessment, entry: Entry, limits: Limits | None, *, officer: bool = True) -> list[Gap]:
    """All that is lacking.

    Args:
        paper: The assessment.
        entry: Its camera, as registered now.
        limits: The site root's; None where there is none yet.
        officer: Whether the owner has a privacy officer, whose advice must be there.
    """
    found = [*_text(paper), *_tables(paper, officer=officer), *_fits(paper, entry)]
    return [*found, *_kept(paper, limits), *_remains(paper), *_dates(paper, limits)]


def needs_authority(paper: Assessment) -> bool:
    """Whether a high risk remains that no authority has answered: prior consultation (GDPR art. 36)."""
    return any(risk.stays_high for risk in paper.risks) and not paper.authority


def _text(paper: Assessment) -> Iterator[Gap]:
    seen: dict[tuple[str, ...], str] = {}
    for section in SECTIONS:
        text = paper.sections.get(section.heading, "")
        if not text:
            yield Gap(Lack.SECTION, section.heading)
            continue
        said = tuple(tokens(text))
        if section.ask in " ".join(text.split()):
            yield Gap(Lack.FORM, section.heading)
        elif (count := count_words(text)) < section.least:
            yield Gap(Lack.SHORT, section.heading, f"{count} of at least {section.least} words")
        elif said in seen:
            yield Gap(Lack.FORM, section.heading, f"the same as {seen[said]!r}")
        seen.setdefault(said, section.heading)


def _tables(paper: Assessment, *, officer: bool) -> Iterator[Gap]:
    for name in ("alternatives", "affected", "consulted", "risks"):
        if not getattr(paper, name):
            yield Gap(Lack.TABLE, name)
    if officer and not paper.officer:
        yield Gap(Lack.OFFICER, "officer")
    if needs_authority(paper):
        yield Gap(Lack.AUTHORITY, "authority", "; ".join(risk.what[:60] for risk in paper.risks if risk.stays_high))


def _fits(paper: Assessment, entry: Entry) -> Iterator[Gap]:
    if paper.camera != entry.id:
        yield Gap(Lack.CAMERA, "camera", paper.camera)
        return
    if paper.analysis not in entry.analyses:
        yield Gap(Lack.ANALYSIS, "analysis", paper.analysis)
    if paper.purposes != entry.purposes:
        yield Gap(Lack.PURPOSES, "purposes", f"{', '.join(paper.purposes)} for {', '.join(entry.purposes) or 'none'}")
    keeps = entry.retention_s if paper.analysis in KEEPING else 0
    if paper.retention_h * 3600 != keeps:
        yield Gap(Lack.RETENTION, "retention_h", f"{paper.retention_h} for {keeps // 3600} hours")
    if paper.capture != entry.capture:
        yield Gap(Lack.CAPTURE, "capture")


def _kept(paper: Assessment, limits: Limits | None) -> Iterator[Gap]:
    if limits is not None and paper.retention_h * 3600 > limits.retention_s:
        yield Gap(Lack.MAXIMUM, "retention_h", f"{paper.retention_h} of at most {limits.retention_s // 3600} hours")
    if paper.retention_h > ARGUED_H and (count := count_words(paper.retention_argument)) < LEAST_ARGUMENT:
        yield Gap(Lack.ARGUMENT, "retention_argument", f"{count} of at least {LEAST_ARGUMENT} words")


def _remains(paper: Assessment) -> Iterator[Gap]:
    """Retention is a promise about keys: what it can't promise of a machine has to be said of that machine."""
    for name in REMAINS if paper.analysis in KEEPING else ():
        if count_words(paper.remains.get(name, "")) < LEAST_REMAINS:
            yield Gap(Lack.REMAINS, f"remains {name}")


def _dates(paper: Assessment, limits: Limits | None) -> Iterator[Gap]:
    if limits is not None and paper.review_by > paper.written + timedelta(seconds=limits.review_s // DAY * DAY):
        yield Gap(Lack.REVIEW, "review_by", f"at most {limits.review_s // DAY} days")
