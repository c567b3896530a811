"""How a permit stands: a closed set of states, each with its sentence. `gate.decide` opens for the lawful ones only.

Each dimension is an enumeration, each of whose values says whether it is lawful by itself. Where dimensions depend on
each other (an emergency needs no reviewer yet, a quiet ledger stops recording first) a rule in `gate` says how.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Form(Enum):
    """The permit's form."""

    SOUND = "sound"
    MISSING = "missing"
    TOO_LONG = "too long"
    TOO_DEEP = "too deep"
    TWICE = "a name twice"
    NOT_CANONICAL = "not canonical"
    NO_NOTE = "no signed note"
    MALFORMED = "malformed"


class Root(Enum):
    """The site root that the permit names, and the one in force."""

    KNOWN = "of this site"
    BROKEN = "not this site's"
    ROLLED_BACK = "rolled back"
    OTHER = "unknown"
    TOO_OLD = "too old"
    UNPROVEN = "not in the ledger"


class Signatures(Enum):
    """Who signed the permit."""

    BOTH = "operator and reviewer"
    OPERATOR_ONLY = "operator only"
    REVIEWER_ONLY = "reviewer only"
    NEITHER = "neither"
    SAME_KEY = "one key twice"
    SAME_INSTITUTION = "one institution"
    WITHDRAWN = "a key that counts no longer"
    KEY_DATES = "a key outside its dates"
    FALSE = "a false signature"


class Binding(Enum):
    """Whether the permit is for what is about to run."""

    SAME = "for this"
    OTHER_CAMERA = "another camera"
    OTHER_SOURCE = "another address"
    OTHER_ANALYSIS = "another analysis"
    KEPT_LONGER = "kept longer"
    OTHER_SCENE = "another scene"
    OTHER_MODELS = "other models"


class Build(Enum):
    """Whether the permit is for the running build."""

    NAMED = "named"
    LISTED = "on the root's list"
    OTHER = "another"
    UNLISTED = "not on the root's list"


class Bounds(Enum):
    """Whether the permit keeps to the root's limits."""

    WITHIN = "within"
    ANALYSIS = "analysis not allowed here"
    PURPOSE = "purpose not allowed here"
    RETENTION = "kept too long"
    LENGTH = "lasts too long"
    REVIEW = "reviewed too late"
    PAPERS = "a paper is missing"


class Clock(Enum):
    """What this machine's clock is worth."""

    STEADY = "steady"
    BEHIND = "behind the witnesses"
    JUMPED = "jumped"


class Dates(Enum):
    """The permit's dates."""

    WITHIN = "within"
    NOT_YET = "not yet"
    EXPIRED = "expired"


class Published(Enum):
    """Whether the permit is in the ledger."""

    YES = "in the ledger"
    NO = "not in the ledger"


class Waiting(Enum):
    """The waiting period since what is captured became public."""

    OVER = "over"
    RUNNING = "running"
    UNPROVEN = "not begun"


class Heartbeat(Enum):
    """How fresh the witnesses' word is."""

    FRESH = "fresh"
    FADING = "fading"
    DEAD = "dead"
    ABSENT = "absent"


class Revocation(Enum):
    """Whether somebody ended the permit."""

    NONE = "none"
    REVOKED = "revoked"
    UNREADABLE = "unreadable"


class Seat(Enum):
    """The reviewer's seat when the permit became public."""

    HELD = "held"
    EMPTY = "empty for a short time"
    NO_NEW = "empty too long for new permits"
    NO_RENEWALS = "empty too long for renewals"


class Kind(Enum):
    """What sort of permit it is."""

    NEW = "new"
    RENEWAL = "renewal"


class Emergency(Enum):
    """An emergency, if it is one."""

    NO = "none"
    OPEN = "to be justified"
    JUSTIFIED = "justified"
    OVERDUE = "not justified in time"
    NOT_ALLOWED = "not allowed here"


class Officers(Enum):
    """Who could open sealed originals: needed to seal, and for nothing else."""

    PAIR = "of two institutions"
    NO_PAIR = "no two of two institutions"
    TOO_MANY = "more pairs than a file holds"


class Review(Enum):
    """The permit's review."""

    CURRENT = "not due"
    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Standing:
    """One value for each dimension."""

    form: Form
    root: Root
    signatures: Signatures
    binding: Binding
    build: Build
    bounds: Bounds
    clock: Clock
    dates: Dates
    published: Published
    waiting: Waiting
    heartbeat: Heartbeat
    revocation: Revocation
    seat: Seat
    kind: Kind
    emergency: Emergency
    review: Review
    officers: Officers


