"""The body of one request as it arrives: bounded in bytes and time, and with others in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio
from starlette.types import Message, Receive

from grok_vision.heaps import trim_heaps

_LEAST_RATE = 64 * 1024
_WINDOW = 10.0
# Of so much at once, the C library keeps more than a server should (see `bodies`).
_MUCH = 64 * 1024 * 1024


class TooLargeError(Exception):
    """More arrives than may."""


class TooSlowError(Exception):
    """Too little arrives for the time."""


class NoRoomError(Exception):
    """Others hold all the room that there is."""


class LeftError(Exception):
    """The client is gone."""


@dataclass(slots=True)
class Room:
    """The bytes that bodies may hold together, and those of one owner, so that others come in."""

    most: int
    most_of_one: int
    held: int = 0
    _of: dict[str, int] = field(default_factory=dict)
    _highest: int = 0

    @contextmanager
    def arriving(self, owner: str) -> Iterator["Arriving"]:
        """Give what holds one body; its room is free again at the end."""
        arriving = Arriving(self, owner)
        try:
            yield arriving
        finally:
            arriving.drop()

    def add(self, owner: str, size: int) -> None:
        """Hold so many bytes more.

        Raises:
            NoRoomError: there is no room for them.
        """
        of_owner = self._of.get(owner, 0) + size
        if self.held + size > self.most or of_owner > self.most_of_one:
            raise NoRoomError
        self._of[owner] = of_owner
        self.held += size
        self._highest = max(self._highest, self.held)

    def free(self, owner: str, size: int) -> None:
        """Hold so many bytes less."""
        self.held -= size
        left = self._of.pop(owner, 0) - size
        if left:
            self._of[owner] = left
        if not self.held and self._highest >= _MUCH:
            self._highest = 0
            trim_heaps()


class Arriving:
    """What has arrived of a body."""

    def __init__(self, room: Room, owner: str) -> None:
        self._room = room
        self._owner = owner
        self._data = bytearray()
        self._counted = 0

    async def read(self, receive: Receive, *, most: int, window: float = _WINDOW) -> bytes:
        """Return the whole body.

        In each `window` of seconds, 64 KiB must arrive for every second of it, or the end.

        Raises:
            TooLargeError: it has more than `most` bytes.
            TooSlowError, NoRoomError, LeftError: what hinders it.
        """
        complete = False
        while not complete:
            due = len(self._data) + int(_LEAST_RATE * window)
            with anyio.move_on_after(window) as patience:
                complete = await self._read_on(receive, due, most)
            if patience.cancelled_caught:
                raise TooSlowError
        data = bytes(self._data)
        self._data.clear()
        return data

    def drop(self) -> None:
        """Hold nothing any more."""
        self._data.clear()
        self._room.free(self._owner, self._counted)
        self._counted = 0

    async def _read_on(self, receive: Receive, due: int, most: int) -> bool:
        """Read until so much is there, or all of it; tell which."""
        complete = False
        while not complete and len(self._data) < due:
            complete = self._add(await receive(), most)
        return complete

    def _add(self, message: Message, most: int) -> bool:
        if message["type"] == "http.disconnect":
            raise LeftError
        part: bytes = message.get("body", b"")
        if len(self._data) + len(part) > most:
            raise TooLargeError
        self._room.add(self._owner, len(part))
        self._counted += len(part)
        self._data += part
        return not message.get("more_body", False)
