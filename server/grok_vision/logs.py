"""Logging to stderr, with secrets taken out of every line, tracebacks included."""

import logging
import re
import sys
import warnings
from collections.abc import Iterable

from pydantic import SecretStr

_DATA_URI = re.compile(r"(data:[\w.+/-]*;base64,)[A-Za-z0-9+/=\s]{16,}")
_BEARER = re.compile(r"(bearer\s+)[^\s'\"]+", re.IGNORECASE)
# At INFO they log whole URLs, signed ones included.
_TALKATIVE = ("httpx2", "httpcore2", "mcp", "PIL")


class _Redacting(logging.Formatter):
    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "[key]")
        return _BEARER.sub(r"\1[key]", _DATA_URI.sub(r"\1[bytes]", line))


def log_to_stderr(level: str, keys: Iterable[SecretStr]) -> None:
    """Send log records of `level` and above to stderr, and nowhere else.

    Called before the SDK is imported, which would otherwise install a handler of its own.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacting(key.get_secret_value() for key in keys))
    # Pillow warns of odd EXIF with the path of its own source; pictures are judged by their bytes.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.getLevelName(level), logging.WARNING))
