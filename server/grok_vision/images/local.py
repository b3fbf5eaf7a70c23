"""Local files: opened first, then verified by their descriptor, so that no swap can win a race."""

import errno
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grok_vision.errors import SourceError
from grok_vision.images.access import Access, refuse_system, told
from grok_vision.images.descriptor import content, opened, real_name, resolved
from grok_vision.images.latest import newest_pictures
from grok_vision.images.limits import too_many_bytes
from grok_vision.images.listing import Listings, near_names, pictures_in, twin_of
from grok_vision.images.roots import working_folder
from grok_vision.images.selection import WHOLE, Selection, parse_selection
from grok_vision.images.source import FileSource, LatestSource
from grok_vision.images.spelling import Reading
from grok_vision.texts import shortened

# There is no such file; ENAMETOOLONG and EINVAL: there cannot be one.
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL}
# The newest picture may be gone by the time it is opened, or be another user's.
_MOST_TRIED = 10
_LATEST = LatestSource()


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that was read: its path, made absolute, what it holds, and which part is meant."""

    path: Path
    data: bytes = field(repr=False)
    selection: Selection = WHOLE


class LocalFiles:
    """The files that may be read: those under `roots`, or all where `roots` is None.

    `searched` are the folders of `latest` where all may be read. All methods block; call them
    from a worker thread.
    """

    def __init__(
        self, roots: Iterable[Path] | None, *, max_bytes: int, searched: Iterable[Path] = ()
    ) -> None:
        self.max_bytes = max_bytes
        self._access = Access(roots)
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
                data = self._content(str(path))
            except SourceError as error:
                if error.code == "not_allowed":
                    continue
                raise error.about(shortened(str(path))) from None
            if data is not None:
                return LocalFile(path, data, source.selection)
        raise SourceError(
            "not_found",
            f"there is no picture of yours in the folders that may be read "
            f"({told(self._searched)}); save one there, or pass its path.",
        )

    def _first(self, readings: Sequence[Reading]) -> LocalFile | None:
        for reading in readings:
            selection = parse_selection(reading.fragment) or WHOLE
            path = _absolute(reading.name)
            if path and (data := self._content(path)) is not None:
                return LocalFile(Path(path), data, selection)
        return None

    def _content(self, path: str) -> bytes | None:
        """Return what the file holds; None where there is none that may be told of."""
        refuse_system(path)
        try:
            with opened(path) as descriptor:
                real = real_name(descriptor, path)
                if not self._access.holds(real):
                    return None
                refuse_system(str(real))
                status = os.fstat(descriptor)
                self._check(real, status)
                data = content(descriptor, status.st_size, self.max_bytes + 1)
                self._check_size(len(data))
                return data
        except OSError as error:
            refusal = self._unopened(path, error)
        if refusal:
            raise refusal
        return None

    def _check(self, real: Path, status: os.stat_result) -> None:
        if stat.S_ISDIR(status.st_mode):
            raise self._folder(real)
        if not stat.S_ISREG(status.st_mode):
            raise SourceError("bad_source", "it is a device or a pipe; pass a picture file.")
        self._check_size(status.st_size)

    def _check_size(self, size: int) -> None:
        if size > self.max_bytes:
            raise too_many_bytes(size, self.max_bytes)

    def _unopened(self, path: str, error: OSError) -> SourceError | None:
        """Return why a file could not be opened; None where it is not there or not to be told."""
        if error.errno in _ABSENT:
            return None
        real = resolved(path)
        if not self._access.holds(real):
            return None
        if isinstance(error, PermissionError):
            # Windows answers so for a folder, too.
            if os.path.isdir(real):
                return self._folder(real)
            return SourceError(
                "not_allowed", "the operating system refuses to open it; check its permissions."
            )
        return _unusable(error)

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
            return _unusable(error)
        return SourceError("not_found", f"no such file{near_names(real, listings)}.")

    def _folder(self, real: Path) -> SourceError:
        pictures = pictures_in(real, Listings(self._access))
        return SourceError("bad_source", f"it is a folder; name a picture{pictures}.")


def _is_file(name: str) -> bool:
    path = _absolute(name)
    # Path.is_file raises where access is refused.
    return path is not None and os.path.isfile(path)  # noqa: PTH113


def _unusable(error: OSError) -> SourceError:
    reason = errno.errorcode.get(error.errno or 0, "invalid name")
    return SourceError("bad_source", f"it cannot be opened ({reason}); check the path.")


def _absolute(name: str) -> str | None:
    """Return the whole path; None for a relative one where the working directory is gone."""
    folder = Path() if Path(name).is_absolute() else working_folder()
    if folder is None:
        return None
    # `..` is taken by its spelling: walking it would tell which folders exist outside the roots.
    path = os.path.normpath(folder / name)
    # A slash at the end says that it is a folder, and no file is opened by such a name.
    return f"{path}/" if name.endswith(("/", "/.", os.sep)) and path != "/" else path
