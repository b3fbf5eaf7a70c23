"""The differences between two pictures, or of a region in them, each in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grok_vision.local.changes import Change, changes
from grok_vision.local.labelled import Box
from grok_vision.local.layout import Line
from grok_vision.local.sights import Sight
from grok_vision.local.telling import Text, steps, told, told_colours, told_otherwise
from grok_vision.local.words import place_of

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
        steps: By how many pixels of the page it moved to the right and down, if it just did.
        boxes: Where the text is, in pixels of the page.
    """

    description: str
    picture: int
    region: int = 0
    change: Change | None = None
    steps: tuple[float, float] | None = None
    boxes: tuple[Box, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether there is other text now, or elsewhere; text that just moved is the same."""
        return self.change is not None and self.steps is None


def differences(sight: Sight) -> list[Difference]:
    """Returns all that differs, text first."""
    look = sight.look
    if look.differing is not None and look.differing.is_none:
        return []
    found = [change for change in _changes(sight, sight.partial) if not _is_unsure(change, sight)]
    moved = [change for change in found if change.kind == "moved"]
    texts = [change for change in found if change.kind != "moved"]
    return [
        *(_text(change, sight) for change in (*texts[:_MOST], *moved)),
        *_unlisted(texts[_MOST:], sight),
        *_drawn(found, sight),
    ]


def _changes(sight: Sight, partial: bool) -> list[Change]:
    look = sight.look
    return changes(
        sight.before, sight.after, look.differing, alike=not look.region, partial=partial
    )


def _text(change: Change, sight: Sight) -> Difference:
    look = sight.look
    return Difference(
        told(change, look.crops if look.region else (None, None), look.scale),
        look.picture,
        look.region,
        change,
        steps(change, look.scale) if change.kind == "moved" else None,
        tuple(map(look.on_page, change.boxes)),
    )


def _unlisted(more: Sequence[Change], sight: Sight) -> Iterator[Difference]:
    if more:
        what = "piece of text differs" if len(more) == 1 else "pieces of text differ"
        look = sight.look
        yield Difference(f"and {len(more)} more {what}", look.picture, look.region, more[0])


def _is_unsure(change: Change, sight: Sight) -> bool:
    """Tells whether the other picture shows something there of which anything may be read."""
    sides = zip((change.before, change.after), reversed(sight.unsure), strict=True)
    return all(any(_meet(found[0].line, line) for line in lines) for found, lines in sides if found)


def _meet(one: Line, other: Line) -> bool:
    return min(one.right, other.right) > max(one.x, other.x) and min(
        one.y + one.height, other.y + other.height
    ) > max(one.y, other.y)


def _drawn(found: Sequence[Change], sight: Sight) -> Iterator[Difference]:
    """Yields what differs beside the text, or where no text does."""
    look = sight.look
    differing = look.differing
    boxes = [box for change in found for box in change.boxes]
    colours = differing.outside(boxes) if differing else None
    if found:
        if colours:
            yield Difference(told_colours(colours), look.picture, look.region)
        return
    if not look.region and differing is None:
        return  # that they are of another size is told by who measured them
    if differing is not None and differing.rows is None:
        yield Difference(_FAINT, look.picture, look.region)
        return
    yield Difference(told_otherwise(colours, _read(sight)), look.picture, look.region)


def _read(sight: Sight) -> Text:
    """Returns what was read where no change of text is told, but something differs."""
    look = sight.look
    if len(look.images) == 1:
        return "alone"
    unsure, text = (
        any(look.counts(place_of(line)) for line in lines)
        for lines in ((*sight.unsure[0], *sight.unsure[1]), (*sight.before, *sight.after))
    )
    if unsure or (text and _changes(sight, partial=False)):
        return "more" if sight.partial else "half"
    if text:
        return "part" if sight.partial else "same"
    return "none"
