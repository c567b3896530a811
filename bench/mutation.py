"""Changes the code of ledger and charter, one small thing at a time, and counts how many changes the tests notice.

    python bench/mutation.py [--count 300] [--seed 1] [--out docs/mutation.json] [MODULE …]

A seeded sample of the possible changes in each module; where there are fewer, all of them. Each runs in a fork of a
process that has loaded the test tools but not our code. Words of messages, docstrings and types are left alone.
Survivors that `bench/survivors.toml` explains still count as survivors. Ends with 1 where a module is below its aim.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import json
import os
import random
import signal
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = {
    "merkle": ["test_merkle"],
    "note": ["test_note"],
    "checkpoint": ["test_checkpoint", "test_detection"],
    "policy": ["test_policy"],
    "verify": ["test_checkpoint", "test_note", "test_policy", "test_merkle", "test_detection"],
}
CHARTER = {
    "gate": ["test_decide", "test_ruling", "test_gate"],
    "facts": ["test_gate"],
    "proofs": ["test_gate"],
    "site_permit": ["test_site_permit", "test_document", "test_gate"],
    "root": ["test_root_bounds", "test_document", "test_changes", "test_gate"],
    "keys": ["test_changes", "test_document", "test_gate"],
    "changes": ["test_changes", "test_gate"],
    "differences": ["test_changes"],
    "document": ["test_document"],
    "ruling": ["test_ruling"],
}
SECONDS = 120
AIMS = {"ledger": 0.90, "charter": 0.95}
EXPLAINED = Path(__file__).with_name("survivors.toml")
COMPARE = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
           ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is}  # fmt: skip
ARITHMETIC = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
              ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd}  # fmt: skip
SAYING = {
    "_need",
    "_form",
    "Refuted",
    "Unreadable",
    "Misuse",
    "Unsound",
    "Unlawful",
    "Denied",
    "add_argument",
    "error",
    "write",
    "strict_base64",
    "strict_number",
}


Change = tuple[int, str, int, int]  # line, what it is, the node's number in the module, the variant


def mutations(tree: ast.Module) -> list[Change]:
    """Every change that can be made; `changed` makes one. A module of 500 lines has too many to hold as trees."""
    found, silent = [], _silent(tree)
    for number, node in enumerate(ast.walk(tree)):
        for variant in range(4):
            if id(node) in silent or not (what := _change(copy.deepcopy(node), variant)):
                break
            found.append((getattr(node, "lineno", 0), what, number, variant))
    return found


def changed(tree: ast.Module, number: int, variant: int) -> ast.Module:
    """The module with one change."""
    tree = copy.deepcopy(tree)
    _change(next(node for at, node in enumerate(ast.walk(tree)) if at == number), variant)
    return tree


def _silent(tree: ast.Module) -> set[int]:
    found: set[int] = set()

    def hush(node: ast.AST | None) -> None:
        if node is not None:
            found.update(id(n) for n in ast.walk(node))

    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)) and ast.get_docstring(node) is not None:
            hush(node.body[0])
        if isinstance(node, ast.FunctionDef):
            hush(node.returns)
        if isinstance(node, (ast.arg, ast.AnnAssign)):
            hush(node.annotation)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            hush(node)
        if isinstance(node, ast.JoinedStr):
            hush(node)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in SAYING:
            for argument in [*node.args, *(k.value for k in node.keywords)]:
                words = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                if words or isinstance(argument, ast.JoinedStr):
                    hush(argument)
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Enum" for base in node.bases):
            for statement in node.body:
                if isinstance(statement, ast.Assign):
                    hush(statement.value)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'":
            hush(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dataclass":
            hush(node)
    return found


def _change(node: ast.AST, variant: int) -> str:
    """Change a node in place; what was done, or nothing."""
    if isinstance(node, ast.Compare) and variant == 0 and type(node.ops[0]) in COMPARE:
        node.ops[0] = COMPARE[type(node.ops[0])]()
        return f"comparison: {ast.unparse(node)}"
    if isinstance(node, ast.BinOp) and variant == 0 and type(node.op) in ARITHMETIC:
        node.op = ARITHMETIC[type(node.op)]()
        return f"arithmetic: {ast.unparse(node)}"
    if isinstance(node, ast.AugAssign) and variant == 0 and type(node.op) in ARITHMETIC:
        node.op = ARITHMETIC[type(node.op)]()
        return f"arithmetic: {ast.unparse(node)}"
    if isinstance(node, ast.BoolOp) and variant == 0:
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return f"and/or: {ast.unparse(node)}"
    if isinstance(node, ast.UnaryOp) and variant == 0 and isinstance(node.op, (ast.Not, ast.USub)):
        node.op = ast.UAdd() if isinstance(node.op, ast.USub) else ast.Not()
        node.operand = ast.UnaryOp(ast.Not(), node.operand) if isinstance(node.op, ast.Not) else node.operand
        return f"negation: {ast.unparse(node)}"
    if isinstance(node, (ast.If, ast.While, ast.IfExp)) and variant < (1 if isinstance(node, ast.While) else 2):
        node.test = ast.Constant(bool(variant))
        return f"condition: {ast.unparse(node.test)}"
    if isinstance(node, ast.Constant) and variant < 2:
        return _constant(node, variant)
    if isinstance(node, (ast.FunctionDef, ast.If, ast.For, ast.While)) and variant < 3:
        lines = [n for n, s in enumerate(node.body) if isinstance(s, (ast.Expr, ast.AugAssign)) and not _doc(s)]
        if variant < len(lines):
            gone = ast.unparse(node.body[lines[variant]])
            node.body[lines[variant]] = ast.Pass()
            return f"left out: {gone}"
    return ""


def _doc(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _constant(node: ast.Constant, variant: int) -> str:
    old = node.value
    if isinstance(old, bool):
        node.value = not old
        return "" if variant else f"constant: {node.value}"
    if isinstance(old, int):
        node.value = old + (1 if variant else -1)
    elif isinstance(old, (str, bytes)) and not variant:
        node.value = (old + "X") if isinstance(old, str) else old + b"X"
    else:
        return ""
    return f"constant: {old!r} to {node.value!r}"


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the changed module to whoever imports it."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(self, fullname, path=None, target=None):  # type: ignore[no-untyped-def]  # noqa: ARG002
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def create_module(self, spec):  # type: ignore[no-untyped-def]  # noqa: ARG002
        return None

    def exec_module(self, module) -> None:  # type: ignore[no-untyped-def]
        exec(compile(ast.fix_missing_locations(self.tree), str(self.path), "exec"), module.__dict__)


def survives(module: str, path: Path, tree: ast.Module | None) -> bool:
    """Whether the tests pass with the changed module (or with it as it is)."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        if tree is not None:
            sys.meta_path.insert(0, Changed(f"passerby.{_room(module)}.{module}", path, tree))
        import pytest

        names = (TESTS | CHARTER)[module]
        files = [str(ROOT / "tests" / "unit" / _room(module) / f"{name}.py") for name in names]
        code = pytest.main(
            ["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning", *files]
        )
        os._exit(int(code))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _preload() -> None:
    import cryptography.hazmat.primitives.asymmetric.ed25519
    import cryptography.hazmat.primitives.asymmetric.mldsa
    import hypothesis.stateful
    import pytest
    import rfc8785

    assert all((cryptography, hypothesis, pytest, rfc8785))
    os.environ["HYPOTHESIS_MAX_EXAMPLES"] = "30"


