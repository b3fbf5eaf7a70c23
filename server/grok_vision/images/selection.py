"""The part of a picture that a fragment selects: `#xywh=…`, `#page=…` and `#t=…`, joined by `&`.

Rectangles and times are those of Media Fragments URI 1.0 (W3C), pages those of PDF (RFC 8118).
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from grok_vision.errors import ImageError
from grok_vision.images.geometry import Box, Size

_NUMBER = r"(\d{1,9}(?:\.\d{1,9})?)"
_RECTANGLE = re.compile(rf"(?:(pixel|percent):)?{','.join([_NUMBER] * 4)}", re.ASCII)
_PAGE = re.compile(r"\d{1,7}", re.ASCII)
# Seconds, or hours, minutes and seconds; the end is of no use for a picture, but must be sound.
_CLOCK = r"(?:(\d{1,4}):)?(?:([0-5]?\d):)?(\d{1,9}(?:\.\d{0,9})?)s?"
_TIME = re.compile(rf"(?:npt:)?(?:{_CLOCK})?(?:,{_CLOCK})?", re.ASCII)

_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle of the upright picture, in pixels, or with `percent` in percent of its sides."""

    x: float
    y: float
    width: float
    height: float
    percent: bool = False

    def box(self, size: Size) -> Box:
        """Return left, top, right and bottom in whole pixels of a picture of `size`.

        What lies beyond the picture is cut off, and a pixel that is touched counts.

        Raises:
            ImageError: `bad_region` where nothing of it lies inside.
        """
        across, down = (size[0] / 100, size[1] / 100) if self.percent else (1.0, 1.0)
        left, right = _pixels(self.x * across, self.width * across, size[0])
        top, bottom = _pixels(self.y * down, self.height * down, size[1])
        if left >= right or top >= bottom:
            raise ImageError(
                "bad_region",
                f"the region {self} lies outside the picture, which is {size[0]}x{size[1]}; "
                "choose one inside it.",
            )
        return left, top, right, bottom

    @property
    def text(self) -> str:
        """The rectangle as it is written."""
        numbers = ",".join(f"{side:g}" for side in (self.x, self.y, self.width, self.height))
        return f"{'percent:' if self.percent else ''}{numbers}"

    def __str__(self) -> str:
        return f"xywh={self.text}"


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a source is meant: a rectangle, a page (from 1), a moment in seconds; or all."""

    crop: Crop | None = None
    page: int | None = None
    seconds: float | None = None


WHOLE = Selection()


def parse_selection(fragment: str) -> Selection | None:
    """Return what the text behind a `#` selects; None where it is a fragment of another kind.

    Raises:
        ImageError: `bad_region` where it selects something that cannot be.
    """
    if len(fragment) > _LONGEST:
        return None
    selection = WHOLE
    for name, value in _pairs(fragment):
        # Of several with one name, the last counts.
        if name == "xywh":
            selection = replace(selection, crop=parse_crop(value))
        elif name == "page":
            selection = replace(selection, page=_page(value))
        elif name == "t":
            selection = replace(selection, seconds=_seconds(value))
    return None if selection == WHOLE else selection


def _pairs(fragment: str) -> Iterator[tuple[str, str]]:
    for pair in fragment.split("&"):
        name, mark, value = pair.partition("=")
        if mark:
            yield unquote(name).strip().lower(), unquote(value).replace(" ", "")


def parse_crop(value: str) -> Crop:
    """Return the rectangle that is written as left,top,width,height, perhaps with its unit.

    Raises:
        ImageError: `bad_region` where it is none, or empty.
    """
    match = _RECTANGLE.fullmatch(value)
    if match is None:
        raise ImageError(
            "bad_region",
            "a region is written xywh=left,top,width,height, in pixels, "
            "or xywh=percent:left,top,width,height; correct it.",
        )
    percent = match[1] == "percent"
    x, y, width, height = map(float, match.group(2, 3, 4, 5))
    crop = Crop(x, y, width, height, percent)
    if not crop.width or not crop.height:
        raise ImageError("bad_region", f"the region {crop} is empty; give it a width and a height.")
    if percent and max(crop.x, crop.y, crop.width, crop.height) > 100:
        raise ImageError(
            "bad_region", f"the region {crop} has a figure over 100 percent; lower it."
        )
    return crop


def _page(value: str) -> int:
    if not _PAGE.fullmatch(value) or int(value) == 0:
        raise ImageError("bad_region", "pages are counted from 1; write #page=1 for the first.")
    return int(value)


def _seconds(value: str) -> float:
    match = _TIME.fullmatch(value) if value not in {"", "npt:"} else None
    start, end = (_clock(*match.groups()[at : at + 3]) for at in (0, 3)) if match else (None, None)
    if match is None or (end is not None and end <= (start or 0.0)):
        raise ImageError(
            "bad_region",
            "a moment is written #t=1.5, in seconds, or as #t=start,end; correct it.",
        )
    return start or 0.0


def _clock(hours: str | None, minutes: str | None, seconds: str | None) -> float | None:
    """Return the time in seconds; of two figures before the last, the second is the minutes."""
    if seconds is None:
        return None
    if minutes is None:
        hours, minutes = None, hours
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)


def _pixels(start: float, length: float, most: int) -> tuple[int, int]:
    # Rounded first: a tenth and two tenths are more than three tenths.
    first, last = round(start, 6), round(start + length, 6)
    return math.floor(first), min(most, math.ceil(last))
