"""Where the server may listen, and under which names: other machines only with TLS and accounts."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.requests import HTTPConnection
from tests.unit.server.town import town

from passerby.access import accounts
from passerby.access.roles import Grant, Role
from passerby.access.room import open_room
from passerby.base.errors import UsageError
from passerby.cli.serve import apart
from passerby.server.names import Names
from passerby.server.serve import listen
from passerby.server.where import Where, address

COMMAND = (sys.executable, "-m", "passerby.cli")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Where:
    """A certificate of our own for a host and this machine, and its key."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cameras.example")])
    names = [x509.DNSName("cameras.example"), x509.DNSName("*.wild.example"), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "server.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.key").write_bytes(key.private_bytes(*plain))
    return Where("0.0.0.0", certificate=folder / "server.pem", key=folder / "server.key")


@pytest.mark.parametrize(
    ("where", "accounts_", "why"),
    [
        (Where("0.0.0.0"), True, "without TLS"),
        (Where("::"), True, "without TLS"),
        (Where("192.0.2.4"), True, "without TLS"),
        (Where("cameras.example"), True, "no numeric address"),
        (Where(certificate=Path("/dev/null")), True, "needs its key"),
        (Where(key=Path("/dev/null")), True, "needs its key"),
        (Where(certificate=Path("/dev/null"), key=Path("/dev/null")), True, "can't be used"),
        (Where(certificate=Path("/nowhere"), key=Path("/nowhere")), True, "can't be used"),
        (Where(behind_proxy=True), True, "another name"),
        (Where("0.0.0.0", names=("a.example",), behind_proxy=True), True, "on this machine"),
        (Where(names=("a.example",), behind_proxy=True), False, "nobody has an account"),
    ],
)
def test_what_is_refused(where: Where, accounts_: bool, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        where.judged(accounts=accounts_)


def test_other_machines_with_tls_and_accounts(certificate: Where) -> None:
    with pytest.raises(UsageError, match="nobody has an account"):
        certificate.judged(accounts=False)
    names = certificate.judged(accounts=True)
    assert names.secure and not names.proxied
    assert names.hosts == {"cameras.example", "127.0.0.1", "::1", "localhost"}, "a name with a star is said by --name"
    assert address("0.0.0.0", 443, names) == "https://cameras.example:443/"
    assert address("127.0.0.1", 8080, Names()) == "http://127.0.0.1:8080/"
    proxied = Where(names=("Cameras.example",), behind_proxy=True).judged(accounts=True)
    assert (proxied.hosts, proxied.secure, proxied.proxied) == (frozenset({"cameras.example"}), True, True)
    assert address("127.0.0.1", 8080, proxied) == "https://cameras.example/"


def connection(peer: str, *forwarded: str) -> HTTPConnection:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return HTTPConnection({"type": "http", "headers": headers, "client": (peer, 5000)})


def test_only_a_proxy_is_believed_and_only_its_last_word() -> None:
    plain, proxied = Names(), Names(frozenset({"a.example"}), True, True)
    forged = connection("203.0.113.9", "127.0.0.1")
    assert plain.client(forged) == "203.0.113.9" and not plain.here(forged)
    assert plain.here(connection("127.0.0.1", "203.0.113.9")) and plain.here(connection("::1"))
    through = connection("127.0.0.1", "127.0.0.1, 10.0.0.1", "10.0.0.2, 203.0.113.9")
    assert proxied.client(through) == "203.0.113.9" and not proxied.here(through)
    assert proxied.client(connection("127.0.0.1")) == "127.0.0.1" and not proxied.here(connection("127.0.0.1"))


@contextmanager
def serving(data: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [*COMMAND, "serve", str(data), "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().removeprefix("passerby: ").strip()
    finally:
        process.kill()
        process.communicate()


def test_tls_for_real(tmp_path: Path, certificate: Where) -> None:
    with town(tmp_path):
        pass
    data = tmp_path / "data"
    tls = ("--certificate", str(certificate.certificate), "--key", str(certificate.key))
    done = subprocess.run(
        [*COMMAND, "serve", str(data), "--host", "0.0.0.0", *tls],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1) and "nobody has an account" in done.stderr
    with open_room(data) as room:
        accounts.add(room, "kim", [Grant(Role.ADMIN)], "terminal")
    with serving(data, "--host", "0.0.0.0", *tls) as (_, shown):
        assert shown.startswith("https://cameras.example:") and "#" not in shown, "no link that others could use"
        base = shown.replace("cameras.example", "127.0.0.1")
        trusted = ssl.create_default_context(cafile=str(certificate.certificate))
        with httpx.Client(base_url=base, verify=trusted) as client:
            said = client.get("/api/v1/health")
            assert said.json()["status"] == "ok" and "max-age=63072000" in said.headers["strict-transport-security"]
            assert client.get("/api/v1/health", headers={"host": "evil.example"}).status_code == 421
            assert client.get("/api/v1/health", headers={"host": "cameras.example"}).status_code == 200
        with pytest.raises(httpx.HTTPError):
            httpx.get(base.replace("https", "http"))


def test_the_server_writes_in_its_own_folders_alone(tmp_path: Path) -> None:
    """Asked of the kernel: the rules of its process are tried from inside, by a process that takes the same."""
    with town(tmp_path):
        pass
    data, office = tmp_path / "data", tmp_path / "office"
    (data / "video").mkdir()
    code = f"""
import os, sys
from pathlib import Path
from passerby.access.room import open_room
from passerby.cli.serve import writable
from passerby.server.serve import shut_in
data, office = Path({str(data)!r}), Path({str(office)!r})
room = open_room(data)
weaker = shut_in((), [room.store.path.parent, *writable(data, office)])
def tries(path):
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError:
        return False
    return True
own = [data / "access" / "new", data / "notify" / "new", office / "new", office / "passerby.db"]
others = [data / "new", data / "passerby.db", data / "video" / "new", data / "keys", data.parent / "new"]
print(weaker or [tries(p) for p in own], [tries(p) for p in others])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    if "Landlock" in done.stdout:
        pytest.skip("this kernel has no Landlock")
    assert done.stdout.strip() == f"{[True] * 4} {[False] * 5}"


@pytest.mark.parametrize("office", [".", "data", "data/video", "data/keys", "data/access", "data/notify"])
def test_an_office_has_a_folder_of_its_own(tmp_path: Path, office: str) -> None:
    with pytest.raises(UsageError, match="a folder of its own"):
        apart(tmp_path / office, tmp_path / "data")
    for own in ("office", "data/office"):
        apart(tmp_path / own, tmp_path / "data")


def test_what_is_written_is_sent_at_once() -> None:
    """Head and body of an answer are two writes: held back, each answer took 40 ms longer."""

    async def asked() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def met(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            found.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listen("127.0.0.1", 0) as held:
            server = await asyncio.start_server(met, sock=held)
            async with server:
                _, writer = await asyncio.open_connection("127.0.0.1", held.getsockname()[1])
                no_delay = await found
                writer.close()
                await writer.wait_closed()
        return no_delay

    assert asyncio.run(asked())
