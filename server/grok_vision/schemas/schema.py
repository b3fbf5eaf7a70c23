"""A JSON Schema that was checked before anything else is done with it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

import jsonschema_rs
from pydantic import JsonValue

from grok_vision.errors import RequestError
from grok_vision.schemas.finding import Finder
from grok_vision.schemas.problems import Path, Problem, fault_of, places, pointer
from grok_vision.schemas.validators import Validators

JsonObject = Mapping[str, JsonValue]

MAX_BYTES = 100_000
MAX_DEPTH = 50
_LATEST = "https://json-schema.org/draft/2020-12/schema"
_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """A JSON Schema that was checked; made by `checked`. `name` is how the wire calls it.

    An empty document is any JSON.
    """

    name: str
    document: JsonObject
    _validators: Validators = field(repr=False)

    @property
    def is_free(self) -> bool:
        """Whether it says nothing, so that any JSON will do."""
        return not self.document

    def fits(self, value: JsonValue) -> bool:
        """Tell whether the value fits, formats included."""
        return self._validators.fits("#", value)

    def problems(self, value: JsonValue) -> list[Problem]:
        """Return what is wrong with the value, formats included; nothing where it fits."""
        faults = Finder(self._validators).faults(value)
        try:
            told = [fault.problem for fault in islice(faults, _MOST_PROBLEMS + 1)]
        except RecursionError:
            return [Problem("", "the value does not fit, and is nested too deep to tell where")]
        found = list(dict.fromkeys(told))
        if len(found) <= _MOST_PROBLEMS:
            return found
        return [*found[:_MOST_PROBLEMS], Problem("", "more problems are left out here")]

    def faulty_places(self, value: JsonValue) -> set[Path]:
        """Return the paths of all that is wrong; nothing where that is too deep to be found."""
        try:
            return {fault.steps for fault in Finder(self._validators).faults(value)}
        except RecursionError:
            return set()


def checked(document: JsonObject, name: str = "extraction") -> Schema:
    """Return the schema, which may be of any draft that `$schema` names; by default of 2020-12.

    Raises:
        RequestError: `bad_schema` with the place and the reason; also where it is too large, too
            deep, or refers to something outside itself.
    """
    plain = _plain(document)
    if not str(plain.get("$schema", _LATEST)).startswith(("http://", "https://")):
        raise _unknown_dialect()
    try:
        validators = Validators(plain)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        raise _refused(error, plain) from None
    return Schema(name, plain, validators)


def bad_schema(path: str, reason: str) -> RequestError:
    """Return the refusal of a schema."""
    place = f" at {path}" if path else ""
    return RequestError("bad_schema", f"the schema cannot be used{place}: {reason}.")


def _plain(document: JsonObject) -> dict[str, JsonValue]:
    """Return the document if it is JSON of a reasonable size."""
    plain = dict(document)
    _check_depth(plain)
    try:
        size = len(json.dumps(document, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, TypeError):
        raise bad_schema("", "it is not JSON (NaN, Infinity or half a character)") from None
    if size > MAX_BYTES:
        raise bad_schema("", f"it has {size:,} bytes, and at most {MAX_BYTES:,} are taken")
    return plain


def _check_depth(document: dict[str, JsonValue]) -> None:
    if any(len(path) >= MAX_DEPTH for path, _ in places(document)):
        raise bad_schema("", f"it is nested deeper than {MAX_DEPTH} levels")


def _refused(error: Exception, document: JsonObject) -> RequestError:
    if isinstance(error, jsonschema_rs.ValidationError):
        if not isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Referencing):
            problem = fault_of(error).problem
            return bad_schema(problem.path, problem.message.replace('"the', "the"))
        told = error.message
    else:
        told = str(error)
    if "meta-schema" in told:
        return _unknown_dialect()
    named = sorted(_references(document, ()), key=lambda found: -len(found[1]))
    for path, reference in named:
        if reference.partition("#")[2 if reference.startswith("#") else 0] in told:
            return bad_schema(path, _reference_reason(reference))
    return bad_schema("", "a reference or an address in it cannot be read")


def _unknown_dialect() -> RequestError:
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
