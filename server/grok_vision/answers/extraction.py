"""A completion, read as JSON and held against the schema that was asked for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pydantic import JsonValue

from grok_vision.answers.json_text import MalformedError, parse, unfenced
from grok_vision.answers.text import is_cut_off
from grok_vision.relay import Completion
from grok_vision.schemas import WRAPPER, Path, Problem, Schema, Translation, places
from grok_vision.texts import shortened

# What a model repeats when it goes on is not repeated by chance from this length on.
_SHORTEST_OVERLAP = 8
_LONGEST_OVERLAP = 400
_MOST_STEPS = 4
# By so many characters an answer is known again.
_SHORTEST_BEGINNING, _LONGEST_BEGINNING = 4, 40
_FENCED = re.compile(r"\A\s*(?:```[A-Za-z0-9]*\s)?")
_LAST_WORDS = tuple(
    re.compile(word + r"{1,100}\Z") for word in (r"[^\s\"]", r"[^\s\",:\[{]", r"[\w.+-]", r"\w")
)


@dataclass(frozen=True, slots=True)
class JsonAnswer:
    """An answer that is JSON, or a text that is not.

    Attributes:
        text: The answer as it came.
        value: The JSON value; None also where it is none.
        is_json: Whether the text is JSON.
        cut_off: Whether the text ends before its end.
        problems: Why it does not do, by places in the value; empty where it fits.
        within: The JSON pointer to the value in the text.
    """

    text: str
    value: JsonValue
    is_json: bool
    cut_off: bool
    problems: tuple[Problem, ...]
    within: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether it is JSON that fits the schema."""
        return self.is_json and not self.problems

    @property
    def rank(self) -> tuple[bool, bool, bool, int]:
        """The lower, the more use it is of: valid, JSON, sound at its root, of few problems."""
        is_off = any(not problem.path for problem in self.problems)
        return not self.is_valid, not self.is_json, is_off, len(self.problems)


@dataclass(frozen=True, slots=True)
class JsonReader:
    """Reads answers to a request for JSON of a schema."""

    schema: Schema
    translation: Translation

    def read(self, completion: Completion) -> JsonAnswer:
        """Return the answer, its problems told; nothing is raised for one that does not do."""
        answer = self._of(completion.text)
        if completion.refusal:
            problem = Problem("", shortened(completion.refusal))
            return replace(answer, value=None, is_json=False, problems=(problem,))
        if answer.is_json or not is_cut_off(completion):
            return answer
        after = f"after {len(answer.text):,} characters"
        problem = Problem("", f"the answer was cut off before its end, {after}")
        return replace(answer, cut_off=True, problems=(problem,))

    def joined(self, cut: JsonAnswer, rest: Completion) -> JsonAnswer | None:
        """Return an answer that was cut off with its rest; None where that is not sure."""
        if not is_cut_off(rest) and _begins_alike(rest.text, cut.text):
            whole = self._of(rest.text)
            return whole if whole.is_valid else None
        found = [(self._of(text), is_plain) for text, is_plain in _joints(cut.text, rest.text)]
        valid = [(answer, is_plain) for answer, is_plain in found if answer.is_valid]
        agree = all(answer.value == valid[0][0].value for answer, _ in valid)
        return next((answer for answer, is_plain in valid if is_plain and agree), None)

    def _of(self, text: str) -> JsonAnswer:
        try:
            value = parse(text)
        except MalformedError as error:
            return JsonAnswer(text, None, False, False, (Problem("", str(error)),))
        readings = [
            JsonAnswer(text, one, True, False, tuple(self.schema.problems(one)), within)
            for within, inner in self._unwrapped(value)
            for one in self._without_nulls(inner)
        ]
        return min(readings, key=lambda reading: len(reading.problems))

    def _unwrapped(self, value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
        """Yield what the value may stand for, the likeliest first, and where that is."""
        if self.translation.wrapped and isinstance(value, dict) and list(value) == [WRAPPER]:
            yield f"/{WRAPPER}", value[WRAPPER]
        yield "", value

    def _without_nulls(self, value: JsonValue) -> Iterator[JsonValue]:
        """Yield the value as it is and, where null was asked for in place of nothing, without."""
        yield value
        if not self.translation.nullable or self.schema.fits(value):
            return
        less = value
        for _ in range(_MOST_STEPS):
            # What was taken for another alternative shows its own nulls next.
            if not (paths := self.schema.faulty_places(less) & _nulls(less)):
                break
            less = _without(less, paths)
        yield less
        yield _without(value, _nulls(value))


def _nulls(value: JsonValue) -> set[Path]:
    """Return the paths of properties that are null."""
    found = places(value)
    return {path for path, one in found if one is None and path and isinstance(path[-1], str)}


def _without(value: JsonValue, paths: set[Path], here: Path = ()) -> JsonValue:
    """Return the value without the properties at the paths."""
    if isinstance(value, dict):
        return {
            name: _without(inner, paths, (*here, name))
            for name, inner in value.items()
            if (*here, name) not in paths
        }
    if isinstance(value, list):
        return [_without(inner, paths, (*here, at)) for at, inner in enumerate(value)]
    return value


def _begins_alike(rest: str, cut: str) -> bool:
    """Tell whether the rest is the whole once more, from its beginning."""
    begun, again = (_FENCED.sub("", text, count=1).lstrip() for text in (cut, rest))
    length = min(_LONGEST_BEGINNING, len(begun))
    return length >= _SHORTEST_BEGINNING and again.startswith(begun[:length])


def _joints(cut: str, rest: str) -> Iterator[tuple[str, bool]]:
    """Yield what the two may be together, and whether that may be taken if no other differs.

    The rest goes on, or repeats the end first. One that begins with the very word or number that
    the other ends with may do either.
    """
    begun, going_on = _FENCED.sub("", cut, count=1), rest.strip()
    if going_on.startswith("```"):
        going_on = unfenced(going_on)
    going_on = going_on.removesuffix("```").rstrip()
    last = [found[0] for pattern in _LAST_WORDS if (found := pattern.search(cut))]
    is_plain = not going_on.startswith(tuple(last))
    yield cut + rest, is_plain
    yield begun + going_on, is_plain
    begun = begun.rstrip()
    longest = min(len(begun), len(going_on), _LONGEST_OVERLAP)
    for length in range(longest, _SHORTEST_OVERLAP - 1, -1):
        if begun.endswith(going_on[:length]):
            yield begun + going_on[length:], True
            return
