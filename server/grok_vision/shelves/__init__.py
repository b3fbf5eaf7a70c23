"""Bytes kept for a while, bounded in bytes and age: in this process, or in Redis for several."""

from typing import TYPE_CHECKING

from grok_vision.shelves.memory import MemoryShelf
from grok_vision.shelves.shelf import Shelf

if TYPE_CHECKING:
    from grok_vision.shelves.redis_shelf import RedisShelf

__all__ = ["MemoryShelf", "RedisShelf", "Shelf"]


def __getattr__(name: str) -> object:
    """Load what only several processes need, with its first use."""
    if name != "RedisShelf":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from grok_vision.shelves.redis_shelf import RedisShelf

    return RedisShelf
