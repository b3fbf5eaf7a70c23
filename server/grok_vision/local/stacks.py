"""Reads small pictures together, one under the other: each alone takes as long as a large one."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence

from PIL import Image

from grok_vision.local.layout import Line
from grok_vision.local.strips import tallest

_GAP = 32  # pixels between two pictures, so that no line reaches into the next

Read = Callable[[Image.Image, threading.Event], tuple[Line, ...]]
"""Reads the text of a picture, as long as the event is not set."""


def read_all(
    images: Sequence[Image.Image], read: Read, stop: threading.Event
) -> list[tuple[Line, ...]]:
    """Returns the lines of each picture, with boxes in its pixels."""
    return [lines for stack in _stacks(images) for lines in _read(stack, read, stop)]


def _stacks(images: Sequence[Image.Image]) -> Iterator[list[Image.Image]]:
    """Yields the pictures in stacks that are read in one piece."""
    stack: list[Image.Image] = []
    for image in images:
        grown = [*stack, image]
        if stack and _height(grown) > tallest(max(one.width for one in grown)):
            yield stack
            grown = [image]
        stack = grown
    if stack:
        yield stack


def _read(
    stack: list[Image.Image], read: Read, stop: threading.Event
) -> Iterator[tuple[Line, ...]]:
    if len(stack) == 1:
        yield read(stack[0], stop)
        return
    page = Image.new("RGB", (max(image.width for image in stack), _height(stack)), "white")
    tops = list(itertools.accumulate((one.height + _GAP for one in stack[:-1]), initial=0))
    for image, top in zip(stack, tops, strict=True):
        page.paste(image, (0, top))
    lines = read(page, stop)
    for image, top in zip(stack, tops, strict=True):
        yield tuple(
            _inside(line, image, top)
            for line in lines
            if top - _GAP / 2 <= line.middle < top + image.height + _GAP / 2
        )


def _height(stack: Sequence[Image.Image]) -> int:
    return sum(image.height for image in stack) + _GAP * (len(stack) - 1)


def _inside(line: Line, image: Image.Image, top: int) -> Line:
    """Returns the line in pixels of the picture, its box cut to the picture's edges."""
    upper, lower = max(0, line.y - top), min(image.height, line.y + line.height - top)
    right = min(image.width, line.right)
    return Line(line.text, line.x, upper, right - line.x, max(1, lower - upper), line.score)
