"""Under which names this server answers, and whether what reaches it came over TLS."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from starlette.requests import HTTPConnection

from passerby.access.passkeys import Address

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Names:
    """Names and transport.

    Args:
        hosts: What a Host header may name, in small letters.
        secure: Browsers reach it over TLS: its own, or that of a proxy in front.
        proxied: A proxy on this machine is in front, and says for whom it asks.
    """

    hosts: frozenset[str] = LOOPBACK
    secure: bool = False
    proxied: bool = False

    def own(self, host: str) -> bool:
        """Whether a Host header names this server, with or without a port."""
        name, port = split(host)
        return name in self.hosts and (not port or (port.isascii() and port.isdigit()))

    def address(self, host: str) -> Address:
        """Under which a browser sees this server.

        Args:
            host: A Host header that is `own`.
        """
        return Address(f"{'https' if self.secure else 'http'}://{host.lower()}", split(host)[0])

    def client(self, connection: HTTPConnection) -> str:
        """From which address somebody asks. Only a proxy in front is believed, and only the last thing it added."""
        peer = connection.client.host if connection.client else ""
        if not self.proxied:
            return peer
        said = connection.headers.getlist("x-forwarded-for")
        return said[-1].rpartition(",")[2].strip()[:64] if said else peer

    def here(self, connection: HTTPConnection) -> bool:
        """Whether somebody asks from this machine. Behind a proxy nobody can tell, so nobody does."""
        return not self.proxied and is_loopback(connection.client.host if connection.client else "")


def split(host: str) -> tuple[str, str]:
    """Name and port of a Host header; the name is empty where it is none."""
    if host.startswith("["):
        name, bracket, rest = host[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return "", ""
        port = rest[1:]
    else:
        name, _, port = host.partition(":")
    return name.lower(), port


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
