"""Finds the text of small pictures together, one under the other: each alone takes longer."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from PIL import Image

from grok_vision.local.layout import Line
from grok_vision.local.strips import tallest

_GAP = 32  # pixels between two pictures, so that no line reaches into the next
_SHORTEST = 320 / 48  # heights; the recogniser pads what is shorter


@dataclass(frozen=True)
class Spot(Line):
    """A line that was found and not yet read, with its pixels as the recogniser takes them."""

    pixels: Any = field(default=None, compare=False, repr=False)

    @property
    def cost(self) -> float:
        """How long it takes to read: its length in heights, and never less than a short word."""
        height, width = self.pixels.shape[:2]
        return max(_SHORTEST, float(width) / float(height))


class Finder(Protocol):
    """Finds lines of text, and reads them apart, until the event is set."""

    def find(self, image: Image.Image, stop: threading.Event, /) -> tuple[Spot, ...]:
        """Finds all lines of text in a picture."""

    def recognise(self, spots: Sequence[Spot], stop: threading.Event, /) -> tuple[Line, ...]:
        """Reads lines that were found; those that hold no text are left out."""


def find_all(
    images: Sequence[Image.Image], finder: Finder, stop: threading.Event
) -> list[tuple[Spot, ...]]:
    """Returns the lines of each picture, not yet read, with boxes in its pixels."""
    return [spots for stack in _stacks(images) for spots in _find(stack, finder, stop)]


def _stacks(images: Sequence[Image.Image]) -> Iterator[list[Image.Image]]:
    """Yields the pictures in stacks that are looked at in one piece."""
    stack: list[Image.Image] = []
    for image in images:
        grown = [*stack, image]
        if stack and _height(grown) > tallest(max(one.width for one in grown)):
            yield stack
            grown = [image]
        stack = grown
    if stack:
        yield stack


def _find(
    stack: list[Image.Image], finder: Finder, stop: threading.Event
) -> Iterator[tuple[Spot, ...]]:
    if len(stack) == 1:
        yield finder.find(stack[0], stop)
        return
    page = Image.new("RGB", (max(image.width for image in stack), _height(stack)), "white")
    tops = list(itertools.accumulate((one.height + _GAP for one in stack[:-1]), initial=0))
    for image, top in zip(stack, tops, strict=True):
        page.paste(image, (0, top))
    spots = finder.find(page, stop)
    for image, top in zip(stack, tops, strict=True):
        yield tuple(
            _inside(spot, image, top)
            for spot in spots
            if top - _GAP / 2 <= spot.middle < top + image.height + _GAP / 2
        )


def _height(stack: Sequence[Image.Image]) -> int:
    return sum(image.height for image in stack) + _GAP * (len(stack) - 1)


def _inside(spot: Spot, image: Image.Image, top: int) -> Spot:
    """Returns the line in pixels of the picture, its box cut to the picture's edges."""
    upper, lower = max(0, spot.y - top), min(image.height, spot.y + spot.height - top)
    width = min(image.width, spot.right) - spot.x
    return replace(spot, y=upper, width=width, height=max(1, lower - upper))
