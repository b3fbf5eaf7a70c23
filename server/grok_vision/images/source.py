"""What the caller wrote, read once: a file, an address, the picture itself, or one to look for."""

import re
from dataclasses import dataclass, field

from grok_vision.errors import SourceError
from grok_vision.images.data_uri import is_data_uri, parse_data_uri
from grok_vision.images.labels import is_bare_picture, is_base64, label_of
from grok_vision.images.machine import Machine, this_machine
from grok_vision.images.network import MAX_URL_CHARS
from grok_vision.images.selection import WHOLE, Selection, parse_selection
from grok_vision.images.spelling import (
    Reading,
    bare,
    readings,
    starts_at_home,
    unknown_home,
    url_readings,
)
from grok_vision.images.windows import drive_of
from grok_vision.texts import sendable, shortened
from grok_vision.uploads import SCHEME

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_HTTP = re.compile(r"https?:", re.IGNORECASE)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LONGEST_PATH = 4096


class _Written:
    """A source that messages name as it was written."""

    __slots__ = ()
    written: str

    @property
    def label(self) -> str:
        """How messages name it: where a URL is in it, without what may be secret of that."""
        return label_of(self.written)


@dataclass(frozen=True, slots=True)
class FileSource(_Written):
    """A file on this machine: every path that was perhaps meant, the exact name first.

    `otherwise` is what the caller is told where none of them leads to a file, if that says more
    than that there is no such file.
    """

    written: str
    readings: tuple[Reading, ...]
    otherwise: SourceError | None = None


@dataclass(frozen=True, slots=True)
class LatestSource(_Written):
    """The newest picture in the folders that may be read, unless a file is really called so."""

    written: str = "latest"
    readings: tuple[Reading, ...] = (Reading("latest"),)
    selection: Selection = WHOLE


@dataclass(frozen=True, slots=True)
class ClipboardSource(_Written):
    """What was copied last, unless a file is really called `clipboard`."""

    written: str = "clipboard"
    readings: tuple[Reading, ...] = (Reading("clipboard"),)
    selection: Selection = WHOLE


@dataclass(frozen=True, slots=True)
class UrlSource:
    """An http(s) address; `url` has no fragment."""

    written: str
    url: str
    selection: Selection = WHOLE

    @property
    def label(self) -> str:
        """How messages name it: without user, password, query and fragment, which may be secret."""
        return label_of(self.written)


@dataclass(frozen=True, slots=True)
class UploadSource(_Written):
    """A picture that the caller has sent before, by the SHA-256 of its bytes."""

    written: str
    digest: str
    selection: Selection = WHOLE


@dataclass(frozen=True, slots=True)
class DataSource:
    """A picture given whole, as a data URI."""

    media_type: str
    data: bytes = field(repr=False)
    selection: Selection = WHOLE

    @property
    def label(self) -> str:
        """How messages and results name it: type and size, never the bytes."""
        return f"data:{shortened(self.media_type)} ({len(self.data):,} bytes)"

    @property
    def written(self) -> str:
        """The same as the label: the bytes are not repeated."""
        return self.label


_SOUGHT: dict[str, type[LatestSource | ClipboardSource]] = {
    "latest": LatestSource,
    "clipboard": ClipboardSource,
}
Source = FileSource | UrlSource | UploadSource | DataSource | LatestSource | ClipboardSource


def parse(written: str, *, max_bytes: int, machine: Machine | None = None) -> Source:
    """Return the kind of source that `written` names; nothing is opened.

    Raises:
        SourceError: `bad_source` where it names nothing, `not_allowed` where it must not even be
            touched, `too_large` for a data URI over `max_bytes`.
        ImageError: `bad_region` where its fragment selects what cannot be.
    """
    text = bare(written)
    if not text:
        raise SourceError("bad_source", "no picture is named; pass a path, a URL or a data URI.")
    if is_data_uri(text):
        media_type, data, fragment = parse_data_uri(text, max_bytes=max_bytes)
        return DataSource(media_type, data, parse_selection(fragment) or WHOLE)
    scheme = _SCHEME.match(text)
    if len(written if scheme is None else text) > (MAX_URL_CHARS if scheme else _LONGEST_PATH):
        raise SourceError("bad_source", _too_long(text))
    machine = machine or this_machine()
    if text[:5].lower() == "file:":
        return _file(written, url_readings(text, machine), machine)
    if scheme is not None:
        return _addressed(text, scheme[1].lower())
    return _sought(written, text, machine) or _path(written, text, machine)


def _addressed(text: str, scheme: str) -> UrlSource | UploadSource:
    if scheme == SCHEME:
        return _uploaded(text)
    if scheme not in {"http", "https"}:
        raise SourceError(
            "bad_source",
            f"{scheme}:// is not read; pass a path, an http(s) URL, a file:// URL or a data URI.",
        )
    url, _, fragment = text.partition("#")
    return UrlSource(sendable(text), url, parse_selection(fragment) or WHOLE)


def _uploaded(text: str) -> UploadSource:
    name, _, fragment = text.partition("#")
    digest = name.partition("://")[2].lower()
    if not _DIGEST.fullmatch(digest):
        raise SourceError(
            "bad_source",
            f"behind {SCHEME}:// stand the 64 hexadecimal digits that the upload was answered "
            "with; pass that source as it came.",
        )
    return UploadSource(sendable(text), digest, parse_selection(fragment) or WHOLE)


def _sought(written: str, text: str, machine: Machine) -> LatestSource | ClipboardSource | None:
    word, mark, fragment = text.partition("#")
    kind = _SOUGHT.get(word.lower())
    if kind is None:
        return None
    selection = parse_selection(fragment) if mark else WHOLE
    if selection is None:
        return None
    return kind(sendable(written), readings(written, machine), selection)


def _path(written: str, text: str, machine: Machine) -> FileSource:
    try:
        found = readings(written, machine)
    except SourceError:
        if _HTTP.match(text):
            raise _url_within() from None
        raise
    return _file(written, found, machine)


def _file(written: str, found: tuple[Reading, ...], machine: Machine) -> FileSource:
    return FileSource(sendable(written), found, _otherwise(bare(written), found, machine))


def _otherwise(text: str, found: tuple[Reading, ...], machine: Machine) -> SourceError | None:
    """Return why no reading can lead to a file, where their spelling tells it."""
    if is_bare_picture(text):
        return SourceError("bad_source", _BARE_BASE64)
    if _HTTP.match(text) or ("://" in text and text[:5].lower() != "file:"):
        return _url_within()
    drives = {drive_of(reading.name) for reading in found} - {""}
    if drives and not machine.windows and not drives & machine.drives:
        return SourceError(
            "not_found",
            "it is a path of Windows, which this server, on another system, cannot reach; "
            "copy the file to this machine and pass its path here.",
        )
    # The last reading would be the path in that home.
    return unknown_home() if starts_at_home(found[-1].name) else None


def _url_within() -> SourceError:
    return SourceError(
        "bad_source",
        "it looks like a URL within other text; pass the URL alone, as https://host/path.",
    )


_BARE_BASE64 = "it looks like bare base64; write it as data:image/png;base64,… or pass a path."


def _too_long(text: str) -> str:
    if is_base64(text[:_LONGEST_PATH]):
        return _BARE_BASE64
    return "it is too long for a path or a URL; pass a path, a URL or a data URI."
