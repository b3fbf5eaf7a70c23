"""What a value or a schema has wrong, told by where it is and in one short sentence each."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jsonschema_rs import ValidationError, ValidationErrorKind

from grok_vision.texts import shortened

MASK = "the value"
"""Stands in messages where the value would be repeated, which may be long or from a picture."""

_UNFIT = (ValidationErrorKind.Type, ValidationErrorKind.Constant, ValidationErrorKind.Enum)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place; `path` is a JSON pointer (RFC 6901), empty for the whole."""

    path: str
    message: str


def pointer(path: Iterable[str | int]) -> str:
    """Return the JSON pointer to a place."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def problems_of(error: ValidationError) -> list[Problem]:
    """Return what the error tells; of several alternatives what the nearest one lacks."""
    alternatives = getattr(error.kind, "context", ())
    # Where some have no errors, more than one fits of which only one may.
    if alternatives and all(alternatives):
        return _of_alternatives(alternatives)
    return [Problem(pointer(error.instance_path), shortened(_message(error)))]


def _of_alternatives(alternatives: Sequence[Sequence[ValidationError]]) -> list[Problem]:
    firsts = [errors[0] for errors in alternatives]
    if all(isinstance(error.kind, ValidationErrorKind.Type) for error in firsts):
        wanted = " or ".join(error.message.removeprefix(f"{MASK} is not of ") for error in firsts)
        return [Problem(pointer(firsts[0].instance_path), f"{MASK} is not of {shortened(wanted)}")]
    # An alternative is told apart by its types and constants, so the nearest is that where most of
    # them are right.
    nearest = min(alternatives, key=lambda errors: (sum(map(_is_unfit, errors)), len(errors)))
    return [problem for error in nearest for problem in problems_of(error)]


def _is_unfit(error: ValidationError) -> bool:
    return isinstance(error.kind, _UNFIT)


def _message(error: ValidationError) -> str:
    match error.kind:
        case ValidationErrorKind.Enum(options):
            return f"{MASK} is none of {', '.join(map(_told, options))}"
        case ValidationErrorKind.Contains():
            return "no item is as one of them must be"
        case ValidationErrorKind.FalseSchema():
            return f"{MASK} must not be there"
        case ValidationErrorKind.BacktrackLimitExceeded():
            return f"{MASK} cannot be held against the pattern: that would take too long"
        case _:
            return error.message


def _told(option: object) -> str:
    return json.dumps(option, ensure_ascii=False, default=str)
