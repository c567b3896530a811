"""`passerby account`: accounts, roles, links and keys from this machine's terminal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from passerby.access import keys, links
from passerby.access.room import open_room
from passerby.base.errors import AccessError, StoreError
from passerby.cli.access.account import app


def run(*words: str | Path) -> str:
    found = CliRunner().invoke(app, [str(word) for word in words])
    if found.exception:
        raise found.exception
    return found.output


def roles(data: Path) -> dict[str, list[str]]:
    return {row["name"]: row["roles"] for row in json.loads(run("list", data, "--json"))}


def test_accounts_from_the_terminal(tmp_path: Path) -> None:
    assert "nobody yet" in run("list", tmp_path)
    made = run("add", tmp_path, "kim", "--role", "admin")
    token = re.search(r"/enter#(\S+)", made)
    assert token is not None
    run("add", tmp_path, "ann", "--role", "operator@city", "--role", "supervisor@rail/north")
    assert roles(tmp_path) == {"ann": ["operator@city/*", "supervisor@rail/north"], "kim": ["admin"]}
    with pytest.raises(AccessError, match="at once"):
        run("grant", tmp_path, "ann", "auditor")
    run("grant", tmp_path, "ann", "operator@*/south")
    run("take", tmp_path, "ann", "operator@city")
    assert roles(tmp_path)["ann"] == ["supervisor@rail/north", "operator@*/south"]
    with pytest.raises(AccessError, match="no such role"):
        run("take", tmp_path, "ann", "operator@city")
    for wrong in ("chief", "operator@City", "operator@a/b/c", "operator@"):
        if wrong != "operator@":
            with pytest.raises(AccessError):
                run("grant", tmp_path, "ann", wrong)
    with pytest.raises(AccessError, match="nobody signs in as eve"):
        run("recover", tmp_path, "eve")
    assert "/enter#" in run("recover", tmp_path, "ann")
    run("end", tmp_path, "ann")
    assert set(roles(tmp_path)) == {"kim"}
    seen = [json.loads(line)["what"] for line in run("events", tmp_path, "--json").splitlines()]
    assert seen[:2] == ["ended", "recovery"] and {"granted", "taken", "added"} <= set(seen)
    with open_room(tmp_path) as room:
        assert links.follow(room, token[1], "a test", here=False).leads is links.Leads.INVITE


def test_a_link_of_the_terminal(tmp_path: Path) -> None:
    shown = run("link", tmp_path).strip()
    assert shown.startswith("/enter#")
    with open_room(tmp_path) as room:
        with pytest.raises(AccessError):
            links.follow(room, shown.removeprefix("/enter#"), "a test", here=False)
        assert links.follow(room, shown.removeprefix("/enter#"), "a test", here=True).leads is links.Leads.LOCAL


def test_keys_from_the_terminal(tmp_path: Path) -> None:
    token = run("key", "add", tmp_path, "board", "--right", "see-numbers", "--organisation", "city").strip()
    (listed,) = json.loads(run("key", "list", tmp_path, "--json"))
    assert (listed["name"], listed["rights"], listed["organisation"]) == ("board", ["see-numbers"], "city")
    assert token not in run("key", "list", tmp_path)
    for right in ("export", "decide", "nothing-such"):
        with pytest.raises(AccessError):
            run("key", "add", tmp_path, "board", "--right", right)
    with open_room(tmp_path) as room:
        assert keys.find(room, token) is not None
    run("key", "end", tmp_path, listed["id"])
    with open_room(tmp_path) as room:
        assert keys.find(room, token) is None


def test_a_folder_that_is_none_or_open_to_others(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no folder"):
        run("list", tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
    run("list", tmp_path)
    (tmp_path / "access").chmod(0o755)
    with pytest.raises(AccessError, match="open to others"):
        run("list", tmp_path)
    (tmp_path / "access").chmod(0o700)
    (tmp_path / "access" / "secret.key").write_bytes(b"short")
    with pytest.raises(AccessError, match="is damaged"):
        run("list", tmp_path)
