"""A source whose bytes are here: read or fetched once, and worked on more than once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grok_vision.images.loading import Loaded


@dataclass(frozen=True, slots=True)
class OpenedImage:
    """The bytes of a source, and its number among those of the call, from 1."""

    number: int
    loaded: "Loaded"

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"image {self.number} ({self.loaded.label})"

    @property
    def bytes(self) -> int:
        """How many there are."""
        return len(self.loaded.data)
