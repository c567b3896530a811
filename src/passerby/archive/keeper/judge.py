"""Whether a keeper may answer: a pure function of the question, the site's root and the time. Default: no.

The proof is judged by `ledger.verify` and by nothing else. Every rule that says no has a name, and none opens because
something is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256

from passerby.archive.keeper.messages import Ask
from passerby.archive.keys.names import US, EpochId
from passerby.base.errors import KeeperRefused
from passerby.charter.asking import SESSION_S, Asking, parse_asking
from passerby.charter.document import Unsound
from passerby.charter.keys import Role
from passerby.charter.root import SiteRoot
from passerby.ledger.errors import Refusal
from passerby.ledger.schema import Act, is_count, parse_act
from passerby.ledger.verify import CLOCKS_DIFFER, Key, Policy, Refuted, Trust, Unreadable, parse_policy, verify_proof


class Why(Enum):
    """The rules, each with what it says."""

    UNREAD = "the question can't be read"
    SITE = "it is about another site"
    ACT = "what it calls its act is no act that could be in a ledger"
    PROOF = "the act is not proven to be in the site's ledger"
    CONTENT = "the act in the ledger is of something else than what is asked"
    CAMERA = "the act in the ledger is of another camera"
    KIND = "the act in the ledger is of another kind"
    PURPOSE = "the act in the ledger is for another purpose, or the site allows none such"
    CASE = "the act in the ledger is of another case"
    SESSION = "the act opens a longer session than 15 minutes"
    EARLY = "the session has not begun"
    EXPIRED = "the session is over"
    KEY = "the answer would be sealed to another key than the one that the act names"
    INTERVAL = "an epoch is outside of the time that the act covers"
    SHARE = "a sealed share is of another epoch or camera, or for another keeper"
    BUSY = "the keeper can't count just now, and what it can't count it doesn't answer"


def refuse(why: Why, detail: str = "") -> KeeperRefused:
    """The rule as an error."""
    return KeeperRefused(why.value + (f" ({detail})" if detail else ""), "", why.name.lower())


@dataclass(frozen=True, slots=True)
class Overseen:
    """What a keeper knows of the site it keeps for.

    Args:
        site: Its name.
        logs: The keys of its ledger.
        policy: Whose cosignatures count.
        purposes: What may be looked for.
    """

    site: str
    logs: Sequence[Key]
    policy: Policy
    purposes: frozenset[str]

    @classmethod
    def of(cls, root: SiteRoot) -> Overseen:
        """As the root in force says."""
        logs = [held.key for held in root.held(Role.LOG)]
        return cls(root.site, logs, parse_policy(root.policy.encode()), frozenset(root.purposes))


def judge(ask: Ask, site: Overseen, now: int) -> tuple[Asking, list[EpochId]]:
    """What may be answered: everything that was asked, or nothing.

    Args:
        ask: The question.
        site: Whose recordings they are.
        now: Seconds since 1970; never less than at any answer before.

    Returns:
        What was asked to be seen, and of what each share must be.

    Raises:
        KeeperRefused: Nothing may be answered; `reason` names the rule.
    """
    try:
        asking, act = parse_asking(ask.asking), parse_act(ask.entry)
    except Unsound as error:
        raise refuse(Why.UNREAD, str(error)) from error
    except Refusal as error:
        raise refuse(Why.ACT, str(error)) from error
    _need(asking.site == site.site, Why.SITE)
    _proven(ask, site, now)
    _says(act, asking, site)
    _now(act, asking, now)
    _need(sha256(ask.key).hexdigest() == asking.key, Why.KEY)
    epochs = [EpochId(asking.camera, e.period_us, e.length_us, asking.kind) for e in ask.epochs]
    _need(all(_touches(epoch, asking) for epoch in epochs), Why.INTERVAL)
    return asking, epochs


def _need(holds: bool, why: Why) -> None:
    if not holds:
        raise refuse(why)


def _proven(ask: Ask, site: Overseen, now: int) -> None:
    # An older cosignature than a session lasts is of an older session.
    trust = Trust(site.logs, site.policy, now, SESSION_S + CLOCKS_DIFFER)
    try:
        verify_proof(ask.proof, ask.entry, trust)
    except (Refuted, Unreadable) as error:
        raise refuse(Why.PROOF, str(error)) from error


def _says(act: Act, asking: Asking, site: Overseen) -> None:
    """The act names all that is asked; `content` binds what the ledger doesn't show."""
    wanted = asking.entry()
    for name, why in (("act", Why.KIND), ("camera", Why.CAMERA), ("purpose", Why.PURPOSE), ("case", Why.CASE)):
        _need(act.get(name) == wanted[name], why)
    _need(asking.purpose in site.purposes, Why.PURPOSE)
    _need(act.get("content") == wanted["content"], Why.CONTENT)
    _need(act.get("until") == wanted.get("until"), Why.CONTENT)


def _now(act: Act, asking: Asking, now: int) -> None:
    begun, logged = act.get("time"), act.get("logged")
    _need(is_count(begun) and is_count(logged), Why.ACT)
    assert isinstance(begun, int) and isinstance(logged, int)
    _need(begun <= logged, Why.ACT)
    _need(begun < asking.until <= begun + SESSION_S, Why.SESSION)
    _need(logged <= now + CLOCKS_DIFFER, Why.EARLY)
    _need(now < asking.until, Why.EXPIRED)


def _touches(epoch: EpochId, asking: Asking) -> bool:
    return epoch.period_us < asking.ends * US and epoch.end_us > asking.begins * US
