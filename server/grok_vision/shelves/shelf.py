"""What a shelf is."""

from typing import Protocol


class Shelf(Protocol):
    """Keeps bytes by their owner and name, for a time and up to a size, and then no longer.

    What one owner put there is not found for another, whatever it is called.
    """

    async def put(self, owner: str, name: str, data: bytes) -> bool:
        """Keep `data` from now on, in place of what had that name; False where it is too large.

        The owner's oldest make room, and the oldest of all.

        Raises:
            UnavailableError: the shelf cannot be reached.
        """

    async def get(self, owner: str, name: str) -> bytes | None:
        """Return what the owner put there; None where it is not kept, or no longer.

        Raises:
            UnavailableError: the shelf cannot be reached.
        """
