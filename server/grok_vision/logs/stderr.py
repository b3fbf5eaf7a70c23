"""The one handler of the process: to stderr, as text or JSON, and never with a secret."""

import logging
import sys
import threading
import warnings
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Literal, TextIO

from pydantic import SecretStr

from grok_vision.logs.redaction import Redaction

_log = logging.getLogger(__name__)
# At INFO or DEBUG they log whole URLs, signed ones included, and the words of answers.
_TALKATIVE = ("httpx2", "httpcore2", "mcp", "PIL", "sse_starlette", "urllib3")


class _TextLines(logging.Formatter):
    def __init__(self, redaction: Redaction) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        return self._redaction.text(super().format(record))


class _ToStderr(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Tell of a record that cannot be written; Python itself would show its arguments."""
        problem = sys.exc_info()[0]
        told = logging.LogRecord(
            record.name,
            logging.ERROR,
            record.pathname,
            record.lineno,
            "a line of %s:%d could not be written: %s",
            (record.filename, record.lineno, problem.__name__ if problem else "unknown"),
            None,
        )
        with suppress(OSError, ValueError):
            self.stream.write(self.format(told) + self.terminator)
            self.flush()


def log_to_stderr(
    level: str, keys: Iterable[SecretStr], *, form: Literal["text", "json"] = "text"
) -> None:
    """Send log records of `level` and above to stderr, and nowhere else.

    Warnings and uncaught exceptions are logged, too; with `json` each record is one line.
    Called before the SDK is imported, which would otherwise install a handler of its own.
    """
    handler = _ToStderr(sys.stderr)
    redaction = Redaction(key.get_secret_value() for key in keys)
    handler.setFormatter(_formatter(redaction, form))
    # Pillow warns of odd EXIF with the path of its own source; pictures are judged by their bytes.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.getLevelName(level), logging.WARNING))
    # Python itself would write them as they are.
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    sys.unraisablehook = _unraisable
    threading.excepthook = _in_thread


def _formatter(redaction: Redaction, form: Literal["text", "json"]) -> logging.Formatter:
    if form == "text":
        return _TextLines(redaction)
    from grok_vision.logs.json_lines import JsonLines

    return JsonLines(redaction)


def _uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    _log.critical("an exception ended it", exc_info=(kind, error, traceback))


def _in_thread(told: threading.ExceptHookArgs) -> None:
    if not issubclass(told.exc_type, SystemExit):
        _uncaught(told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback)


def _unraisable(told: "sys.UnraisableHookArgs") -> None:
    error = told.exc_value or told.exc_type()
    _log.error("an exception was ignored", exc_info=(told.exc_type, error, told.exc_traceback))
