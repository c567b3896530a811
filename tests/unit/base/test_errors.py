"""Errors: one clear line, whatever it was made from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.base import errors
from passerby.base.errors import EXIT_FAILED, EXIT_USAGE, PasserbyError, UsageError

TREE = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)]


@pytest.mark.parametrize("kind", TREE, ids=lambda k: k.__name__)
def test_one_tree_and_its_exit_codes(kind: type[Exception]) -> None:
    assert issubclass(kind, PasserbyError)
    assert kind("x").exit_code == (EXIT_USAGE if issubclass(kind, UsageError) else EXIT_FAILED)
    assert kind.__name__ in (errors.__doc__ or "")


@given(st.text(max_size=40), st.text(max_size=40))
def test_always_a_single_line(message: str, advice: str) -> None:
    line = str(PasserbyError(message, advice))
    assert len(line.splitlines()) <= 1
    said = "".join(line.split())
    asked = "".join(message.split()) + (":" if advice else "") + "".join(advice.split())
    assert said == "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in asked)
    assert line.isprintable()


def test_message_and_advice() -> None:
    assert str(PasserbyError("it broke", "mend it")) == "it broke: mend it"
    assert str(PasserbyError("it broke")) == "it broke"
    assert str(PasserbyError("it\nbroke", "mend\r\nit ")) == "it broke: mend it"


def test_a_file_name_can_paint_over_nothing() -> None:
    line = str(PasserbyError("a\x1b[2Jb\u202ec\nd", "e\x07"))
    assert line == "a\\x1b[2Jb\\x202ec d: e\\x07"
    assert line.isprintable()
