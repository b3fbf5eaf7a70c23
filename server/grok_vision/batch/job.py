"""One job: what is asked for, and how its line of the results is written."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue
from pydantic_core import to_json

from grok_vision.batch.arguments import AnyArguments, ToolName
from grok_vision.errors import VisionError
from grok_vision.results import Result
from grok_vision.texts import all_sendable, sendable

Key = bytes
"""What a job is known by, in the jobs and in the results: of its tool, its id, its arguments."""

_KEY_BYTES = 16

BEGINNING = b'{"tool":'
"""How every line of the results begins."""


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the jobs.

    Attributes:
        place: Where it comes from, such as `line 7`.
        id: The caller's own name for it, if there is one.
        told: What its line of results tells of the arguments. Made once: digests of pictures take
            their time.
    """

    place: str
    id: str | None
    arguments: AnyArguments
    told: Mapping[str, JsonValue]

    @property
    def key(self) -> Key:
        """What it is known by."""
        return key_of(self.arguments.tool, self.id, self.told)

    def answered(self, result: Result) -> bytes:
        """Return its line with a result."""
        return self._line({"result": all_sendable(result.told())})

    def failed(self, error: VisionError) -> bytes:
        """Return its line with an error."""
        return self._line({"error": {"code": error.code, "message": sendable(error.message)}})

    def _line(self, came: Mapping[str, JsonValue]) -> bytes:
        named = {} if self.id is None else {"id": self.id}
        told = {"tool": self.arguments.tool, **named, "job": self.told, **came}
        # What JSON has no number for becomes null.
        return to_json(told, inf_nan_mode="null") + b"\n"


def key_of(tool: ToolName | str, id: str | None, told: object) -> Key:  # noqa: A002 - the name in a line
    """Return what a job is known by, from what a line of the jobs or of the results tells of it."""
    text = json.dumps([tool, id, told], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()[:_KEY_BYTES]
