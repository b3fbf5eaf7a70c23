"""Answers how pictures differ, as far as their text and their colours tell."""

import json
import threading
from collections.abc import Iterator, Sequence

from PIL import Image

from grok_vision.local.differences import Difference, Sight, across_regions, differences
from grok_vision.local.differing import differing_of
from grok_vision.local.labelled import Closeup, moves, shown
from grok_vision.local.layout import Line
from grok_vision.local.picture import open_picture
from grok_vision.local.stacks import Read, read_all
from grok_vision.local.wholes import Whole
from grok_vision.local.widening import View, goes_on, widened
from grok_vision.local.wire import LocalRequest, Reply

_MOST_IN_SUMMARY = 3
_NOTHING = "No two pictures were found to compare: they have to be sent one by one."


class Comparison:
    """The comparison that a request asks for; `read` is asked until `stop` is set."""

    def __init__(self, request: LocalRequest, read: Read, stop: threading.Event) -> None:
        self._urls = request.urls
        self._read = read
        self._stop = stop
        self._pictures = request.form.pictures
        found = shown(request.labels)
        self._closeups = [one for one in found.closeups if one.picture in self._pictures]
        self._moves = moves(request.words)
        self._parts = found.wholes
        self._wholes = {
            number: Whole(parts, self._open, read, stop) for number, parts in found.wholes.items()
        }

    def reply(self) -> Reply:
        """Returns the answer. Of whole pictures those only are read of which no region is shown.

        Raises:
            BadRequest: A picture that is needed cannot be opened.
        """
        found = across_regions([one for number in self._pictures for one in self._of(number)])
        answer = {
            "summary": self._summary(found),
            "differences": [_entry(one) for one in found],
        }
        return Reply(json.dumps(answer, ensure_ascii=False))

    def _of(self, picture: int) -> list[Difference]:
        found = [one for sight in self._close(picture) for one in differences(sight)]
        if not self._needs_whole(picture):
            return found
        more = differences(self._whole(picture))
        told = {one.description for one in found}
        # Of pictures whose regions are told, only text that they do not tell is news.
        return [*found, *(one for one in more if not found or one.is_text_beside(told))]

    def _close(self, picture: int) -> Iterator[Sight]:
        """Yields the regions of a picture."""
        closeups = [one for one in self._closeups if one.picture == picture]
        views = [self._view(one) for one in closeups]
        crops = [crop for view in views for crop in view.crops]
        read = iter(read_all(crops, self._read, self._stop))
        for closeup, view in zip(closeups, views, strict=True):
            before, after = self._unmoved(closeup, view, next(read), next(read))
            differing = differing_of(*view.crops, view.inside)
            yield Sight(picture, before, after, differing, view.crops, closeup.region, view.scale)

    def _unmoved(
        self, closeup: Closeup, view: View, before: Sequence[Line], after: Sequence[Line]
    ) -> tuple[Sequence[Line], Sequence[Line]]:
        """Returns the lines without those that just moved for what came in or went out here."""
        move = self._moves.get(closeup.picture)
        if move is None or not move.is_made_by(closeup.box):
            return before, after
        row = (move.from_row - closeup.box[1]) * view.scale
        below = row + move.dy * view.scale
        return _above(before, row), _above(after, below)

    def _view(self, closeup: Closeup) -> View:
        """Returns a region as it was sent, or with more beside it where words are cut off."""
        crops = self._open(closeup.before), self._open(closeup.after)
        if goes_on(crops) and {1, closeup.picture} <= self._wholes.keys():
            pages = self._wholes[1].image, self._wholes[closeup.picture].image
            if wide := widened(crops, closeup.box, *pages):
                return wide
        return View(crops, closeup.scale)

    def _needs_whole(self, picture: int) -> bool:
        """Tells whether regions do not show all that changed: one as large as the page is not."""
        if not {1, picture} <= self._wholes.keys() or self._bytes_of(1) == self._bytes_of(picture):
            return False
        numbers = {one.region for one in self._closeups if one.picture == picture}
        return numbers != set(range(1, max(numbers, default=0) + 1)) or not numbers

    def _whole(self, picture: int) -> Sight:
        one, other = self._wholes[1], self._wholes[picture]
        differing = differing_of(one.image, other.image)
        if differing is not None and differing.rows is None:
            return Sight(picture, (), (), differing)
        return Sight(picture, one.lines, other.lines, differing)

    def _bytes_of(self, picture: int) -> list[str]:
        return [self._urls[part.place] for part in self._parts[picture]]

    def _open(self, place: int) -> Image.Image:
        return open_picture(self._urls[place], place + 1)

    def _summary(self, found: Sequence[Difference]) -> str:
        if not self._closeups and not any(number in self._wholes for number in self._pictures):
            return _NOTHING
        told = [one for one in found if one.is_text]
        where = _where(told, len(self._closeups))
        if not told:
            return f"{where}."
        texts = [one.description.removeprefix("the text ") for one in told]
        more = "; …" if len(texts) > _MOST_IN_SUMMARY else ""
        return f"{where}: {'; '.join(texts[:_MOST_IN_SUMMARY])}{more}."


def _above(lines: Sequence[Line], row: float) -> list[Line]:
    return [line for line in lines if line.middle < row]


def _where(told: Sequence[Difference], regions: int) -> str:
    """Returns in how many regions text changed."""
    changed = len({(one.picture, one.region) for one in told if one.region})
    outside = any(not one.region for one in told)
    if not regions:
        return "Text changed" if outside else "No text changed"
    shown_regions = f"the {regions} regions shown" if regions > 1 else "the region shown"
    if not changed:
        return f"{'Text changed outside of' if outside else 'No text changed in'} {shown_regions}"
    some = f"{changed} of " if regions > 1 else ""
    return f"In {some}{shown_regions}{', and outside of them,' if outside else ''} text changed"


def _entry(one: Difference) -> dict[str, str | int]:
    return {
        "description": one.description,
        "severity": "major" if one.is_text else "minor",
        "picture": one.picture,
        "region": one.region,
    }
