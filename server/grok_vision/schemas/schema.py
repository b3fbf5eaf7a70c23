"""A JSON Schema that was checked before anything else is done with it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import jsonschema_rs
from pydantic import JsonValue

from grok_vision.errors import RequestError
from grok_vision.schemas.problems import MASK, Problem, pointer, problems_of

JsonObject = Mapping[str, JsonValue]

MAX_BYTES = 100_000
MAX_DEPTH = 50
# A pattern that needs more steps on an answer is one that never ends on another.
_MOST_STEPS = 100_000
_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """A JSON Schema that was checked; made by `checked`. `name` is how the wire calls it.

    An empty document is any JSON.
    """

    name: str
    document: JsonObject
    _validator: jsonschema_rs.Validator = field(repr=False)

    @property
    def is_free(self) -> bool:
        """Whether it says nothing, so that any JSON will do."""
        return not self.document

    def problems(self, value: JsonValue) -> list[Problem]:
        """Return what is wrong with the value, formats included; nothing where it fits."""
        found = [
            problem
            for error in self._validator.iter_errors(value)
            for problem in problems_of(error)
        ]
        told = list(dict.fromkeys(found))
        left = len(told) - _MOST_PROBLEMS
        if left <= 0:
            return told
        return [*told[:_MOST_PROBLEMS], Problem("", f"{left:,} more problems are left out here")]

    def misplaced_nulls(self, value: JsonValue) -> set[tuple[str | int, ...]]:
        """Return the paths of properties that are null and must not be, in any alternative."""
        errors = _unfolded(self._validator.iter_errors(value))
        paths = {tuple(error.instance_path) for error in errors if error.instance is None}
        return {path for path in paths if path and isinstance(path[-1], str)}


def checked(document: JsonObject, name: str = "extraction") -> Schema:
    """Return the schema, which may be of any draft that `$schema` names; by default of 2020-12.

    Raises:
        RequestError: `bad_schema` with the place and the reason; also where it is too large, too
            deep, or refers to something outside itself.
    """
    plain = _plain(document)
    try:
        validator = jsonschema_rs.validator_for(
            plain,
            validate_formats=True,
            offline=True,
            mask=MASK,
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_MOST_STEPS),
        )
    except jsonschema_rs.ValidationError as error:
        raise _refused(error, plain) from None
    return Schema(name, plain, validator)


def bad_schema(path: str, reason: str) -> RequestError:
    """Return the refusal of a schema."""
    place = f" at {path}" if path else ""
    return RequestError("bad_schema", f"the schema cannot be used{place}: {reason}.")


def _plain(document: JsonObject) -> dict[str, JsonValue]:
    """Return the document if it is JSON of a reasonable size."""
    _check_depth(document)
    try:
        size = len(json.dumps(document, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, TypeError):
        raise bad_schema("", "it is not JSON (NaN, Infinity or half a character)") from None
    if size > MAX_BYTES:
        raise bad_schema("", f"it has {size:,} bytes, and at most {MAX_BYTES:,} are taken")
    return dict(document)


def _check_depth(document: JsonObject) -> None:
    level: list[object] = [document]
    for _ in range(MAX_DEPTH):
        level = [inner for one in level for inner in _within(one)]
        if not level:
            return
    raise bad_schema("", f"it is nested deeper than {MAX_DEPTH} levels")


def _within(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _refused(error: jsonschema_rs.ValidationError, document: JsonObject) -> RequestError:
    if not isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Referencing):
        problem = problems_of(error)[0]
        return bad_schema(problem.path, problem.message)
    for path, reference in _references(document, ()):
        if reference.partition("#")[2 if reference.startswith("#") else 0] in error.message:
            return bad_schema(path, _reference_reason(reference))
    return bad_schema("/$schema", "that dialect is not known; leave it out for draft 2020-12")


def _reference_reason(reference: str) -> str:
    if reference.startswith("#"):
        return f"{reference} leads nowhere in the schema"
    return f"{reference} is not in the schema, and nothing is fetched; put it under $defs"


def _references(
    value: JsonValue | JsonObject, path: tuple[str | int, ...]
) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every reference, also where it is only data."""
    if isinstance(value, dict):
        for key in ("$ref", "$dynamicRef", "$recursiveRef"):
            if isinstance(found := value.get(key), str):
                yield pointer((*path, key)), found
        for key, inner in value.items():
            yield from _references(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _references(inner, (*path, index))


def _unfolded(
    errors: Iterator[jsonschema_rs.ValidationError],
) -> Iterator[jsonschema_rs.ValidationError]:
    for error in errors:
        yield error
        for alternative in getattr(error.kind, "context", ()):
            yield from _unfolded(iter(alternative))
