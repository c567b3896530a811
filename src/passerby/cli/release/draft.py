"""``passerby release plan``, ``draft`` and ``sign``."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from passerby.base.errors import CharterError, UsageError
from passerby.charter.document import Unsound, write
from passerby.cli.oversight import common
from passerby.cli.oversight.root import load
from passerby.crowd import scene_file
from passerby.ledger.note import sign_note
from passerby.release.choose import best, errors
from passerby.release.day import half_width
from passerby.release.noise import Mechanism
from passerby.release.plan import Plan, parse_plan
from passerby.release.protection import epsilon
from passerby.release.tree import Level, Shape, variance_of_span, weigh
from passerby.station.settings import read_site
from passerby.store.ledger.home import read_signers

Out = Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where to write.")]
DAY_BINS = 96
DEMO_MARK = "DEMO"
_WORDS = {
    "purpose", "publisher", "contact", "licence", "zone", "mechanism", "budget", "cap", "clamp", "threshold",
    "first_day", "last_day", "due_h", "cameras", "areas", "names", "levels",
}  # fmt: skip
_OPTIONAL: dict[str, Any] = {
    "purpose": "flow-statistics", "licence": "CC-BY-4.0", "mechanism": Mechanism.LAPLACE.value, "budget": 1.0,
    "cap": 2.0, "clamp": 5000, "threshold": 10, "due_h": 6, "areas": {}, "names": {}, "levels": None,
}  # fmt: skip


def plan(settings: Annotated[Path, typer.Argument(metavar="SITE.TOML", help="The station's settings.")]) -> None:
    """Print a plan for all lines of a station's cameras, to be completed by people."""
    today = datetime.now(UTC).date()
    lines = {}
    for camera in read_site(settings).cameras:
        if scene := camera.read_scene():
            lines[camera.name] = [line.id for line in scene_file.parse(scene).lines]
    cameras = {name: sorted(found) for name, found in lines.items() if found}
    if not cameras:
        raise UsageError(f"no camera of {settings} has a line", "draw one first: passerby scene edit")
    first = next(f"{camera}/{found[0]}" for camera, found in cameras.items())
    typer.echo("\n".join([
        'publisher = "Who publishes"', 'contact = "open-data@example.org"', 'licence = "CC-BY-4.0"',
        'zone = "Asia/Hong_Kong"               # time zone of the days',
        'purpose = "flow-statistics"           # or another of the site root\'s',
        'mechanism = "discrete-laplace"        # or "discrete-gaussian"; then budgets are of rho, not of epsilon',
        "budget = 1.0                          # for one passage and day",
        "cap = 2.0                             # most ever spent on a camera's day: room for one draw lost to a crash",
        "clamp = 5000                          # most passages of one quarter hour and direction that count",
        "threshold = 10                        # numbers below it are not shown",
        f'first_day = "{today}"', f'last_day = "{today + timedelta(days=365)}"',
        "due_h = 6                             # hours after its end that a day is published",
        "", "[cameras]", *[f"{name} = {json.dumps(found)}" for name, found in cameras.items()],
        "", "# An area is a set of lines, each with the way that leads in. Closed: there is no other way in or out.",
        "# [areas.square]", "# closed = false", f"# lines = {{{json.dumps(first)} = \"in\"}}",
        "", f"[names.{json.dumps(first)}]", f"en = {json.dumps(first)}", f"zh-Hant = {json.dumps(first)}",
    ]))  # fmt: skip


def draft(
    file: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan (TOML); `release plan` prints one.")],
    root: Annotated[Path, typer.Option("--root", metavar="ROOT", help="The site root in force.")],
    out: Out,
) -> None:
    """Draft a plan to be signed. The shape of the draws is the one with the least computed error."""
    held, _ = load(root)
    found = common.plan(file)
    if odd := found.keys() - _WORDS:
        raise UsageError(f"the plan has {', '.join(sorted(odd))}", f"it may have {', '.join(sorted(_WORDS))}")
    if missing := _WORDS - _OPTIONAL.keys() - found.keys():
        raise UsageError(f"the plan lacks {', '.join(sorted(missing))}", "`passerby release plan` prints a whole one")
    drafted = _drafted(_OPTIONAL | found, held.site, held.hash)
    common.save(out, drafted.text().encode())
    typer.echo("\n".join(words(drafted)))
    typer.echo(f"\nOperator and reviewer sign: passerby release sign {out} --key KEY -o {out.with_suffix('.note')}")


