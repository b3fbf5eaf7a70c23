"""What a server needs to start: everything else of a call is loaded with the first one."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import anyio
import anyio.to_thread

from grok_vision.images import Images, Policy, default_roots
from grok_vision.settings import Settings
from grok_vision.vision.state import State

if TYPE_CHECKING:
    from grok_vision.relay import Transport
    from grok_vision.vision.journey import Journey

# A host that does not deliver by then must not take the time that the provider needs.
_FETCH_SECONDS = 20.0


class Vision:
    """What every tool and command calls; made by `build_vision`, closed as a context manager.

    Attributes:
        images: The way of pictures into it.
        gallery: Pictures of the last comparisons.
        uploads: Pictures that clients have sent; None where they cannot.
    """

    def __init__(
        self,
        settings: Settings,
        images: Images,
        state: State,
        transport: "Transport | None",
        *,
        desktop: bool,
    ) -> None:
        self.images = images
        self.gallery = state.gallery
        self.uploads = state.uploads
        self._state = state
        self._open = partial(_open_journey, settings, images, state, transport, desktop)
        self._journey: Journey | None = None
        self._opening = anyio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close what is open."""
        await self.images.aclose()
        if self._journey is not None:
            await self._journey.aclose()
        await self._state.aclose()

    async def journey(self) -> "Journey":
        """Return what a call goes through.

        It is loaded with the first call, and not on the event loop: a server that starts must not
        wait for it, nor other calls.
        """
        async with self._opening:
            if self._journey is None:
                self._journey = await anyio.to_thread.run_sync(self._open)
        return self._journey


def build_vision(
    settings: Settings,
    *,
    any_file: bool = False,
    desktop: bool = True,
    transport: "Transport | None" = None,
    state: State | None = None,
) -> Vision:
    """Build everything that calls share; nothing is opened before the first call.

    `any_file` lifts the roots: on the command line the person names the files. `desktop` opens
    `latest`, `clipboard` and the default roots, where nobody but the user of this machine can
    call. `transport` replaces the network on the way to the provider. `state` is that of the
    process, where several are built in it.

    Raises:
        ConfigurationError: `bad_setting`, `missing_extra`.
    """
    state = state or State(settings)
    folders = readable_roots(settings, desktop=desktop)
    policy = Policy(
        roots=None if any_file else folders,
        searched=folders,
        allow_hosts=settings.allow_hosts,
        url_mode=settings.url_mode,
        desktop=desktop,
        max_bytes=settings.max_image_bytes,
        max_pixels=settings.max_pixels,
        fetch_deadline=min(settings.deadline / 2, _FETCH_SECONDS),
    )
    return Vision(
        settings,
        Images(policy, uploads=state.uploads),
        state,
        transport,
        desktop=desktop,
    )


def readable_roots(settings: Settings, *, desktop: bool = True) -> tuple[Path, ...]:
    """Return the folders that tools may read; by default none where others can call."""
    if settings.roots is not None:
        return settings.roots
    return default_roots() if desktop else ()


def _open_journey(
    settings: Settings,
    images: Images,
    state: State,
    transport: "Transport | None",
    desktop: bool,
) -> "Journey":
    from grok_vision.vision.building import build_journey

    return build_journey(settings, images, state, transport, desktop=desktop)
