"""What a provider takes as `response_format`, as data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.fake_xai import Response

# Tells what is wrong with a schema: in the provider's words, or in the stand-in's own, which
# begin with `stand-in:`.
Check: TypeAlias = Callable[[dict[str, Any]], Iterable[str]]

BOTH = frozenset({"json_object", "json_schema"})


@dataclass(frozen=True, kw_only=True)
class SchemaRules:
    """One provider's dialect of JSON Schema, and how it refuses others.

    Attributes:
        types: The types of response format that it takes besides `text`.
        bad_type: How it refuses another type.
        no_word: How it refuses `json_object` where no message says JSON; None where it does not
            mind.
        strict_models: The models that take `strict: true`; None where all do, or ignore it.
        checks: Of every schema.
        strict_checks: Of a schema with `strict: true`, before the others.
        bad_schema: How it refuses a schema, by its name and what is wrong.
    """

    types: frozenset[str] = BOTH
    bad_type: Response | None = None
    no_word: Response | None = None
    strict_models: frozenset[str] | None = None
    checks: tuple[Check, ...]
    strict_checks: tuple[Check, ...] = ()
    bad_schema: Callable[[str, str], Response]
