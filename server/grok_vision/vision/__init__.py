"""The journey of a call, from sources to a result. Others import from here only."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from grok_vision.vision.front import Vision, build_vision, readable_roots
from grok_vision.vision.state import Books, OwnLimit, State
from grok_vision.vision.suggesting import Suggestions

if TYPE_CHECKING:
    from grok_vision.vision.limits import known_limits

    # What calls return, for annotations.
    from grok_vision.vision.outcome import Drawing as Drawing
    from grok_vision.vision.outcome import Outcome as Outcome

__all__ = [
    "Books",
    "OwnLimit",
    "State",
    "Suggestions",
    "Vision",
    "build_vision",
    "known_limits",
    "readable_roots",
]


def __getattr__(name: str) -> Any:
    # Needed by few: a server that starts does not wait for it.
    if name != "known_limits":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.limits").known_limits
