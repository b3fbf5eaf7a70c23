"""A completion as it lies on disk, with a digest that tells whether it still does."""

import hashlib

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from grok_vision.relay import Completion

# How providers say that a model ended of itself; what they do not say is not taken for it.
_ENDED = {"stop", "eos", "end_turn"}
_COMPLETIONS = TypeAdapter(Completion)


def is_complete(completion: Completion) -> bool:
    """Tell whether asking again could bring nothing more: it has words, and ended of itself."""
    return (
        bool(completion.text.strip())
        and not completion.refusal
        and not completion.broken_off
        and completion.finish_reason.lower() in _ENDED
    )


def packed(completion: Completion) -> bytes | None:
    """Return the completion as bytes, or None where UTF-8 cannot carry its text."""
    try:
        return _COMPLETIONS.dump_json(completion)
    except PydanticSerializationError:
        return None


def unpacked(content: bytes) -> Completion | None:
    """Return the completion in the bytes, or None where they are not exactly one of this version.

    So a field that another version wrote is never passed over.
    """
    try:
        completion = _COMPLETIONS.validate_json(content)
    except ValidationError:
        return None
    return completion if packed(completion) == content and is_complete(completion) else None


def digest(key: str, content: bytes) -> bytes:
    """Return what tells damage: a digest of the content, and of the key that it belongs to."""
    return hashlib.sha256(key.encode() + b"\0" + content).digest()
