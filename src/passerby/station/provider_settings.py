"""Other sign-ins, in ``site.toml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from passerby.station.strict import Secret, Strict


class ProviderSettings(Strict):
    """Another sign-in that leads to accounts here (OpenID Connect).

    Args:
        name: On the page and in addresses.
        issuer: Its address.
        client: What it calls this server.
        secret: Where what this server shows it is.
        acr: How it must have asked who somebody is, as it calls that; empty: as it does by itself.
    """

    name: Annotated[str, Field(pattern="^[a-z0-9-]{1,63}$")]
    issuer: Annotated[str, Field(pattern="^https?://", max_length=300)]
    client: str
    secret: Secret
    acr: str = ""
