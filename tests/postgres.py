"""A PostgreSQL server of the tests' own: in a temporary folder, on a Unix socket, gone when they end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from passerby.lock import libc
from passerby.store.migrate import open_postgres

BIN = Path("/usr/lib/postgresql/15/bin")
START_S = 30.0
MEMORY = 2 << 30
# Loss of power is not what these tests are about: the server may lose what a crash of the machine would take.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "80",
    "autovacuum": "off",
    "jit": "off",
    "timezone": "UTC",
}


class Cluster:
    """One server. `close` it.

    Args:
        settings: More of the server's settings.
    """

    def __init__(self, **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="passerby-pg-", dir=_roomy()))
        self._settings = SETTINGS | settings
        self._numbers = count(1)
        self._template = ""
        self._user: dict[str, object] = {}
        if os.getuid() == 0:  # the server refuses to be root
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._run(
            "initdb", "--no-sync", "-U", "passerby", "--auth=trust", "--encoding=UTF8", "--locale=C", "-D", "data"
        )
        self.start()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        arguments = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [BIN / "postgres", "-D", "data", "-k", self.folder, *arguments],
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
                preexec_fn=lambda: libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGQUIT),
                **self._user,  # type: ignore[call-overload]
            )
        until = time.monotonic() + START_S
        while True:
            try:
                psycopg.connect(self.address("postgres")).close()
            except psycopg.OperationalError:
                assert self.process.poll() is None and time.monotonic() < until, (self.folder / "log").read_text()
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        """End the server at once, as a crash does: its log is replayed at the next start."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(START_S)

    def close(self) -> None:
        """End it, and remove all of it."""
        self.kill()
        shutil.rmtree(self.folder)

    def address(self, database: str) -> str:
        """A database's address."""
        return f"postgresql://passerby@/{database}?host={quote(str(self.folder), safe='')}"

    @property
    def socket(self) -> Path:
        """Where the server listens."""
        return self.folder / ".s.PGSQL.5432"

    def empty(self, options: str = "") -> str:
        """A new database without tables: its address."""
        name = f"d{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} {options}")
        return self.address(name)

    def new(self) -> str:
        """A new database with the tables of today: its address."""
        if not self._template:
            address = self.empty()
            open_postgres(address, Path("template.db")).close()
            self._template = psycopg.conninfo.conninfo_to_dict(address)["dbname"]  # type: ignore[assignment]
        return self.empty(f"TEMPLATE {self._template}")

    def drop(self, address: str) -> None:
        """Remove a database, whoever uses it."""
        self._execute(f"DROP DATABASE {psycopg.conninfo.conninfo_to_dict(address)['dbname']} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [BIN / program, *arguments],
            cwd=self.folder,
            check=True,
            capture_output=True,
            **self._user,  # type: ignore[call-overload]
        )


def _roomy() -> str:
    """Memory where there is enough of it, else the disk."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > MEMORY else tempfile.gettempdir()


def cluster_or_skip(**settings: str) -> Cluster:
    """A server; where PostgreSQL is not installed: a skip, but a failure in CI."""
    if not (BIN / "postgres").exists():
        reason = f"no PostgreSQL in {BIN}: install Debian's postgresql-15"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return Cluster(**settings)
