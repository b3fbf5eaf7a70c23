"""The base of every shape that is returned."""

from pydantic import BaseModel, ConfigDict


class Result(BaseModel):
    """The base of every shape here: frozen, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
