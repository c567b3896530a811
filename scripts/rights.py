"""Writes the tables of docs/access.md from the code: roles and rights, and what each address of the interface needs."""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from passerby.access.rights import FOR_KEYS, MEANING, Right
from passerby.access.roles import Role, Side
from passerby.access.room import open_room
from passerby.archive.folder import Layout
from passerby.server.app import create_app
from passerby.server.rights import Needs
from passerby.server.signin.own import Mine
from passerby.store.migrate import open_store

TARGET = Path(__file__).resolve().parents[1] / "docs" / "access.md"
NEED = {True: ", proven anew", False: ""}


def roles() -> str:
    """Which role has which right, and which a machine key may have."""
    names = [role.value for role in Role]
    rows = [
        f"| right | what | {' | '.join(names)} | key |",
        f"| --- | --- | {' | '.join('---' for _ in names)} | --- |",
    ]
    for right in Right:
        marks = ["yes" if right in role.rights else "" for role in Role]
        rows.append(
            f"| `{right.value}` | {MEANING[right]} | {' | '.join(marks)} | {'yes' if right in FOR_KEYS else ''} |"
        )
    sides = ["| side | roles |", "| --- | --- |"]
    sides += [f"| {side.value} | {', '.join(role.value for role in Role if role.side is side)} |" for side in Side]
    return "\n".join([*rows, "", *sides])


def addresses(app: FastAPI) -> str:
    """What each address needs."""
    found: dict[str, list[str]] = {}
    for route in _routes(app):
        for method in sorted(route.methods - {"HEAD"}):
            found.setdefault(_need(route), []).append(f"`{method} {route.path}`")
    order = ["nothing", "an account", "an account, proven anew"]
    names = [*order, *sorted(name for name in found if name not in order)]
    rows = ["| needs | addresses |", "| --- | --- |"]
    return "\n".join([*rows, *(f"| {name} | {', '.join(sorted(found[name]))} |" for name in names if name in found)])


def _routes(app: FastAPI) -> list[APIRoute]:
    routes = (context.original_route for context in iter_route_contexts(app.routes))
    # A page's own file says nothing: what it shows it asks for.
    found = [route for route in routes if isinstance(route, APIRoute)]
    return [route for route in found if route.endpoint.__module__ != "passerby.server.pages"]


def _need(route: APIRoute) -> str:
    for call in _calls(route.dependant):
        if isinstance(call, Needs):
            return f"`{call.right.value}`{NEED[call.fresh]}"
        if isinstance(call, Mine):
            return f"an account{NEED[call.fresh]}"
    return "nothing"


def _calls(dependant: Dependant) -> Iterable[object]:
    yield dependant.call
    for part in dependant.dependencies:
        yield from _calls(part)


def written(text: str) -> str:
    """The document with its tables made anew."""
    with tempfile.TemporaryDirectory() as folder:
        open_store(Layout(Path(folder)).database, time.time).close()
        with open_room(Path(folder)) as room:
            tables = {"roles": roles(), "addresses": addresses(create_app(Path(folder), room))}
    for name, table in tables.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = mark.sub(lambda m, table=table: f"{m[1]}\n{table}\n\n{m[2]}", text)
    return text


if __name__ == "__main__":
    TARGET.write_text(written(TARGET.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"{TARGET}\n")
