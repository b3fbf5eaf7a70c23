"""Reads what is looked at, the most important first, and no more than a call has time for."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from grok_vision.local.differing import is_cut
from grok_vision.local.layout import Line
from grok_vision.local.looks import Look
from grok_vision.local.stacks import Finder, Spot, find_all
from grok_vision.local.words import letters, place_of

# Measured on two cores: 0.5 s for a million pixels, and 4 ms for a height of a line's length.
MOST_PIXELS = 5_000_000  # of both pictures; a pair of 1080p screenshots is less
_MOST_READ = 1_100  # heights
_SURE = 0.75  # the reader's confidence from which something is text
_AT_EDGE = 2  # pixels


@dataclass(frozen=True)
class Sight:
    """What was read at a place before and after.

    Attributes:
        look: The place.
        before: The lines of the first picture.
        after: Those of the other.
        unsure: Of both, those of which anything may be read: cut lengthwise, or no text at all.
        partial: Whether there is more below that was not read.
    """

    look: Look
    before: Sequence[Line]
    after: Sequence[Line]
    unsure: tuple[Sequence[Line], Sequence[Line]] = ((), ())
    partial: bool = False


def sights(looks: Sequence[Look], finder: Finder, stop: threading.Event) -> list[Sight]:
    """Returns what was read of as many as a call has time for, the first of them first."""
    seen = _affordable(looks)
    found = iter(
        find_all([image for look in seen if look.is_seen for image in look.images], finder, stop)
    )
    read: list[Sight] = []
    left = float(_MOST_READ)
    for look in seen:
        pair = [next(found) if crop is not None and look.is_seen else () for crop in look.crops]
        pair = _wanted(look, pair)
        last = _last_row(pair, left)
        if last is not None:
            if read:
                continue
            pair = [tuple(spot for spot in spots if _bottom(spot) <= last) for spots in pair]
        left -= sum(spot.cost for spots in pair for spot in spots)
        lines = [finder.recognise(spots, stop) for spots in pair]
        read.append(_sight(look, lines[0], lines[1], partial=last is not None or look.partial))
    return read


def _affordable(looks: Sequence[Look]) -> list[Look]:
    seen: list[Look] = []
    left = MOST_PIXELS
    for look in looks:
        pixels = sum(image.width * image.height for image in look.images)
        if pixels <= left or not seen:
            seen.append(look)
            left -= pixels
    return seen


def _wanted(look: Look, pair: Sequence[tuple[Spot, ...]]) -> list[tuple[Spot, ...]]:
    """Returns the rows of text that may tell of a change; one cut by a bound tells nothing."""
    told = [spot for spots in pair for spot in spots if look.counts(place_of(spot))]
    lowest = max(image.height for image in look.images) - (_AT_EDGE if look.partial else 0)
    is_alone = len(look.images) == 1
    return [
        tuple(
            spot
            for spot in spots
            if (spot in told if is_alone else any(_is_beside(spot, other) for other in told))
            and (_bottom(spot) < lowest or not look.partial)
        )
        for spots in pair
    ]


def _is_beside(spot: Line, other: Line) -> bool:
    return other.y <= spot.middle <= _bottom(other) or spot.y <= other.middle <= _bottom(spot)


def _last_row(pair: Sequence[Sequence[Spot]], left: float) -> int | None:
    """Returns down to which row there is time to read, or None if there is for all."""
    last = 0
    for spot in sorted((spot for spots in pair for spot in spots), key=_bottom):
        left -= spot.cost
        if left < 0:
            return last
        last = _bottom(spot)
    return None


def _bottom(line: Line) -> int:
    return line.y + line.height


def _sight(look: Look, before: Sequence[Line], after: Sequence[Line], *, partial: bool) -> Sight:
    unsure = tuple(
        [line for line in lines if not _is_sure(line) or _is_half(line, look, place)]
        for place, lines in enumerate((before, after))
    )
    sure = [
        [line for line in lines if line not in doubtful]
        for lines, doubtful in zip((before, after), unsure, strict=True)
    ]
    return Sight(look, sure[0], sure[1], (unsure[0], unsure[1]), partial)


def _is_sure(line: Line) -> bool:
    """Tells whether it is text: rings and rules are read as letters that repeat one."""
    text = letters(line.text)
    return line.score >= _SURE and (len(set(text)) > 1 or len(text) < 3 or text.isdigit())


def _is_half(line: Line, look: Look, place: int) -> bool:
    crop = look.crops[place]
    if crop is None or not look.region:
        return False
    return is_cut(crop, line, "top") or is_cut(crop, line, "bottom")
