"""What laws ask of a report, item by item, and which lines answer it; and what a line is called.

Sources: Oakland Municipal Code 9.64.010; San Francisco Administrative Code 19B.6 and 19B.7; Seattle Municipal Code
14.18; Hong Kong, Personal Data (Privacy) Ordinance (Cap. 486), ss. 19 to 28, and the data protection principles. Items
are in our words. What a ledger of numbers can't answer says so instead of looking answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """What a law asks.

    Args:
        ref: Where.
        asks: What, in short.
        lines: Beginnings of the ids of the lines that answer it.
        not_here: What of it no ledger of numbers holds, and where it is.
    """

    ref: str
    asks: str
    lines: tuple[str, ...]
    not_here: str = ""


@dataclass(frozen=True, slots=True)
class Law:
    """A law and its items."""

    name: str
    items: tuple[Item, ...]


_USE = ("acts.look", "acts.export", "acts.unseal", "acts.hold", "look.", "export.", "unseal.", "hold.")
_SHARED = ("acts.share", "share.", "export.purpose.")
_PLACES = ("cameras.", "phase.")
_COMPLAINTS = ("acts.complaint", "duty.complaint.")
_AUDITS = ("acts.review", "draw.", "duty.look-review.", "acts.reconcile", "finding.")
_INCIDENTS = ("acts.incident", "duty.incident-notice.")
_REQUESTS = ("acts.request", "duty.access-request.", "because.reason.")
_CHANGES = ("acts.loosen", "acts.tighten", "loosen.", "tighten.", "acts.schema", "acts.site-root")
_DELETION = ("keys.", "hours.")
_EMERGENCY = ("duty.justification.",)
_STAFF = ("acts.train", "acts.authorise", "acts.unauthorise", "staff.")

LAWS = (
    Law(
        "Oakland, annual report",
        (
            Item("9.64.010(1)", "how it was used; type and quantity of data", (*_USE, "case.", "hours.", "keys.")),
            Item("9.64.010(1)", "how often it was shared, with whom, by which standard, why", _SHARED),
            Item("9.64.010(1)", "where it is, by area", _PLACES, "areas and owners by name: the register"),
            Item("9.64.010(1)", "complaints, and whether the rules are adequate", _COMPLAINTS, "the assessment"),
            Item("9.64.010(1)", "audits, violations, what was done about them", (*_AUDITS, *_STAFF)),
            Item("9.64.010(1)", "breaches", _INCIDENTS),
            Item("9.64.010(1)", "whether it does what it is for", ("acts.release", "hours."), "the counts: open data"),
            Item("9.64.010(1)", "requests for records", _REQUESTS),
            Item("9.64.010(1)", "costs", ("acts.spend", "spent.")),
            Item("9.64.010(1)", "changes of the rules", _CHANGES),
        ),
    ),
    Law(
        "San Francisco, annual surveillance report",
        (
            Item("19B.6", "use, with type and quantity of data", (*_USE, "case.")),
            Item("19B.6", "sharing with others", _SHARED),
            Item("19B.6", "complaints", _COMPLAINTS),
            Item("19B.6", "audits and violations", _AUDITS),
            Item("19B.6", "does it do what it is for", ("acts.release", "hours."), "the counts: open data"),
            Item("19B.6", "public records requests", _REQUESTS),
            Item("19B.6", "costs", ("acts.spend", "spent.")),
            Item("19B.6", "products and services acquired", ("acts.supplier",), "maker and model: the register"),
            Item("19B.6", "changes asked for", _CHANGES),
            Item("19B.7", "emergencies, justified within seven days", _EMERGENCY),
        ),
    ),
    Law(
        "Seattle, quarterly list and yearly reviews",
        (
            Item(
                "14.18.050", "technologies reviewed", ("acts.assess", "acts.permit", "permit.", "acts.plan", *_PLACES)
            ),
            Item("14.18", "comments of the public", ("acts.comment",), "their words: beside the plan"),
            Item("14.18.060", "how it was used and how often", (*_USE, "case.")),
            Item("14.18.060", "how often data were shared", _SHARED),
            Item("14.18.060", "how well data were managed and protected", (*_DELETION, *_INCIDENTS, *_STAFF)),
            Item("14.18.060", "effects on civil liberties", _COMPLAINTS, "the assessment"),
            Item("14.18.060", "complaints and audits", (*_COMPLAINTS, *_AUDITS)),
            Item("14.18.060", "costs", ("acts.spend", "spent.")),
        ),
    ),
    Law(
        "Hong Kong, Cap. 486",
        (
            Item("DPP1, DPP3", "purposes, and use for these alone", ("case.", "look.", "export.", "permit.", "start.")),
            Item("DPP2, s. 26", "kept no longer than needed; erased", (*_DELETION, "acts.hold", "acts.end-hold")),
            Item("DPP4", "security, and who may see", (*_STAFF, *_INCIDENTS, *_AUDITS)),
            Item("DPP5", "openness", ("acts.register", "acts.notice", "acts.report", *_PLACES)),
            Item("DPP6, ss. 19-28", "access requests, 40 days, refusals by reason", _REQUESTS),
            Item("s. 58", "exemptions relied on", ("because.reason.crime-prevention", "case.purpose.legal-order")),
        ),
    ),
    Law(
        "Every site, whatever its law",
        (
            Item("duties", "what was promised with a date, kept, late, overdue now", ("duty.",)),
            Item("late entries", "acts logged more than a minute after they happened", ("acts-logged-late",)),
            Item("releases", "numbers published, and their privacy budget", ("acts.release", "acts.budget", "budget.")),
            Item("all acts", "every kind of act, with those that never happened", ("acts.",)),
        ),
    ),
)

# How a line is called, by the beginning of its id; the rest of the id stands where the braces are.
_NAMES = {
    "acts-logged-late": "acts logged more than a minute late{}",
    "acts.": "acts '{}'",
    "because.reason.": "answers given for the reason '{}'",
    "budget.thousandths": "privacy budget spent, in thousandths{}",
    "cameras.active.area.": "active cameras in {}",
    "cameras.active.owner.": "active cameras of {}",
    "cameras.phase.": "cameras that are {} at the end",
    "case.purpose.": "cases opened for {}",
    "draw.looks-covered": "looks from which reviews were drawn{}",
    "draw.looks-overdue": "looks that no draw covered within 31 days{}",
    "draw.looks-waiting": "looks that no draw covers yet{}",
    "draw.without-a-witness": "draws that no witness cosigned{}",
    "duty.": "duty {}",
    "export.purpose.": "exports for {}",
    "finding.": "open findings '{}' of the last reconciling",
    "hold.purpose.": "holds for {}",
    "hours.camera-hours": "hours of cameras reported{}",
    "hours.stations": "stations{}",
    "hours.stations-silent": "stations silent at the end{}",
    "keys.alive": "keys alive at the end{}",
    "keys.birth": "keys born{}",
    "keys.death": "keys destroyed{}",
    "keys.late": "keys destroyed too late{}",
    "keys.overdue": "keys that should be dead at the end{}",
    "keys.silent": "hours of cameras in which nothing needed an act{}",
    "look.purpose.": "looks for {}",
    "loosen.setting.": "loosened: {}",
    "permit.purpose.": "permits for {}",
    "phase.": "cameras that became {}",
    "share.basis.": "shared on the basis of {}",
    "share.purpose.": "shared for {}",
    "share.recipient.": "shared with {}",
    "spent.": "spent, in the currency's smallest unit: {}",
    "staff.role.": "people authorised as {} at the end",
    "start.purpose.": "starts for {}",
    "tighten.setting.": "tightened: {}",
    "unseal.purpose.": "unsealed for {}",
}
_LONGEST_FIRST = sorted(_NAMES, key=lambda start: (-len(start), start))


def name_of(line: str) -> str:
    """What a line is called for people; its id where it has no name."""
    for start in _LONGEST_FIRST:
        if line.startswith(start):
            return _NAMES[start].format(line[len(start) :].replace(".", " ").replace("-", " "))
    return line


def answers(item: Item, lines: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """The lines that answer an item."""
    return ((name, value) for name, value in lines.items() if name.startswith(item.lines))
