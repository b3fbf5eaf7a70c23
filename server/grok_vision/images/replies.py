"""What a worker process answers: plain values in JSON, and the bytes among them behind it.

Not pickled: a decoder that was taken over writes what it likes, and must have no say in what is
imported, called, set or allocated where its answer is read. What arrives is checked against the
type that was asked for, and made anew.
"""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import IO, Any, Generic, Literal, TypeVar, get_args

from pydantic import TypeAdapter

from grok_vision import errors

T = TypeVar("T")

# What the function returned; the error it raised; or the traceback of what it must not raise.
Kind = Literal["returned", "raised", "failed"]

# The lengths of the JSON and of what is behind it.
_HEAD = struct.Struct(">QQ")
# In bytes; the parts of one long page, and some.
_MOST_WORDS = 1024 * 1024
_MOST_BYTES = 256 * 1024 * 1024
# Stands in the JSON for bytes, with their length; they follow in this order.
_BYTES = "bytes behind"

_PLAIN: TypeAdapter[Any] = TypeAdapter(Any)
_ADAPTERS: dict[object, TypeAdapter[Any]] = {}
_ERRORS: dict[str, tuple[Callable[[Any, str], errors.VisionError], object]] = {
    "ConfigurationError": (errors.ConfigurationError, errors.ConfigurationCode),
    "SourceError": (errors.SourceError, errors.SourceCode),
    "ImageError": (errors.ImageError, errors.ImageCode),
    "RequestError": (errors.RequestError, errors.RequestCode),
    "ProviderError": (errors.ProviderError, errors.ProviderCode),
    "AnswerError": (errors.AnswerError, errors.AnswerCode),
}


class BrokenReplyError(Exception):
    """The answer is not one that a worker gives by itself."""


@dataclass(frozen=True, slots=True)
class Returned(Generic[T]):
    """What the function returned; apart from it, an answer is an error."""

    value: T


def written(kind: Kind, value: object) -> list[bytes]:
    """Return the pieces of an answer, to be written one after another.

    Raises:
        TypeError, ValueError: the value is not made of plain values, or is too large.
    """
    behind: list[bytes] = []

    def put_behind(found: object) -> dict[str, int]:
        if not isinstance(found, bytes):
            raise TypeError(f"a worker cannot return a {type(found).__name__}")
        behind.append(found)
        return {_BYTES: len(found)}

    words = json.dumps([kind, _PLAIN.dump_python(value)], default=put_behind).encode()
    length = sum(map(len, behind))
    if len(words) > _MOST_WORDS or length > _MOST_BYTES:
        raise ValueError("a worker cannot return as much")
    return [_HEAD.pack(len(words), length), words, *behind]


def written_error(error: errors.VisionError) -> list[bytes]:
    """Return the pieces of an answer that tells what the function raised.

    Raises:
        ValueError: the message is too large.
    """
    return written("raised", [type(error).__name__, error.code, error.message])


def read_reply(pipe: IO[bytes], returns: type[T]) -> Returned[T] | Exception:
    """Return what is answered: a value of the type `returns`, or the error to raise; blocks.

    Raises:
        BrokenReplyError: it is no such value, or far too large.
        EOFError: the process ended before it had answered.
    """
    words, behind = _HEAD.unpack(_exactly(pipe, _HEAD.size))
    if words > _MOST_WORDS or behind > _MOST_BYTES:
        raise BrokenReplyError
    told = _exactly(pipe, words)
    from_behind = partial(_from_behind, BytesIO(_exactly(pipe, behind)))
    try:
        kind, value = json.loads(told, object_hook=from_behind)
        return _understood(kind, value, returns)
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        raise BrokenReplyError from error


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    found = pipe.read(length)
    if len(found) < length:
        raise EOFError
    return found


def _from_behind(behind: BytesIO, found: dict[str, Any]) -> object:
    return behind.read(found[_BYTES]) if found.keys() == {_BYTES} else found


def _understood(kind: object, value: Any, returns: type[T]) -> Returned[T] | Exception:
    if kind == "returned":
        return Returned(_adapter(returns).validate_python(value))
    if kind == "raised":
        name, code, message = value
        make, codes = _ERRORS[name]
        if code in get_args(codes) and isinstance(message, str):
            return make(code, message)
    if kind == "failed" and isinstance(value, str):
        return RuntimeError(f"in the worker process:\n{value}")
    raise BrokenReplyError


def _adapter(returns: type[object]) -> TypeAdapter[Any]:
    # To make one takes longer than to use it.
    if returns not in _ADAPTERS:
        _ADAPTERS[returns] = TypeAdapter(returns)
    return _ADAPTERS[returns]
