"""A typed client of the interface, for programs: what `passerby serve` answers, with patience and without surprises.

    from passerby.client import Client

    with Client("https://register.example.org") as api:
        for camera in api.register(phase="active"):
            print(camera.name)

What needs a right needs a machine key: ``Client(address, key="pk_…")``. Errors are of `passerby.base.errors`:
`ApiRefused` where the server says no, `ApiAway` where it can't be had.
"""

from passerby.base.errors import ApiAway, ApiRefused, ClientError
from passerby.client.api import Client
from passerby.client.events import News

__all__ = ["ApiAway", "ApiRefused", "Client", "ClientError", "News"]
