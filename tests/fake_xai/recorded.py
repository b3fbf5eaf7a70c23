"""What the stand-in saw."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from httpx2 import Headers


@dataclass(frozen=True)
class Picture:
    """A picture that came as a data URI and is sound."""

    media_type: str  # the label in the URI
    data: bytes = field(repr=False)
    format: str  # by the bytes: "jpeg" or "png"
    width: int
    height: int
    detail: str | None  # as sent; None where it was left out
    metadata: tuple[str, ...] = ()  # what the file holds besides the picture, by name

    @property
    def has_metadata(self) -> bool:
        """Whether anything is there that is not needed to draw the picture.

        A colour profile ("icc" in `metadata`) is needed for that, so it does not count.
        """
        return any(name != "icc" for name in self.metadata)


@dataclass(frozen=True)
class Link:
    """A picture that was named by an http(s) URL. It is not fetched."""

    url: str
    detail: str | None


@dataclass(frozen=True)
class Recorded:
    """One request."""

    method: str
    path: str
    headers: Headers
    body: Any = field(repr=False)  # the parsed JSON; None where there was none
    length: int  # of the raw body, in bytes
    images: tuple[Picture, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """All the words of all the messages, in order."""
        return tuple(_texts(self.body))


def messages(body: object) -> list[Any]:
    """The messages of a body that may have any shape."""
    match body:
        case {"messages": list(found)}:
            return found
        case _:
            return []


def parts(body: object) -> Iterator[Any]:
    """The content parts of all messages of a body that may have any shape."""
    for message in messages(body):
        match message:
            case {"content": list(content)}:
                yield from content


def _texts(body: object) -> Iterator[str]:
    for message in messages(body):
        match message:
            case {"content": str(text)}:
                yield text
            case {"content": list(content)}:
                for part in content:
                    match part:
                        case {"type": "text", "text": str(text)}:
                            yield text
