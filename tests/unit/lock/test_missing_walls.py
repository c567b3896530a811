"""A wall that is missing or does not hold is noticed; the weaker mode is asked for by name and reported."""

from __future__ import annotations

import pytest
from tests.unit.lock.programs import said


class TestWithoutLandlock:
    def test_refused_by_default_with_what_to_do(self) -> None:
        (message,) = said("""
            walls = Walls(landlock_state=State(None, "the kernel is built without Landlock"))
            tell(refusal(lambda: walls.before_imports((0, 1, 2), Limits())))
        """)
        assert message.startswith("no Landlock: the kernel is built without Landlock: use a kernel with Landlock")
        assert message.endswith("or ask for the weaker mode by name")

    def test_the_weaker_mode_is_reported(self) -> None:
        told = said("""
            report = lock(weaker=True, landlock_state=State(None, "why"))
            tell([report.landlock_abi, report.landlock_layers, report.seccomp, report.weaker, report.missing])
            tell(denied(lambda: os.open("/", os.O_RDONLY)))
        """)
        assert told == [[None, 0, True, True, "why"], "EACCES"]

    def test_the_weaker_mode_changes_nothing_where_landlock_is(self) -> None:
        assert said("report = lock(weaker=True); tell([report.landlock_layers, report.weaker])") == [[2, False]]

    @pytest.mark.parametrize("weaker", [True, False])
    def test_never_without_seccomp(self, weaker: bool) -> None:
        (message,) = said(f"""
            seccomp.available = lambda: "seccomp is missing"
            tell(refusal(lambda: Walls(weaker={weaker}).before_imports((0, 1, 2), Limits())))
        """)
        assert message.startswith("no system call filter: seccomp is missing")


def test_a_filter_that_does_not_answer_is_noticed() -> None:
    (message,) = said("""
        seccomp.load = lambda program: None
        tell(refusal(lock))
    """)
    assert message == "the system call filter does not answer"


def test_a_landlock_layer_that_does_not_hold_is_noticed() -> None:
    (message,) = said("""
        landlock.restrict_all = lambda ports: 7
        tell(refusal(lock))
    """)
    assert message == "Landlock's last layer does not hold"
