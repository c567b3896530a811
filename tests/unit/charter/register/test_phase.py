"""Phases: every phase with every step, and nothing leads back from the end."""

from __future__ import annotations

import pytest

from passerby.charter.register.phase import NEXT, OPENS, NoStep, Phase, Step, advance

P = Phase
# Every phase, and what each step makes of it: assess, notice, activate, suspend, resume, change,
# remove. None: it can't happen.
WHOLE = {
    P.PROPOSED: (P.ASSESSED, None, None, None, None, P.PROPOSED, P.REMOVED),
    P.ASSESSED: (None, P.NOTICED, None, None, None, P.PROPOSED, P.REMOVED),
    P.NOTICED: (None, None, P.ACTIVE, None, None, P.PROPOSED, P.REMOVED),
    P.ACTIVE: (None, None, None, P.SUSPENDED, None, P.PROPOSED, P.REMOVED),
    P.SUSPENDED: (None, None, None, None, P.ACTIVE, P.PROPOSED, P.REMOVED),
    P.REMOVED: (None,) * 7,
}
CASES = [(phase, step, to) for phase, row in WHOLE.items() for step, to in zip(Step, row, strict=True)]


@pytest.mark.parametrize(("phase", "step", "to"), CASES, ids=lambda v: getattr(v, "value", "-"))
def test_every_phase_with_every_step(phase: Phase, step: Step, to: Phase | None) -> None:
    found = advance(phase, step)
    if to is None:
        assert isinstance(found, NoStep)
        assert phase.value in found.why or "removed" in found.why
    else:
        assert found is to


def test_the_table_is_whole() -> None:
    assert WHOLE.keys() == set(Phase)
    assert len(CASES) == len(Phase) * len(Step)
    assert len(NEXT) == sum(to is not None for _, _, to in CASES)


def test_only_assessed_and_noticed_cameras_become_active() -> None:
    """By any path, however long: no way to active leaves out the assessment and the sign since the last change."""
    for start in Phase:
        if start in (P.NOTICED, P.ACTIVE, P.SUSPENDED):
            continue
        reached, edge = {start}, {start}
        while edge:
            after = {advance(p, s) for p in edge for s in Step if s is not Step.NOTICE}
            edge = {p for p in after if isinstance(p, Phase)} - reached
            reached |= edge
        assert P.ACTIVE not in reached, start


def test_what_opens_is_known() -> None:
    assert {s for (_, s), to in NEXT.items() if to is P.ACTIVE} == OPENS
