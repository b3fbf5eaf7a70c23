"""Local files: opened first, then verified by their descriptor, so that no swap can win a race."""

import difflib
import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from grok_vision.errors import SourceError
from grok_vision.images.roots import working_folder
from grok_vision.images.source import too_large
from grok_vision.texts import shortened

# /proc/self/environ is a regular file, and it holds the keys.
_NEVER = ("/proc", "/sys", "/dev")
_OPEN_HIDDEN = ".playwright-mcp"
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
_MOST_ENTRIES = 5_000
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    # A FIFO or a terminal must not hold the call.
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)

Identity = tuple[int, int]


def _absolute(path: Path) -> Path:
    folder = Path() if path.is_absolute() else working_folder()
    if folder is None:
        raise SourceError(
            "not_found", "the server's working directory is gone; pass an absolute path."
        )
    # `..` is taken by its spelling: walking it would tell which folders exist outside the roots.
    return Path(os.path.normpath(folder / path))


class LocalFiles:
    """The files that may be read: those under `roots`, or all where `roots` is None.

    All methods block; call them from a worker thread.
    """

    def __init__(self, roots: Iterable[Path] | None, *, max_bytes: int) -> None:
        self.roots = None if roots is None else tuple(roots)
        self._max_bytes = max_bytes

    def read(self, path: Path) -> bytes:
        """Return the content of the file.

        Raises:
            SourceError: `not_found`, `not_allowed`, `bad_source` for what is not a regular file,
                or `too_large`.
        """
        _refuse_network(path)
        path = _absolute(path)
        _refuse_system(path)
        try:
            descriptor = os.open(path, _OPEN_FLAGS)
        except (OSError, ValueError) as error:
            raise self._unopened(path, error) from None
        try:
            return self._content(descriptor, self._verified_size(path, descriptor))
        finally:
            os.close(descriptor)

    def _verified_size(self, path: Path, descriptor: int) -> int:
        """Return the size in bytes of what was opened, once it is certain that it may be read."""
        real = _name_of(descriptor, path)
        if not self._holds(real):
            raise self._outside()
        _refuse_system(real)
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise _folder(real)
        if not stat.S_ISREG(status.st_mode):
            raise SourceError("bad_source", "it is a device or a pipe; pass a picture file.")
        if status.st_size > self._max_bytes:
            raise SourceError("too_large", too_large(status.st_size, self._max_bytes))
        return status.st_size

    def _content(self, descriptor: int, size: int) -> bytes:
        # The file may grow while it is read: one byte over the limit tells.
        most = size + 1
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(most)
            data += file.read(self._max_bytes + 1 - len(data)) if len(data) == most else b""
        if len(data) > self._max_bytes:
            raise SourceError("too_large", too_large(len(data), self._max_bytes))
        return data

    def _unopened(self, path: Path, error: Exception) -> SourceError:
        """Return the reason, without telling what exists outside the roots."""
        real = Path(os.path.realpath(path))
        if not self._holds(real):
            return self._outside()
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return SourceError("not_found", f"no such file{_near_names(real)}.")
        if isinstance(error, PermissionError):
            # Windows answers so for a folder, too.
            if os.path.isdir(real):
                return _folder(real)
            return SourceError(
                "not_allowed", "the operating system refuses to open it; check its permissions."
            )
        reason = errno.errorcode.get(getattr(error, "errno", None) or 0, "invalid name")
        return SourceError("bad_source", f"it cannot be opened ({reason}); check the path.")

    def _outside(self) -> SourceError:
        if not self.roots:
            return SourceError(
                "not_allowed",
                "no local file may be read here; set GROK_VISION_ROOTS to the folders that may.",
            )
        named = ", ".join(map(str, self.roots))
        return SourceError(
            "not_allowed",
            f"it is not in a folder that may be read ({named}), or it is hidden; "
            "copy it there, or add its folder to GROK_VISION_ROOTS.",
        )

    def _holds(self, real: Path) -> bool:
        """Tell whether a root is above `real`, by identity, with nothing hidden between.

        Identity (device and inode) serves volumes without case, short names and aliases such as
        macOS's /tmp, which no comparison of strings does.
        """
        if self.roots is None:
            return True
        roots = {identity for root in self.roots if (identity := _identity(root))}
        if _identity(real) in roots:
            return True
        below: list[str] = [real.name]
        for folder in real.parents:
            if _identity(folder) in roots and not any(map(_is_hidden, below)):
                return True
            below.append(folder.name)
        return False


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name != _OPEN_HIDDEN


def _identity(folder: Path) -> Identity | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _folder(real: Path) -> SourceError:
    return SourceError("bad_source", f"it is a folder; name a picture{_pictures_in(real)}.")


def _refuse_network(path: Path) -> None:
    """Refuse by name what must not even be opened: touching a UNC path sends credentials."""
    if str(path).startswith(("\\\\", "//")):
        raise SourceError(
            "not_allowed", "network paths are not read; copy the file to this machine."
        )


def _refuse_system(path: Path) -> None:
    text = os.path.normpath(path)
    if any(text == folder or text.startswith(f"{folder}/") for folder in _NEVER):
        raise SourceError("not_allowed", "system files are never read; pass a picture file.")


def _name_of(descriptor: int, path: Path) -> Path:
    """Return the real name of what was opened, from the descriptor where the system tells it."""
    if sys.platform == "linux":
        return Path(f"/proc/self/fd/{descriptor}").readlink()
    elif sys.platform == "darwin":  # noqa: RET505 - mypy reads each system's branch by itself
        import fcntl

        name = fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024))
        return Path(os.fsdecode(name.rstrip(b"\0")))
    else:
        real = Path(os.path.realpath(path))
        if not os.path.samestat(os.fstat(descriptor), real.stat()):
            raise SourceError("not_allowed", "the file changed while it was opened; try again.")
        return real


def _names(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, _MOST_ENTRIES):
                if not _is_hidden(entry.name) and not entry.is_dir():
                    yield entry.name
    except OSError:
        return


def _near_names(path: Path) -> str:
    near = difflib.get_close_matches(path.name, list(_names(path.parent)), 3, 0.5)
    if near:
        return f"; near names in the same folder: {', '.join(map(shortened, near))}"
    return (
        "; check the path" if os.path.isdir(path.parent) else "; the folder does not exist either"
    )


def _pictures_in(folder: Path) -> str:
    pictures = sorted(name for name in _names(folder) if name.lower().endswith(_PICTURES))
    return f" in it, such as {', '.join(map(shortened, pictures[:3]))}" if pictures else " instead"
