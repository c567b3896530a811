"""Health and numbers for Prometheus, read from the database at each scrape: nothing is counted here a second time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from passerby import __version__
from passerby.crowd.alerts import Severity, kind_of
from passerby.store.cameras import Camera, list_cameras
from passerby.store.counts import latest
from passerby.store.database import Store
from passerby.store.events import alert_totals, latest_health
from passerby.store.marks import SWEPT_US, get_mark
from passerby.store.now import Now

US = 1_000_000


class Metrics(Collector):
    """What a scrape answers.

    Args:
        store: Open for reading.
        clock: Seconds since 1970.
        now: What the station said last.
        wanted: Which cameras the asker may see.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float],
        now: Callable[[], Now | None],
        wanted: Callable[[list[str]], set[str]],
    ) -> None:
        self._store, self._clock, self._now, self._wanted = store, clock, now, wanted

    def collect(self) -> Iterator[Metric]:
        """Every figure.

        Raises:
            StoreError: The database can't be read.
        """
        found = list_cameras(self._store)
        wanted = self._wanted([camera.id for camera in found])
        cameras = [camera for camera in found if camera.id in wanted]
        yield from self._site()
        yield from self._states(cameras)
        yield from self._counts(cameras)
        yield from self._health(cameras)
        yield self._alerts(wanted)

    def _site(self) -> Iterator[Metric]:
        yield _one("passerby_info", "Always 1; the version is its label.", {"version": __version__}, 1)
        now = self._now()
        heard = 0.0 if now is None else now.time_s
        yield _one("passerby_station_heard_timestamp_seconds", "When the station last said that it lives.", {}, heard)
        swept = get_mark(self._store, SWEPT_US)
        done = int(swept) / US if swept else 0.0
        yield _one("passerby_archive_swept_timestamp_seconds", "When all that was due was last deleted.", {}, done)

    def _states(self, cameras: list[Camera]) -> Iterator[Metric]:
        state = GaugeMetricFamily(
            "passerby_camera_state", "1 for the state a camera is in.", labels=["camera", "state"]
        )
        mosaic = GaugeMetricFamily(
            "passerby_camera_mosaic", "1 for the reason why a whole picture is a mosaic.", labels=["camera", "reason"]
        )
        for camera in cameras:
            state.add_metric([camera.id, camera.state], 1)
            mosaic.add_metric([camera.id, camera.mosaic], 1)
        yield state
        yield mosaic

    def _counts(self, cameras: list[Camera]) -> Iterator[Metric]:
        newest = latest(self._store)
        names = {
            "people": "People in sight.",
            "low": "Lower end of the 90 % interval of people.",
            "high": "Upper end of the 90 % interval of people.",
            "vehicles": "Vehicles in sight.",
        }
        for name, words in names.items():
            gauge = GaugeMetricFamily(f"passerby_camera_{name}", words, labels=["camera"])
            for camera in cameras:
                if count := newest.get(camera.id):
                    gauge.add_metric([camera.id], getattr(count, name))
            yield gauge
        counted = GaugeMetricFamily(
            "passerby_camera_counted_timestamp_seconds", "When people were last counted.", labels=["camera"]
        )
        for camera in cameras:
            if count := newest.get(camera.id):
                counted.add_metric([camera.id], count.time_us / US)
        yield counted

    def _health(self, cameras: list[Camera]) -> Iterator[Metric]:
        fps = GaugeMetricFamily("passerby_camera_fps", "Frames shown a second.", labels=["camera"])
        hidden = GaugeMetricFamily("passerby_camera_hidden_ratio", "Share of the picture hidden.", labels=["camera"])
        dropped = CounterMetricFamily(
            "passerby_camera_dropped_frames", "Frames dropped since the camera started.", labels=["camera"]
        )
        for camera in cameras:
            if sample := latest_health(self._store, camera.id):
                fps.add_metric([camera.id], sample.fps)
                hidden.add_metric([camera.id], sample.hidden)
                dropped.add_metric([camera.id], sample.dropped)
        yield from (fps, hidden, dropped)

    def _alerts(self, wanted: set[str]) -> Metric:
        total = CounterMetricFamily(
            "passerby_alerts",
            "Alerts raised and ended, as long as they are kept.",
            labels=["camera", "kind", "severity"],
        )
        for camera, kind, severity, count in alert_totals(self._store):
            if camera in wanted:
                total.add_metric([camera, kind_of(kind), Severity(severity).name.lower()], count)
        return total


def _one(name: str, words: str, labels: dict[str, str], value: float) -> Metric:
    gauge = GaugeMetricFamily(name, words, labels=list(labels))
    gauge.add_metric(list(labels.values()), value)
    return gauge
