"""How the hide process hears its supervisor: a file's papers one item after the other, a camera's while it works."""

from __future__ import annotations

import threading
from hashlib import sha256

from passerby.base.errors import OutletError
from passerby.darkroom.door import FileDoor, SiteDoor
from passerby.darkroom.sealing import Sealer
from passerby.outlet.messages import Message, Permit, Scene, SealUnder
from passerby.outlet.pipe import Receiver, Sender


class Outlet:
    """A sender that two threads share.

    Args:
        sender: Towards the supervisor.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Write one message, whole."""
        with self._lock:
            self._sender.send(message)


class FilePapers:
    """One permit for each item, followed by a scene where one was announced.

    Args:
        receiver: From the supervisor.
        door: Is given what comes.
        scene: SHA-256 (hex) of the scene that follows each permit; empty where none does.
    """

    def __init__(self, receiver: Receiver, door: FileDoor, scene: str) -> None:
        self._receiver, self._door, self._scene = receiver, door, scene

    def wait(self) -> None:
        """For the next item's.

        Raises:
            OutletError: They don't come, or others than were announced.
        """
        permit = self._receiver.receive()
        if not isinstance(permit, Permit):
            raise OutletError("an item came without a permit")
        self._door.take(permit)
        if self._scene:
            drawn = self._receiver.receive()
            if not isinstance(drawn, Scene):
                raise OutletError("a permit came without its scene")
            if sha256(drawn.tail).hexdigest() != self._scene:
                raise OutletError("the scene is another than the one that was announced")
            self._door.take(drawn)


class Control:
    """A camera's papers go to the door as they come, whatever the darkroom is doing just then.

    Args:
        receiver: From the supervisor.
        door: Is told of every paper. What breaks the outlet's rules, and the supervisor's end, shut it for good.
        sealer: Is given what it may seal into.
    """

    def __init__(self, receiver: Receiver, door: SiteDoor, sealer: Sealer | None = None) -> None:
        self._receiver, self._door, self._sealer = receiver, door, sealer
        self._broken: OutletError | None = None
        threading.Thread(target=self._listen, name="control", daemon=True).start()

    def wait(self) -> None:
        """For papers.

        Raises:
            OutletError: Something came that may not.
        """
        self._door.wait()
        if self._broken is not None:
            raise self._broken

    def _listen(self) -> None:
        try:
            while (message := self._receiver.receive()) is not None:
                if isinstance(message, SealUnder) and self._sealer is not None:
                    self._sealer.give(message)
                else:
                    self._door.take(message)
        except OutletError as error:
            self._broken = error
        except BrokenPipeError:
            # The supervisor has gone, and this process ends with it.
            return
        finally:
            self._door.shut()
