"""May this plan publish this day? Operator and reviewer signed it, the root allows its purpose, nobody ended it."""

from __future__ import annotations

from passerby.base.errors import ReleaseError
from passerby.charter.facts import Evidence, revocation_of, signatures
from passerby.charter.proofs import Site
from passerby.charter.standing import Revocation, Signatures
from passerby.ledger.verify import LedgerError
from passerby.release import calendar
from passerby.release.plan import Plan

HOUR_S = 3600


def judge(plan: Plan, note: bytes, site: Site, revocations: tuple[bytes, ...]) -> None:
    """The plan counts at this site.

    Args:
        plan: What the note says.
        note: As it was signed.
        site: The site's roots.
        revocations: Notes of revocations, which may name a plan as they name a permit.

    Raises:
        ReleaseError: It doesn't; one sentence says why.
    """
    root = site.root
    if plan.site != root.site or plan.root not in site.serials:
        raise ReleaseError("the plan is of another site", "have one signed under this site's root")
    if site.serials[plan.root] < root.oldest:
        raise ReleaseError("the plan is under a root whose papers are over", "have it signed under the present root")
    if not site.proven:
        raise ReleaseError("the site root is not proven to be in the ledger", "log it, and give its proof")
    if plan.purpose not in root.purposes:
        raise ReleaseError(f"the site root does not allow {plan.purpose}", "name a purpose that it allows")
    try:
        state = signatures(note, root, plan.issued)
    except LedgerError as error:
        raise ReleaseError("the plan is no signed note", "take it again from whoever signed it") from error
    if state is not Signatures.BOTH:
        raise ReleaseError(
            f"operator and reviewer did not both sign the plan ({state.value})", "have both sign: `release sign`"
        )
    if revocation_of(plan.hash, root, Evidence(revocations=revocations)) is not Revocation.NONE:
        raise ReleaseError("the plan was ended, or a revocation can't be believed", "have a new one signed")


def due(plan: Plan, now_s: float) -> list[str]:
    """The days whose time to be published has come, by the plan's calendar."""
    return [
        day
        for day in calendar.days_from(plan.first_day, plan.last_day)
        if calendar.starts(calendar.after(day), plan.zone) + plan.due_h * HOUR_S <= now_s
    ]
