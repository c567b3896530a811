"""Policies: read octet by octet, every malformed case named, every quorum counted."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.kit import LOG, PQ, W1, signer

from passerby.ledger.errors import Misuse, Unreadable
from passerby.ledger.note import format_vkey
from passerby.ledger.policy import Witness, compose, to_ask
from passerby.ledger.verify import COSIGN_ED25519, COSIGN_MLDSA44, ED25519, Key, Policy, parse_policy

WITNESSES = {name: signer(f"w.example/{name}", COSIGN_ED25519) for name in ("X1", "X2", "X3", "Y1", "Y2", "Y3")}
V = {name: format_vkey(one.key) for name, one in WITNESSES.items()}
L, P = format_vkey(LOG.key), format_vkey(PQ.key)
THREE = "".join(f"witness {n} {V[n]}\n" for n in ("X1", "X2", "X3"))
EXAMPLE = f"""# the example of tlog-policy
log {L}

{THREE}group X-witnesses 2 X1 X2 X3

  \twitness\t Y1  {V["Y1"]} \t
witness Y2 {V["Y2"]} https://y2.example/
witness Y3 {V["Y3"]}
group Y-witnesses any Y1 Y2 Y3
  # another comment
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
""".encode()


def subsets(names):  # type: ignore[no-untyped-def]
    return chain.from_iterable(combinations(names, n) for n in range(len(names) + 1))


def test_the_example_of_the_standard_counts_rightly() -> None:
    policy = parse_policy(EXAMPLE)
    assert policy.logs == [LOG.key]
    assert policy.urls[WITNESSES["Y2"].key] == "https://y2.example/"
    for some in subsets(WITNESSES):
        enough = sum(n.startswith("X") for n in some) >= 2 and any(n.startswith("Y") for n in some)
        assert policy.satisfied(WITNESSES[n].key for n in some) == enough, some


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (f"quorum none {'x' * (1 << 20)}\n", "^the policy is too long$"),
        ("\n" * 1025, "^the policy is too long$"),
        ("quorum none", "^the policy does not end with a newline$"),
        ("", "^the policy does not end with a newline$"),
        ("quorum none\r\n", "^the policy has a control character$"),
        ("quorum\x0bnone\n", "^the policy has a control character$"),
        ("# \x7f\nquorum none\n", "^the policy has a control character$"),
        ("# \x1f\nquorum none\n", "^the policy has a control character$"),
        ("# \x00\nquorum none\n", "^the policy has a control character$"),
        ("\n", "^the policy has no quorum line$"),
        ("# quorum none\n", "^the policy has no quorum line$"),
        ("quorum none\nquorum none\n", "^the policy has two quorum lines$"),
        ("quorum x\n", "^line 1 of the policy names a quorum that is not defined before it$"),
        (f"quorum X1\n{THREE}", "^line 1 of the policy names a quorum that is not defined before it$"),
        ("quorum\n", "^line 1 of the policy is not a log, witness, group or quorum line$"),
        ("quorum none none\n", "^line 1 of the policy is not a log, witness, group or quorum line$"),
        ("Quorum none\n", "^line 1 of the policy is not a log, witness, group or quorum line$"),
        ("\n\nlogs x\n", "^line 3 of the policy is not a log, witness, group or quorum line$"),
        ("log\n", "^line 1 of the policy is not a log, witness"),
        (f"log {L} url more\n", "^line 1 of the policy is not a log, witness"),
        (f"witness {V['X1']}\n", "^line 1 of the policy is not a log, witness"),
        (f"witness a {V['X1']} url more\n", "^line 1 of the policy is not a log, witness"),
        (f"{THREE}group g any\n", "^line 4 of the policy is not a log, witness"),
        (f"{THREE}group g\n", "^line 4 of the policy is not a log, witness"),
        (f"log {L[:-1]}\n", "the verifier key is not base64"),
        (f"log {V['X1']}\n", "^line 1 of the policy has a key of the wrong kind$"),
        (f"witness a {L}\n", "^line 1 of the policy has a key of the wrong kind$"),
        (f"log {L}\nlog {L}\n", "^line 2 of the policy repeats a key: one key has one vote, under one name$"),
        (f"witness a {V['X1']}\nwitness b {V['X1']}\n", "^line 2 of the policy repeats a key: one key has one vote"),
        (f"witness a {V['X1']}\nwitness a {V['X2']}\n", "^line 2 of the policy defines a name that is taken$"),
        (f"witness none {V['X1']}\n", "^line 1 of the policy defines a name that is taken$"),
        (f"{THREE}group X1 any X2\n", "^line 4 of the policy defines a name that is taken$"),
        (f"{THREE}group none any X2\n", "^line 4 of the policy defines a name that is taken$"),
        (f"{THREE}group g any none\n", "^line 4 of the policy has a member that is not defined before it, or is used"),
        (f"{THREE}group g any g\n", "^line 4 of the policy has a member that is not defined before it, or is used"),
        (f"{THREE}group g any Z\n", "^line 4 of the policy has a member that is not defined before it, or is used"),
        (f"{THREE}group g any X1\ngroup h any X1\n", "^line 5 of the policy has a member that is not defined"),
        (f"{THREE}group g any X1 X1\n", "^line 4 of the policy has a member twice$"),
        (f"{THREE}group g 0 X1\n", "^line 4 of the policy can't be satisfied$"),
        (f"{THREE}group g 4 X1 X2 X3\n", "^line 4 of the policy can't be satisfied$"),
        (f"{THREE}group g 01 X1\n", "^the threshold in line 4 of the policy is not a plain decimal number$"),
        (f"{THREE}group g some X1\n", "^the threshold in line 4 of the policy is not a plain decimal number$"),
    ],
)
def test_malformed_policies(raw: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        parse_policy(raw.encode())


def test_names_are_octets() -> None:
    kelvin, high = "\N{KELVIN SIGN}".encode(), b"\xff\x80"
    raw = b"witness K %s\nwitness %s %s\nwitness %s %s\ngroup g all K %s %s\nquorum g\n" % (
        V["X1"].encode(), kelvin, V["X2"].encode(), high, V["X3"].encode(), kelvin, high)  # fmt: skip
    policy = parse_policy(raw)
    assert policy.groups == {b"g": (3, (b"K", kelvin, high))}


def test_a_key_is_utf8_and_no_two_spellings_are_one() -> None:
    """A name that is not UTF-8 is none, even where its id was made for what a lenient reader makes of it."""
    lenient = format_vkey(Key("example\N{REPLACEMENT CHARACTER}", LOG.key.kind, LOG.key.public)).encode()
    assert parse_policy(b"log %s\nquorum none\n" % lenient).logs[0].name == "example\N{REPLACEMENT CHARACTER}"
    with pytest.raises(Unreadable, match=r"^line 1 of the policy has a key that is not UTF-8$"):
        parse_policy(b"log %s\nquorum none\n" % lenient.replace("\N{REPLACEMENT CHARACTER}".encode(), b"\xd0"))


def test_what_is_not_ascii_is_no_address_and_no_number() -> None:
    policy = parse_policy(b"witness X1 %s https://\xc3\xbc/\nquorum none\n" % V["X1"].encode())
    assert list(policy.urls.values()) == ["https://\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}/"]
    with pytest.raises(Unreadable, match=r"^the threshold in line 4 of the policy is not a plain decimal number$"):
        parse_policy(f"{THREE}group g \N{SUPERSCRIPT TWO} X1 X2\n".encode())


def test_limits() -> None:
    ones = [signer(f"w{n}", COSIGN_ED25519) for n in range(40)]
    raw = "".join(f"witness w{n} {format_vkey(one.key)}\n" for n, one in enumerate(ones))
    raw += "".join(f"group g{n} any w{n}\n" for n in range(40)) + "quorum g39\n"
    policy = parse_policy((raw + "\n" * 900).encode())
    assert policy.satisfied([ones[39].key])
    assert not policy.satisfied(one.key for one in ones[:39])
    assert parse_policy(b"#" + b"x" * ((1 << 20) - 14) + b"\nquorum none\n")
    assert parse_policy(b"\n" * 1023 + b"quorum none\n")
    nested = f"witness w {V['X1']}\ngroup g0 any w\n" + "".join(f"group g{n + 1} any g{n}\n" for n in range(1000))
    assert parse_policy(f"{nested}quorum g1000\n".encode()).satisfied([WITNESSES["X1"].key])


def test_one_vote_a_key() -> None:
    policy = parse_policy(f"{THREE}group g 2 X1 X2 X3\nquorum g\n".encode())
    x1 = WITNESSES["X1"].key
    assert not policy.satisfied([x1, Key("other", COSIGN_ED25519, x1.public)])
    assert policy.satisfied([x1, WITNESSES["X2"].key])


def test_kinds_of_keys() -> None:
    twin = signer(LOG.name, COSIGN_MLDSA44)
    policy = parse_policy(f"log {L}\nlog {format_vkey(twin.key)}\nwitness p {P}\nquorum p\n".encode())
    assert policy.logs == [LOG.key, twin.key]
    assert policy.satisfied([PQ.key])
    assert not policy.satisfied([])
    assert parse_policy(b"quorum none\n").satisfied([])
    assert not Policy().satisfied([])
    assert ED25519


def test_composed_policies_are_read_back() -> None:
    raw = compose([LOG.key], [Witness("a", W1.key, "http://a"), Witness("b", PQ.key)], {"g": (2, ["a", "b"])}, "g")
    policy = parse_policy(raw)
    assert policy.witnesses == {b"a": W1.key, b"b": PQ.key}
    assert policy.groups == {b"g": (2, (b"a", b"b"))}
    assert to_ask(policy, []) == {W1.key: "http://a"}
    assert to_ask(policy, [W1.key]) == {}
    assert to_ask(policy, [W1.key, PQ.key]) == {}
    assert to_ask(parse_policy(raw.replace(b"quorum g", b"quorum none")), []) == {}
    with pytest.raises(Misuse, match=r"not defined before it"):
        compose([LOG.key], quorum="nobody")


@given(st.data())
def test_nested_groups_against_a_naive_count(data: st.DataObject) -> None:
    names = list(WITNESSES)
    lines, free, meaning = [f"witness {n} {V[n]}" for n in names], list(names), {}
    for number in range(data.draw(st.integers(1, 4))):
        members = data.draw(st.lists(st.sampled_from(free), min_size=1, max_size=len(free), unique=True))
        least = data.draw(st.integers(1, len(members)))
        lines.append(f"group g{number} {least} {' '.join(members)}")
        meaning[f"g{number}"] = (least, members)
        free = [n for n in free if n not in members] + [f"g{number}"]
    top = data.draw(st.sampled_from(free))
    some = set(data.draw(st.lists(st.sampled_from(names))))

    def holds(name: str) -> bool:
        if name not in meaning:
            return name in some
        least, members = meaning[name]
        return sum(map(holds, members)) >= least

    policy = parse_policy(("\n".join([*lines, f"quorum {top}"]) + "\n").encode())
    assert policy.satisfied(WITNESSES[n].key for n in some) == holds(top)


def test_by_default_nobody_is_needed() -> None:
    assert compose([LOG.key]) == f"log {L}\nquorum none\n".encode()
    assert compose([LOG.key], [Witness("a", W1.key)]).decode().splitlines()[1] == f"witness a {format_vkey(W1.key)}"
