"""Looks for a text among lines that were read, forgiving what a reader does to spaces."""

import bisect
import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from grok_vision.local.grid import united
from grok_vision.local.layout import Line
from grok_vision.local.reading import ordered

_NEAR = 0.85  # from this ratio on, one text may be the other misread
_SURE = 0.9  # the reader's confidence from which its digits count as they are
_MOST_LINES = 5  # lines that one text runs over
_NEXT = 1.3  # heights by which a line stands at most below the one it goes on from
_SIGNS = {"\N{MINUS SIGN}": "-", "\N{RIGHT SINGLE QUOTATION MARK}": "'"}
_SIGN_KINDS = {"Pd": "-", "Pi": '"', "Pf": '"'}  # dashes, opening and closing quotation marks


Kind = Literal["same", "near", "other"]


@dataclass(frozen=True)
class Passage:
    """Lines that may be one text, united, and their words without what tells fonts apart."""

    line: Line
    words: str


@dataclass(frozen=True)
class Found:
    """What was read.

    Attributes:
        line: The passage.
        kind: Whether it is the text, is near to it, or is it with another number.
    """

    line: Line
    kind: Kind


def passages(lines: Sequence[Line]) -> tuple[Passage, ...]:
    """Returns all that may be one text: lines, neighbours in a row, and lines below one another.

    The shortest come first.
    """
    read = ordered(lines)
    falling = sorted(lines, key=_middle)
    stacks = [_stack(line, falling) for row in read for line in row]
    found = [line for row in read for line in row]
    for count in range(2, _MOST_LINES + 1):
        found += [
            united(row[first : first + count])
            for row in read
            for first in range(len(row) - count + 1)
        ]
        found += [united(stack[:count]) for stack in stacks if len(stack) >= count]
    return tuple(Passage(line, _plain(line.text)) for line in found)


def search(text: str, read: Sequence[Passage]) -> Found | None:
    """Returns where a text stands among passages.

    It has to stand there as whole words and numbers. What is only near, such as a part of a word,
    is returned as not the same.
    """
    sought = _plain(text)
    whole, part = _whole(sought), _part(sought)
    like = _Likeness(sought)
    likest = (False, 0.0)
    nearest: Line | None = None
    for passage in read:
        if whole.search(passage.words):
            return Found(passage.line, "same")
        likeness = (True, 1.0) if part.search(passage.words) else like.of(passage)
        if likeness > likest:
            likest, nearest = likeness, passage.line
    return Found(nearest, "near" if likest[0] else "other") if nearest else None


def _plain(text: str) -> str:
    """The text without what tells fonts and keyboards apart, not words."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    signs = (
        _SIGNS.get(char) or _SIGN_KINDS.get(unicodedata.category(char), char) for char in folded
    )
    return " ".join("".join(signs).split())


def _stack(top: Line, falling: Sequence[Line]) -> list[Line]:
    """The line and those that may go on from it, out of lines sorted by their centres."""
    stack = [top]
    while len(stack) < _MOST_LINES:
        last = stack[-1]
        start = bisect.bisect(falling, last.middle + last.height / 2, key=_middle)
        end = bisect.bisect(falling, last.middle + _NEXT * last.height, key=_middle)
        below = (line for line in falling[start:end] if line.x < last.right and line.right > last.x)
        following = next(below, None)
        if following is None:
            break
        stack.append(following)
    return stack


def _middle(line: Line) -> float:
    return line.middle


def _spaced(text: str) -> str:
    return r"\s*".join(map(re.escape, text.split()))


def _whole(text: str) -> re.Pattern[str]:
    """A pattern of the text as whole words and numbers: `12` is not in `128`, `12.50` or `-12`."""
    before = r"(?<!\w)" if text[0].isalnum() else ""
    before += "" if text[0].isalpha() else r"(?<!\d[.,:])(?<![-+.])"
    after = r"(?!\w)" if text[-1].isalnum() else ""
    after += r"(?![.,:]\d)" if text[-1].isdigit() else ""
    return re.compile(before + _spaced(text) + after)


def _part(text: str) -> re.Pattern[str]:
    """A pattern of the text within others, where a space may have been overlooked between them."""
    before = r"(?<!\d)" if text[0].isdigit() else ""
    after = r"(?!\d)" if text[-1].isdigit() else ""
    return re.compile(before + _spaced(text) + after)


class _Likeness:
    """How like words are to a text."""

    def __init__(self, sought: str) -> None:
        self._words = len(sought.split())
        self._digits = _digits(sought)
        # It prepares its second text, so that many can be compared with it.
        self._matcher = difflib.SequenceMatcher(None, "", sought.replace(" ", ""), autojunk=False)

    def of(self, read: Passage) -> tuple[bool, float]:
        """Whether the likest words may be the text misread, and how like they are (0 to 1)."""
        likest = (False, 0.0)
        for span in self._spans(read.words):
            ratio = self._ratio(span.replace(" ", ""))
            if ratio >= _NEAR:
                # Other digits that were read surely are another number.
                misread = read.line.score < _SURE or self._digits == _digits(span)
                likest = max(likest, (misread, ratio))
        return likest

    def _spans(self, text: str) -> Iterator[str]:
        words = text.split()
        for count in range(max(1, self._words - 1), self._words + 2):
            for first in range(len(words) - count + 1):
                yield " ".join(words[first : first + count])

    def _ratio(self, span: str) -> float:
        self._matcher.set_seq1(span)
        # The quick ones are upper bounds: most of what was read is nothing like it.
        if self._matcher.real_quick_ratio() < _NEAR or self._matcher.quick_ratio() < _NEAR:
            return 0.0
        return self._matcher.ratio()


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