def _drafted(found: Mapping[str, Any], site: str, root: str) -> Plan:
    try:
        mechanism = Mechanism(found["mechanism"])
        budget, cap = (round(1000 * float(found[name])) for name in ("budget", "cap"))
        if not 1 < budget <= cap:
            raise UsageError("the budget is above the cap, or nothing", "give both above 0, the cap no less")
        shape = best(mechanism, budget, DAY_BINS)[1]
        if found["levels"] is not None:
            shape = Shape(mechanism, tuple(Level(width, cost) for width, cost in found["levels"]))
        rest = {n: found[n] for n in _WORDS - {"mechanism", "budget", "cap", "levels", "cameras", "areas"}}
        fields = {
            **rest, "format": "passerby/release-plan@1", "site": site, "root": root, "cap": cap, "bin_minutes": 15,
            "mechanism": mechanism.value, "levels": [[level.width, level.cost] for level in shape.levels],
            "cameras": {name: sorted(lines) for name, lines in found["cameras"].items()},
            "areas": {n: {"closed": a["closed"], "lines": a["lines"]} for n, a in found["areas"].items()},
            "issued": int(time.time()),
        }  # fmt: skip
        return parse_plan(_as_note(fields))
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        raise UsageError(f"the plan has a value of the wrong kind ({error})", "see `release plan`") from error
    except Unsound as error:
        raise UsageError(f"the plan makes no sound document: {error.detail or error.message}", "mend it") from error


def _as_note(fields: Mapping[str, Any]) -> bytes:
    return (write(fields) + common.NOBODY).encode()


def sign(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A plan: a draft or a signed note.")],
    out: Out,
    key: common.KeyFile = None,
    token: common.Token = None,
    name: common.Name = "",
    passphrase_file: common.PassphraseFile = None,
    given: common.Hash = None,
    demo: Annotated[
        Path | None, typer.Option("--demo", metavar="FOLDER", help="Sign with a demo site's keys, for both sides.")
    ] = None,
) -> None:
    """Sign a plan, after reading it in words. Operator and reviewer sign, one after the other."""
    found = parse_plan(common.draft_or_note(file))
    typer.echo("\n".join(words(found)))
    if demo is not None:
        if not (demo / DEMO_MARK).is_file():
            raise CharterError(f"{demo} is no site for show", "sign with --key, each side its own")
        signers = [signer for who in ("operator", "reviewer") for signer in read_signers(demo / "keys" / f"{who}.key")]
        common.save(out, sign_note(found.text(), signers, int(time.time())))
    else:
        common.confirm(found.hash, given)
        common.add_signature(file, out, common.signing(key, token, name, passphrase_file))
    typer.echo(f"signed: {out}")


def words(found: Plan) -> list[str]:
    """A plan for people."""
    shape = found.shape
    measure = shape.mechanism.measure
    top = weigh(shape, shape.root(DAY_BINS), [False] * DAY_BINS, None)
    half = [half_width(variance_of_span(top, 40, 40 + width)) for width in (1, 4)]
    day = half_width(variance_of_span(top, 0, DAY_BINS))
    levels = ", ".join(
        f"{'day' if not level.width else f'{level.width * 15} min'} {level.cost / 1000:g}" for level in shape.levels
    )
    running = errors(shape, DAY_BINS).running
    return [
        f"release plan of {found.site} by {found.publisher}, {found.licence}",
        f"hash: {found.hash}",
        f"days {found.first_day} to {found.last_day} in {found.zone}, each published {found.due_h} h after its end",
        *[f"camera {camera}: lines {', '.join(lines)}" for camera, lines in found.cameras.items()],
        *[f"area {n}{' (closed)' if a.closed else ''}: {', '.join(a.lines)}" for n, a in found.areas.items()],
        f"protects one passage: {measure} {shape.cost / 1000:g} a day ({shape.mechanism.value}: {levels}); "
        f"who is seen ten times: epsilon {epsilon(shape.mechanism, shape.cost, 10):.3g}",
        f"a camera's day may cost {found.cap / 1000:g} at most; a quarter hour counts {found.clamp} at most; "
        f"numbers below {found.threshold} are not shown",
        f"exact to ±{half[0]} (quarter hour), ±{half[1]} (hour), ±{day} (day) in 9 of 10 cases; presence worst case "
        f"sd {running:.1f} a direction",
    ]
