"""What a camera costs, as measured by ``passerby bench`` on one machine, in a file that plans are made from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from passerby.base.errors import SettingsError
from passerby.station.settings import CameraSettings
from passerby.station.settings import Mode as Lets

Mode = Literal["low", "counts", "full"]
MODES: tuple[Mode, ...] = ("low", "counts", "full")
WORDS: Mapping[Mode, str] = {
    "low": "counts only, keyframes only",
    "counts": "counts only, every picture",
    "full": "redacted video and counts, every picture",
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Run(_Strict):
    """So many cameras of one mode on one machine, for a while.

    Args:
        cameras: How many.
        cores: Processor seconds a second, of all their processes and their station.
        memory_mib: Of the same, shared pages divided among those who share them.
        in_bit_s: What all of them sent, in bits a second.
        out_bit_s: Redacted video of all.
        pictures: Read in a second, of all.
        left_out: Share of pictures that were left out: above 0 the machine was too small, and ``cores`` too low.
    """

    cameras: int = Field(gt=0)
    cores: float = Field(ge=0)
    memory_mib: float = Field(ge=0)
    in_bit_s: float = Field(ge=0)
    out_bit_s: float = Field(ge=0)
    pictures: float = Field(ge=0)
    left_out: float = Field(ge=0, le=1)


class ModeCost(_Strict):
    """A mode's cost: a straight line through the runs with the fewest and the most cameras.

    Args:
        runs: In order of cameras; those between the first and the last tell the error.
    """

    runs: list[Run] = Field(min_length=1)

    def cores(self, cameras: float, stations: float = 1.0) -> float:
        """Cores for so many cameras in so many stations."""
        return self._line(cameras, stations, "cores")

    def memory_mib(self, cameras: float, stations: float = 1.0) -> float:
        """Memory for them."""
        return self._line(cameras, stations, "memory_mib")

    @property
    def out_bit_s(self) -> float:
        """Redacted video of one camera."""
        return self.runs[-1].out_bit_s / self.runs[-1].cameras

    @property
    def in_bit_s(self) -> float:
        """What one camera sends."""
        return self.runs[-1].in_bit_s / self.runs[-1].cameras

    @property
    def error(self) -> float | None:
        """Largest error of the line in cores, as a share of what a run took that it wasn't drawn through."""
        between = [abs(self.cores(run.cameras) - run.cores) / run.cores for run in self.runs[1:-1] if run.cores]
        return max(between, default=None)

    def _line(self, cameras: float, stations: float, what: Literal["cores", "memory_mib"]) -> float:
        """What each station takes by itself, and each camera on top; never less than nothing."""
        first, last = self.runs[0], self.runs[-1]
        few, many = getattr(first, what), getattr(last, what)
        each = many / last.cameras
        if last.cameras > first.cameras:
            each = min(max(0.0, (many - few) / (last.cameras - first.cameras)), each)
        alone = many - each * last.cameras
        return float(alone * stations + each * cameras)


class Costs(_Strict):
    """The file.

    Args:
        date: When it was measured.
        machine: On what.
        version: Of Passerby.
        modes: By name.
    """

    date: str
    machine: str
    version: str
    modes: dict[Mode, ModeCost]


def read_costs(path: Path) -> Costs:
    """A file that ``passerby bench`` wrote.

    Raises:
        SettingsError: It can't be read, or is none.
    """
    advice = "make one: passerby bench CLIP -o FILE"
    try:
        return Costs.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{path} can't be read ({error.strerror})", advice) from error
    except ValidationError as error:
        raise SettingsError(f"{path} holds no measured costs", advice) from error


def mode_of(camera: CameraSettings) -> Mode:
    """As what a camera counts."""
    if camera.mode is not Lets.COUNTS_ONLY:
        return "full"
    return "low" if camera.frames == "keyframes" else "counts"
