"""Pixels for comparing: the values that leave the room."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from grok_vision.images.geometry import Box, Size
from grok_vision.results import SentImage

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """What was selected of one source, as a person sees it: upright, eight bits, sRGB.

    Attributes:
        pixels: RGB, or RGBA where something is transparent.
        origin: Where it lies in the source, in its pixels.
        scale: Pixels here for each of the source; not 1 for drawings only.
        report: What the source was found to be; nothing of it is sent yet.
        warnings: What the caller should know of it.
    """

    pixels: "Image.Image" = field(repr=False)
    origin: tuple[int, int]
    scale: float
    report: SentImage
    warnings: tuple[str, ...]

    @property
    def size(self) -> Size:
        """Width and height of the pixels."""
        return self.pixels.size

    @property
    def transparent(self) -> bool:
        """Whether something in it is."""
        return self.pixels.mode == "RGBA"

    def named(self, source: str) -> Self:
        """Return the same, with the account naming the source as it was written."""
        return replace(self, report=self.report.model_copy(update={"source": source}))

    def cut(self, box: Box) -> "Cut":
        """Return what the box, in pixels here, cuts out; what lies beyond the picture is left."""
        left, top = max(0, box[0]), max(0, box[1])
        right, bottom = min(box[2], self.size[0]), min(box[3], self.size[1])
        inside = (left, top, max(left + 1, right), max(top + 1, bottom))
        return Cut(self.pixels.crop(inside), inside, self.origin, self.scale)


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a decoded picture; `box` is where it lies in that one's pixels."""

    pixels: "Image.Image" = field(repr=False)
    box: Box
    origin: tuple[int, int]
    scale: float
