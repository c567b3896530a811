"""Follows the acts of a log, in order: each fits the schema that was logged before it, no number is missing in any
actor's sequence, and nothing is logged before it happened or earlier than what precedes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from passerby.ledger.errors import Refusal
from passerby.ledger.schema import FIRST, HOUR_ACT, SCHEMA_ACT, Act, Schema, parse_act
from passerby.ledger.succession import CONTINUE, FREEZE

ROOT_ACT = "site-root"
_STRUCTURE = (CONTINUE, FREEZE)


@dataclass(slots=True)
class Follower:
    """What must be remembered of a log to judge its next entry; grows with the number of actors, not of entries."""

    schema: Schema | None = None
    sequences: dict[str, int] = field(default_factory=dict)  # the number each actor comes to next
    hours: dict[str, int] = field(default_factory=dict)  # the hour each station reported last
    logged: int = 0
    late: int = 0  # acts logged more than a minute after they happened

    def take(self, entry: bytes) -> Act:
        """The next entry, checked.

        Raises:
            Refusal: It may not stand here; the message says why.
        """
        act = self.peek(entry)
        if act.get("act") not in _STRUCTURE:
            self.advance(act)
        return act

    def peek(self, entry: bytes) -> Act:
        """The next entry, checked, but not come yet.

        Raises:
            Refusal: It may not stand here; the message says why.
        """
        act = parse_act(entry)
        if act.get("act") not in _STRUCTURE:
            self.check(act)
        return act

    def check(self, act: Act) -> None:
        """Whether the act may come next."""
        kind = act.get("act")
        if self.schema is None and kind not in (SCHEMA_ACT, ROOT_ACT):
            raise Refusal("the log has no schema yet: log it first")
        schema = self.schema or Schema(FIRST)
        schema.check(act)
        if act["v"] != schema.version:
            raise Refusal(f"the act is of version {act['v']} of the schema: {schema.version} is in force")
        if kind == SCHEMA_ACT and act[SCHEMA_ACT]["v"] != (due := self.schema.version + 1 if self.schema else 1):
            raise Refusal(f"the log's next schema is version {due}, not {act[SCHEMA_ACT]['v']}")
        if act["seq"] != (due := self.sequences.get(act["actor"], 0)):
            raise Refusal(f"a gap or a repetition: the actor's next number is {due}, not {act['seq']}")
        if act["time"] > act["logged"]:
            raise Refusal("the act is logged before it happened")
        if act["logged"] < self.logged:
            raise Refusal("the act is logged earlier than the one before it")
        if kind == HOUR_ACT and act["hour"] != (due := self.hours.get(act["station"], act["hour"] - 1) + 1):
            raise Refusal(f"an hour is missing or repeated: the station's next is {due}, not {act['hour']}")

    def whole(self, act: Mapping[str, object], now: int) -> Act:
        """The act that its caller describes, with what the caller left out, as it may come next.

        Args:
            act: At least `act`, `actor` and the fields of its kind. `time` is when it happened (default: now).
            now: Seconds since 1970.

        Raises:
            Refusal: It may not come next.
        """
        logged = max(now, self.logged)
        actor = act.get("actor")
        seq = self.sequences.get(actor, 0) if isinstance(actor, str) else 0
        version = (self.schema or Schema(FIRST)).version
        whole = {"v": version, "seq": seq, "logged": logged, "time": min(now, logged), **act}
        self.check(whole)
        return whole

    def advance(self, act: Act) -> None:
        """The act has come."""
        self.sequences[act["actor"]] = act["seq"] + 1
        self.logged = act["logged"]
        self.late += act["logged"] - act["time"] > 60
        if act["act"] == SCHEMA_ACT:
            self.schema = Schema(act[SCHEMA_ACT])
        elif act["act"] == HOUR_ACT:
            self.hours[act["station"]] = act["hour"]


def first_schema(actor: str) -> dict[str, object]:
    """The act that logs the first schema."""
    return {"act": SCHEMA_ACT, "actor": actor, SCHEMA_ACT: FIRST}
