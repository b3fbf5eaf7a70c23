"""What a client that uploads a picture is answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from grok_vision.errors import Code, VisionError
from grok_vision.texts import sendable

if TYPE_CHECKING:
    from grok_vision.images import CheckedImage

_NOT_KEPT = {"Cache-Control": "no-store"}
_BUSY = 503
_AGAIN = {"Retry-After": "5"}
# Of what is not said here, the picture is at fault.
_STATUS: dict[Code, int] = {
    "bad_source": 400,
    "not_allowed": 403,
    "too_large": 413,
    "not_an_image": 415,
    "unsupported_format": 415,
    "missing_extra": 415,
    "bad_setting": 500,
    "unavailable": _BUSY,
}
_UNPROCESSABLE = 422


class RefusedError(Exception):
    """The request is answered so."""

    def __init__(
        self, status: int, code: Code, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        again = _AGAIN if status == _BUSY else {}
        self.answer = JSONResponse(
            {"error": {"code": code, "message": sendable(message)}},
            status,
            headers={**_NOT_KEPT, **again, **(headers or {})},
        )


def refused(error: VisionError) -> RefusedError:
    """Return the answer where the picture cannot be kept."""
    told = error if error.code == "unavailable" else error.about("the upload")
    return RefusedError(_STATUS.get(told.code, _UNPROCESSABLE), told.code, told.message)


def created(found: "CheckedImage", size: int, source: str, expires: datetime) -> JSONResponse:
    """Return the answer where it is kept: what it was found to be, and how to name it."""
    told = {
        "source": source,
        "format": found.format,
        "width": found.width,
        "height": found.height,
        "bytes": size,
        "expires": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return JSONResponse(told, 201, headers=_NOT_KEPT)
