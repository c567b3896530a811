"""The small changes that can be made to a module: one comparison, sum, condition, constant or statement each.

Words of messages, docstrings and types are left alone.
"""

from __future__ import annotations

import ast
import copy

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
