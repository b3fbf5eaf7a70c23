"""Log records as JSON, one object a line."""

import logging
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from grok_vision.logs.redaction import Redaction

_NAMES = {
    "levelname": "level",
    "name": "logger",
    "exc_info": "exception",
    "stack_info": "stack",
}
# What is no word for people: uvicorn's message with colours, and asyncio's name of a task.
_LEFT_OUT = ("color_message", "taskName")


class JsonLines(JsonFormatter):
    """Writes a record as `time`, `level`, `logger`, `message`, and what else it has as keys."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields=_NAMES,
            reserved_attrs=[*RESERVED_ATTRS, *_LEFT_OUT],
        )
        self._redaction = redaction

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Put the time first, as RFC 3339 writes it."""
        at = datetime.fromtimestamp(record.created, UTC)
        log_data["time"] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        super().add_fields(log_data, record, message_dict)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Take secrets out before anything is escaped."""
        return {
            self._redaction.text(str(name)): self._redaction.value(value)
            for name, value in log_data.items()
        }
