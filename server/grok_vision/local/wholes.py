"""Whole pictures of a comparison, read once each, long ones put together from their parts."""

import itertools
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from PIL import Image

from grok_vision.local.labelled import Part
from grok_vision.local.layout import Line
from grok_vision.local.stacks import Read
from grok_vision.local.strips import Strip, joined

Open = Callable[[int], Image.Image]
"""Returns the picture at a place in the request, from 0."""


class Whole:
    """A whole picture, opened and read when that is asked for first."""

    def __init__(
        self, parts: Sequence[Part], opened: Open, read: Read, stop: threading.Event
    ) -> None:
        self._parts = parts
        self._opened = opened
        self._read = read
        self._stop = stop

    @cached_property
    def image(self) -> Image.Image | None:
        """Its pixels, unless it came in parts.

        Raises:
            BadRequest: It cannot be opened.
        """
        return self._opened(self._parts[0].place) if len(self._parts) == 1 else None

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Its lines of text, with boxes in its own pixels.

        Raises:
            BadRequest: A part of it cannot be opened.
        """
        if self.image is not None:
            return self._read(self.image, self._stop)
        strips = _strips(self._parts)
        return joined(
            (strip, tuple(_placed(part, self._opened(part.place), self._read, self._stop)))
            for part, strip in zip(self._parts, strips, strict=True)
            if not self._stop.is_set()
        )


def _strips(parts: Sequence[Part]) -> list[Strip]:
    """Returns the parts as strips of the page: a line in two of them counts in one."""
    boxes = [part.box or (0, 0, 0, 0) for part in parts]
    seams = [(above[3] + below[1]) / 2 for above, below in itertools.pairwise(boxes)]
    return [
        Strip(box[1], box[3] - box[1], first, last)
        for box, first, last in zip(boxes, [-math.inf, *seams], [*seams, math.inf], strict=True)
    ]


def _placed(part: Part, image: Image.Image, read: Read, stop: threading.Event) -> Iterator[Line]:
    """Yields the lines of a part in pixels of the page."""
    left, top, right, _ = part.box or (0, 0, image.width, 0)
    scale = (right - left) / image.width
    for line in read(image, stop):
        yield Line(
            line.text,
            left + round(line.x * scale),
            top + round(line.y * scale),
            round(line.width * scale),
            round(line.height * scale),
            line.score,
        )
