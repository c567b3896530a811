"""How long somebody waits who wants to look: from the wish to the proof, and from the proof to the share.

    python -m bench.custody [LOOKS]

A demo site with its own witness, a scribe and a keeper, each a process of its own, over local sockets, on this disk.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.machine import processor

from passerby.archive.keeper.looks import ProvenLooks
from passerby.archive.keys.names import HOUR_US, US, EpochId
from passerby.station.custody import looks, share_source
from passerby.station.settings import read_site
from passerby.station.showcase.site import DemoSite

PROOF_AIM_S, START_AIM_S = 3.0, 2.0
SITE = 'data = {data!r}\n[[camera]]\nname = "gate-1"\nsource = "rtsp://192.0.2.1/"\nmode = "record"\n'


def main() -> None:
    """Measure, and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demo, settings = DemoSite(folder / "site"), folder / "site.toml"
        settings.write_text(SITE.format(data=str(folder / "data")) + demo.settings() + demo.keeping(), "utf-8")
        commands = [demo.keeper_command(), ["passerby.cli", "archive", "scribe", str(settings)]]
        parts = [subprocess.Popen([sys.executable, "-m", *c], stdout=subprocess.DEVNULL) for c in commands]
        try:
            site = read_site(settings)
            _wait(folder / "data" / "scribe.socket", demo.keeper.root / "keeper.socket")
            proofs, shares = _measured(looks(site), share_source(site), count)
        finally:
            for part in parts:
                part.terminate()
                part.wait()
    print(processor())
    for what, found, aim in (("wish to proof", proofs, PROOF_AIM_S), ("proof to share", shares, START_AIM_S)):
        found.sort()
        median, worst = statistics.median(found), found[-1]
        print(f"{what:15} median {median * 1000:6.0f} ms   slowest of {count} {worst * 1000:6.0f} ms   aim {aim:.0f} s")


def _measured(opener: object, source: object, count: int) -> tuple[list[float], list[float]]:
    assert isinstance(opener, ProvenLooks)
    proofs, shares = list[float](), list[float]()
    for number in range(count):
        # Each an hour further back: an act and a share of its own.
        epoch = EpochId("gate-1", (int(time.time()) // 3600 - number - 1) * HOUR_US, HOUR_US)
        sealed = source.new(epoch)  # type: ignore[attr-defined]
        begun = time.perf_counter()
        opener.begin("gate-1", epoch.period_us, epoch.period_us + 600 * US)
        proven = time.perf_counter()
        assert opener.open(epoch, sealed.sealed) == sealed.share
        proofs.append(proven - begun)
        shares.append(time.perf_counter() - proven)
    return proofs, shares


def _wait(*sockets: Path) -> None:
    until = time.monotonic() + 30
    while not all(path.exists() for path in sockets):
        if time.monotonic() > until:
            raise SystemExit("scribe or keeper did not start")
        time.sleep(0.05)
    time.sleep(1.0)  # the socket is there a moment before its process has shut itself in


if __name__ == "__main__":
    main()
