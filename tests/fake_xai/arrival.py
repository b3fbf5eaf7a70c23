"""A request as it comes in, and the checks of the web server in front of xAI."""

import json
from dataclasses import dataclass
from typing import Any

from httpx2 import Headers

from tests.fake_xai.pictures import look
from tests.fake_xai.recorded import Recorded
from tests.fake_xai.response import RefusalError, plain


@dataclass(frozen=True)
class Arrival:
    """What was seen, and what is wrong with it, held back until its turn to be refused."""

    seen: Recorded
    unreadable: RefusalError | None
    bad_image: RefusalError | None


def arrive(scope: dict[str, Any], raw: bytes) -> Arrival:
    """Read a request leniently: it is recorded whatever it is."""
    body, unreadable = _parse(raw)
    pictures, links, bad_image = look(body)
    seen = Recorded(
        method=scope["method"],
        path=scope["path"],
        headers=Headers(scope["headers"]),
        body=body,
        length=len(raw),
        images=tuple(pictures),
        links=tuple(links),
    )
    return Arrival(seen, unreadable, bad_image)


def _parse(raw: bytes) -> tuple[Any, RefusalError | None]:
    try:
        return json.loads(raw, parse_constant=_no_constant), None
    except (ValueError, RecursionError):
        return None, plain(400, "Failed to parse the request body as JSON")


def _no_constant(name: str) -> None:
    # Python alone reads and writes NaN and Infinity.
    raise ValueError(name)


def check_transport(seen: Recorded, max_body: int) -> None:
    """Refuse what the web server would: too long, of unsure length, or not JSON."""
    if seen.length > max_body:
        raise plain(413, "Payload Too Large")
    announced = seen.headers.get("content-length")
    if announced is None:
        raise plain(411, "stand-in: Content-Length is missing")
    if announced != str(seen.length):
        raise plain(400, "stand-in: Content-Length is not the length of the body")
    media_type = seen.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise plain(415, "Expected request with `Content-Type: application/json`")
