"""Pixels for comparing: the values that leave the room."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from grok_vision.errors import ImageError
from grok_vision.images.geometry import Box, Size
from grok_vision.results import SentImage

if TYPE_CHECKING:
    from PIL import Image

# Two of them, and what is measured between them, stay under 1 GB.
_MOST_PIXELS = 64_000_000


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

    @property
    def whole(self) -> "Cut":
        """All of it."""
        return Cut(self.pixels, (0, 0, *self.size), self.origin, self.scale)

    def cut(self, box: Box) -> "Cut | None":
        """Return what the box, in pixels here, cuts out; None where that lies beyond."""
        inside = self.inside(box)
        if inside is None:
            return None
        return Cut(self.pixels.crop(inside), inside, self.origin, self.scale)

    def inside(self, box: Box) -> Box | None:
        """Return what of the box lies in the picture, or None."""
        left, top = max(0, box[0]), max(0, box[1])
        right, bottom = min(box[2], self.size[0]), min(box[3], self.size[1])
        return (left, top, right, bottom) if left < right and top < bottom else None


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a decoded picture; `box` is where it lies in that one's pixels."""

    pixels: "Image.Image" = field(repr=False)
    box: Box
    origin: tuple[int, int]
    scale: float

    def fitted(self, size: Size) -> Self:
        """Return the same in other pixels."""
        return replace(self, pixels=self.pixels.resize(size))


def check_comparable(size: Size) -> None:
    """Make sure that pictures which together are so large can be compared.

    Raises:
        ImageError: `too_many_pixels`.
    """
    if size[0] * size[1] > _MOST_PIXELS:
        raise ImageError(
            "too_many_pixels",
            f"no more than {_MOST_PIXELS:,} pixels are compared, and this would be "
            f"{size[0]}x{size[1]}; select a part with #xywh=x,y,width,height.",
        )
