"""What completes the path of a picture while it is typed."""

from collections.abc import Sequence
from pathlib import Path

import anyio

from grok_vision.settings import Settings
from grok_vision.threads import in_thread
from grok_vision.vision.front import readable_roots

# In seconds. Who types has gone on by then; a folder on a network may take much longer.
_PATIENCE = 2.0


class Suggestions:
    """The pictures that tools may read, by the start of what they are called.

    `desktop` opens `latest`, `clipboard` and the default roots, as `build_vision` does.
    """

    def __init__(self, settings: Settings, *, desktop: bool) -> None:
        self._roots = readable_roots(settings, desktop=desktop)
        self._words = ("latest", "clipboard") if desktop else ()
        # Each letter that is typed asks anew.
        self._turns = anyio.CapacityLimiter(1)

    async def pictures(self, text: str, most: int) -> list[str]:
        """Return at most so many sources that go on as `text` begins, the likeliest first."""
        words = [word for word in self._words if word.startswith(text.lower())]
        found: list[str] = []
        if self._roots:
            with anyio.move_on_after(_PATIENCE):
                found = await in_thread(_found, text, self._roots, most, limiter=self._turns)
        return [*words, *found][:most]


def _found(text: str, roots: Sequence[Path], most: int) -> list[str]:
    from grok_vision.images import suggested

    return suggested(text, roots, most)
