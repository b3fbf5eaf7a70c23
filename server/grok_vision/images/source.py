"""What the caller wrote, read once: a file, an address or the picture itself."""

import binascii
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from grok_vision.errors import SourceError
from grok_vision.images.network import MAX_URL_CHARS
from grok_vision.texts import sendable, shortened

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_DATA_URI = re.compile(
    r"data:([\w.+-]{1,64}/[\w.+-]{1,64})?((?:;[^,;]*)*);base64,", re.ASCII | re.IGNORECASE
)
# Scheme, user and password, host and path, query and fragment: the first and third are shown. A
# colon that no port follows begins a password, which may hold what would else end it.
_SECRETS = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]*://)(?:[^/?#]*@|[^/?#]*:(?![0-9]*(?:[/?#]|$)).*@)?([^?#]*)[?#]?.*",
    re.DOTALL,
)
_BASE64_ALPHABET = re.compile(r"[A-Za-z0-9+/=_\s-]+", re.ASCII)
_LONGEST_PATH = 4096
_LONGEST_DATA_HEAD = 256


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
        return label_of(self.written)


@dataclass(frozen=True, slots=True)
class DataSource:
    """A picture given whole, as a data URI."""

    media_type: str
    data: bytes

    @property
    def label(self) -> str:
        """How messages and results name it: type and size, never the bytes."""
        return f"data:{shortened(self.media_type)} ({len(self.data):,} bytes)"

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
    if text[:5].lower() == "data:":
        return _data(text, max_bytes)
    scheme = _SCHEME.match(text)
    if len(text) > (MAX_URL_CHARS if scheme else _LONGEST_PATH):
        raise SourceError("bad_source", _too_long(text))
    if scheme is None:
        return FileSource(sendable(written), _nameable(_expanded(text)))
    return _addressed(sendable(written), text, scheme[1].lower())


def label_of(written: str) -> str:
    """Return how messages name a source: a URL without user, password, query and fragment."""
    text = _unquoted(written)
    if text[:5].lower() == "data:":
        return "data URI"
    if len(text) > MAX_URL_CHARS:
        return "the text given"
    return shortened(_SECRETS.sub(r"\1\2", text))


def _unquoted(written: str) -> str:
    text = written.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return text.removeprefix("@")


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except (RuntimeError, ValueError):
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
    # By hand: urlsplit takes a `#` for a fragment, refuses some hosts and drops line breaks.
    host, slash, path = text[len("file://") :].partition("/")
    if host.lower() not in {"", "localhost"} or not slash:
        raise SourceError(
            "bad_source", "a file:// URL must not name another machine; use file:///path."
        )
    path = unquote(f"/{path}", errors="surrogateescape")
    # file:///C:/shot.png carries the drive behind a slash that is not part of the path.
    return _nameable(Path(path[1:] if re.match(r"/[A-Za-z]:", path) else path))


def _nameable(path: Path) -> Path:
    """Return the path, once it is certain that a file can have such a name."""
    text = str(path)
    if "\0" in text:
        raise SourceError("bad_source", "the name holds a NUL character; pass a real path.")
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        raise SourceError(
            "bad_source", "the name holds characters that no file name can; pass a real path."
        ) from None
    return path


def _data(text: str, max_bytes: int) -> DataSource:
    comma = text.find(",", 0, _LONGEST_DATA_HEAD)
    head = _DATA_URI.fullmatch(text[: comma + 1])
    if head is None:
        raise SourceError(
            "bad_source", "the data URI is not base64; write data:image/png;base64,… ."
        )
    size = (len(text) - comma - 1) * 3 // 4
    if size > max_bytes + 2:
        raise SourceError("too_large", too_large(size, max_bytes))
    return DataSource(head[1] or "text/plain", _decoded(text[comma + 1 :]))


def _decoded(encoded: str) -> bytes:
    try:
        return binascii.a2b_base64(encoded, strict_mode=True)
    except ValueError:
        pass
    try:
        # Lines are not strict, and common.
        return binascii.a2b_base64("".join(encoded.split()), strict_mode=True)
    except ValueError:
        raise SourceError(
            "bad_source", "the base64 of the data URI cannot be decoded; encode the file again."
        ) from None


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
