"""How a call ended, and whether that is what its row asks for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from tests.faults.completion import BODY_MARK, KEY, TEXT
from tests.faults.expectation import RETRIES, SUCCESS, TRUNCATED
from tests.faults.table import Row
from tests.faults.visit import Seen

_MOST_GROWTH = 64 * 1024 * 1024
# Seconds: how much later than its deadline a call may end, and what counts as at once.
_LATER, _AT_ONCE = 1.0, 4.0
# Time is kept for telling what came until the deadline.
_EARLIER = 0.6
_LONGEST_MESSAGE = 1000
# Names of exceptions, of httpx2's, httpcore2's, h11's and Python's.
_RAW = re.compile(
    r"Traceback|\b[A-Z][A-Za-z]+(?:Error|Exception|Timeout)\b|\berrno\b|0x[0-9a-f]{6}"
)
# The text of their answers is not that of the others.
_OTHER_TEXT = {
    "lone-surrogate",
    "content-with-controls",
    "sse-flood-of-text",
    "sse-split-pair",
    "sse-invalid-utf8",
}


@dataclass
class Outcome:
    """What became of a row.

    Attributes:
        got: `success`, `truncated`, a code, or words for what may never be: `untyped`, `hung`, or
            the name of an exception.
        message: The text of the error; empty where there is none.
    """

    row: Row
    got: str = "hung"
    message: str = ""
    text: str = ""
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0
    growth: int | None = None
    seen: list[Seen] = field(default_factory=list)

    @cached_property
    def complaints(self) -> list[str]:
        """Everything that is not as the row asks for; empty where the row passes."""
        return self.complaining()

    def complaining(self, later: float = _LATER) -> list[str]:
        """Do the same where a call may end so many seconds after its deadline."""
        return list(self._complaints(later))

    @property
    def is_small(self) -> bool:
        """Whether it took no more memory than it may, as far as that is known."""
        return self.growth is None or self.growth < _MOST_GROWTH

    @property
    def attempts(self) -> int:
        """How many requests reached the listener that the call was meant for."""
        return len(self.seen) - len(self.elsewhere)

    @property
    def elsewhere(self) -> list[Seen]:
        """The requests that arrived at another host."""
        return [seen for seen in self.seen if seen.port == "elsewhere"]

    def _complaints(self, later: float) -> Iterator[str]:
        expected = self.row.expected
        if self.got not in expected.outcomes:
            yield f"ended in {self.got}, not in {' or '.join(sorted(expected.outcomes))}"
        yield from self._of_time(later)
        yield from self._of_requests()
        yield from self._of_answer()
        yield from self._of_message()
        if not self.is_small:
            yield f"grew by {(self.growth or 0) / 2**20:.0f} MiB"

    def _of_time(self, later: float) -> Iterator[str]:
        if self.seconds > self.row.deadline + later:
            yield f"took {self.seconds:.1f} s with a deadline of {self.row.deadline:g} s"
        if self.row.expected.at_once and self.seconds > _AT_ONCE + later - _LATER:
            yield f"took {self.seconds:.1f} s and should end at once"
        if self.row.expected.by_deadline and self.seconds < self.row.deadline - _EARLIER:
            yield f"gave up after {self.seconds:.1f} s, before its deadline"

    def _of_requests(self) -> Iterator[str]:
        expected = self.row.expected
        if expected.attempts is not None and self.attempts != expected.attempts:
            yield f"made {self.attempts} requests, not {expected.attempts}"
        # Each call of a row that makes two has its retries.
        if self.attempts > (RETRIES + 1) * self.row.calls:
            yield f"made {self.attempts} requests"
        if self.elsewhere:
            yield "followed a redirect to another host"
        for seen in self.seen:
            sent = "\r\nauthorization:" in seen.head.lower() or KEY in seen.head
            if sent and (expected.unseen or seen.port in {"elsewhere", "proxy"}):
                yield f"sent the key to {seen.port}"

    def _of_answer(self) -> Iterator[str]:
        given = self.got in {SUCCESS, TRUNCATED}
        if given and self.row.fault not in _OTHER_TEXT and not self.text.startswith(TEXT[:7]):
            yield f"answered with another text: {self.text[:60]!r}"
        if self.got == SUCCESS and self.row.words == "success" and len(self.text) < len(TEXT):
            yield f"lost some of the text: {self.text[:60]!r}"
        if self.got == TRUNCATED and not self.warnings and "finish-length" not in self.row.fault:
            yield "is cut and does not warn of it"
        if KEY in self.text or BODY_MARK in self.text:
            yield "answered with text that is not the answer's"

    def _of_message(self) -> Iterator[str]:
        told = "\n".join([self.message, *self.warnings])
        if KEY in told or BODY_MARK in told:
            yield "repeats the key or a body"
        if _RAW.search(told):
            yield f"shows the inside: {told[:200]!r}"
        if not told.replace("\n", "").isprintable() or len(told) > _LONGEST_MESSAGE:
            yield "has a message that is too long or no plain text"
