"""One file: opened first, then verified by its descriptor, so that no swap can win a race."""

import errno
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from grok_vision.errors import SourceError
from grok_vision.images.access import Access, refuse_system
from grok_vision.images.descriptor import content, opened, real_name, resolved
from grok_vision.images.headers import Needed
from grok_vision.images.limits import too_many_bytes
from grok_vision.images.listing import Listings, pictures_in

# There is no such file; ENAMETOOLONG and EINVAL: there cannot be one.
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL}


@dataclass(frozen=True, slots=True)
class Content:
    """What of a file was needed, from its start, and how many bytes it has in all."""

    data: bytes = field(repr=False)
    file_bytes: int


class Opener:
    """Opens the files that may be read, and reads of each as much as is needed; blocks."""

    def __init__(self, access: Access, *, max_bytes: int, needed: Needed) -> None:
        self._access = access
        self._max_bytes = max_bytes
        self._needed = needed

    def content(self, path: str) -> Content | None:
        """Return what the file holds; None where there is none that may be told of.

        Raises:
            SourceError: `not_allowed`, `bad_source` for what is not a regular file, `too_large`.
        """
        refuse_system(path)
        try:
            with opened(path) as descriptor:
                real = real_name(descriptor, path)
                if not self._access.holds(real):
                    return None
                refuse_system(str(real))
                status = os.fstat(descriptor)
                self._check(real, status)
                data = content(descriptor, status.st_size, self._max_bytes + 1, self._needed)
                self._check_size(len(data))
                return Content(data, max(len(data), status.st_size))
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
        if size > self._max_bytes:
            raise too_many_bytes(size, self._max_bytes)

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
        return unusable(error)

    def _folder(self, real: Path) -> SourceError:
        pictures = pictures_in(real, Listings(self._access))
        return SourceError("bad_source", f"it is a folder; name a picture{pictures}.")


def unusable(error: OSError) -> SourceError:
    """Return the error for a path that the system does not open."""
    reason = errno.errorcode.get(error.errno or 0, "invalid name")
    return SourceError("bad_source", f"it cannot be opened ({reason}); check the path.")
