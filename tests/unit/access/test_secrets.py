"""Codes, passwords and how slowly to guess: against their standards, and as rules."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.access import codes, passwords
from passerby.access.guessing import ADDRESS, NAME, PAIR, Rule, network
from passerby.access.passwords import Cost
from passerby.access.room import open_room
from passerby.base.errors import AccessError

CHEAP = Cost(64, 1)
SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
        (2000000000, "69279037"),
    ],
)  # fmt: skip
def test_codes_are_those_of_rfc_6238(at_s: int, code: str) -> None:
    """Appendix B, SHA-1; its eight digits end in our six."""
    assert codes.code_at(SECRET, at_s) == code[2:]


@given(st.integers(0, 2**33), st.integers(-5, 5), st.integers(-5, 5))
def test_a_code_is_good_around_its_time_and_never_twice(now_s: int, steps_off: int, used_off: int) -> None:
    step = now_s // codes.STEP_S
    if step + steps_off < 0:
        return
    code = codes.code_at(SECRET, (step + steps_off) * codes.STEP_S)
    found = codes.step_of(SECRET, code, now_s, step + used_off)
    near = {step + n for n in range(-1, 2) if codes.code_at(SECRET, max(0, step + n) * codes.STEP_S) == code}
    assert found == max((n for n in near if n > step + used_off and n >= 0), default=None)


@given(st.text(max_size=12))
def test_what_is_no_code_is_none(text: str) -> None:
    digits = "".join(text.split())
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        assert codes.step_of(SECRET, text, 10**9, -1) is None


def test_paper_codes_however_they_are_typed() -> None:
    made = codes.paper_codes(random.Random(1).randbytes)
    assert len(set(made)) == 10 and all(len(code) == 19 for code in made)
    for code in made:
        for typed in (code, code.upper(), code.replace("-", ""), f" {code.replace('1', 'I').replace('0', 'O')} "):
            assert codes.paper_digest(typed, "p-1") == codes.paper_digest(code, "p-1")
        assert codes.paper_digest(code, "p-1") != codes.paper_digest(code, "p-2")


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_only_the_password_itself_matches(password: str, other: str) -> None:
    kept = passwords.hashed(password, CHEAP, random.Random(2).randbytes)
    assert kept.startswith("$argon2id$") and passwords.matches(kept, password)
    same = passwords._same(password).encode("utf-8", "replace") == passwords._same(other).encode("utf-8", "replace")
    assert passwords.matches(kept, other) == same


@pytest.mark.parametrize(
    "good", ["a quiet harbour at dawn", "三個出人意表的詞語放在一起", "xK9#mQ2$vL7!", "correct horse battery"]
)
def test_passwords_that_nobody_expects(good: str) -> None:
    passwords.check(good, "ann")


@pytest.mark.parametrize("rule", [PAIR, NAME, ADDRESS])
@given(st.integers(0, 10**6))
def test_delays_grow_and_have_an_end(rule: Rule, failures: int) -> None:
    assert 0 <= rule.wait_s(failures) <= rule.wait_s(failures + 1) <= rule.longest_s
    assert rule.wait_s(rule.free) == 0 and rule.wait_s(rule.free + 1) == 1


def test_what_counts_as_one_address() -> None:
    assert network("192.0.2.7") == "192.0.2.7" == network("::ffff:192.0.2.7")
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9") != network("2001:db8:1:3::1")
    assert network("") == "" and network("nonsense") == "nonsense"


def test_a_second_factor_is_wrapped_for_its_owner(tmp_path: Path) -> None:
    with open_room(tmp_path, cost=CHEAP) as room:
        sealed = room.wrapped(SECRET, "p-1")
        assert SECRET not in sealed and room.unwrapped(sealed, "p-1") == SECRET
        for wrong, of in ((sealed, "p-2"), (sealed[:-1] + bytes([sealed[-1] ^ 1]), "p-1"), (b"", "p-1")):
            with pytest.raises(AccessError):
                room.unwrapped(wrong, of)
    with open_room(tmp_path, cost=CHEAP) as again:
        assert again.unwrapped(sealed, "p-1") == SECRET and again.here == room.here
