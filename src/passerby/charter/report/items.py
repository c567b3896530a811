"""What laws ask of a report, item by item; the topics that answer them; and what a line is called.

Sources: Oakland Municipal Code 9.64.010; San Francisco Administrative Code 19B.6 and 19B.7; Seattle Municipal Code
14.18; Hong Kong, Personal Data (Privacy) Ordinance (Cap. 486), ss. 19 to 28, and the data protection principles. Items
are in our words. What a ledger of numbers can't answer says so instead of looking answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum


class Topic(Enum):
    """Lines that belong together: a heading, and the beginnings of their ids."""

    USE = ("Use", ("acts.look", "acts.export", "acts.unseal", "acts.hold", "acts.end-hold", "look.", "export.",
                   "unseal.", "hold."))  # fmt: skip
    CASES = ("Cases and their reasons", ("acts.case", "case.", "because.", "acts.because"))
    SHARING = ("Sharing with others", ("acts.share", "share."))
    PLACES = ("Cameras", ("cameras.", "phase.", "acts.phase"))
    REVIEWED = (
        "Assessments, permits, consultation",
        ("acts.assess", "acts.permit", "permit.", "acts.plan", "acts.supplier", "acts.notice", "acts.comment",
         "acts.register", "acts.start", "start.", "acts.stop", "acts.revoke", "acts.expire", "acts.mosaic"),
    )  # fmt: skip
    REQUESTS = ("Access requests", ("acts.request", "duty.access-request."))
    COMPLAINTS = ("Complaints", ("acts.complaint", "duty.complaint."))
    AUDITS = ("Reviews and audits", ("acts.review", "draw.", "acts.draw", "duty.look-review.", "acts.reconcile",
                                     "finding."))  # fmt: skip
    INCIDENTS = ("Incidents", ("acts.incident", "duty.incident-notice."))
    EMERGENCIES = ("Emergencies", ("duty.justification.",))
    DELETION = ("Hours kept, keys destroyed", ("keys.", "hours.", "acts.hour"))
    STAFF = ("Staff", ("acts.train", "acts.authorise", "acts.unauthorise", "staff."))
    COSTS = ("Costs", ("acts.spend", "spent."))
    CHANGES = ("Changes of the rules", ("acts.loosen", "acts.tighten", "loosen.", "tighten.", "acts.schema",
                                        "acts.site-root", "acts.enrol", "acts.rotate"))  # fmt: skip
    RELEASES = ("Numbers published", ("acts.release", "acts.budget", "budget."))
    LEDGER = ("The ledger itself", ("acts-logged-late", "acts.due", "acts.done", "acts.report", "acts."))

    @property
    def title(self) -> str:
        """The heading."""
        return self.value[0]


@dataclass(frozen=True, slots=True)
class Item:
    """What a law asks.

    Args:
        ref: Where.
        asks: What, in short.
        topics: What answers it.
        not_here: What of it no ledger of numbers holds, and where that is.
    """

    ref: str
    asks: str
    topics: tuple[Topic, ...]
    not_here: str = ""


@dataclass(frozen=True, slots=True)
class Law:
    """A law and its items."""

    name: str
    items: tuple[Item, ...]


T = Topic
LAWS = (
    Law(
        "Oakland, annual report",
        (
            Item("9.64.010", "how it was used; type and quantity of data", (T.USE, T.CASES, T.DELETION)),
            Item("9.64.010", "how often it was shared, with whom, by which standard, why", (T.SHARING,)),
            Item("9.64.010", "where it is, by area", (T.PLACES,), "areas and owners by name: the register"),
            Item("9.64.010", "complaints, and whether the rules are adequate", (T.COMPLAINTS,), "the assessments"),
            Item("9.64.010", "audits, violations, what was done about them", (T.AUDITS, T.STAFF)),
            Item("9.64.010", "breaches", (T.INCIDENTS,)),
            Item("9.64.010", "whether it does what it is for", (T.RELEASES, T.DELETION), "the counts: open data"),
            Item("9.64.010", "requests for records", (T.REQUESTS,)),
            Item("9.64.010", "costs", (T.COSTS,)),
            Item("9.64.010", "changes of the rules", (T.CHANGES,)),
        ),
    ),
    Law(
        "San Francisco, annual surveillance report",
        (
            Item("19B.6", "use, with type and quantity of data", (T.USE, T.CASES)),
            Item("19B.6", "sharing with others", (T.SHARING,)),
            Item("19B.6", "complaints", (T.COMPLAINTS,)),
            Item("19B.6", "audits and violations", (T.AUDITS,)),
            Item("19B.6", "whether it does what it is for", (T.RELEASES,), "the counts: open data"),
            Item("19B.6", "public records requests", (T.REQUESTS,)),
            Item("19B.6", "costs", (T.COSTS,)),
            Item("19B.6", "products and services acquired", (T.REVIEWED,), "maker and model: the register"),
            Item("19B.6", "changes asked for", (T.CHANGES,)),
            Item("19B.7", "emergencies, justified within seven days", (T.EMERGENCIES,)),
        ),
    ),
    Law(
        "Seattle, quarterly list and yearly reviews",
        (
            Item("14.18", "technologies reviewed", (T.REVIEWED, T.PLACES)),
            Item("14.18", "comments of the public", (T.REVIEWED,), "their words: beside the plan"),
            Item("14.18.060", "how and how often it was used", (T.USE, T.CASES)),
            Item("14.18.060", "how often data were shared", (T.SHARING,)),
            Item("14.18.060", "how well data were managed and protected", (T.DELETION, T.INCIDENTS, T.STAFF)),
            Item("14.18.060", "effects on civil liberties", (T.COMPLAINTS,), "the assessments"),
            Item("14.18.060", "complaints and audits", (T.COMPLAINTS, T.AUDITS)),
            Item("14.18.060", "costs", (T.COSTS,)),
        ),
    ),
    Law(
        "Hong Kong, Cap. 486",
        (
            Item("DPP1, DPP3", "purposes, and use for these alone", (T.CASES, T.USE, T.REVIEWED)),
            Item("DPP2, s. 26", "kept no longer than needed; erased", (T.DELETION,)),
            Item("DPP4", "security, and who may see", (T.STAFF, T.INCIDENTS, T.AUDITS)),
            Item("DPP5", "openness", (T.PLACES, T.REVIEWED)),
            Item("DPP6, ss. 19-28", "access requests, 40 days, refusals by reason", (T.REQUESTS, T.CASES)),
            Item("s. 58", "exemptions relied on", (T.CASES,)),
        ),
    ),
)

# What a line is called: by the beginning of its id; the rest of the id stands where the braces are.
_NAMES = {
    "acts-logged-late": "acts logged more than a minute after they happened{}",
    "acts.because": "reasons given{}",
    "acts.case": "cases opened{}",
    "acts.complaint": "complaints received{}",
    "acts.draw": "draws{}",
    "acts.end-hold": "holds ended{}",
    "acts.export": "exports{}",
    "acts.hold": "holds{}",
    "acts.hour": "stations' hours{}",
    "acts.incident": "incidents{}",
    "acts.look": "looks{}",
    "acts.reconcile": "reconcilings with the network{}",
    "acts.request": "requests received{}",
    "acts.share": "times something was shared{}",
    "acts.unseal": "originals unsealed{}",
    "acts.": "acts '{}'",
    "because.reason.": "reason given: {}",
    "budget.thousandths": "privacy budget spent, in thousandths{}",
    "cameras.active.area.": "active cameras in {}",
    "cameras.active.owner.": "active cameras of {}",
    "cameras.phase.": "cameras at the end: {}",
    "case.purpose.": "cases opened for {}",
    "draw.looks-covered": "looks from which reviews were drawn{}",
    "draw.looks-overdue": "looks that no draw covered within 31 days{}",
    "draw.looks-waiting": "looks that no draw covers yet{}",
    "draw.without-a-witness": "draws that no witness cosigned{}",
    "duty.": "{}",
    "export.purpose.": "exports for {}",
    "finding.": "open findings of the last reconciling: {}",
    "hold.purpose.": "holds for {}",
    "hours.camera-hours": "hours of cameras reported{}",
    "hours.stations": "stations{}",
    "hours.stations-silent": "stations silent at the end{}",
    "keys.alive": "keys alive at the end{}",
    "keys.birth": "keys born{}",
    "keys.death": "keys destroyed{}",
    "keys.late": "keys destroyed too late{}",
    "keys.overdue": "keys that should be dead at the end{}",
    "keys.root": "hours of cameras with a root over what was kept{}",
    "keys.silent": "hours of cameras in which nothing needed an act{}",
    "look.purpose.": "looks for {}",
    "loosen.setting.": "loosened: {}",
    "permit.purpose.": "permits for {}",
    "phase.": "cameras that became {}",
    "share.exports-unexplained": "exports of which nobody said with whom they were shared{}",
    "share.basis.": "shared on the basis of {}",
    "share.purpose.": "shared for {}",
    "share.recipient.": "shared with {}",
    "spent.": "spent, in the currency's smallest unit: {}",
    "staff.role.": "people authorised at the end: {}",
    "start.purpose.": "starts for {}",
    "tighten.setting.": "tightened: {}",
    "unseal.purpose.": "originals unsealed for {}",
}
_LONGEST_FIRST = sorted(_NAMES, key=lambda start: (-len(start), start))
# The whole id of a line, where its name is the beginning of others'.
_WHOLE = {start for start in _NAMES if not start.endswith(".")}
_WORDS = {
    "promised": "owed", "extended": "deadline moved", "in-time": "done in time", "late": "done late",
    "open": "open at the end", "overdue": "overdue at the end", "never-promised": "done, but never owed",
    "by-oneself": "ended by whoever owed it",
}  # fmt: skip


def name_of(line: str) -> str:
    """What a line is called for people; its id where it has no name."""
    start, rest = _split(line)
    return _NAMES[start].format(rest) if start else line


def zeroes(names: list[str]) -> str:
    """Lines with zero in as few words as there are: those that begin alike are told together."""
    told: dict[str, list[str]] = {}
    for line in names:
        start, rest = _split(line)
        told.setdefault(start or line, []).append(rest)
    return "; ".join(
        _NAMES[start].format(", ".join(rest)) if start in _NAMES else start for start, rest in told.items()
    )


def figures(topic: Topic, lines: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """A topic's lines. Each line is in one topic: the first that has its id's beginning."""
    for name, value in lines.items():
        if next((t for t in Topic if name.startswith(t.value[1])), None) is topic:
            yield name, value


def _split(line: str) -> tuple[str, str]:
    for start in _LONGEST_FIRST:
        if line == start or (line.startswith(start) and start not in _WHOLE):
            rest = line[len(start) :]
            if start == "duty.":
                _, _, what = rest.partition(".")
                return start, _WORDS.get(what, what.replace("outcome.", "ended: ").replace("-", " "))
            return start, rest.replace(".", " ").replace("-", " ")
    return "", line
