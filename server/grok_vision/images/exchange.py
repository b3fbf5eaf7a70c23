"""What is asked of a picture's host, and what is read of its answers: as much as is needed."""

import re

import httpx2

from grok_vision import __version__
from grok_vision.images.addresses import IPAddress
from grok_vision.images.fetch_failures import (
    compressed,
    fetch_failed,
    too_large,
    unexpected_status,
)
from grok_vision.images.headers import Needed, next_goal
from grok_vision.images.network import Target

_HEADERS = {
    "User-Agent": f"grok-vision-mcp/{__version__}",
    "Accept": "image/png,image/jpeg,image/*;q=0.9,application/pdf;q=0.8,*/*;q=0.5",
    "Accept-Encoding": "identity",  # a compressed body could unfold beyond every bound
    "Connection": "close",
}
_TIMEOUT = httpx2.Timeout(connect=5.0, read=15.0, write=5.0, pool=5.0)

_PART, _NO_SUCH_PART = 206, 416
# A number with more is too large by itself.
_MOST_DIGITS = 20
# First and last byte of a part, and how long the whole is (RFC 9110, section 14.4).
_CONTENT_RANGE = re.compile(r"bytes (\d{1,20})-(\d{1,20})/(?:(\d{1,20})|\*)", re.ASCII)


class UnusablePartError(Exception):
    """The host was asked for a part and answered with something that cannot be put together."""


def request_for(target: Target, address: IPAddress, part: str) -> httpx2.Request:
    """Builds the request that dials an address and speaks to, and verifies, the named host.

    `part` is what is asked for, as a Range header says it; empty: all.
    """
    headers = {"Host": target.authority, **_HEADERS, **({"Range": part} if part else {})}
    return httpx2.Request(
        "GET",
        target.dialled_at(address),
        headers=headers,
        extensions={"sni_hostname": target.host, "timeout": _TIMEOUT.as_dict()},
    )


class Body:
    """The start of a body, put together from one answer, or from those to several parts.

    `media_type` is what the host declares, in lower case without parameters; empty where it does
    not.
    """

    def __init__(self, max_bytes: int, needed: Needed) -> None:
        self.data = bytearray()
        self.media_type = ""
        self._max_bytes = max_bytes
        self._needed = needed
        # As much is read before it is looked at again: a host that sends little at a time must not
        # have what is there walked each time.
        self._goal = needed(b"")
        self._total: int | None = None
        self._is_enough = False

    @property
    def is_enough(self) -> bool:
        """Whether as much was read as is needed, or all that there is."""
        return self._is_enough or len(self.data) == self._total

    @property
    def file_bytes(self) -> int | None:
        """How long the whole is; None where the host does not tell."""
        return self._total

    @property
    def next_part(self) -> str:
        """What comes next, as a Range header asks for it."""
        last = "" if self._goal > self._max_bytes else str(int(self._goal) - 1)
        return f"bytes={len(self.data)}-{last}"

    async def read(self, target: Target, response: httpx2.Response) -> None:
        """Reads an answer from its start, until that is enough or it ends.

        Raises:
            SourceError: `fetch_failed` or `too_large`.
        """
        _check(target, response)
        self._expect(target, _length(response))
        media_type = response.headers.get("content-type", "").partition(";")[0]
        self.media_type = media_type.strip().lower()
        self.data.clear()
        if await self._take(target, response):
            self._total = len(self.data)
        if not self.data:
            raise fetch_failed(f"the host {target.host} answered with nothing; check the URL.")

    async def read_part(self, target: Target, response: httpx2.Response) -> None:
        """Reads on in the answer to a part; where the host sent all, from its start.

        Raises:
            SourceError: `fetch_failed` or `too_large`.
            UnusablePartError: it is not the part that comes next.
        """
        if response.status_code == _NO_SUCH_PART:
            raise UnusablePartError
        if response.status_code != _PART:
            await self.read(target, response)
            return
        _check(target, response)
        first, total = _place(response)
        had = len(self.data)
        # Another part than was asked for, or of another file, would be taken for what it is not.
        if first != had or (had and total != self._total):
            raise UnusablePartError
        self._expect(target, total)
        await self._take(target, response)
        if len(self.data) == had:
            raise UnusablePartError

    def _expect(self, target: Target, total: int | None) -> None:
        if total is not None and total > self._max_bytes:
            raise too_large(target.host, self._max_bytes)
        self._total = total

    async def _take(self, target: Target, response: httpx2.Response) -> bool:
        """Reads on; returns whether that was to the end of the answer."""
        async for chunk in response.aiter_bytes():
            self.data += chunk
            if len(self.data) > self._max_bytes:
                raise too_large(target.host, self._max_bytes)
            if len(self.data) >= self._goal:
                wanted = self._needed(bytes(self.data))
                if wanted <= len(self.data):
                    self._is_enough = True
                    return False
                self._goal = next_goal(len(self.data), wanted)
        return True


def _check(target: Target, response: httpx2.Response) -> None:
    if not response.is_success:
        raise unexpected_status(response.status_code, target.host)
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise compressed(target.host)


def _length(response: httpx2.Response) -> int | None:
    """Returns how long the body is, where that is told."""
    told = response.headers.get("content-length")
    # A body in chunks ends where they end (RFC 9112, section 6.3).
    if told is None or "transfer-encoding" in response.headers:
        return None
    # h11 has checked that it is a number.
    return int(told[:_MOST_DIGITS])


def _place(response: httpx2.Response) -> tuple[int, int | None]:
    """Returns where the part begins, and how long the whole is, where that is told.

    Raises:
        UnusablePartError: neither can be true.
    """
    told = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if told is None or (told[3] and int(told[3]) <= int(told[2])):
        raise UnusablePartError
    return int(told[1]), int(told[3]) if told[3] else None
