"""Takes over what the station raises and tells each channel, whatever stops in between: no alert is lost.

An alert that was sent just before a stop may be sent again: receivers know it by its id.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from passerby.base.errors import NotifyError, StoreError
from passerby.crowd.alerts import Severity, What, kind_of
from passerby.notify.channel import US, Channel
from passerby.notify.message import message, numbered
from passerby.notify.setup import Receiver
from passerby.store import deliveries
from passerby.store.database import Changes, Store
from passerby.store.deliveries import FAILED, SENT, WAITING, Delivery
from passerby.store.events import AlertRow, alerts_after, is_over, newest_ids

LOOK_S = 0.2
AFTER_ERROR_S = 5.0
LONGEST_WAIT_S = 300.0
GIVEN_UP_AFTER_US = 24 * 3600 * US
KEPT_US = 30 * 24 * 3600 * US
SECOND_LOOK_US = US


class Notifier:
    """Tells everybody who is to be told.

    Args:
        station: The station's database, open for reading.
        own: The notifier's, open for writing.
        site: What receivers know the site as.
        told: Channels and what carries them.
        clock: Seconds since 1970.
        chance: A number in [0, 1), so that many who wait don't try again at once.
        say: Tells people, a line each.
    """

    def __init__(
        self,
        station: Store,
        own: Store,
        site: str,
        told: Sequence[Receiver],
        clock: Callable[[], float],
        chance: Callable[[], float],
        say: Callable[[str], None],
    ) -> None:
        self._station, self._own, self._site, self._told = station, own, site, told
        self._clock, self._chance, self._say = clock, chance, say

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set. A receiver that hangs holds up nobody but itself."""
        threads = [
            threading.Thread(target=self._keep_telling, args=(receiver, stop), name=receiver.channel.name)
            for receiver in self._told
        ]
        for thread in threads:
            thread.start()
        changes: Changes | None = None
        try:
            while not stop.is_set():
                try:
                    changes = changes or Changes(self._station)
                    if changes():
                        self.collect()
                    stop.wait(LOOK_S)
                except StoreError as error:
                    self._say(str(error))
                    stop.wait(AFTER_ERROR_S)
        finally:
            if changes is not None:
                changes.close()
            stop.set()
            for thread in threads:
                thread.join()
            for receiver in self._told:
                receiver.sender.close()

    def collect(self) -> int:
        """Make deliveries of what is new; how many alerts that were. What came before the first start is nobody's.

        Raises:
            StoreError: One of the databases can't be used; nothing was taken.
        """
        newest = newest_ids(self._station)[1]
        last = deliveries.taken(self._own)
        if last is None or last > newest:
            # The station's database is new, or was set aside and begun anew.
            last = newest if last is None else 0
            deliveries.take(self._own, [], last)
        found = alerts_after(self._station, last)
        if not found:
            return 0
        wanted = [
            _delivery(self._site, receiver.channel, alert)
            for alert in found
            for receiver in self._told
            if receiver.channel.wants(alert)
        ]
        deliveries.take(self._own, wanted, found[-1].id)
        deliveries.forget_before(self._own, self._now_us() - KEPT_US)
        return len(found)

    def tell(self, receiver: Receiver) -> int:
        """Tell one channel what is due; how many deliveries were settled or tried.

        Raises:
            StoreError: A database can't be used.
        """
        found = deliveries.due(self._own, receiver.channel.name, self._now_us())
        for delivery in found:
            if (needless := self._needless(delivery)) is not None:
                deliveries.drop(self._own, delivery, needless)
            elif self._must_wait(delivery):
                deliveries.tried(self._own, delivery, WAITING, "", self._now_us() + SECOND_LOOK_US)
            else:
                self._send(receiver, delivery)
        return len(found)

    def _keep_telling(self, receiver: Receiver, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                if not self.tell(receiver):
                    stop.wait(LOOK_S)
            except StoreError as error:
                self._say(str(error))
                stop.wait(AFTER_ERROR_S)

    def _needless(self, delivery: Delivery) -> str | None:
        """Why it need not be told any more, if so."""
        if delivery.severity == Severity.CLEARED:
            before = deliveries.told_before(self._own, delivery)
            told = before is not None and before.severity and before.state in (SENT, WAITING)
            return None if told else "its beginning was not told"
        if not delivery.waits:
            return None
        if taken := deliveries.acknowledged(self._own, [delivery.alert_id]):
            return f"{taken[delivery.alert_id][0]} has taken it on"
        over = is_over(self._station, delivery.camera_id, delivery.what, delivery.place, delivery.alert_id)
        return "it was over before" if over else None

    def _must_wait(self, delivery: Delivery) -> bool:
        """An end is told after its beginning."""
        if delivery.severity != Severity.CLEARED:
            return False
        before = deliveries.told_before(self._own, delivery)
        return before is not None and before.state == WAITING

    def _send(self, receiver: Receiver, delivery: Delivery) -> None:
        try:
            receiver.sender.send(
                numbered(delivery.alert_id, delivery.time_us), delivery.body.encode(), topic_of(delivery)
            )
        except NotifyError as error:
            late = self._now_us() - delivery.time_us > GIVEN_UP_AFTER_US
            state = FAILED if error.final or late else WAITING
            wait_s = min(LONGEST_WAIT_S, 2.0**delivery.tries) * (0.5 + self._chance())
            deliveries.tried(self._own, delivery, state, str(error), self._now_us() + round(wait_s * US))
            if delivery.tries == 0 or state == FAILED:
                self._say(f"{receiver.channel.name}: {error}" + ("; given up" if state == FAILED else ""))
        else:
            deliveries.tried(self._own, delivery, SENT, "", self._now_us())

    def _now_us(self) -> int:
        return round(self._clock() * US)


def try_out(receiver: Receiver, site: str, now_s: float) -> None:
    """Tell a channel a test alert, at any hour.

    Raises:
        NotifyError: It was not told.
    """
    alert = AlertRow("test", round(now_s * US), int(What.DENSITY), int(Severity.WARNING), 0, 0.0, 0.0, 0.0, "test")
    try:
        receiver.sender.send(
            numbered(alert.id, alert.time_us, test=True), message(site, alert, test=True), "test/density"
        )
    finally:
        receiver.sender.close()


def topic_of(delivery: Delivery) -> str:
    """Where a broker's listeners find it: by camera, then by kind."""
    return f"{delivery.camera_id}/{kind_of(delivery.what)}"


def _delivery(site: str, channel: Channel, alert: AlertRow) -> Delivery:
    return Delivery(
        channel.name,
        alert.id,
        alert.camera_id,
        alert.what,
        alert.place,
        alert.severity,
        alert.time_us,
        channel.due_us(alert),
        channel.waits(alert),
        message(site, alert).decode(),
    )
