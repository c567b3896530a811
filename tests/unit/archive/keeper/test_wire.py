"""A keeper behind a socket: local, and between machines with certificates on both sides; and one that is killed."""

from __future__ import annotations

import datetime
import os
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.unit.archive.keeper.kit import EPOCH, World, session, share

from passerby.archive.keeper.client import shares_of
from passerby.archive.keeper.wire import (
    LONGEST,
    Certificates,
    Handle,
    Server,
    ask_here,
    ask_tls,
    listen_here,
    listen_tls,
    parse_host,
)
from passerby.base.errors import CustodyError, KeeperAway, KeeperRefused, UsageError

ROOT = Path(__file__).resolve().parents[4]
FILES = [(EPOCH, share().sealed)]


@contextmanager
def serving(listening: socket.socket, answer: Handle, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(listening, answer, tls=tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_here(tmp_path: Path) -> None:
    path = tmp_path / "keeper.socket"
    with serving(listen_here(path), World(tmp_path).keeper().handle):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert shares_of(session(), FILES, ask_here(path)) == [b"s" * 32]
        with pytest.raises(CustodyError, match="somebody listens"):
            listen_here(path)
    with pytest.raises(KeeperAway, match="no answer"):
        shares_of(session(), FILES, ask_here(path))
    listen_here(path).close()  # what a keeper that ended left behind is no hindrance


def test_a_long_way_down(tmp_path: Path) -> None:
    """The address of a local socket is short; a path need not be."""
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    with serving(listen_here(deep / "keeper.socket"), World(tmp_path).keeper().handle):
        assert shares_of(session(), FILES, ask_here(deep / "keeper.socket")) == [b"s" * 32]


@pytest.mark.parametrize("name", ["absent/keeper.socket", "n" * 108])
def test_no_place_to_listen(tmp_path: Path, name: str) -> None:
    with pytest.raises(CustodyError, match="can't be listened at"):
        listen_here(tmp_path / name)
    with pytest.raises(KeeperAway):
        ask_here(tmp_path / name)(b"")


def test_several_at_once(tmp_path: Path) -> None:
    world, path = World(tmp_path), tmp_path / "keeper.socket"
    found: list[list[bytes]] = []
    with serving(listen_here(path), world.keeper().handle):
        threads = [
            threading.Thread(target=lambda: found.append(shares_of(session(), FILES, ask_here(path)))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [[b"s" * 32]] * 8 and world.count_number() == 8


@pytest.mark.parametrize("said", [b"", b"\0", b"\xff\xff\xff\xff", (LONGEST + 1).to_bytes(4, "big"), b"\0\0\0\x09half"])
def test_who_says_nonsense_is_let_go_and_others_are_served(tmp_path: Path, said: bytes) -> None:
    path = tmp_path / "keeper.socket"
    with serving(listen_here(path), World(tmp_path).keeper().handle):
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(str(path))
            other.sendall(said)
            other.shutdown(socket.SHUT_WR)
            assert other.recv(1) == b""
        assert shares_of(session(), FILES, ask_here(path)) == [b"s" * 32]


# --- between machines ---


class Authority:
    """A certificate authority of one purpose."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.path = folder / f"{name}.authority.pem"
        self._certificate = self._signed(self._key, name, authority=True)
        self.path.write_bytes(self._certificate.public_bytes(Encoding.PEM))

    def certificates(self, who: str, other: Authority) -> Certificates:
        key = ec.generate_private_key(ec.SECP256R1())
        own, secret = self.folder / f"{who}.pem", self.folder / f"{who}.key"
        own.write_bytes(self._signed(key, who, authority=False).public_bytes(Encoding.PEM))
        secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        secret.chmod(0o600)
        return Certificates(own, secret, other.path)

    def _signed(self, key: ec.EllipticCurvePrivateKey, name: str, *, authority: bool) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .add_extension(
                x509.KeyUsage(
                    digital_signature=not authority, content_commitment=False, key_encipherment=False,
                    data_encipherment=False, key_agreement=False, key_cert_sign=authority, crl_sign=authority,
                    encipher_only=False, decipher_only=False,
                ),
                critical=True,
            )
        )  # fmt: skip
        if not authority:
            names = [x509.IPAddress(ip_address("127.0.0.1"))]
            made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return made.sign(self._key, hashes.SHA256())


def test_between_machines(tmp_path: Path) -> None:
    city, office = Authority(tmp_path, "city"), Authority(tmp_path, "office")
    mine, theirs = city.certificates("server", office), office.certificates("keeper", city)
    listening = listen_tls("127.0.0.1", 0)
    port = listening.getsockname()[1]
    tls = theirs.context(ssl.Purpose.CLIENT_AUTH)
    with serving(listening, World(tmp_path).keeper().handle, tls):
        ask = ask_tls("127.0.0.1", port, mine.context(ssl.Purpose.SERVER_AUTH))
        assert shares_of(session(), FILES, ask) == [b"s" * 32]
        # Somebody without a certificate, or with one that the keeper's authority never signed, gets nothing.
        bare = ssl.create_default_context(cafile=str(office.path))
        with pytest.raises(KeeperAway):
            shares_of(session(), FILES, ask_tls("127.0.0.1", port, bare))
        stranger = office.certificates("stranger", office).context(ssl.Purpose.SERVER_AUTH)
        with pytest.raises(KeeperAway):
            shares_of(session(), FILES, ask_tls("127.0.0.1", port, stranger))
        # And nobody gives a proof to a keeper that the site's authority never signed.
        wrong = city.certificates("server2", city).context(ssl.Purpose.SERVER_AUTH)
        with pytest.raises(KeeperAway):
            shares_of(session(), FILES, ask_tls("127.0.0.1", port, wrong))
        assert shares_of(session(), FILES, ask) == [b"s" * 32]


def test_certificates_that_cant_be_used(tmp_path: Path) -> None:
    city = Authority(tmp_path, "city")
    found = city.certificates("server", city)
    found.key.chmod(0o644)
    with pytest.raises(CustodyError, match="read by others"):
        found.context(ssl.Purpose.SERVER_AUTH)
    found.key.chmod(0o600)
    found.own.write_text("nothing")
    with pytest.raises(CustodyError, match="can't be used"):
        found.context(ssl.Purpose.SERVER_AUTH)
    found.own.unlink()
    with pytest.raises(CustodyError, match="can't be used"):
        found.context(ssl.Purpose.SERVER_AUTH)


@pytest.mark.parametrize("address", ["", "host", ":1", "host:", "host:x", "host:65536"])
def test_addresses(address: str) -> None:
    with pytest.raises(UsageError):
        parse_host(address)


def test_an_address() -> None:
    assert parse_host("keeper.example.org:8723") == ("keeper.example.org", 8723)
    assert parse_host("[::1]:1") == ("::1", 1)


# --- killed between count and answer ---


def test_killed_between_count_and_answer(tmp_path: Path) -> None:
    """`kill -9` there costs the asker an answer and the count nothing: it is one too high, and sound."""
    path = tmp_path / "keeper.socket"
    for number in range(1, 4):
        dying = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.archive.keeper.killed_keeper", str(tmp_path), str(path)],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        try:
            ask = ask_here(path)
            until = time.monotonic() + 30
            while not _listens(path):
                assert time.monotonic() < until and dying.poll() is None
                time.sleep(0.02)
            with pytest.raises(KeeperAway):
                shares_of(session(), FILES, ask)
            assert dying.wait(30) == -9
        finally:
            dying.kill()
            dying.wait()
        world = World(tmp_path)
        assert world.count().number == number
        assert world.log is not None
        world.log.close()
    world = World(tmp_path)
    with serving(listen_here(path), world.keeper().handle):
        assert shares_of(session(), FILES, ask_here(path)) == [b"s" * 32]
    assert world.count_number() == 4


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def test_refusals_travel(tmp_path: Path) -> None:
    world, path = World(tmp_path), tmp_path / "keeper.socket"
    world.now += 601
    with serving(listen_here(path), world.keeper().handle), pytest.raises(KeeperRefused) as caught:
        shares_of(session(), FILES, ask_here(path))
    assert caught.value.reason == "expired" and "says no" in str(caught.value)
