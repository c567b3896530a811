"""A log in an object store: moto's server speaks S3 over HTTP on the loopback address, obstore speaks back."""

from __future__ import annotations

import logging
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from tests.unit.ledger.kit import NOW
from typer.testing import CliRunner

from passerby.cli.app import app
from passerby.ledger.errors import Misuse, Unsafe
from passerby.ledger.ports import Objects
from passerby.ledger.verify import Trust, verify_log
from passerby.store.ledger.bucket import BucketError, open_bucket
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import Folder
from passerby.store.ledger.home import Home, create, open_log

ORIGIN = "example.org/bucket"
MANY = 256 * 5 + 7


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadedMotoServer]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    address = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    for name, value in {
        "AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "who", "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    # What it holds is the process's, and outlives a server.
    urllib.request.urlopen(urllib.request.Request(f"{address}/moto-api/reset", method="POST"), timeout=10).close()
    boto3.client("s3").create_bucket(Bucket="logs")
    yield server
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return Folder(tmp_path, LocalDisk())
    request.getfixturevalue("server")
    return open_bucket("s3://logs/city")


def test_both_kinds_keep_the_same_promises(objects: Objects) -> None:
    files = {f"tile/0/{n:03}": bytes([n]) * 40 for n in range(150)} | {"tile/0/000.p/9": b"part", "checkpoint": b""}
    objects.put(files.items())
    assert {path: objects.get(path) for path in files} == files
    assert objects.get("tile/0/999") is None and objects.get("../secret") is None and objects.get("tile/0") is None
    objects.put([("checkpoint", b"newer")])
    assert objects.get("checkpoint") == b"newer"
    objects.remove(["tile/0/000.p", "tile/0/998.p"])
    assert objects.get("tile/0/000.p/9") is None and objects.get("tile/0/000") == bytes(40)


def made(folder: Path) -> tuple[Home, Trust]:
    home = Home.at(folder / "city")
    (signer,) = create(home, ORIGIN, LocalDisk(), lambda: NOW, bytes, bucket="s3://logs/city")
    return home, Trust([signer.key])


def test_a_log_lives_in_a_bucket_and_goes_on(server: ThreadedMotoServer, tmp_path: Path) -> None:
    home, trust = made(tmp_path)
    for start in (0, MANY):
        with open_log(home, LocalDisk(), lambda: NOW) as log:
            log.append_many([(b"entry %d" % n, b"") for n in range(start, start + MANY)])
    found: list[bytes] = []
    verify_log(home.objects(LocalDisk()).get, trust, lambda _, entry: found.append(entry))
    assert found == [b"entry %d" % n for n in range(2 * MANY)]
    assert not home.folder.exists()
    assert home.objects(LocalDisk()).get("log.vkey")
    with pytest.raises(Misuse, match="there is a log"):
        made(tmp_path / "elsewhere")


def test_a_store_that_goes_away_loses_nothing(server: ThreadedMotoServer, tmp_path: Path) -> None:
    home, trust = made(tmp_path)
    log = open_log(home, LocalDisk(), lambda: NOW)
    log.append_many([(b"entry %d" % n, b"") for n in range(MANY)])
    # The bucket itself goes: worse than a network that fails.
    s3 = boto3.client("s3")
    before = home.objects(LocalDisk()).get("checkpoint")
    s3.delete_objects(Bucket="logs", Delete={"Objects": [{"Key": o["Key"]} for o in _all(s3)]})
    kept = before or b""
    s3.delete_bucket(Bucket="logs")
    with pytest.raises(Unsafe, match="the ledger can't be written"):
        log.publish()
    log.abandon()
    s3.create_bucket(Bucket="logs")
    home.objects(LocalDisk()).put([("checkpoint", kept)])
    with open_log(home, LocalDisk(), lambda: NOW) as again:
        assert again.size == MANY
    verify_log(home.objects(LocalDisk()).get, trust)


def _all(s3: object) -> list[dict[str, str]]:
    return list(s3.list_objects_v2(Bucket="logs").get("Contents", []))  # type: ignore[attr-defined]


def test_the_commands_know_where_a_log_is(server: ThreadedMotoServer, tmp_path: Path) -> None:
    run, city = CliRunner().invoke, str(tmp_path / "city")
    begun = run(app, ["ledger", "init", city, "--origin", ORIGIN, "--bucket", "s3://logs/cli"])
    assert begun.exit_code == 0, begun.output
    vkey = begun.output.strip()
    appended = run(app, ["ledger", "append", "--raw", city], input=b"one\ntwo\n")
    assert "2 entries appended" in appended.output
    for command in (["verify", city, "--vkey", vkey], ["fsck", city], ["prove", city, "1"]):
        done = run(app, ["ledger", *command])
        assert done.exit_code == 0, done.output
    assert (tmp_path / "city.bucket").read_text() == "s3://logs/cli\n"


@pytest.mark.parametrize("address", ["", "s3://", "s3://A", "https://example.org/b", "s3://logs/../x y", "logs"])
def test_what_is_no_bucket(address: str) -> None:
    with pytest.raises(Misuse, match=r"is no bucket: write s3://NAME/PREFIX"):
        open_bucket(address)


def test_a_store_that_is_not_there_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "who", "AWS_REGION": "x",
                        "AWS_SECRET_ACCESS_KEY": "do-not-print-me"}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    with pytest.raises(BucketError) as told:
        open_bucket("s3://logs/city").get("checkpoint")
    assert "\n" not in str(told.value) and "do-not-print-me" not in str(told.value)
    city = str(tmp_path / "city")
    done = CliRunner().invoke(app, ["ledger", "init", city, "--origin", ORIGIN, "--bucket", "s3://logs/cli"])
    assert done.exit_code == 3 and len(done.output.strip().splitlines()) == 1, done.output
    assert "the bucket does not take or give checkpoint" in done.output
    assert not (tmp_path / "city.key").exists()
