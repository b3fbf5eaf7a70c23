"""Pictures that clients send beforehand: `POST /images` answers with a source for the tools."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from http import HTTPMethod
from typing import TYPE_CHECKING

import anyio
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from grok_vision.alongside import alongside
from grok_vision.errors import VisionError
from grok_vision.heaps import bound_heaps
from grok_vision.settings import Settings
from grok_vision.uploads import Uploads, calling_as
from grok_vision.vision import Vision
from grok_vision.web.arriving import (
    Arriving,
    LeftError,
    NoRoomError,
    Room,
    TooLargeError,
    TooSlowError,
)
from grok_vision.web.callers import owner
from grok_vision.web.upload_answers import RefusedError, created, refused

if TYPE_CHECKING:
    from grok_vision.images import CheckedImage

PATH = "/images"

# Of all bodies that are on their way or looked at; other requests have a room of their own.
_MOST_HELD = 128 * 1024 * 1024

Opened = Callable[[], AbstractAsyncContextManager[Vision]]


def upload_route(settings: Settings, opened: Opened, address: str) -> Route:
    """Return `/images`; the arguments are those of `Uploading`."""
    return Route(PATH, Uploading(settings, opened, address))


class Uploading:
    """The ASGI application at `/images`: takes the bytes of one picture, checks and keeps it.

    `opened` gives what calls go through, and `address` is how clients reach this server. In each
    `window` of seconds, 64 KiB must arrive for every second of it, or the end. All bodies together
    may hold `max_held` bytes, and those of one token half as much.
    """

    def __init__(
        self,
        settings: Settings,
        opened: Opened,
        address: str,
        *,
        window: float = 10.0,
        max_held: int = _MOST_HELD,
    ) -> None:
        self._opened = opened
        self._seconds = settings.deadline
        self._window = window
        self._most, self._variable = min(
            (int(getattr(settings, name)), Settings.variable(name))
            for name in ("max_image_bytes", "upload_bytes")
        )
        most_held = max(max_held, self._most)
        needs_token = settings.auth_token or settings.oauth_issuer is not None
        most_of_one = max(most_held // 2, self._most) if needs_token else most_held
        self._room = Room(most_held, most_of_one)
        header = '-H "Authorization: Bearer TOKEN" ' if needs_token else ""
        self._command = f"curl {header}--data-binary @picture.png {address}{PATH}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer: ASGIApp = await self._answer(scope, receive)
        except RefusedError as error:
            answer = error.answer
        except LeftError:
            return
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> JSONResponse:
        async with self._opened() as vision:
            uploads = vision.uploads
            if uploads is None:
                raise RefusedError(
                    403, "not_allowed", f"This server takes no uploads ({self._variable}=0)."
                )
            self._check_head(scope)
            # Large pictures come here before any call does.
            bound_heaps()
            who = owner(scope)
            with self._room.arriving(who) as body, calling_as(who):
                data = await self._read(body, receive)
                async with alongside(partial(_until_left, receive)):
                    found = await self._checked(vision, data)
                    source = await self._kept(uploads, data)
                    return created(found, len(data), source, uploads.expires())

    def _check_head(self, scope: Scope) -> None:
        if scope["method"] != HTTPMethod.POST:
            told = f"Pictures are sent here by POST: {self._command}"
            raise RefusedError(405, "bad_argument", told, {"Allow": HTTPMethod.POST})
        headers = Headers(scope=scope)
        if headers.get("content-type", "").strip().lower().startswith("multipart/"):
            told = f"Send the bytes of the picture, not a form: {self._command}"
            raise RefusedError(415, "bad_source", told)
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            told = f"Send the picture as it is, without Content-Encoding: {self._command}"
            raise RefusedError(415, "bad_source", told)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._most:
            raise self._too_large()

    async def _read(self, body: Arriving, receive: Receive) -> bytes:
        try:
            return await body.read(receive, most=self._most, window=self._window)
        except TooLargeError:
            raise self._too_large() from None
        except TooSlowError:
            told = "The picture came too slowly, or not to its end; send it again."
            raise RefusedError(408, "timeout", told, {"Connection": "close"}) from None
        except NoRoomError:
            told = "Other uploads take all the room that there is; try again in some seconds."
            raise RefusedError(503, "unavailable", told) from None

    async def _checked(self, vision: Vision, data: bytes) -> "CheckedImage":
        try:
            with anyio.fail_after(self._seconds):
                return await vision.images.check(data)
        except VisionError as error:
            raise refused(error) from None
        except TimeoutError:
            told = "Other pictures keep all decoders busy; try again in some seconds."
            raise RefusedError(503, "timeout", told) from None

    async def _kept(self, uploads: Uploads, data: bytes) -> str:
        try:
            return await uploads.keep(data)
        except VisionError as error:
            raise refused(error) from None

    def _too_large(self) -> RefusedError:
        return RefusedError(
            413,
            "too_large",
            f"The picture is larger than {self._most:,} bytes; send a smaller one, or raise "
            f"{self._variable}.",
        )


async def _until_left(receive: Receive) -> None:
    # Behind the whole body, nothing else can come.
    await receive()
    raise LeftError
