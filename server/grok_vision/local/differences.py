"""The differences between two pictures, or of a region in them, each in words."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from PIL import Image

from grok_vision.local.changes import Change, changes
from grok_vision.local.differing import Differing, is_cut
from grok_vision.local.layout import Line
from grok_vision.local.telling import Crops, Text, told, told_colours, told_otherwise
from grok_vision.local.words import Word, letters, place_of

_FAINT = "the pixels differ by less than is seen"
_MOST = 10  # of one region, or of a whole picture


@dataclass(frozen=True)
class Difference:
    """A difference in words.

    Attributes:
        description: What differs.
        picture: The number of the picture.
        region: That of the region in it, or 0.
        change: The text that changed, if one did.
    """

    description: str
    picture: int
    region: int = 0
    change: Change | None = None

    @property
    def is_text(self) -> bool:
        """Whether there is other text now, or elsewhere; text that just moved is the same."""
        return self.change is not None and self.change.kind != "moved"

    def is_text_beside(self, told: Collection[str]) -> bool:
        """Whether it is about text, in other words than those that are told."""
        return self.is_text and self.description not in told


@dataclass(frozen=True)
class Sight:
    """Two pictures that show the same place before and after.

    Attributes:
        picture: The number of the second.
        before: The lines of the first.
        after: Those of the second.
        differing: Their pixels, where they are of one size.
        crops: The pictures, where they show a part only, so that words may be cut at the edges.
        region: The number of the region, or 0 for whole pictures.
        scale: How much they are enlarged.
    """

    picture: int
    before: Sequence[Line]
    after: Sequence[Line]
    differing: Differing | None
    crops: Crops | None = None
    region: int = 0
    scale: float = 1.0


def differences(sight: Sight) -> list[Difference]:
    """Returns all that differs, text first."""
    before, after, halves = _parted(sight)
    found = changes(before, after, sight.differing, alike=sight.crops is None)
    texts = [
        Difference(told(change, sight.crops, sight.scale), sight.picture, sight.region, change)
        for change in found[:_MOST]
    ]
    return [*texts, *_unlisted(found[_MOST:], sight), *_drawn(found, sight, halves)]


def across_regions(found: Sequence[Difference]) -> list[Difference]:
    """Returns the same, telling of text that went from one region whether another has it now."""
    return [replace(one, description=one.description + _elsewhere(one, found)) for one in found]


def _unlisted(more: Sequence[Change], sight: Sight) -> Iterator[Difference]:
    if more:
        what = "piece of text differs" if len(more) == 1 else "pieces of text differ"
        text = next((change for change in more if change.kind != "moved"), more[0])
        yield Difference(f"and {len(more)} more {what}", sight.picture, sight.region, text)


def _parted(sight: Sight) -> tuple[list[Line], list[Line], list[Line]]:
    """Returns the lines before and after, and apart those that are cut lengthwise.

    Of half a line anything may be read.
    """
    if sight.crops is None:
        return list(sight.before), list(sight.after), []
    sides = tuple(zip((sight.before, sight.after), sight.crops, strict=True))
    before, after = ([line for line in lines if not _is_half(line, crop)] for lines, crop in sides)
    return before, after, [line for lines, crop in sides for line in lines if _is_half(line, crop)]


def _is_half(line: Line, crop: Image.Image) -> bool:
    return is_cut(crop, line, "top") or is_cut(crop, line, "bottom")


def _drawn(found: Sequence[Change], sight: Sight, halves: Sequence[Line]) -> Iterator[Difference]:
    """Yields what differs beside the text, or where no text does."""
    differing = sight.differing
    boxes = [box for change in found for box in change.boxes]
    colours = differing.outside(boxes) if differing else None
    if found:
        if colours:
            yield Difference(told_colours(colours), sight.picture, sight.region)
        return
    if sight.crops is None and differing is None:
        return  # that they are of another size is told by who measured them
    if differing is not None and differing.rows is None:
        yield Difference(_FAINT, sight.picture, sight.region)
        return
    half, text = (
        any(differing is None or differing.at(place_of(line)) for line in lines)
        for lines in (halves, [*sight.before, *sight.after])
    )
    what: Text = "half" if half else "same" if text else "none"
    yield Difference(told_otherwise(colours, what), sight.picture, sight.region)


def _elsewhere(one: Difference, found: Sequence[Difference]) -> str:
    change = one.change
    if change is None or change.kind not in ("added", "removed"):
        return ""
    was_removed = change.kind == "removed"
    sought = _letters(change.before or change.after)
    for other in found:
        there = other.change
        if there is None or other.picture != one.picture or other.region == one.region:
            continue
        if there.kind == ("added" if was_removed else "removed") and sought == _letters(
            there.before or there.after
        ):
            return f"; it was {there.kind} in region {other.region}"
    return ""


def _letters(found: Sequence[Word]) -> str:
    return letters("".join(word.text for word in found))
