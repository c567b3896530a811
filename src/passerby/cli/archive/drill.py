"""``passerby archive drill``."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from passerby.archive.drill import NotProven, Pick, answer, picks, proves
from passerby.archive.folder import Layout
from passerby.base.errors import EXIT_DONE, EXIT_FAILED, UsageError
from passerby.charter.site_permit import act_camera
from passerby.cli.archive.check import told_keys
from passerby.cli.oversight import common
from passerby.ledger.hours import HOUR
from passerby.store.database import Store, read_store
from passerby.store.epochs import cameras_with_epochs

FORMAT = "passerby/drill@1"


def drill(
    data: Annotated[
        Path | None, typer.Argument(metavar="[DATA]", help="The data folder of a station; none with --check.")
    ] = None,
    ledger: Annotated[Path, typer.Option("--ledger", metavar="MIRROR", help="A mirror of the ledger.")] = Path(),
    vkey: Annotated[str, typer.Option("--vkey", metavar="KEY", help="The ledger's verifier key.")] = "",
    site: Annotated[str, typer.Option("--site", metavar="NAME", help="The site's name: part of its cameras'.")] = "",
    chunks: Annotated[int, typer.Option("--chunks", min=1, max=1000, help="How many.")] = 20,
    seed: Annotated[
        str, typer.Option("--seed", metavar="WORDS", help="Whoever asks chooses it: it draws the chunks.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write the answers, for whoever asked.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option("--check", metavar="FILE", help="Check answers against the ledger, as whoever asked.")
    ] = None,
) -> None:
    """Read random chunks of what is kept again, and follow each up to the ledger's root.

    This catches mistakes: a disk, an index or keys that lost something. It can't catch a cheat, who has the chunks and
    something else besides. Ends with 1 where a chunk is not as the ledger has it.
    """
    if (data is None) == (check is None):
        raise UsageError("name a data folder, or answers to check", "passerby archive drill DATA, or --check FILE")
    keys = told_keys(ledger, vkey)
    if check is not None:
        answers = _answers(check)
        asked = _asked(answers)
        if seed and asked["seed"] != seed:
            raise UsageError(f"{check} answers another seed", "give the answers to the one that you chose")
        wanted = list(picks(keys, asked["seed"], asked["chunks"], asked["time"]))
        raise typer.Exit(_tell([_check(pick, answers["answers"], at) for at, pick in enumerate(wanted)]))
    assert data is not None
    now, seed = int(time.time()), seed or secrets.token_hex(8)
    layout, given, lines = Layout(data), list[dict[str, Any]](), list[tuple[bool, str]]()
    with read_store(layout.database) as store:
        names = {act_camera(site, camera): camera for camera in cameras_with_epochs(store)}
        for pick in picks(keys, seed, chunks, now):
            found, line = _answer(layout, store, names.get(pick.camera), pick)
            given.append(found)
            lines.append(line)
    typer.echo(f"seed {seed}")
    if out is not None:
        fields = {"format": FORMAT, "seed": seed, "chunks": chunks, "time": now, "answers": given}
        common.save(out, json.dumps(fields, indent=1).encode())
    raise typer.Exit(_tell(lines))


def _answer(layout: Layout, store: Store, camera: str | None, pick: Pick) -> tuple[dict[str, Any], tuple[bool, str]]:
    if camera is None:
        return {}, (False, f"{_say(pick)}: no recording of this camera is here: is --site right, is this its station?")
    try:
        found = answer(layout, store, camera, pick)
    except NotProven as error:
        return {}, (False, f"{_say(pick)}: {error}")
    opened = "and opens" if found.opened else "not opened here"
    return found.fields(), (True, f"{_say(pick)}: {found.part}, {len(found.stored)} bytes, {opened}")


def _check(pick: Pick, answers: list[Any], at: int) -> tuple[bool, str]:
    try:
        proves(answers[at] if at < len(answers) else {}, pick)
    except NotProven as error:
        return False, f"{_say(pick)}: {error}"
    return True, f"{_say(pick)}: {answers[at].get('part')}"


def _answers(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
        if found["format"] != FORMAT or not isinstance(found["answers"], list):
            raise UsageError(f"{path} was made by another version of Passerby", "use that one, or a newer")
        return dict(found)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(
            f"{path} holds no answers of a drill", "name what `passerby archive drill -o` wrote"
        ) from error


def _asked(answers: dict[str, Any]) -> dict[str, Any]:
    """What was asked for, as the answers say it: whoever asked compares."""
    if not isinstance(answers.get("seed"), str) or not all(
        isinstance(answers.get(name), int) and answers[name] >= 0 for name in ("chunks", "time")
    ):
        raise UsageError("these answers don't say what was asked", "name what `passerby archive drill -o` wrote")
    return {name: answers[name] for name in ("seed", "chunks", "time")} | {"chunks": min(answers["chunks"], 1000)}


def _tell(lines: list[tuple[bool, str]]) -> int:
    for proven, line in lines:
        typer.echo(f"{'proven' if proven else 'WRONG '}  {line}")
    wrong = sum(not proven for proven, _ in lines)
    if not lines:
        typer.echo("the ledger has no root of anything that is kept for three more hours: nothing to ask for")
        return EXIT_FAILED
    typer.echo(f"{len(lines)} chunks asked for, {wrong} wrong. A drill catches mistakes; it can't catch a cheat.")
    return EXIT_FAILED if wrong else EXIT_DONE


def _say(pick: Pick) -> str:
    return f"{pick.camera} {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime(pick.hour * HOUR))}"
