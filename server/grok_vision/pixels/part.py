"""A part of two pictures, with as much around it as its verdicts need."""

from dataclasses import dataclass
from functools import cached_property

from PIL import Image

from grok_vision.pixels.boxes import Box, moved
from grok_vision.pixels.exact import MARGIN, Window
from grok_vision.pixels.tiles import TILE

Planes = tuple[Image.Image, ...]
Edge = tuple[int, int]
"""A column or row, and the step that leads out of the picture."""

LARGEST = (TILE[0] + 2 * MARGIN, 2 * (TILE[1] + 2 * MARGIN))
"""A tile of both pictures with its margins."""

_OPAQUE = (255, 255)


@dataclass(frozen=True)
class Part:
    """The pixels of `box` in both pictures, which have the same size and mode."""

    reference: Image.Image
    candidate: Image.Image
    box: Box

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the box."""
        return self.box[2] - self.box[0], self.box[3] - self.box[1]

    @property
    def stride(self) -> int:
        """How far the candidate lies below the reference in `stacked`."""
        return self.size[1] + 2 * MARGIN

    @cached_property
    def stacked(self) -> Planes:
        """The channels (L) of the box with its margin, the reference above the candidate.

        One sum then does for both. Outside the pictures is 0.
        """
        left, top, right, bottom = self.box
        whole = (left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN)
        both = Image.new(self.reference.mode, (right - left + 2 * MARGIN, 2 * self.stride))
        both.paste(self.reference.crop(whole))
        both.paste(self.candidate.crop(whole), (0, self.stride))
        return both.split()

    @cached_property
    def is_opaque(self) -> bool:
        """Whether no pixel of the box and its margin is transparent in either picture."""
        return self.reference.mode == "RGB" or all(
            one.crop(self._reach).getchannel("A").getextrema() == _OPAQUE
            for one in (self.reference, self.candidate)
        )

    @cached_property
    def window(self) -> Window:
        """The box with its margin as bytes, for verdicts on single pixels."""
        left, top, right, bottom = self._reach
        first, second = (
            one.crop(self._reach).convert("RGBA").tobytes()
            for one in (self.reference, self.candidate)
        )
        return Window(
            left=left,
            top=top,
            width=right - left,
            height=bottom - top,
            origin=(self.box[0] - left, self.box[1] - top),
            picture_width=self.reference.width,
            bytes_of=(first, second),
            colours_of=(memoryview(first).cast("I"), memoryview(second).cast("I")),
        )

    @property
    def _reach(self) -> Box:
        left, top, right, bottom = self.box
        return (
            max(left - MARGIN, 0),
            max(top - MARGIN, 0),
            min(right + MARGIN, self.reference.width),
            min(bottom + MARGIN, self.reference.height),
        )

    def either(self, plane: Image.Image, margin: int = 0) -> tuple[Image.Image, Image.Image]:
        """Return what a plane of both has in the box and so much around it: of each picture.

        The plane may have lost some of the margin of `stacked`, on all sides alike.
        """
        lost = (self.size[0] + 2 * MARGIN - plane.width) // 2
        width, height = self.size[0] + 2 * margin, self.size[1] + 2 * margin
        start = MARGIN - margin - lost
        upper = (start, start, start + width, start + height)
        return plane.crop(upper), plane.crop(moved(upper, 0, self.stride))

    def first_and_last(self, margin: int) -> tuple[list[Edge], list[Edge]]:
        """Return the first and last columns and rows of the pictures, as far as they are near.

        They count from the upper left of the box with this margin.
        """
        both = (
            [(margin - start, -1), (margin - start + length - 1, 1)]
            for start, length in zip(self.box[:2], self.reference.size, strict=True)
        )
        columns, rows = (
            [edge for edge in edges if 0 <= edge[0] < length + 2 * margin]
            for edges, length in zip(both, self.size, strict=True)
        )
        return columns, rows

    def without_outside(self, plane: Image.Image) -> Image.Image:
        """Return a plane of `stacked` that is 0 outside the pictures."""
        left, top, right, bottom = moved(self._reach, MARGIN - self.box[0], MARGIN - self.box[1])
        if (right - left, bottom - top) == (plane.width, self.stride):
            return plane
        found = Image.new(plane.mode, plane.size)
        for y in (0, self.stride):
            found.paste(plane.crop((left, top + y, right, bottom + y)), (left, top + y))
        return found

    def narrowed(self, inner: Box) -> "Part":
        """Return a part of this one; `inner` counts from its upper left."""
        box = moved(inner, *self.box[:2])
        return self if box == self.box else Part(self.reference, self.candidate, box)
