"""Published schemas as a person would write them."""

from typing import Any

Schema = dict[str, Any]


def tidy(schema: Schema) -> Schema:
    """Return the schema without generated titles and without null.

    Fields that are unknown are left out of a result, so `anyOf: [T, null]` is just `T` that is not
    required. A property that is really called `title` stays.
    """
    tidied = {key: _tidied(key, value) for key, value in schema.items() if key != "title"}
    if tidied.get("default", 0) is None:
        del tidied["default"]
    return _without_null(tidied)


def _tidied(key: str, value: Any) -> Any:
    if key in {"properties", "$defs"}:
        return {name: tidy(inner) for name, inner in value.items()}
    if isinstance(value, dict):
        return tidy(value)
    if isinstance(value, list):
        return [tidy(entry) if isinstance(entry, dict) else entry for entry in value]
    return value


def _without_null(schema: Schema) -> Schema:
    options = schema.get("anyOf")
    if options is None or {"type": "null"} not in options:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    kept = [option for option in options if option != {"type": "null"}]
    return {**kept[0], **rest} if len(kept) == 1 else {**rest, "anyOf": kept}
