"""``fleet.toml``: the database that all share, and the areas, each with a ``site.toml`` of its cameras."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from passerby.base.errors import SettingsError, UsageError
from passerby.base.ids import checked_id
from passerby.fleet.cost import Costs, read_costs
from passerby.store.postgres import checked_address


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Area(_Strict):
    """Cameras that run on the machines of one place.

    Args:
        name: Of the place; machines say it as a resource (``area:NAME``).
        settings: A ``site.toml``.
    """

    name: str
    settings: Path

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        try:
            return checked_id(name)
        except UsageError as error:
            raise ValueError("use small letters, digits and hyphens") from error


class Fleet(_Strict):
    """The settings.

    Args:
        database: The address of the PostgreSQL database, without a password.
        data: A folder on each machine, in which each of its shards has one.
        costs: What cameras cost, from ``passerby bench``.
        shard_cameras: Most cameras of a shard.
        shard_cores: Most cores that a shard may need.
        lease_s: How long a lease holds without being renewed.
        areas: At least one.
    """

    database: str
    data: Path
    costs: Path
    shard_cameras: Annotated[int, Field(ge=1, le=200)] = 40
    shard_cores: Annotated[float, Field(gt=0)] = 8.0
    lease_s: Annotated[float, Field(ge=1, le=120)] = 15.0
    areas: Annotated[list[Area], Field(min_length=1, alias="area")]

    def read_costs(self) -> Costs:
        """The measured costs."""
        return read_costs(self.costs)


def read_fleet(path: Path) -> Fleet:
    """The settings in a file; paths in it are taken from its folder.

    Raises:
        SettingsError: It can't be read, or an entry is wrong.
        StoreError: The database's address is none.
    """
    try:
        fleet = Fleet.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise SettingsError(f"{path} can't be read ({error.strerror})", "name a fleet's settings") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is no TOML ({error})") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise SettingsError(f"{path}: {': '.join([*map(str, first['loc']), str(first['msg'])])}") from error
    names = [area.name for area in fleet.areas]
    if twice := {name for name in names if names.count(name) > 1}:
        raise SettingsError(f"{path}: two areas are named {min(twice)}")
    checked_address(fleet.database)
    here = path.resolve().parent
    areas = [area.model_copy(update={"settings": here / area.settings}) for area in fleet.areas]
    return fleet.model_copy(update={"data": here / fleet.data, "costs": here / fleet.costs, "areas": areas})
