"""The base of every shape that is returned."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Result(BaseModel):
    """The base of every shape here: frozen, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def told(self) -> dict[str, Any]:
        """Return it as plain data for the wire: what is unknown is left out."""
        return self.model_dump(mode="json", exclude_none=True)
