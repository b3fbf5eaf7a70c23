"""What came back from a provider, as far as it came."""

import json
from dataclasses import dataclass
from typing import Any, Literal

import httpx2

from grok_vision.relay import error_bodies

# 504, and Cloudflare's own: a gateway lost patience, and whoever it asked may go on and bill.
_LOST_PATIENCE = frozenset({504, 524})

Broken = Literal["", "provider", "connection", "deadline", "size"]
"""What ended an answer before its end; empty where nothing did."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: status, headers, and its JSON document or the text where it is none.

    `broken` tells what ended it before its end; of what is too long, nothing is kept but the words
    of a stream.
    """

    status: int
    headers: httpx2.Headers
    document: Any
    broken: Broken = ""

    @property
    def is_success(self) -> bool:
        """Whether the status is one of success, which some errors have, too."""
        return 200 <= self.status < 300

    @property
    def is_error(self) -> bool:
        """Whether the provider says that it failed or refused."""
        return not self.is_success or error_bodies.is_error(self.document)

    @property
    def is_final(self) -> bool:
        """Whether it tells how the request ended: with an error, and without an answer to bill."""
        return self.is_error and self.status not in _LOST_PATIENCE


def parsed(content: bytes | bytearray) -> Any:
    """Return the JSON document, or the text where it is none."""
    try:
        # Not pydantic's parser: it refuses a lone surrogate, and the answer was paid for.
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return content.decode("utf-8", "replace")
