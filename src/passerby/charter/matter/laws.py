"""What a law says of requests for access: how long, how much longer, which fee, which reasons to refuse.

Nothing here is legal advice, and a lawyer of the place should read it; an office's settings may be stricter, never
laxer.
Sources: Hong Kong, Personal Data (Privacy) Ordinance (Cap. 486), ss. 19, 20, 27, 28, 58, 60; GDPR, art. 11, 12, 15, 23;
the UK's GDPR, the same articles. The clock never stands still, not even while the office asks something back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from passerby.charter.matter.clock import Term, Unit


class Refusal(Enum):
    """Why a request may be refused. The ledger's word for it, and nothing else, becomes public."""

    NO_IDENTITY = "no-identity"
    OTHER_PEOPLE = "other-people"
    FEE_UNPAID = "fee-unpaid"
    REPEATED = "repeated"
    EXCESSIVE = "excessive"
    UNFOUNDED = "unfounded"
    NOT_HELD = "not-held"
    CRIME_PREVENTION = "crime-prevention"
    PROCEEDINGS = "proceedings"


class Unidentified(Enum):
    """Why nobody can say which of the people in a recording the asker is."""

    NO_PLACE_OR_TIME = "no-place-or-time"
    ONLY_REDACTED = "only-redacted"
    COUNTS_ONLY = "counts-only"
    EXPIRED = "expired"


# What is true whatever a person asks; the answer to a request shows it, so that "cannot identify" has its reason.
WHY_UNIDENTIFIED = {
    Unidentified.NO_PLACE_OR_TIME: "the request names no place and time, and nothing here can search for a person",
    Unidentified.ONLY_REDACTED: "what is kept is redacted before it is stored: nobody in it can be made out",
    Unidentified.COUNTS_ONLY: "this camera keeps numbers and no pictures",
    Unidentified.EXPIRED: "the keys to that hour are destroyed, as the ledger shows",
}


@dataclass(frozen=True, slots=True)
class Law:
    """What a law says of requests.

    Args:
        name: For people.
        answer: How long an answer may take.
        extended: How long it may take in all once the asker was told why; None where the law knows no such thing.
        refusals: Each lawful reason to refuse, and where the law says so.
        fee_reasons: Reasons without which nothing may be charged; empty where a fee is always allowed.
    """

    name: str
    answer: Term
    extended: Term | None
    refusals: dict[Refusal, str]
    fee_reasons: frozenset[Refusal]


_GDPR = {
    Refusal.NO_IDENTITY: "art. 12(6)",
    Refusal.OTHER_PEOPLE: "art. 15(4)",
    Refusal.REPEATED: "art. 12(5)",
    Refusal.EXCESSIVE: "art. 12(5)",
    Refusal.UNFOUNDED: "art. 12(5)",
    Refusal.NOT_HELD: "art. 15(1)",
    Refusal.CRIME_PREVENTION: "art. 23(1)(d), where a law of the state says so",
    Refusal.PROCEEDINGS: "art. 23(1)(f) and (j), where a law of the state says so",
}
_CHARGED = frozenset({Refusal.REPEATED, Refusal.EXCESSIVE, Refusal.UNFOUNDED})
_MONTH, _THREE = Term(1, Unit.MONTHS), Term(3, Unit.MONTHS)
LAWS = {
    "pdpo": Law(
        "Personal Data (Privacy) Ordinance, Cap. 486",
        Term(40, Unit.DAYS),
        None,
        {
            Refusal.NO_IDENTITY: "s. 20(1)(a)",
            Refusal.OTHER_PEOPLE: "s. 20(1)(b)",
            Refusal.REPEATED: "s. 20(3)(c)",
            Refusal.NOT_HELD: "s. 20(3)(d)",
            Refusal.FEE_UNPAID: "s. 28(5)",
            Refusal.CRIME_PREVENTION: "s. 58",
            Refusal.PROCEEDINGS: "s. 60",
        },
        frozenset(),
    ),
    "gdpr": Law("GDPR", _MONTH, _THREE, _GDPR, _CHARGED),
    "uk-gdpr": Law("UK GDPR", _MONTH, _THREE, _GDPR, _CHARGED),
}
