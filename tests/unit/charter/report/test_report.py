"""The report: what it counts, that anybody computes the same bytes, and that a forged one is refuted by its line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.report import city
from tests.unit.charter.report.city import CHIEF, CLERK, DAY, NEXT, PAPER, POLICY, VKEY, WATCHER, YEAR, Ledger, sha

from passerby.charter.matter import draw
from passerby.charter.report.items import LAWS, Topic, figures, name_of
from passerby.charter.report.page import page
from passerby.charter.report.report import Report, compute, parse, refute
from passerby.ledger.errors import Misuse, Refuted, Unreadable
from passerby.ledger.lists import list_path, write_lines
from passerby.ledger.schema import FIRST, format_act, parse_act
from passerby.ledger.verify import Reader, Trust, leaf_hash, parse_policy, parse_vkey
from passerby.press.reports import report_pdf


def reader(folder: Path) -> Reader:
    return lambda path: (folder / path).read_bytes() if (folder / path).is_file() else None


def trust() -> Trust:
    return Trust([parse_vkey(VKEY)])


def made(folder: Path, begins: int = YEAR, ends: int = NEXT, **more: bool) -> Report:
    return compute(reader(folder), trust(), begins, ends, **more)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return city.year().write(tmp_path_factory.mktemp("city") / "log")


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    return made(folder)


def test_a_draw_that_is_told_twice_is_counted_once(tmp_path: Path) -> None:
    """Also where it was told first before the period."""
    ledger = city.Ledger()
    for now, content, thousandths in (
        (YEAR - DAY, "before", 100), (YEAR + DAY, "before", 100), (YEAR + DAY, "one", 250),
        (YEAR + 2 * DAY, "one", 250), (YEAR + 2 * DAY, "two", 250),
    ):  # fmt: skip
        ledger.add(now, CLERK, act="budget", content=sha(content), thousandths=thousandths)
    lines = made(ledger.write(tmp_path / "log"), provisional=True).lines
    assert (lines["budget.thousandths"], lines["acts.budget"]) == (500, 4)


def test_what_the_year_comes_to(report: Report) -> None:
    want = {
        "look.purpose.crowd-safety": 12, "look.purpose.incident-review": 12, "look.purpose.audit": 12,
        "look.purpose.legal-order": 0, "acts.unseal": 0, "acts.export": 1, "share.recipient.court": 1,
        "share.recipient.police": 0, "share.basis.court-order": 1, "because.reason.overcrowding": 3,
        "case.purpose.access-request": 5, "acts.request": 5, "duty.access-request.promised": 5,
        "duty.access-request.in-time": 3, "duty.access-request.late": 1, "duty.access-request.overdue": 1,
        "duty.access-request.open": 1, "duty.access-request.outcome.answered": 2,
        "duty.access-request.outcome.refused": 1, "because.reason.other-people": 1, "because.reason.only-redacted": 1,
        "duty.complaint.in-time": 1, "duty.complaint.outcome.upheld": 1, "duty.incident-notice.in-time": 1,
        "duty.justification.late": 1, "duty.justification.overdue": 0, "cameras.phase.active": 12,
        "cameras.active.area.area-00": 4, "cameras.active.owner.org-01": 12, "phase.active": 12, "phase.proposed": 0,
        "staff.role.viewer": 1, "staff.role.desk": 0, "spent.eur.staff": 8_400_000, "loosen.setting.period": 1,
        "tighten.setting.retention": 1, "finding.audio": 1, "finding.unregistered": 0,
        "permit.purpose.crowd-safety": 12,
        "hours.camera-hours": 48 * 12, "hours.stations": 1, "hours.stations-silent": 1, "keys.birth": 48 * 6,
        "keys.death": 23 * 6, "keys.silent": 48 * 6, "keys.late": 0, "keys.alive": 25 * 6, "keys.overdue": 25 * 6,
        "draw.looks-waiting": 1, "draw.looks-overdue": 1, "draw.looks-covered": 36, "draw.without-a-witness": 0,
        "acts.draw": 3, "share.exports-unexplained": 0, "acts-logged-late": 0, "acts.report": 0, "acts.site-root": 0,
    }  # fmt: skip
    assert {name: report.lines.get(name) for name in want} == want
    drawn, reviewed = report.lines["duty.look-review.promised"], report.lines["duty.look-review.in-time"]
    assert 3 <= drawn < 36 and report.lines["duty.look-review.overdue"] == drawn - reviewed > 0
    assert report.lines["duty.look-review.outcome.violation"] == 1
    assert report.over and report.keys and (report.begins, report.ends) == (YEAR, NEXT)


def test_periods_add_up(folder: Path, report: Report) -> None:
    """Four quarters have the year's acts; what is open is told as of each one's end."""
    bounds = [YEAR, YEAR + 90 * DAY, YEAR + 181 * DAY, YEAR + 273 * DAY, NEXT]
    quarters = [made(folder, a, b) for a, b in pairwise(bounds)]
    for name, value in report.lines.items():
        if name.startswith(("acts.", "look.", "share.", "spent.", "phase.", "case.")):
            assert sum(q.lines.get(name, 0) for q in quarters) == value, name
    assert [q.first for q in quarters[1:]] == [q.size for q in quarters[:-1]]
    assert quarters[1].lines["duty.access-request.open"] == 1, "asked in spring, never answered"


def test_a_later_ledger_gives_the_same_report(folder: Path, report: Report, tmp_path: Path) -> None:
    grown = city.year()
    for number in range(700):
        grown.add(NEXT + DAY + number, CLERK, act="comment", content=sha(number))
    assert made(grown.write(tmp_path / "log", NEXT + 9 * DAY)).encode() == report.encode()


def test_every_kind_of_act_has_its_line_even_with_zero(report: Report) -> None:
    assert {f"acts.{kind}" for kind in FIRST["acts"]} <= report.lines.keys()
    assert sum(value == 0 for value in report.lines.values()) > 100
    assert list(report.lines) == sorted(report.lines)


def test_every_item_of_every_law_has_lines_and_every_line_a_name(report: Report) -> None:
    for topic in Topic:
        for start in topic.value[1]:
            assert any(name.startswith(start) for name in report.lines), f"{topic}: {start}"
        assert any(topic in item.topics for law in LAWS for item in law.items) or topic is Topic.LEDGER
    shown = [name for topic in Topic for name, _ in figures(topic, report.lines)]
    assert sorted(shown) == list(report.lines), "each line is shown once"
    assert [name for name in report.lines if name_of(name) == name] == []
    shown_page = page(report).decode()
    assert all(f"<code>{name}</code>" in shown_page for name, value in report.lines.items() if value)


PROGRAM = """
import sys
from itertools import pairwise
from pathlib import Path
from passerby.charter.report.page import page
from passerby.charter.report.report import compute
from passerby.ledger.verify import Trust, parse_vkey
from passerby.press.reports import report_pdf
folder, out = Path(sys.argv[1]), Path(sys.argv[2])
read = lambda p: (folder / p).read_bytes() if (folder / p).is_file() else None
found = compute(read, Trust([parse_vkey(sys.argv[3])]), int(sys.argv[4]), int(sys.argv[5]))
for name, content in (("json", found.encode()), ("html", page(found)), ("pdf", report_pdf(found))):
    (out / name).write_bytes(content)
