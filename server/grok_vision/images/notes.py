"""What is kept beside the bytes of a picture, so that it can be worked on again elsewhere."""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from grok_vision.images.loading import Loaded
from grok_vision.images.opened import OpenedImage
from grok_vision.images.selection import Selection
from grok_vision.texts import sendable


@dataclass(frozen=True, slots=True)
class _Note:
    label: str
    selection: Selection


_NOTES = TypeAdapter(_Note)


def note(opened: OpenedImage) -> bytes:
    """Return how messages name the picture, and what of it is selected."""
    loaded = opened.loaded
    return _NOTES.dump_json(_Note(sendable(loaded.label), loaded.selection))


def noted(number: int, told: bytes, data: bytes) -> OpenedImage | None:
    """Return the picture as it was, from `note` and its bytes; None where it is no such note."""
    try:
        kept = _NOTES.validate_json(told)
    except ValidationError:
        return None
    # A field that another version wrote is not passed over: it may select something else. Numbers
    # that are none are written as null.
    if _NOTES.dump_json(kept) != told:
        return None
    return OpenedImage(number, Loaded(data, kept.selection, kept.label, kept.label, len(data)))
