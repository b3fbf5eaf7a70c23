"""Answers how pictures differ, as far as their text and their colours tell."""

import json
import threading
from collections.abc import Iterator, Sequence
from functools import cache

from PIL import Image

from grok_vision.local.differences import Difference, differences
from grok_vision.local.labelled import Closeup, Fact, facts, shown
from grok_vision.local.looks import Look, Pictures, joined, look_at, look_at_pages
from grok_vision.local.once import told_once
from grok_vision.local.picture import open_picture
from grok_vision.local.sights import MOST_PIXELS, Sight, sights
from grok_vision.local.stacks import Finder
from grok_vision.local.wire import LocalRequest, Reply

_MOST_IN_SUMMARY = 3
_NOTHING = "No two pictures were found to compare: they have to be sent one by one."
_TOO_MUCH = "Not all text was read: there is more than there is time for."


class Comparison:
    """The comparison that a request asks for; `finder` is asked until `stop` is set."""

    def __init__(self, request: LocalRequest, finder: Finder, stop: threading.Event) -> None:
        self._urls = request.urls
        self._finder = finder
        self._stop = stop
        self._pictures = request.form.pictures
        found = shown(request.labels)
        self._closeups = [one for one in found.closeups if one.picture in self._pictures]
        self._facts = facts(request.words)
        self._parts = found.wholes
        self._page = cache(self._joined)
        self._read: list[Sight] = []
        self._same = 0

    def reply(self) -> Reply:
        """Returns the answer. Of whole pictures those only are read of which no region is shown.

        Raises:
            BadRequest: A picture that is needed cannot be opened.
        """
        found = [one for number in self._pictures for one in self._of(number)]
        answer = {
            "summary": self._summary(found),
            "differences": [_entry(one) for one in found],
        }
        return Reply(json.dumps(answer, ensure_ascii=False))

    def _of(self, picture: int) -> list[Difference]:
        looks = [look for one in self._of_picture(picture) if (look := self._look(one))]
        if self._needs_whole(picture):
            looks.append(look_at_pages(picture, self._pages(picture), MOST_PIXELS // 2))
        read = sights(looks, self._finder, self._stop)
        self._read += read
        found = [one for sight in read for one in differences(sight)]
        # Of pictures whose regions are told, only text that they do not tell is news.
        is_told = any(one.region for one in found)
        gap = self._fact(picture).gap
        return told_once([one for one in found if one.region or one.is_text or not is_told], gap)

    def _of_picture(self, picture: int) -> list[Closeup]:
        return [one for one in self._closeups if one.picture == picture]

    def _look(self, closeup: Closeup) -> Look | None:
        """Returns how a region is looked at, or None where both pictures of it are the same."""
        before, after = closeup.before, closeup.after
        if before is not None and after is not None and self._urls[before] == self._urls[after]:
            self._same += 1
            return None
        crops = self._opened(before), self._opened(after)
        pages: Pictures = (self._page(1), self._page(closeup.picture))
        return look_at(closeup, crops, pages, self._fact(closeup.picture).gap)

    def _needs_whole(self, picture: int) -> bool:
        """Tells whether regions do not show all that changed: one as large as the page is not."""
        if not {1, picture} <= self._parts.keys() or self._bytes_of(1) == self._bytes_of(picture):
            return False
        numbers = {one.region for one in self._of_picture(picture)}
        return numbers != set(range(1, max(numbers, default=0) + 1)) or not numbers

    def _pages(self, picture: int) -> tuple[Image.Image, Image.Image]:
        one, other = self._page(1), self._page(picture)
        if one is None or other is None:
            raise RuntimeError("a page is not there that was found before")
        return one, other

    def _joined(self, picture: int) -> Image.Image | None:
        """Returns a whole picture, put together if it came in parts; None where there is none."""
        parts = self._parts.get(picture, ())
        opened = [(open_picture(self._urls[one.place], one.place + 1), one.box) for one in parts]
        if not opened:
            return None
        placed = [(image, box) for image, box in opened if box is not None]
        return joined(placed) if placed else opened[0][0]

    def _fact(self, picture: int) -> Fact:
        return self._facts.get(picture, Fact())

    def _bytes_of(self, picture: int) -> list[str]:
        return [self._urls[part.place] for part in self._parts[picture]]

    def _opened(self, place: int | None) -> Image.Image | None:
        return None if place is None else open_picture(self._urls[place], place + 1)

    def _summary(self, found: Sequence[Difference]) -> str:
        if not self._closeups and not any(number in self._parts for number in self._pictures):
            return _NOTHING
        return " ".join(self._sentences([one for one in found if one.is_text]))

    def _sentences(self, told: Sequence[Difference]) -> Iterator[str]:
        regions = self._same + sum(sight.look.region > 0 for sight in self._read)
        measured = sum(self._fact(number).regions for number in self._pictures)
        there = max(len(self._closeups), measured if self._closeups else 0)
        is_partial = any(sight.partial for sight in self._read)
        if told:
            yield _changed(told, regions)
        else:
            is_all = regions == there and not is_partial
            yield "No text changed." if is_all else "No text was found that changed."
        if regions < there:
            yield f"{regions} of {there} regions {'was' if regions == 1 else 'were'} read."
        if is_partial:
            yield _TOO_MUCH


def _changed(told: Sequence[Difference], regions: int) -> str:
    changed = len({(one.picture, one.region) for one in told if one.region})
    where = f" in {changed} of {regions} regions" if changed and regions > 1 else ""
    texts = [one.description.removeprefix("the text ") for one in told]
    more = "; …" if len(texts) > _MOST_IN_SUMMARY else ""
    return f"Text changed{where}: {'; '.join(texts[:_MOST_IN_SUMMARY])}{more}."


def _entry(one: Difference) -> dict[str, str | int]:
    return {
        "description": one.description,
        "severity": "major" if one.is_text else "minor",
        "picture": one.picture,
        "region": one.region,
    }
