"""Reads and measures the pictures of a request, and writes the answer. Heavy to import."""

import threading

from PIL import Image

from grok_vision.local.comparison import Comparison
from grok_vision.local.facts import measure
from grok_vision.local.filling import reply
from grok_vision.local.picture import open_picture
from grok_vision.local.reader import Reader
from grok_vision.local.report import Reading
from grok_vision.local.wire import LocalRequest, Reply


class Engine:
    """The offline engine. It may be called from several threads; one reads at a time."""

    def __init__(self) -> None:
        self._reader = Reader()

    def answer(self, request: LocalRequest, stop: threading.Event) -> Reply:
        """Answers a request.

        Args:
            request: The pictures and the form of answer that is wanted.
            stop: Once set, nobody waits for the answer.

        Returns:
            Markdown, or a JSON object if the request wants one; with a refusal where it is not
            the object that is wanted.

        Raises:
            BadRequest: A picture cannot be opened.
        """
        if request.form.kind == "comparison":
            return Comparison(request, self._reader, stop).reply()
        # All are opened first: a damaged one is reported before time is spent on the others.
        images = [open_picture(url, number) for number, url in enumerate(request.urls, 1)]
        readings = tuple(self._reading(image, stop) for image in images)
        return reply(request.form, readings, lambda: self._reader.letters)

    def _reading(self, image: Image.Image, stop: threading.Event) -> Reading:
        facts = measure(image)
        lines = () if facts.blank else self._reader.read(image, stop)
        return Reading(facts, lines)
