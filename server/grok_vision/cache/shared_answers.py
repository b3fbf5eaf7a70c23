"""Kept answers that several processes share."""

import logging

from grok_vision.cache.entry import digest, is_complete, packed, unpacked
from grok_vision.relay import Completion
from grok_vision.shared import UnavailableError
from grok_vision.shelves import Shelf

_log = logging.getLogger(__name__)
# What was asked about which pictures is the same for all who ask.
_OWNER = ""
_DIGEST_BYTES = 32


class SharedAnswers:
    """Complete answers on a shelf, which bounds them in bytes and age.

    Where the shelf cannot be reached, nothing is found or kept, and the log tells it once.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._told = False

    async def find(self, key: str) -> Completion | None:
        """Return the answer that is kept under the key, exactly as it was, or None."""
        try:
            kept = await self._shelf.get(_OWNER, key)
        except UnavailableError as error:
            self._tell("Kept answers are not found", error)
            return None
        if kept is None:
            return None
        written, content = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
        return unpacked(content) if written == digest(key, content) else None

    async def keep(self, key: str, completion: Completion) -> None:
        """Keep a complete answer; one that is not is left out."""
        content = packed(completion) if is_complete(completion) else None
        if content is None:
            return
        try:
            await self._shelf.put(_OWNER, key, digest(key, content) + content)
        except UnavailableError as error:
            self._tell("Answers are not kept", error)

    def _tell(self, lost: str, error: UnavailableError) -> None:
        level = logging.DEBUG if self._told else logging.WARNING
        self._told = True
        _log.log(level, "%s: %s (GROK_VISION_CACHE).", lost, error)
