"""Reads and measures the pictures of a request, and writes the answer. Heavy to import."""

import threading

from PIL import Image

from grok_vision.local import report
from grok_vision.local.facts import measure
from grok_vision.local.picture import open_picture
from grok_vision.local.reader import Reader
from grok_vision.local.wire import LocalRequest


class Engine:
    """The offline engine. It may be called from several threads; one reads at a time."""

    def __init__(self) -> None:
        self._reader = Reader()

    def answer(self, request: LocalRequest, stop: threading.Event) -> str:
        """Answers a request.

        Args:
            request: The pictures and the form of answer that is wanted.
            stop: Once set, nobody waits for the answer.

        Returns:
            Markdown, or a JSON object if the request wants one.

        Raises:
            BadRequest: A picture cannot be opened.
        """
        # All are opened first: a damaged one is reported before time is spent on the others.
        images = [open_picture(url, number) for number, url in enumerate(request.urls, 1)]
        readings = tuple(self._reading(image, stop) for image in images)
        return report.as_json(readings) if request.wants_json else report.as_markdown(readings)

    def _reading(self, image: Image.Image, stop: threading.Event) -> report.Reading:
        facts = measure(image)
        lines = () if facts.blank else self._reader.read(image, stop)
        return report.Reading(facts, lines)
