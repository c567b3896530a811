"""Every end has its line, every code its words."""

from __future__ import annotations

import itertools
import json

import pytest

from passerby.base.errors import DarkroomError, PasserbyError, PermitError, SourceError, SourceTooLarge
from passerby.darkroom.hide.reasons import COLOURS, Reason
from passerby.outlet.messages import (
    MOSAIC_COUNTS,
    Counts,
    Explain,
    Health,
    ItemEnd,
    Mode,
    Mosaic,
    Status,
    StreamStart,
)
from passerby.station.report import MODES, MOMENTS, MOSAICS, REASONS, SHOWN, Run, enumerate_mosaics, error_for

FAILURES = [s for s in Status if s is not Status.DONE]


@pytest.mark.parametrize("status", Status)
def test_every_status_has_one_line(status: Status) -> None:
    error = error_for(status, "clip.mp4")
    assert isinstance(error, PasserbyError)
    line = str(error)
    assert "clip.mp4" in line
    assert len(line.splitlines()) == 1
    assert not [w for w in ("Traceback", "Error", "Exception", "None", "Status", "errno", "0x") if w in line]


@pytest.mark.parametrize("status", FAILURES)
def test_every_failure_says_what_to_do(status: Status) -> None:
    error = error_for(status, "clip.mp4")
    assert isinstance(error, SourceError | PermitError)
    assert error.advice
    assert error.exit_code == 1


def test_no_two_failures_read_the_same() -> None:
    assert len({str(error_for(s, "x")) for s in FAILURES}) == len(FAILURES)


def test_kinds_of_failure() -> None:
    assert isinstance(error_for(Status.PERMIT_REFUSED, "x"), PermitError)
    assert {s for s in Status if isinstance(error_for(s, "x"), SourceTooLarge)} == {Status.TOO_LARGE, Status.OVER_LIMIT}
    assert isinstance(error_for(Status.DONE, "x"), DarkroomError)


def test_every_reason_has_its_words_and_its_colour() -> None:
    assert len(REASONS) == len(Reason) == len(set(REASONS))
    assert [int(r) for r in Reason] == list(range(len(Reason)))
    assert SHOWN == Reason.SHOWN
    assert REASONS[SHOWN] == "shown"
    words = {
        Reason.UNPROVEN: "not proven empty",
        Reason.DIFFERS: "differs",
        Reason.NEARBY: "beside",
        Reason.CARRIED: "just before",
        Reason.AHEAD: "just after",
        Reason.PERSON: "person",
        Reason.VEHICLE: "vehicle",
        Reason.FACE: "face",
        Reason.NUMBER_PLATE: "number plate",
        Reason.FORBIDDEN: "forbidden",
        Reason.MOSAIC: "mosaic",
    }
    assert set(words) | {Reason.SHOWN} == set(Reason)
    assert all(word in REASONS[reason] for reason, word in words.items())
    assert set(COLOURS) == set(Reason)
    assert len(set(COLOURS.values())) == len(Reason)
    assert COLOURS[Reason.SHOWN] == (128, 128)
    assert all(0 <= c <= 255 for pair in COLOURS.values() for c in pair)


def test_every_mosaic_and_mode_has_its_words() -> None:
    assert set(MOSAICS) == set(Mosaic) - {Mosaic.NONE}
    assert len(set(MOSAICS.values())) == len(MOSAICS)
    assert set(MODES) == set(Mode)
    assert len(set(MODES.values())) == len(MODES)
    assert MODES[Mode.NO_PLATE] == "no-plate"


def health(**changed: object) -> Health:
    mosaics = [0] * len(Mosaic)
    mosaics[Mosaic.NONE], mosaics[Mosaic.CUT], mosaics[Mosaic.DAMAGED] = 70, 25, 5
    values: dict[str, object] = {
        "read": 200,
        "frames": 100,
        "damaged": 3,
        "repaired_times": 4,
        "resized": 5,
        "skipped": 0,
        "detections": 6,
        "sealed": 0,
        "mode": Mode.PLATE,
        "mosaic": Mosaic.NONE,
        "hidden_frames": 40.0,
        "learnt": 1.0,
        "decode_ns": 100_000_000,
        "learn_ns": 200_000_000,
        "find_ns": 300_000_000,
        "hide_ns": 400_000_000,
        "encode_ns": 500_000_000,
        "mosaic_counts": MOSAIC_COUNTS.pack(*mosaics),
        "build": b"\xab" * 32,
        "site_root": bytes(32),
    }
    return Health(**(values | changed))  # type: ignore[arg-type]