"""


def test_two_machines_build_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """Another language, time zone, hash seed, home and working folder, and each its own mirror."""
    outs = []
    for name, environment in (
        ("one", {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1"}),
        ("two", {"LC_ALL": "tr_TR.UTF-8", "LANG": "zh_HK.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "4242"}),
    ):
        place = tmp_path / name
        copy = shutil.copytree(folder, place / "mirror")
        out = place / "out"
        out.mkdir()
        clean = {key: value for key, value in os.environ.items() if key in ("PATH", "PYTHONPATH")}
        subprocess.run(
            [sys.executable, "-c", PROGRAM, copy, out, VKEY, str(YEAR), str(NEXT)],
            env={**clean, **environment, "HOME": str(place)}, cwd=place, check=True,
        )  # fmt: skip
        outs.append([(out / kind).read_bytes() for kind in ("json", "html", "pdf")])
    assert outs[0] == outs[1]
    assert outs[0][2].startswith(b"%PDF")


def test_a_forged_report_is_refuted_by_its_line(report: Report) -> None:
    assert refute(report, report) == []
    for name in ("look.purpose.audit", "duty.access-request.late", "acts.unseal"):
        forged = parse(Report(**{**_fields(report), "lines": {**report.lines, name: 7}}).encode())
        assert refute(forged, report) == [f"line {name} says 7, the ledger says {report.lines[name]}"]
    dropped = {n: v for n, v in report.lines.items() if n != "keys.overdue"}
    found = refute(Report(**{**_fields(report), "lines": dropped}), report)
    assert found == [f"line keys.overdue says nothing, the ledger says {report.lines['keys.overdue']}"]
    added = Report(**{**_fields(report), "lines": {**report.lines, "awards": 1}, "root": "0" * 64})
    assert len(refute(added, report)) == 2 and "line awards says 1, the ledger says nothing" in refute(added, report)


def _fields(report: Report) -> dict[str, object]:
    return {name: getattr(report, name) for name in Report.__slots__}


@given(st.data())
def test_any_change_of_any_line_is_found(report: Report, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(report.lines)))
    value = data.draw(st.integers(0, (1 << 53) - 1).filter(lambda v: v != report.lines[name]))
    forged = parse(Report(**{**_fields(report), "lines": {**report.lines, name: value}}).encode())
    (found,) = refute(forged, report)
    assert found.startswith(f"line {name} says {value}, ")


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"null", b"[]", b"\xff", b'{"format":"passerby/report@1"}', b"{" * 5000,
        b'{"format":"passerby/report@1","first":0,"from":1,"keys":true,"lines":{"a":1.5},"log":"x","over":true}',
    ],
)  # fmt: skip
def test_what_is_no_report(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(raw)


def test_a_report_in_another_form_is_none(report: Report) -> None:
    assert parse(report.encode()) == report
    spaced = json.dumps(json.loads(report.encode())).encode()
    for raw, words in (
        (spaced, "canonical"),
        (report.encode().replace(b'"over":true', b'"over":1'), "not a report"),
        (report.encode().replace(b'"acts.look":36', b'"acts.look":-36'), "no number"),
        (report.encode().replace(b'"acts.look":36', b'"acts.look":"36"'), "no number"),
        (report.encode().replace(b'"keys":true', b'"keys":true,"keys":true'), "not a report"),
    ):
        with pytest.raises(Unreadable, match=words):
            parse(raw)


def test_a_period_that_is_not_over(folder: Path) -> None:
    with pytest.raises(Unreadable, match="not over"):
        made(folder, YEAR, NEXT + DAY)
    open_ = made(folder, YEAR, NEXT + DAY, provisional=True)
    assert not open_.over and open_.lines["acts.report"] == 1
    assert b"PROVISIONAL" in page(open_)
    cut = compute(reader(folder), trust(), YEAR, NEXT + DAY, provisional=True, most=open_.size - 1)
    assert cut.size == open_.size - 1
    with pytest.raises(Misuse, match="before it begins"):
        made(folder, NEXT, YEAR)


def test_without_keys_says_so(folder: Path, report: Report) -> None:
    bare = made(folder, keys=False)
    assert not any(name.startswith("keys.") for name in bare.lines)
    assert b"is not told here" in page(bare) and b"is not told here" not in page(report)


def test_nothing_is_told_of_a_ledger_that_is_not_sound(folder: Path, tmp_path: Path) -> None:
    def spoilt(name: str) -> Path:
        return shutil.copytree(folder, tmp_path / name)

    swapped = spoilt("swapped")
    bundle = next(path for path in (swapped / "tile" / "entries").rglob("*") if path.is_file())
    bundle.write_bytes(bundle.read_bytes().replace(b'"purpose":"audit"', b'"purpose":"tidua"'))
    with pytest.raises(Refuted):
        made(swapped)
    for number, path in enumerate(sorted((folder / "lists").iterdir())[:3]):
        gone = spoilt(f"gone-{number}")
        (gone / "lists" / path.name).unlink()
        with pytest.raises(Unreadable, match="is missing"):
            made(gone)
        changed = spoilt(f"changed-{number}")
        (changed / "lists" / path.name).write_bytes(path.read_bytes() + b"{}\n")
        with pytest.raises(Refuted, match="not the one that was logged"):
            made(changed)
    with pytest.raises(Refuted, match=r"another log|not signed"):
        compute(reader(folder), Trust([PAPER.key]), YEAR, NEXT)


def test_a_policy_demands_its_witnesses_of_each_draw(folder: Path) -> None:
    def demanding(raw: bytes) -> Trust:
        return Trust([], parse_policy(raw))

    assert compute(reader(folder), demanding(POLICY), YEAR, NEXT).lines["acts.draw"] == 3
    with pytest.raises(Refuted, match="quorum"):
        compute(reader(folder), demanding(city.OTHER_POLICY), YEAR, NEXT)


def small(tmp_path: Path, it: Ledger) -> Report:
    it.add(NEXT + 1, CLERK, act="comment", content=sha("after"))
    return made(it.write(tmp_path / "log"), keys=False)


def look(it: Ledger, at: int) -> None:
    about = {"camera": "cam-01", "purpose": "audit", "case": sha("c"), "until": at + 60}
    it.add(at, WATCHER, act="look", **about, **city.content_of("look", at))


def test_an_export_that_nobody_explains_is_told(tmp_path: Path) -> None:
    it = Ledger()
    about = {"camera": "cam-01", "purpose": "audit", "case": sha("c")}
    for number in range(3):
        it.add(YEAR + number, WATCHER, act="export", content=sha(number), **about)
    it.add(YEAR + 9, CLERK, act="share", content=sha(1), recipient="police", basis="warrant", **about)
    assert small(tmp_path, it).lines["share.exports-unexplained"] == 2


def test_draws_that_cheat_are_refuted(tmp_path: Path) -> None:
    """Each cheat that a log's keeper could try: a kinder choice, a gap, a foreign or an earlier checkpoint."""

    def begin() -> Ledger:
        it = Ledger()
        for number in range(40):
            look(it, YEAR + number)
        return it

    def drawing(it: Ledger, **change: object) -> tuple[dict[str, object], bytes]:
        act, content, _ = draw.make(
            it.note(YEAR + DAY), [PAPER.key], 0, len(it.entries), it.looks(0, len(it.entries)), 300, YEAR + 9 * DAY
        )
        return {**act, **change}, content

    def logged(it: Ledger, act: dict[str, object], content: bytes) -> Ledger:
        it.lists[list_path(str(act["list"]))] = content
        it.add(YEAR + DAY, CHIEF, **act)
        return it

    honest = small(tmp_path / "honest", logged(it := begin(), *drawing(it)))
    assert 0 < honest.lines["duty.look-review.promised"] < 40

    it = begin()
    act, content = drawing(it)
    fewer, kinder = write_lines(content.split(b"\n")[:-2])
    for name, it_, act_, content_, words in (
        ("kinder", it, {**act, "list": fewer}, kinder, "not what its checkpoint decides"),
        ("gap", begin(), *drawing(begin(), first=3), "leaves entries out"),
        ("empty", begin(), *drawing(begin(), last=0), "leaves entries out"),
        ("future", begin(), *drawing(begin(), size=4000), "leaves entries out"),
        ("none", begin(), *drawing(begin(), thousandths=0), "no share"),
        ("other", begin(), *drawing(begin(), root="0" * 64), "another checkpoint than its list"),
        ("share", begin(), *drawing(begin(), thousandths=1), "not what its checkpoint decides"),
    ):
        with pytest.raises(Refuted, match=words):
            small(tmp_path / name, logged(it_, act_, content_))

    foreign = Ledger()
    for number in range(41):
        look(foreign, YEAR + 7 * number)
    act, content, _ = draw.make(
        foreign.note(YEAR + DAY, size=41), [PAPER.key], 0, 41, begin().looks(0, 41), 300, YEAR + 9 * DAY
    )
    with pytest.raises(Refuted, match="a checkpoint of another log"):
        small(tmp_path / "foreign", logged(begin(), dict(act), content))


