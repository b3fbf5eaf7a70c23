"""What comes of a comparison, for tools and commands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grok_vision.images import OpenedImage
from grok_vision.results import Comparison


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of what changed in image `image`, as it was written."""

    image: int
    path: Path
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A comparison, and what a page needs to show it.

    Attributes:
        comparison: What is told.
        drawings: The pictures of what changed.
        pictures: The pictures that were compared, with their bytes.
        sizes: Width and height of each, in the pixels in which regions are told.
    """

    comparison: Comparison
    drawings: Sequence[Drawing]
    pictures: Sequence[OpenedImage]
    sizes: Sequence[tuple[int, int]]
