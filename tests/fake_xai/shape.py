"""The second opinion: is the body what the official client could have sent?

openai's request types say which keys exist and what they hold. Two things are added because
pydantic leaves them out (openai 3.52.0): it reads `messages` and `content` only when they
are iterated, and it drops keys it does not know.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)
from pydantic import TypeAdapter, ValidationError
from typing_extensions import get_type_hints, is_typeddict

from tests.fake_xai.recorded import parts
from tests.fake_xai.response import invalid_argument, plain

PLAIN = CompletionCreateParamsNonStreaming
STREAMING = CompletionCreateParamsStreaming
_ADAPTERS: dict[type, TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in (PLAIN, STREAMING)}


def check_types(body: object) -> None:
    """Refuse with 422 what cannot be read, and with 400 a content part nobody knows."""
    for part in parts(body):
        if isinstance(part, dict) and part.get("type") not in ("text", "image_url"):
            raise invalid_argument("Empty content block")
    try:
        _iterate(_ADAPTERS[_kind(body)].validate_python(body, strict=True))
    except ValidationError as problem:
        first = problem.errors(include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "body"
        raise plain(
            422,
            f"Failed to deserialize the JSON body into the target type: {place}: {first['msg']}",
        ) from None


def check_keys(body: object) -> None:
    """Refuse keys that no type knows, at any level. xAI answers 200 and ignores them."""
    for path in unknown_keys(body, _kind(body)):
        raise invalid_argument(f"Argument not supported: {path}")


def _kind(body: object) -> type:
    return STREAMING if isinstance(body, dict) and body.get("stream") is True else PLAIN


def _iterate(value: object) -> None:
    if isinstance(value, Mapping):
        value = value.values()
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for item in value:
            _iterate(item)


def unknown_keys(value: object, kind: Any, path: str = "") -> list[str]:
    """The paths of all keys in a value that its type does not name."""
    if is_typeddict(kind):
        return list(_in_typed_dict(value, kind, path))
    if get_origin(kind) in (Union, UnionType):
        found = [unknown_keys(value, one, path) for one in get_args(kind) if _may_be(value, one)]
        return min(found, key=len, default=[])
    if isinstance(value, list) and get_args(kind):
        item_kind = get_args(kind)[0]
        return [
            unknown
            for index, item in enumerate(value)
            for unknown in unknown_keys(item, item_kind, f"{path}[{index}]")
        ]
    return []


def _in_typed_dict(value: object, kind: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    hints = get_type_hints(kind)
    for key, item in value.items():
        inner = f"{path}.{key}" if path else key
        if key in hints:
            yield from unknown_keys(item, hints[key], inner)
        else:
            yield inner


def _may_be(value: object, kind: Any) -> bool:
    # A member of a union that cannot hold the value must not vouch for its keys: `str` would
    # vouch for every object, and one kind of message for another.
    if isinstance(value, dict):
        return _may_be_dict(value, kind)
    return isinstance(value, list) and get_origin(kind) in (list, Iterable, Sequence)


def _may_be_dict(value: dict[str, Any], kind: Any) -> bool:
    if not is_typeddict(kind):
        return get_origin(kind) is dict
    hints: dict[str, Any] = get_type_hints(kind)
    return all(
        value[key] in get_args(hint)
        for key, hint in hints.items()
        if key in value and get_origin(hint) is Literal
    )
