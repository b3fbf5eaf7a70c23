"""A call that would do with less, where there is one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grok_vision.texts import shortened
from grok_vision.tokens.count import NOTHING, Count
from grok_vision.tokens.measured import Measured, Reading
from grok_vision.tokens.rules import Size

# What is worth a change: this share of all image tokens.
_WORTHWHILE = 0.25
# From here on a quarter of a picture is a picture.
_LARGE = 1_000_000
# Their crops are drawn anew, larger than they were.
_DRAWN = frozenset({"PDF", "SVG"})


@dataclass(frozen=True, slots=True)
class Saving:
    """What to change, and the tokens of all pictures then; `whole` where none would be split."""

    suggestion: str
    images: Count
    whole: bool = False


def saving(pictures: Sequence[Measured], reading: Reading, now: int) -> Saving | None:
    """Return the first of a lower detail and a crop that saves a quarter of the image tokens.

    `now` is how many these are.
    """
    enough = now * (1 - _WORTHWHILE)
    if (more := _auto(pictures, reading)) and more.images.tokens < now:
        return more
    for offered in (_low(pictures, reading), _cropped(pictures, reading)):
        if offered is not None and offered.images.tokens <= enough < now:
            return offered
    return None


def _auto(pictures: Sequence[Measured], reading: Reading) -> Saving | None:
    """Return what detail auto would take: some of OpenAI's models look closer at low detail."""
    if reading.detail != "low":
        return None
    images = sum((reading.of(picture.sent, "auto") for picture in pictures), NOTHING)
    return Saving(
        f"With detail auto: {shortened(reading.choice.profile.name)} looks closer at low.", images
    )


def _low(pictures: Sequence[Measured], reading: Reading) -> Saving | None:
    refused = not all(picture.sent_low for picture in pictures)
    if reading.detail == "low" or refused or not pictures:
        return None
    images = sum((reading.of(picture.sent_low, "low") for picture in pictures), NOTHING)
    # The one that loses most stands for all.
    worst = min(pictures, key=lambda one: math.prod(_largest(one.sent_low)) / _area(one.sent))
    told = f"With detail low: {_loss(worst, _named(worst, pictures))}."
    return Saving(told, images, whole=all(len(picture.sent_low) == 1 for picture in pictures))


def _loss(picture: Measured, name: str) -> str:
    low, now = _largest(picture.sent_low), _largest(picture.sent)
    if len(picture.sent) > len(picture.sent_low):
        shown = f"{_times(low)} in one part instead of {len(picture.sent)} of up to {_times(now)}"
    elif low != now:
        shown = f"{_times(low)} instead of {_times(now)}"
    else:
        return "the model looks less closely, so fine detail may be missed"
    return f"{name} is then seen as {shown}, so small text and detail are lost"


def _named(picture: Measured, pictures: Sequence[Measured]) -> str:
    """Return which picture it is: by its number, since its source is text of the caller's."""
    return "it" if len(pictures) == 1 else f"image {pictures.index(picture) + 1}"


def _cropped(pictures: Sequence[Measured], reading: Reading) -> Saving | None:
    """Return what the middle of each large picture would take, in place of all of it."""
    large = [picture for picture in pictures if _can_be_cropped(picture)]
    if not large:
        return None
    images = sum(
        (
            reading.of([_middle(picture, reading)] if picture in large else picture.sent)
            for picture in pictures
        ),
        NOTHING,
    )
    which = "it" if len(pictures) == 1 else f"each of the {len(large)} large images"
    return Saving(
        f"With a quarter of {which}, by a fragment such as #xywh=percent:25,25,50,50: the rest is "
        "not seen.",
        images,
    )


def _can_be_cropped(picture: Measured) -> bool:
    return (
        picture.width * picture.height >= _LARGE
        and len(picture.sent) == 1
        and picture.format.upper() not in _DRAWN
        and "#" not in picture.source
        and not picture.source.startswith("data:")
    )


def _middle(picture: Measured, reading: Reading) -> Size:
    """Return the size in which half of each side is sent; a pixel that is touched counts."""
    width, height = (
        math.ceil(side * 0.75) - math.floor(side * 0.25) for side in (picture.width, picture.height)
    )
    return reading.fitted((width, height))


def _largest(sizes: Sequence[Size]) -> Size:
    return max(sizes, key=math.prod)


def _area(sizes: Sequence[Size]) -> int:
    return sum(math.prod(size) for size in sizes)


def _times(size: Size) -> str:
    return f"{size[0]}x{size[1]}"
