"""The time that one call may take in all."""

from collections.abc import Iterator
from contextlib import contextmanager

import anyio

from grok_vision.errors import ProviderError


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """End what is done within after so many seconds.

    Raises:
        ProviderError: `timeout` where it took longer.
    """
    with anyio.move_on_after(seconds) as scope:
        yield
    if scope.cancelled_caught:
        raise ProviderError(
            "timeout",
            f"the call took longer than {seconds:g} s in all; try fewer or smaller pictures, or a "
            "faster model, or raise GROK_VISION_DEADLINE.",
        )
