"""What is looked at in a comparison: regions, with more beside them if words are cut, and pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

from grok_vision.local.differing import Differing, ends_cut
from grok_vision.local.labelled import Box, Closeup, Gap

_ASIDE = 160  # pixels; words are seldom longer
_ENLARGED = 2  # what is read with no mistakes
_SAME = 6  # levels of 255 by which a picture may be off that was enlarged and reduced again
_AROUND = 32  # pixels above and below what differs in a page, so that its lines are whole

Pictures = tuple[Image.Image | None, Image.Image | None]
"""A page or a part of it before and after; None where there is none."""


@dataclass(frozen=True)
class Look:
    """A place before and after, or in the only picture that has it.

    Attributes:
        picture: The number of the picture that is compared with the first.
        crops: What is seen there.
        region: The number of the region, or 0 for whole pages.
        scale: How much it is enlarged.
        corner: Where its upper left corner lies in the page.
        inside: Where in the crops the region lies, unless it fills them.
        partial: Whether there is more below that is too large to be looked at.
    """

    picture: int
    crops: Pictures
    region: int = 0
    scale: float = 1.0
    corner: tuple[int, int] = (0, 0)
    inside: Box | None = None
    partial: bool = False

    @cached_property
    def images(self) -> list[Image.Image]:
        """The pictures that there are."""
        return [crop for crop in self.crops if crop is not None]

    @cached_property
    def differing(self) -> Differing | None:
        """How the pixels differ, where there are two pictures of one size."""
        before, after = self.crops
        if before is None or after is None or before.size != after.size:
            return None
        return Differing(before, after, self.inside)

    @property
    def is_seen(self) -> bool:
        """Whether anything differs there by as much as is seen; else nothing there is read."""
        return self.differing is None or self.differing.rows is not None

    def counts(self, box: Box) -> bool:
        """Tells whether text there may be another: pixels that are the same are never read."""
        if self.differing is not None:
            return self.differing.at(box)
        if self.inside is None:
            return True
        across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        left, top, right, bottom = self.inside
        return left <= across < right and top <= down < bottom

    def on_page(self, box: Box) -> Box:
        """Returns a box in pixels of the page."""
        left, top, right, bottom = (round(edge / self.scale) for edge in box)
        x, y = self.corner
        return left + x, top + y, right + x, bottom + y


def look_at(closeup: Closeup, crops: Pictures, pages: Pictures, gap: Gap | None) -> Look:
    """Returns how a region is looked at, which `crops` show enlarged and `pages` in its place."""
    before, after = crops
    if gap is not None and gap.fills(closeup.box):
        crops = (None, after) if gap.dy > 0 else (before, None)
    if before is not None and after is not None and None not in crops:
        wide = _goes_on(before, after) and widened(closeup, (before, after), pages, gap)
        return wide or Look(
            closeup.picture, crops, closeup.region, closeup.scale, corner=closeup.box[:2]
        )
    return _alone(closeup, crops, pages, gap)


def look_at_pages(picture: int, pages: tuple[Image.Image, Image.Image], most: int) -> Look:
    """Returns how whole pages are looked at: the rows that differ, up to so many pixels of each."""
    before, after = pages
    differing = Differing(before, after) if before.size == after.size else None
    whole = 0, max(before.height, after.height)
    first, last = (differing.rows if differing else None) or whole
    top, bottom = max(0, first - _AROUND), min(whole[1], last + _AROUND)
    lowest = min(bottom, top + max(1, most // max(before.width, after.width)))
    crops = [
        page.crop((0, top, page.width, max(top + 1, min(lowest, page.height)))) for page in pages
    ]
    return Look(picture, (crops[0], crops[1]), corner=(0, top), partial=lowest < bottom)


def joined(parts: Sequence[tuple[Image.Image, Box]]) -> Image.Image:
    """Returns the page whose parts these are, each with its place; in pixels of the first part."""
    first, (left, _, right, _) = parts[0]
    scale = first.width / (right - left)
    places = [tuple(round(edge * scale) for edge in box) for _, box in parts]
    page = Image.new(
        "RGB", (max(place[2] for place in places), max(place[3] for place in places)), "white"
    )
    for (image, _), place in zip(parts, places, strict=True):
        page.paste(image, (place[0], place[1]))
    return page


def widened(
    closeup: Closeup, crops: tuple[Image.Image, Image.Image], pages: Pictures, gap: Gap | None
) -> Look | None:
    """Returns the region with more to both sides, or None where it is not found in both pages."""
    first, second = pages
    if first is None or second is None:
        return None
    left, top, right, bottom = closeup.box
    tops = [top, top + gap.dy] if gap is not None else [top]
    there = next((row for row in tops if _is_at(crops[1], closeup.box, row, second)), None)
    if there is None or not _is_at(crops[0], closeup.box, top, first):
        return None
    wide = max(0, left - _ASIDE), min(right + _ASIDE, first.width, second.width)
    height = bottom - top
    size = (_ENLARGED * (wide[1] - wide[0]), _ENLARGED * height)
    before, after = (
        page.crop((wide[0], row, wide[1], row + height)).resize(size, Image.Resampling.LANCZOS)
        for page, row in ((first, top), (second, there))
    )
    inside = _ENLARGED * (left - wide[0]), 0, _ENLARGED * (right - wide[0]), size[1]
    corner = wide[0], top
    return Look(closeup.picture, (before, after), closeup.region, float(_ENLARGED), corner, inside)


def _alone(closeup: Closeup, crops: Pictures, pages: Pictures, gap: Gap | None) -> Look:
    """Returns how a region is looked at that only one picture has."""
    crop = next(crop for crop in crops if crop is not None)
    before, after = pages
    left, top, right, bottom = closeup.box
    page = after if crops[0] is None else before
    # Around it more is cut out than the box tells, if it lies beyond picture 1.
    lead = _lead((top, bottom), crop.height / closeup.scale, page.height if page else None)
    aside = _lead((left, right), crop.width / closeup.scale, page.width if page else None)
    corner = left - aside, top - lead
    if gap is not None and gap.fills(closeup.box):
        top, bottom = gap.rows
    elif crops[1] is None and after is not None:
        # The box is that of all that is cut out: the other picture has some of it.
        if bottom > after.height:
            top = max(top, after.height)
        else:
            left = max(left, after.width)
    x, y = corner
    sides = (left - x, top - y, right - x, bottom - y)
    scaled = [round(edge * closeup.scale) for edge in sides]
    inside = scaled[0], scaled[1], scaled[2], scaled[3]
    return Look(closeup.picture, crops, closeup.region, closeup.scale, corner, inside)


def _lead(span: tuple[int, int], shown: float, length: int | None) -> int:
    """Returns how much is shown before a span: as much as behind it, but for the page's edges."""
    more = max(0.0, shown - (span[1] - span[0]))
    behind = more / 2 if length is None else min(more / 2, max(0, length - span[1]))
    return round(min(span[0], max(more / 2, more - behind)))


def _goes_on(before: Image.Image, after: Image.Image) -> bool:
    """Tells whether something goes on beyond the left or right edge, on a level with a change."""
    rows = Differing(before, after).rows if before.size == after.size else None
    return rows is not None and any(ends_cut(crop, rows) for crop in (before, after))


def _is_at(crop: Image.Image, box: Box, top: int, page: Image.Image) -> bool:
    """Tells whether what a region shows begins at this row of a page."""
    left, right, height = box[0], box[2], box[3] - box[1]
    if min(right - left, height) < 1 or right > page.width or not 0 <= top <= page.height - height:
        return False
    sought = np.asarray(crop.resize((right - left, height), Image.Resampling.BOX))
    there = np.asarray(page.crop((left, top, right, top + height)))
    return float(np.abs(there.astype(np.int16) - sought).mean()) < _SAME