class Reason(Enum):
    """Why the gate stays shut: which rule denied, and what would satisfy it."""

    NO_PERMIT = ("there is no permit for this camera", "have one signed by operator and reviewer (docs/gate.md)")
    TOO_LONG = ("the permit is longer than any permit", "take it again from whoever signed it")
    TOO_DEEP = ("the permit is nested deeper than any permit", "take it again from whoever signed it")
    TWICE = ("the permit has a name twice", "take it again from whoever signed it")
    NOT_CANONICAL = ("the permit is not in canonical form", "take it again from whoever signed it")
    NO_NOTE = ("the permit is not a signed note", "take it again from whoever signed it")
    MALFORMED = ("the permit is not a permit", "draw up a new one with `permit draft`")
    BROKEN_ROOT = ("the roots given are not this site's, whole and in order", "give its roots, from the first one on")
    ROLLED_BACK = ("the roots given are older than those seen before", "give the site's roots up to the newest")
    OTHER_ROOT = ("the permit names a root that this site never had", "have one signed under this site's root")
    OLD_ROOT = ("the permit is under a root whose permits are over", "have it renewed under the present root")
    ROOT_UNPROVEN = ("the site root is not proven to be in the ledger", "log it, and give its proof")
    NO_REVIEWER = ("the reviewer did not sign", "ask the reviewer to decide, and to sign with `permit sign`")
    NO_OPERATOR = ("the operator did not sign", "sign with an operator's key: `permit sign`")
    NOBODY = ("nobody signed whose word counts here", "have operator and reviewer sign: `permit sign`")
    SAME_KEY = ("one key signed twice", "have operator and reviewer sign, once each")
    SAME_INSTITUTION = ("one institution signed for both", "have the reviewer, of another institution, sign")
    WITHDRAWN = ("a key that signed was retired, lost or compromised", "have it signed with a key that counts")
    KEY_DATES = ("a key that signed was outside its dates", "have it signed with a key that counts")
    FALSE_SIGNATURE = ("a signature is false", "take the permit again from whoever signed it")
    OTHER_CAMERA = ("the permit is for another camera", "have one signed for this camera")
    OTHER_SOURCE = ("the permit is for another address", "have one signed for this camera's address")
    OTHER_ANALYSIS = ("the permit does not allow this analysis", "have one signed that does, and wait for it")
    KEPT_LONGER = ("recordings would be kept longer than the permit says", "lower retention_h, or have more signed")
    OTHER_SCENE = ("the permit is for another scene", "go back to the scene it names, or have one signed for this")
    OTHER_MODELS = ("the permit names other models", "go back to those it names, or have one signed for these")
    OTHER_BUILD = ("the permit names another build", "run that build, or have one signed for this")
    UNLISTED_BUILD = ("this build is not on the root's list", "have operator and reviewer add it to the root")
    BOUND_ANALYSIS = ("the site root does not allow this analysis", "leave it out, or have the root changed")
    BOUND_PURPOSE = ("the site root does not allow this purpose", "name one that it allows, or have the root changed")
    BOUND_RETENTION = ("the permit keeps longer than the site root allows", "have a shorter retention signed")
    BOUND_LENGTH = ("the permit lasts longer than the site root allows", "have a shorter one signed")
    BOUND_REVIEW = ("the permit is reviewed later than the site root allows", "have an earlier review signed")
    BOUND_PAPERS = ("the permit lacks a paper that the site root demands", "have it accepted, then draft anew")
    CLOCK_BEHIND = ("this machine's clock is behind the witnesses'", "set the clock, then start again")
    CLOCK_JUMPED = ("this machine's clock was set, stopped or drifts", "set the clock, then start again")
    NOT_YET = ("the permit has not begun", "wait until it does")
    EXPIRED = ("the permit has expired", "have it renewed")
    UNPUBLISHED = ("the permit is not proven to be in the ledger", "log it, and give its proof")
    WAITING = ("the waiting period is not over", "wait; any change of what is captured begins it again")
    NOT_WAITING = ("what is captured is not proven to be public", "log its register entry, give its proof, and wait")
    FADING = ("the witnesses are silent: recording and live view stop first", "bring the ledger back to its witnesses")
    DEAD = ("the witnesses have been silent too long", "bring the ledger back to its witnesses")
    ABSENT = ("there is no checkpoint that enough witnesses cosigned", "publish the ledger to its witnesses")
    REVOKED = ("the permit is revoked", "have a new one signed")
    REVOCATION_UNREADABLE = ("a revocation can't be read or believed", "find out who sent it; take it away if false")
    SEAT_NEW = ("the reviewer's seat is empty: new permits don't count", "have the seat filled, in the site root")
    SEAT_RENEWAL = ("the reviewer's seat is empty: renewals don't count", "have the seat filled, in the site root")
    UNJUSTIFIED = ("the emergency was not justified within seven days", "have both sides sign its justification")
    NO_EMERGENCIES = ("the site root allows no emergency", "have the reviewer sign, and wait")
    NO_OFFICERS = ("no two officers of two institutions vouch for a key", "add their notes to the site's papers")
    MANY_OFFICERS = ("there are more pairs of officers than a file holds", "have fewer officers in the site root")
    REVIEW_OVERDUE = ("the review is overdue", "review the camera, and have the permit renewed")
    UNKNOWN = ("the state of something is not known", "report this: it is a fault of the software")

    def __init__(self, why: str, remedy: str) -> None:
        self.why = why
        self.remedy = remedy
