"""Pictures of the last comparisons, kept so that a page can show them."""

import re
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

import anyio.to_thread

from grok_vision.errors import SharedStateError
from grok_vision.shared import UnavailableError
from grok_vision.shelves import Shelf

if TYPE_CHECKING:
    from grok_vision.images import OpenedImage

# Their bytes as they were read. The shelf has a little more, for the notes.
_MOST_BYTES = 63 * 1024 * 1024
_RANDOM = 16
# Names are all that it takes to see them, so they belong to nobody in particular.
_OWNER = ""
_NAME = re.compile(r"[\w-]{22}", re.ASCII)
_NUMBER = re.compile(r"[1-9]\d{0,2}", re.ASCII)


class Gallery:
    """The pictures of the last comparisons; on a shelf that is shared, of all processes."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def keep(self, pictures: "Sequence[OpenedImage]") -> str | None:
        """Keep the pictures of a comparison, in place of the oldest; return how to find them.

        Who knows that can see them: it cannot be guessed. None where they cannot be kept.
        """
        if sum(one.bytes for one in pictures) > _MOST_BYTES:
            return None
        name = secrets.token_urlsafe(_RANDOM)
        try:
            for one in pictures:
                if not await self._keep(name, one):
                    return None
        except UnavailableError:
            # The comparison itself is of use without its page.
            return None
        return name

    async def find(self, name: str, number: str) -> "OpenedImage | None":
        """Return picture `number`, from 1, as it is written; None where it is no longer kept.

        Raises:
            SharedStateError: `unavailable`.
        """
        if not (_NAME.fullmatch(name) and _NUMBER.fullmatch(number)):
            return None
        try:
            told = await self._shelf.get(_OWNER, _note(name, number))
            data = await self._shelf.get(_OWNER, _picture(name, number))
        except UnavailableError as error:
            raise SharedStateError(
                "unavailable", f"its pictures cannot be reached ({error}); try again later."
            ) from None
        if told is None or data is None:
            return None
        # What it is made of may not be loaded yet, where another process keeps it.
        return await anyio.to_thread.run_sync(_noted, int(number), told, data)

    async def _keep(self, name: str, picture: "OpenedImage") -> bool:
        # The bytes by themselves, so that they are not copied.
        from grok_vision.images import note

        number = str(picture.number)
        kept = await self._shelf.put(_OWNER, _picture(name, number), picture.loaded.data)
        return kept and await self._shelf.put(_OWNER, _note(name, number), note(picture))


def _picture(name: str, number: str) -> str:
    return f"{name}.{number}"


def _note(name: str, number: str) -> str:
    return f"{name}.{number}.note"


def _noted(number: int, told: bytes, data: bytes) -> "OpenedImage | None":
    from grok_vision.images import noted

    return noted(number, told, data)