def test_a_witness_that_did_not_cosign_does_not_count(tmp_path: Path) -> None:
    it = Ledger()
    look(it, YEAR)
    note = it.note(YEAR + 1, witnesses=())
    act, content, _ = draw.make(note, [PAPER.key], 0, 2, it.looks(0, 2), 1000, YEAR + DAY)
    head = json.loads(content.split(b"\n")[0])
    assert head["witnesses"] == []
    head["witnesses"] = [city.format_vkey(PAPER.key)]
    root, content = write_lines([rfc8785.dumps(head), *content.split(b"\n")[1:-1]])
    it.lists[list_path(root)] = content
    it.add(YEAR + 2, CHIEF, **{**act, "list": root})
    with pytest.raises(Refuted, match="did not cosign"):
        small(tmp_path, it)


def test_a_draw_without_a_witness_is_counted_as_such(tmp_path: Path) -> None:
    it = Ledger()
    look(it, YEAR)
    it.draw(YEAR + 1, 0, 1000, keys=())
    assert small(tmp_path, it).lines["draw.without-a-witness"] == 1


lists = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from([b"{}", b"[]", b'{"note":"x","witnesses":[]}', b'{"note":1,"witnesses":5}', b'{"a":1,"a":1}']),
        st.builds(
            lambda n, leaf: b'{"entry":%d,"leaf":"%s"}' % (n, leaf),
            st.integers(0, 9),
            st.sampled_from([b"x", b"a" * 64]),
        ),
    ),
    max_size=4,
)


