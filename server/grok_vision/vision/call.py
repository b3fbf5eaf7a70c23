"""What one call works with once its pictures are prepared."""

from collections.abc import Sequence
from dataclasses import dataclass

from grok_vision.chat import ChatRequest, Part
from grok_vision.images import PreparedImage
from grok_vision.providers import Choice, Endpoint
from grok_vision.results import SentImage
from grok_vision.tokens import Correction
from grok_vision.vision.expectation import Expectation, expect
from grok_vision.vision.parts import sent_sizes
from grok_vision.vocabulary import Detail
from grok_vision.watch import Watch


@dataclass(frozen=True, slots=True)
class Call:
    """Who is asked, with which pictures.

    Attributes:
        prepared: What is sent of each picture.
        parts: The same as parts of a message, with the words that stand before them.
        correction: What a limit on spending reckons with.
        watch: Who follows the call.
        stream: Whether the answer may come word by word.
    """

    target: Endpoint
    choice: Choice
    prepared: Sequence[PreparedImage]
    parts: Sequence[Part]
    detail: Detail
    correction: Correction | None
    watch: Watch
    stream: bool = True

    @property
    def sent(self) -> list[SentImage]:
        """The account of what is sent of each picture."""
        return [picture.report for picture in self.prepared]

    @property
    def warnings(self) -> list[str]:
        """What the caller should know of the pictures."""
        return [warning for picture in self.prepared for warning in picture.warnings]

    def expect(self, request: ChatRequest, max_tokens: int = 0) -> Expectation:
        """Return what the request will use."""
        return expect(
            self.choice,
            request,
            sent_sizes(self.prepared),
            detail=self.detail,
            max_tokens=max_tokens,
            correction=self.correction,
        )
