"""What the caller wrote, read once: a file, an address or the picture itself."""

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from grok_vision.errors import SourceError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_DATA_URI = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?P<parameters>(;[^,;]*)*),", re.ASCII)
_BASE64_ALPHABET = re.compile(r"[A-Za-z0-9+/=_\s-]+", re.ASCII)
_LONGEST_PATH = 4096
_LONGEST_LABEL = 160


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file on this machine."""

    written: str
    path: Path

    @property
    def label(self) -> str:
        """How messages name it."""
        return shortened(self.written)


@dataclass(frozen=True, slots=True)
class UrlSource:
    """An http(s) address."""

    written: str

    @property
    def label(self) -> str:
        """How messages name it: without user, password, query and fragment, which may be secret."""
        parts = urlsplit(self.written)
        host = parts.netloc.rpartition("@")[2]
        return shortened(f"{parts.scheme}://{host}{parts.path}")


@dataclass(frozen=True, slots=True)
class DataSource:
    """A picture given whole, as a data URI."""

    media_type: str
    data: bytes

    @property
    def label(self) -> str:
        """How messages and results name it: type and size, never the bytes."""
        return f"data:{self.media_type} ({len(self.data):,} bytes)"

    @property
    def written(self) -> str:
        """The same as the label: the bytes are not repeated."""
        return self.label


Source = FileSource | UrlSource | DataSource


def parse(written: str, *, max_bytes: int) -> Source:
    """Return the kind of source that `written` names; nothing is opened.

    Raises:
        SourceError: `bad_source` where it names nothing, `too_large` for a data URI over
            `max_bytes`.
    """
    text = _unquoted(written)
    if not text:
        raise SourceError("bad_source", "no picture is named; pass a path, a URL or a data URI.")
    if "\0" in text:
        raise SourceError("bad_source", "the name holds a NUL character; pass a real path.")
    if text[:5].lower() == "data:":
        return _data(text, max_bytes)
    if len(text) > _LONGEST_PATH:
        raise SourceError("bad_source", _too_long(text))
    scheme = _SCHEME.match(text)
    if scheme is None:
        return FileSource(written, _expanded(text))
    return _addressed(written, text, scheme[1].lower())


def shortened(text: str) -> str:
    """Return `text` short enough for a message, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LABEL else f"{line[: _LONGEST_LABEL - 1]}…"


def label_of(written: str) -> str:
    """Return how messages name what could not be read as a source."""
    if written.lstrip()[:5].lower() == "data:":
        return "data URI"
    return shortened(written) if len(written) <= _LONGEST_PATH else "the text given"


def _unquoted(written: str) -> str:
    text = written.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return text.removeprefix("@")


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise SourceError(
            "bad_source", "the home folder of that user is unknown; pass the full path."
        ) from None


def _addressed(written: str, text: str, scheme: str) -> Source:
    if scheme in {"http", "https"}:
        return UrlSource(text)
    if scheme == "file":
        return FileSource(written, _file_path(text))
    raise SourceError(
        "bad_source",
        f"{scheme}:// is not read; pass a path, an http(s) URL, a file:// URL or a data URI.",
    )


def _file_path(text: str) -> Path:
    parts = urlsplit(text, allow_fragments=False)
    path = unquote(parts.path + (f"?{parts.query}" if parts.query else ""))
    if parts.netloc not in {"", "localhost"}:
        raise SourceError(
            "bad_source", "a file:// URL must not name another machine; use file:///path."
        )
    if "\0" in path:
        raise SourceError("bad_source", "the name holds a NUL character; pass a real path.")
    # file:///C:/shot.png carries the drive behind a slash that is not part of the path.
    return Path(path[1:] if re.match(r"/[A-Za-z]:", path) else path)


def _data(text: str, max_bytes: int) -> DataSource:
    head = _DATA_URI.match(text)
    if head is None or not head["parameters"].lower().endswith(";base64"):
        raise SourceError(
            "bad_source", "the data URI is not base64; write data:image/png;base64,… ."
        )
    encoded = text[head.end() :]
    if len(encoded) * 3 // 4 > max_bytes + 2:
        raise SourceError("too_large", too_large(len(encoded) * 3 // 4, max_bytes))
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise SourceError(
            "bad_source", "the base64 of the data URI cannot be decoded; encode the file again."
        ) from None
    return DataSource(head["type"] or "text/plain", data)


def too_large(found: int, allowed: int) -> str:
    """Return the sentence for a picture of `found` bytes where `allowed` are."""
    return (
        f"it has {found:,} bytes, over the limit of {allowed:,}; "
        "send a smaller picture or raise GROK_VISION_MAX_IMAGE_BYTES."
    )


def _too_long(text: str) -> str:
    if _BASE64_ALPHABET.fullmatch(text[:_LONGEST_PATH]):
        return "it looks like bare base64; write it as data:image/png;base64,… or pass a path."
    return "it is too long for a path or a URL; pass a path, a URL or a data URI."
