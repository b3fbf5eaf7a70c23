"""What comes of a comparison, for tools and commands."""

from collections.abc import Sequence
from dataclasses import dataclass

from grok_vision.images import OpenedImage
from grok_vision.results import Comparison


@dataclass(frozen=True, slots=True)
class Outcome:
    """A comparison, and what a page needs to show it.

    Attributes:
        comparison: What is told.
        pictures: The pictures that were compared, with their bytes.
        sizes: Width and height of each, in the pixels in which regions are told.
    """

    comparison: Comparison
    pictures: Sequence[OpenedImage]
    sizes: Sequence[tuple[int, int]]
