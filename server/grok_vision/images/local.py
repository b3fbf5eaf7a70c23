"""Local files: which one is meant, of those that may be read."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grok_vision.errors import SourceError
from grok_vision.images.access import Access, told
from grok_vision.images.descriptor import resolved
from grok_vision.images.headers import Needed, whole
from grok_vision.images.latest import newest_pictures
from grok_vision.images.listing import Listings, near_names, twin_of
from grok_vision.images.opening import Opener, unusable
from grok_vision.images.roots import working_folder
from grok_vision.images.selection import WHOLE, Selection, parse_selection
from grok_vision.images.source import FileSource, LatestSource
from grok_vision.images.spelling import Reading
from grok_vision.texts import shortened

# The newest picture may be gone by the time it is opened, or be another user's.
_MOST_TRIED = 10
_LATEST = LatestSource()


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that was read: its path, made absolute, what it holds, and which part is meant.

    `data` is as much of its start as was needed, and `file_bytes` how long it is in all.
    """

    path: Path
    data: bytes = field(repr=False)
    selection: Selection
    file_bytes: int


class LocalFiles:
    """The files that may be read: those under `roots`, or all where `roots` is None.

    `searched` are the folders of `latest` where all may be read, and `needed` says how much of a
    file is read. All methods block; call them from a worker thread.
    """

    def __init__(
        self,
        roots: Iterable[Path] | None,
        *,
        max_bytes: int,
        searched: Iterable[Path] = (),
        needed: Needed = whole,
    ) -> None:
        self.max_bytes = max_bytes
        self._access = Access(roots)
        self._opener = Opener(self._access, max_bytes=max_bytes, needed=needed)
        self._searched = tuple(searched) if self._access.roots is None else self._access.roots

    def read(self, source: FileSource) -> LocalFile:
        """Return the first file to which a reading leads: exact names before all twins.

        Raises:
            SourceError: `not_found`, `not_allowed`, `bad_source` for what is not a regular file,
                or `too_large`.
            ImageError: `bad_region` where the fragment selects what cannot be.
        """
        if exact := self._first(source.readings):
            return exact
        listings = Listings(self._access)
        for reading in source.readings:
            path = _absolute(reading.name)
            twin = path and twin_of(path, listings)
            if twin and (found := self._first([Reading(str(twin), reading.fragment)])):
                return found
        raise source.otherwise or self._refusal(_absolute(source.readings[-1].name), listings)

    def named(self, readings: Sequence[Reading]) -> LocalFile | None:
        """Return the file that is really called by a word such as `latest`; None where none is.

        Raises:
            SourceError: as `read`, where there is such a file.
        """
        return self._first([reading for reading in readings if _is_file(reading.name)])

    def latest(self, source: LatestSource = _LATEST) -> LocalFile:
        """Return the picture in the roots that was modified last.

        Raises:
            SourceError: `not_found` where there is none; else as `read`.
        """
        if named := self.named(source.readings):
            return named
        if not self._searched:
            raise self._access.outside()
        for path in newest_pictures(self._searched, _MOST_TRIED):
            try:
                found = self._opener.content(str(path))
            except SourceError as error:
                if error.code == "not_allowed":
                    continue
                raise error.about(shortened(str(path))) from None
            if found is not None:
                return LocalFile(path, found.data, source.selection, found.file_bytes)
        raise SourceError(
            "not_found",
            f"there is no picture of yours in the folders that may be read "
            f"({told(self._searched)}); save one there, or pass its path.",
        )

    def _first(self, readings: Sequence[Reading]) -> LocalFile | None:
        for reading in readings:
            selection = parse_selection(reading.fragment) or WHOLE
            path = _absolute(reading.name)
            if path and (found := self._opener.content(path)):
                return LocalFile(Path(path), found.data, selection, found.file_bytes)
        return None

    def _refusal(self, path: str | None, listings: Listings) -> SourceError:
        """Return why there is no such file, without telling what exists outside the roots."""
        if path is None:
            return SourceError(
                "not_found", "the server's working directory is gone; pass an absolute path."
            )
        real = resolved(path)
        if not self._access.holds(real):
            return self._access.outside()
        try:
            real.stat()
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError as error:
            return unusable(error)
        return SourceError("not_found", f"no such file{near_names(real, listings)}.")


def _is_file(name: str) -> bool:
    path = _absolute(name)
    # Path.is_file raises where access is refused.
    return path is not None and os.path.isfile(path)  # noqa: PTH113


def _absolute(name: str) -> str | None:
    """Return the whole path; None for a relative one where the working directory is gone."""
    folder = Path() if Path(name).is_absolute() else working_folder()
    if folder is None:
        return None
    # `..` is taken by its spelling: walking it would tell which folders exist outside the roots.
    path = os.path.normpath(folder / name)
    # A slash at the end says that it is a folder, and no file is opened by such a name.
    return f"{path}/" if name.endswith(("/", "/.", os.sep)) and path != "/" else path