def _room(module: str) -> str:
    return "charter" if module in CHARTER else "ledger"


def run(module: str, count: int, seed: int) -> dict[str, object]:
    path = ROOT / "src" / "passerby" / _room(module) / f"{module}.py"
    whole = ast.parse(path.read_text())
    every = mutations(whole)
    sample = random.Random(seed).sample(every, min(count, len(every)))
    assert survives(module, path, None), "the tests fail without any change"
    begun, survivors = time.monotonic(), []
    for done, (line, what, number, variant) in enumerate(sorted(sample, key=lambda m: m[0]), 1):
        if survives(module, path, changed(whole, number, variant)):
            survivors.append(f"{line}: {what}")
            sys.stdout.write(f"{module} survived {line}: {what}\n")
        if done % 50 == 0:
            sys.stdout.write(f"{module}: {done} of {len(sample)}, {len(survivors)} survived\n")
        sys.stdout.flush()
    killed, known = len(sample) - len(survivors), tomllib.loads(EXPLAINED.read_text()).get(module, {})
    reasons = {found: known.get(found.partition(": ")[2], "") for found in survivors}
    return {
        "possible": len(every), "tried": len(sample), "killed": killed, "seconds": round(time.monotonic() - begun),
        "share": round(killed / len(sample), 4), "survivors": reasons,
    }  # fmt: skip


def _modules(asked: list[str]) -> Iterator[str]:
    yield from asked or [*TESTS, "gate", "site_permit", "root"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    _preload()
    results = {module: run(module, asked.count, asked.seed) for module in _modules(asked.modules)}
    for module, found in results.items():
        left = [what for what, why in found["survivors"].items() if not why]  # type: ignore[attr-defined]
        sys.stdout.write(
            f"{module}: {found['killed']} of {found['tried']} killed ({found['share']:.1%}), {len(left)} unexplained\n"
        )
    if asked.out:
        asked.out.write_text(json.dumps({"seed": asked.seed, "modules": results}, indent=1) + "\n")
    if any(found["share"] < AIMS[_room(module)] for module, found in results.items()):  # type: ignore[operator]
        sys.exit(1)


if __name__ == "__main__":
    main()
