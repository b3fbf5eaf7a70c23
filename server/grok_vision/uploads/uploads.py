"""The pictures that were sent, by their content: whoever asks finds none but their own."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import anyio.to_thread

from grok_vision.errors import SharedStateError, SourceError
from grok_vision.shared import UnavailableError
from grok_vision.shelves import Shelf
from grok_vision.uploads.caller import caller

SCHEME = "image"
"""What the source of an upload begins with, before `://`."""


class Uploads:
    """Keeps pictures for who sends them, on a shelf that forgets them after so many hours.

    Whose they are is told by `calling_as`.
    """

    def __init__(self, shelf: Shelf, *, hours: float) -> None:
        self._shelf = shelf
        self.hours = hours

    async def keep(self, data: bytes) -> str:
        """Keep a picture, and return the source that names it.

        Raises:
            SourceError: `too_large`, more than is kept for one owner.
            SharedStateError: `unavailable`.
        """
        digest = await _digest(data)
        try:
            kept = await self._shelf.put(caller(), digest, data)
        except UnavailableError as error:
            raise _unavailable(error) from None
        if not kept:
            raise SourceError(
                "too_large",
                f"it has {len(data):,} bytes, more than is kept of all that one client uploads; "
                "send a smaller picture or raise GROK_VISION_UPLOAD_BYTES.",
            )
        return f"{SCHEME}://{digest}"

    async def find(self, digest: str) -> bytes | None:
        """Return the caller's own picture of that SHA-256; None where none is kept.

        Raises:
            SharedStateError: `unavailable`.
        """
        try:
            data = await self._shelf.get(caller(), digest)
        except UnavailableError as error:
            raise _unavailable(error) from None
        # Others may write to a Redis, too: what was never checked is no upload.
        return data if data is not None and await _digest(data) == digest else None

    def expires(self) -> datetime:
        """Return when what is kept now is kept no longer."""
        return datetime.now(UTC) + timedelta(hours=self.hours)


async def _digest(data: bytes) -> str:
    # Of a large one it takes longer than the event loop can spare.
    return (await anyio.to_thread.run_sync(sha256, data)).hexdigest()


def _unavailable(error: UnavailableError) -> SharedStateError:
    return SharedStateError(
        "unavailable",
        f"uploads cannot be reached ({error}); try again in some seconds, or pass the picture as "
        "a URL or data URI.",
    )
