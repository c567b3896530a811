"""What an outsider counts: the same as a report over the whole log, however often it looked on the way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.unit.charter.report.city import CHIEF, DAY, MACHINE, NEXT, POLICY, YEAR, Ledger, camera, sha, year

from passerby.charter.report.report import compute
from passerby.charter.watched.account import COUNTED, Account, Chronicle
from passerby.charter.watched.sections import sections
from passerby.charter.watched.words import DUTIES, LANGUAGES, WORDS
from passerby.ledger.errors import Refuted, Unreadable
from passerby.ledger.verify import Trust, parse_policy
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import Folder

NOW = NEXT + 2 * DAY


@pytest.fixture(scope="module")
def city() -> Ledger:
    return year()


@pytest.fixture(scope="module")
def held(city: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(city.write(tmp_path_factory.mktemp("held")), LocalDisk())


@pytest.fixture(scope="module")
def account(city: Ledger, held: Folder) -> Account:
    return Chronicle(held.get).account(len(city.entries), NOW)


def test_it_agrees_with_a_report_over_the_whole_log(account: Account, held: Folder) -> None:
    policy = parse_policy(POLICY)
    report = compute(held.get, Trust(policy=policy), 0, NOW, provisional=True)
    assert account.lines == dict(report.lines)
    assert account.ever["look"] == report.lines["acts.look"] > 0
    assert account.lines["cameras.phase.active"] == 12


def test_looking_often_counts_nothing_twice(city: Ledger, account: Account, tmp_path: Path) -> None:
    chronicle, size = Chronicle(Folder(tmp_path, LocalDisk()).get), len(city.entries)
    for part in sorted({1, 20, size // 2, size - 1, size}):
        Ledger(entries=city.entries[:part], lists=city.lists).write(tmp_path)
        assert chronicle.account(part, NOW).entries == part
    assert chronicle.account(size, NOW) == account


def test_months_and_thirty_days_are_of_the_log_s_own_time(tmp_path: Path) -> None:
    it = Ledger()
    it.add(YEAR, CHIEF, act="site-root", content=sha("root"))
    times = (YEAR + DAY, YEAR + 40 * DAY, YEAR + 41 * DAY)
    for at in times:
        look = {"camera": camera(1), "purpose": "audit", "case": sha("case"), "content": sha(at), "until": at + 900}
        it.add(at, MACHINE, act="look", **look)
    found = Chronicle(Folder(it.write(tmp_path), LocalDisk()).get).account(len(it.entries), YEAR + 45 * DAY)
    assert (found.lately["look"], found.ever["look"]) == (2, 3)
    assert [counts["look"] for _, counts in found.months][:3] == [2, 1, 0]
    assert len({month for month, _ in found.months}) == 12


def test_a_log_without_acts_is_not_counted(tmp_path: Path) -> None:
    it = Ledger(entries=[b"no act"])
    with pytest.raises(Unreadable, match="entry 0 is no act"):
        Chronicle(Folder(it.write(tmp_path), LocalDisk()).get).account(1, NOW)


def test_an_exchanged_list_is_refuted_each_time_it_is_counted(city: Ledger, tmp_path: Path) -> None:
    folder = city.write(tmp_path)
    listed = next((folder / "lists").iterdir())
    listed.write_bytes(listed.read_bytes() + b"{}\n")
    chronicle = Chronicle(Folder(folder, LocalDisk()).get)
    for _ in range(2):
        with pytest.raises(Refuted, match="not the one that was logged"):
            chronicle.account(len(city.entries), NOW)


def test_both_languages_have_all_words_and_the_same_numbers(account: Account) -> None:
    assert WORDS["en"].keys() == WORDS["zh-Hant"].keys()
    english, chinese = (sections(account, language) for language in LANGUAGES)
    for one, other in zip(english, chinese, strict=True):
        assert one.title != other.title
        assert one.marked == other.marked
        numbers = [[re.sub(r"[^0-9,-]", "", cell) for cell in row[1:]] for row in one.rows]
        assert numbers == [[re.sub(r"[^0-9,-]", "", cell) for cell in row[1:]] for row in other.rows]
        assert all(len(row) == len(one.head) for row in one.rows)


def test_a_broken_promise_is_marked(account: Account) -> None:
    marked = {section.rows[row][0] for section in sections(account, "en") for row in section.marked}
    lines, words = account.lines, WORDS["en"]
    assert {duty for duty in DUTIES if words[duty] in marked} == {d for d in DUTIES if lines[f"duty.{d}.overdue"]}
    assert lines["hours.stations-silent"]
    assert words["hours.stations-silent"] in marked
    assert words["permit"] not in marked


def test_every_kind_that_is_counted_has_a_word() -> None:
    for language in LANGUAGES:
        assert all(WORDS[language][kind] for kind in COUNTED)
