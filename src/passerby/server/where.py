"""Where the server may listen, under which names, and what it prints: other machines only with TLS and accounts."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509

from passerby.base.errors import UsageError
from passerby.server.names import LOOPBACK, Names, is_loopback
from passerby.server.serve import Tls, numeric

CERTIFICATE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Where:
    """What the command line or the settings say.

    Args:
        host: A numeric address, or ``localhost``.
        names: Under which others reach it.
        certificate: PEM.
        key: PEM.
        behind_proxy: A proxy on this machine is in front, and speaks TLS.
    """

    host: str = "127.0.0.1"
    names: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False

    @property
    def here(self) -> bool:
        """Whether only this machine reaches it by itself."""
        return self.host == "localhost" or is_loopback(self.host)

    def tls(self) -> Tls | None:
        """What it shows.

        Raises:
            UsageError: Half of it is missing, or it can't be used.
        """
        if (self.certificate is None) != (self.key is None):
            raise UsageError("a certificate needs its key, and a key its certificate", "give --certificate and --key")
        if self.certificate is None or self.key is None:
            return None
        if self.behind_proxy:
            raise UsageError("either this server speaks TLS or the proxy in front", "leave out --behind-proxy")
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            reason = error.strerror or error
            raise UsageError(
                f"{self.certificate} and {self.key} can't be used ({reason})", "give a PEM certificate and its PEM key"
            ) from error
        return Tls(self.certificate, self.key)

    def judged(self, *, accounts: bool) -> Names:
        """Under which names it answers; refuses what would let strangers in.

        Args:
            accounts: Whether somebody has an account.

        Raises:
            UsageError: It may not listen there; the message says what is missing.
        """
        numeric(self.host)
        tls = self.tls()
        if self.behind_proxy:
            return self._behind_proxy(accounts=accounts)
        if self.here:
            return Names(LOOPBACK | self._given() | (self._certified() if tls else frozenset()), secure=bool(tls))
        if tls is None:
            raise UsageError(
                f"{self.host} is reached by other machines: without TLS anybody between could read along",
                "give --certificate and --key, or stay on 127.0.0.1",
            )
        if not accounts:
            raise UsageError(
                f"{self.host} is reached by other machines, and nobody has an account yet",
                "make one first: passerby account add DATA NAME --role admin",
            )
        names = self._given() | self._certified()
        if not names:
            raise UsageError("the certificate names no host", "say under which name others reach it: --name")
        return Names(names | LOOPBACK, secure=True)

    def _behind_proxy(self, *, accounts: bool) -> Names:
        if not self.here:
            raise UsageError("the proxy is on this machine, and only it reaches the server", "use --host 127.0.0.1")
        if not self.names:
            raise UsageError("a proxy gives the server another name", "say which: --name cameras.example.org")
        if not accounts:
            raise UsageError(
                "a proxy lets other machines in, and nobody has an account yet",
                "make one first: passerby account add DATA NAME --role admin",
            )
        return Names(self._given(), secure=True, proxied=True)

    def _given(self) -> frozenset[str]:
        return frozenset(name.lower() for name in self.names)

    def _certified(self) -> frozenset[str]:
        """The hosts that the certificate is for; of a name with a star, none: say it with ``--name``."""
        assert self.certificate is not None
        try:
            found = x509.load_pem_x509_certificates(self.certificate.read_bytes()[:CERTIFICATE_BYTES])[0]
            names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (OSError, ValueError, x509.ExtensionNotFound):
            return frozenset()
        hosts = {name.lower() for name in names.get_values_for_type(x509.DNSName)}
        addresses = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
        return frozenset(host for host in hosts | addresses if "*" not in host)


def address(host: str, port: int, names: Names) -> str:
    """The page's address, for people.

    Args:
        host: What is listened on.
        port: Likewise.
        names: Under which it answers.
    """
    shown = "127.0.0.1" if host == "localhost" else host
    others = sorted(names.hosts - LOOPBACK)
    if names.proxied:
        return f"https://{others[0]}/"
    if others and names.secure and not is_loopback(shown):
        shown = others[0]
    elif ip_address(shown).is_unspecified:
        shown = "127.0.0.1"
    shown = f"[{shown}]" if ":" in shown else shown
    return f"{'https' if names.secure else 'http'}://{shown}:{port}/"