def run(*messages: object) -> Run:
    out = Run()
    for message in messages:
        out.saw(message)
    return out


START = StreamStart(0, 1, 640, 480, 1, 25, 1, b"")


def test_the_report() -> None:
    explain = bytes([Reason.SHOWN] * 6 + [Reason.PERSON] * 2)
    done = run(START, Explain(0.0, 4, 2, explain), Explain(1.0, 4, 2, explain), health(), ItemEnd(0, 100, 9.9))
    report = done.report()
    assert report == {
        "frames": 100,
        "seconds": 10.0,
        "fps": 10.0,
        "width": 640,
        "height": 480,
        "mode": "plate",
        "ms_per_frame": {"decode": 1.0, "learn": 2.0, "find": 3.0, "hide": 4.0, "encode": 5.0},
        "hidden_share": 0.4,
        "hidden_why": {"shown": 0.75, "person": 0.25},
        "mosaic_s": {"scene changed": 2.5, "damaged frame": 0.5},
        "learning": {"first_shown_s": 0.0, "proven": [[0.0, 1.0], [1.0, 1.0]]},
        "padded": True,
        "repaired": {"timestamps": 4, "damaged_packets": 3, "resized_frames": 5},
        "build": "ab" * 32,
    }
    assert json.loads(json.dumps(report)) == report


def test_the_course_of_learning_is_told_in_few_words() -> None:
    """A mosaic at first, then half of it, then three quarters; two days of it take no more room than a minute."""

    def blocks(n: int) -> bytes:
        if n < 10:
            return bytes([Reason.MOSAIC] * 8)
        return bytes(
            [Reason.UNPROVEN] * (4 if n < 100 else 2) + [Reason.SHOWN] * 2 + [Reason.PERSON] * (2 + 2 * (n > 99))
        )

    done = run(START, *(Explain(float(n), 4, 2, blocks(n)) for n in range(2 * 24 * 3600)), health(), ItemEnd(0, 1, 9.9))
    learning = done.report()["learning"]
    assert learning["first_shown_s"] == 10.0
    assert MOMENTS <= len(learning["proven"]) <= 2 * MOMENTS
    apart = [b[0] - a[0] for a, b in itertools.pairwise(learning["proven"])]
    assert max(apart) <= 2.1 * min(apart)
    assert learning["proven"][0] == [0.0, 0.0]
    assert learning["proven"][-1][1] == 0.75


def test_the_report_of_one_picture_has_no_rate() -> None:
    report = run(START, health(frames=1, hidden_frames=0.5), ItemEnd(0, 1, 0.0)).report()
    assert report["fps"] is None
    assert report["hidden_share"] == 0.5


def test_the_report_of_nothing_divides_by_nothing() -> None:
    report = run(health(frames=0), ItemEnd(0, 0, 0.0)).report()
    assert report["hidden_share"] is None
    assert report["hidden_why"] == {}
    assert report["width"] is None


def test_the_explained_stream_does_not_stand_for_the_redacted_one() -> None:
    explained = StreamStart(1, 1, 99, 99, 1, 25, 0, b"")
    done = run(START, explained, Counts(0, 0, 0, 0, 0, 0), health(), ItemEnd(0, 1, 0.0))
    assert done.start == START


def test_the_last_health_counts() -> None:
    assert run(health(frames=1), health(frames=2)).health == health(frames=2)


def test_mosaics_by_reason() -> None:
    assert dict(enumerate_mosaics(health())) == dict.fromkeys(MOSAICS, 0) | {Mosaic.CUT: 25, Mosaic.DAMAGED: 5}
