"""What a value or a schema has wrong, told by where it is and in one short sentence each."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jsonschema_rs import ValidationError, ValidationErrorKind
from pydantic import JsonValue

from grok_vision.texts import shortened

MASK = "the value"
"""Stands in messages where the value would be repeated, which may be long or from a picture."""

Path = tuple[str | int, ...]

_MOST_OPTIONS = 12
_LONGEST_STEP = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place; `path` is a JSON pointer (RFC 6901), empty for the whole."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Fault:
    """The same, with the steps of the path apart."""

    steps: Path
    message: str

    @property
    def problem(self) -> Problem:
        """As callers are told."""
        return Problem(pointer(self.steps), shortened(self.message))


def escaped(name: str) -> str:
    """Return a name as a step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def pointer(path: Iterable[str | int]) -> str:
    """Return the JSON pointer to a place; of names that are long or not printable, what is."""
    return "".join(f"/{_step(step)}" for step in path)


def fault_of(error: ValidationError, path: Path = ()) -> Fault:
    """Return what the error tells about the value at a path."""
    return Fault((*path, *error.instance_path), _message(error))


def _step(step: str | int) -> str:
    name = str(step)
    if len(name) > _LONGEST_STEP or not name.isprintable():
        name = shortened(name)
    return escaped(name)


def places(value: JsonValue) -> Iterator[tuple[Path, JsonValue]]:
    """Yield every value within plain JSON, itself included, with its path; level by level.

    However deep it is, no more is looked into than is asked for.
    """
    level: list[tuple[Path, JsonValue]] = [((), value)]
    while level:
        yield from level
        level = [((*path, step), inner) for path, one in level for step, inner in _within(one)]


def _within(value: JsonValue) -> Iterable[tuple[str | int, JsonValue]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _message(error: ValidationError) -> str:
    match error.kind:
        case ValidationErrorKind.Enum(options):
            told = ", ".join(map(_told, options[:_MOST_OPTIONS]))
            return f"{MASK} is none of {told}" + (" …" if len(options) > _MOST_OPTIONS else "")
        case ValidationErrorKind.FalseSchema():
            return f"{MASK} must not be there"
        case ValidationErrorKind.BacktrackLimitExceeded():
            return f"{MASK} cannot be held against the pattern: that would take too long"
        case ValidationErrorKind.AnyOf(context) | ValidationErrorKind.OneOfNotValid(context):
            # Of a schema alone: its metaschema lists what may stand at a place.
            errors = [one for alternative in context for one in alternative[:1]]
            return _message(min(errors, key=is_of_type)) if errors else error.message
        case _:
            return error.message


def is_of_type(error: ValidationError) -> bool:
    """Tell whether the value is of another type than is wanted."""
    return isinstance(error.kind, ValidationErrorKind.Type)


def _told(option: object) -> str:
    return json.dumps(option, ensure_ascii=False, default=str)