@given(lists)
def test_whatever_a_draw_s_list_holds_is_refused_by_name(lines: list[bytes]) -> None:
    act = {"first": 0, "last": 5, "size": 5, "root": "0" * 64, "thousandths": 9}
    with pytest.raises((Refuted, Unreadable)):
        draw.verify(act, 9, 0, lines, [])


looks = st.lists(st.binary(min_size=32, max_size=32), max_size=60, unique=True).map(
    lambda leaves: [draw.Seen(n, leaf) for n, leaf in enumerate(leaves)]
)


@given(st.binary(min_size=32, max_size=32), looks, st.integers(1, 1000))
def test_draws_are_decided_by_the_seed_alone(seed: bytes, seen: list[draw.Seen], thousandths: int) -> None:
    taken = draw.draw(seed, seen, thousandths)
    assert taken == draw.draw(seed, seen, thousandths)
    assert bool(taken) == bool(seen) and set(taken) <= set(seen)
    assert len(draw.draw(seed, seen, 1000)) == len(seen)
    if len(taken) > 1:
        assert set(taken) <= set(draw.draw(seed, seen, min(1000, thousandths + 100)))


def test_a_share_is_met_on_average() -> None:
    seen = [draw.Seen(n, leaf_hash(bytes([n % 256, n // 256]))) for n in range(20_000)]
    share = len(draw.draw(b"s" * 32, seen, 100)) / len(seen)
    assert 0.09 < share < 0.11  # five standard deviations


def test_what_is_no_act_or_another_schema_is_said(tmp_path: Path) -> None:
    it = Ledger()
    look(it, YEAR)
    it.entries.append(b'{"act":"look"}')
    with pytest.raises(Unreadable, match="entry 2 is no act"):
        made(it.write(tmp_path / "a"), keys=False, provisional=True)
    it = Ledger()
    look(it, YEAR)
    document = json.loads(format_act(parse_act(it.entries[0])))["schema"]
    document["v"], document["acts"]["done"] = 2, {"subject": "hash"}
    it.add(YEAR + 1, act="schema", schema=document)
    with pytest.raises(Unreadable, match="'done' in another way"):
        made(it.write(tmp_path / "b"), keys=False, provisional=True)


def test_the_page_escapes_what_a_ledger_calls_itself(report: Report) -> None:
    evil = Report(**{**_fields(report), "log": "<script>x</script>&"})
    assert b"<script" not in page(evil) and b"&lt;script&gt;x" in page(evil)
    assert b"<script" not in page(report) and b"http" not in page(report)
    assert report_pdf(Report(**{**_fields(report), "log": '#panic("x") $ \\ "]'})).startswith(b"%PDF")
