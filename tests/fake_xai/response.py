"""What is sent back, and the refusals."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

# A tuple is sent piece by piece, as a stream; everything else in one write.
Body: TypeAlias = str | bytes | dict[str, Any] | tuple[bytes, ...]


@dataclass(frozen=True)
class Response:
    """A raw HTTP response."""

    status: int = 200
    body: Body = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def chunks(self) -> tuple[bytes, ...]:
        """The body as the pieces to write."""
        match self.body:
            case tuple():
                return self.body
            case dict():
                return (json.dumps(self.body, ensure_ascii=False).encode(),)
            case str():
                return (self.body.encode(),)
            case _:
                return (self.body,)

    def raw_headers(self, defaults: Mapping[str, str]) -> Iterable[tuple[bytes, bytes]]:
        """The headers as ASGI wants them; those given here win over the defaults."""
        headers = {"content-type": self._content_type(), **defaults}
        if not isinstance(self.body, tuple):
            headers["content-length"] = str(sum(map(len, self.chunks())))
        headers |= {name.lower(): value for name, value in self.headers.items()}
        return [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
        ]

    def _content_type(self) -> str:
        match self.body:
            case tuple():
                return "text/event-stream"
            case dict():
                return "application/json"
            case _:
                return "text/plain; charset=utf-8"


class RefusalError(Exception):
    """The request is refused, with this response."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status, response.body)
        self.response = response


def plain(status: int, text: str) -> RefusalError:
    """The plain text shape: what the web server or the deserializer says."""
    return RefusalError(Response(status, text))


def flat(status: int, code: str, error: str) -> RefusalError:
    """The flat shape of most refusals, `{"code", "error"}`."""
    return RefusalError(Response(status, {"code": code, "error": error}))


def invalid_argument(error: str) -> RefusalError:
    """400: something in the request is not accepted."""
    return flat(400, "invalid-argument", error)


def invalid_image(error: str) -> RefusalError:
    """400: a picture is not accepted. One bad picture refuses the whole request."""
    return flat(400, "invalid_image", error)
