"""Pictures that show what changed: in a folder, bounded, and on a shelf that others share."""

import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import anyio.to_thread

from grok_vision.errors import ConfigurationError, RequestError, SharedStateError
from grok_vision.shared import UnavailableError
from grok_vision.shelves import Shelf
from grok_vision.uris import DRAWING, numbered

# What an afternoon of screenshots leaves, and no more than a disk minds.
_MOST_FILES, _MOST_BYTES = 200, 256 * 1024 * 1024
# Who knows the name of one may see it.
_OWNER = ""


class Saver(Protocol):
    """Keeps pictures of what changed."""

    async def save(self, png: bytes, number: int) -> Path:
        """Keep that of image `number` of a comparison; return its path."""


class Drawings:
    """Pictures of what changed, in one folder, and on a shelf where other processes find them.

    `folder` None is one of ours in the user's cache. Nothing is created before it is needed.
    """

    def __init__(self, folder: Path | None, shelf: Shelf | None = None) -> None:
        self._files = _Files(folder)
        self._shelf = shelf

    async def save(self, png: bytes, number: int) -> Path:  # noqa: ARG002 - names are not to be guessed
        """Keep a picture, and remove the oldest where there are too many; return its path.

        Raises:
            ConfigurationError: `bad_setting` where the folder cannot be written.
        """
        path = await anyio.to_thread.run_sync(self._files.save, png)
        if self._shelf is not None:
            # This process finds it in the folder all the same.
            with suppress(UnavailableError):
                await self._shelf.put(_OWNER, path.name, png)
        return path

    async def read(self, name: str) -> bytes | None:
        """Return a picture by the name of its file; None where it is no longer there.

        Raises:
            ConfigurationError: `bad_setting` where there is no folder for them.
            SharedStateError: `unavailable`.
        """
        if not DRAWING.fullmatch(name):
            return None
        found = await anyio.to_thread.run_sync(self._files.read, name)
        if found is not None or self._shelf is None:
            return found
        try:
            return await self._shelf.get(_OWNER, name)
        except UnavailableError as error:
            raise SharedStateError(
                "unavailable", f"the picture cannot be reached ({error}); try again later."
            ) from None


class _Files:
    """The folder; all methods block."""

    def __init__(self, folder: Path | None) -> None:
        self._set = folder

    def save(self, png: bytes) -> Path:
        """Write a picture, and remove the oldest where there are too many; return its path.

        Raises:
            ConfigurationError: `bad_setting` where the folder cannot be written.
        """
        folder = self._folder()
        stamp = time.strftime("%Y%m%d-%H%M%S")
        # Not to be guessed: over HTTP its name is all that it takes to read it.
        path = folder / f"diff-{stamp}-{secrets.token_hex(8)}.png"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, png)
        except OSError as error:
            raise ConfigurationError(
                "bad_setting",
                f"the picture of what changed cannot be written to {folder}: {error.strerror}; set "
                "GROK_VISION_OUTPUT_DIR to a folder that can be written.",
            ) from None
        self._remove_oldest(folder, keep=path)
        return path

    def read(self, name: str) -> bytes | None:
        """Return a picture by the name of its file; None where it is not there."""
        try:
            return _read(self._folder() / name)
        except OSError:
            return None

    def _folder(self) -> Path:
        if self._set is not None:
            return self._set.absolute()
        from platformdirs import user_cache_path

        try:
            return user_cache_path("grok-vision-mcp", appauthor=False) / "diffs"
        except RuntimeError:
            raise ConfigurationError(
                "bad_setting",
                "there is no home folder for pictures of what changed; set GROK_VISION_OUTPUT_DIR.",
            ) from None

    def _remove_oldest(self, folder: Path, keep: Path) -> None:
        """Remove ours beyond the bounds; another process may do the same."""
        left_files, left_bytes = _MOST_FILES, _MOST_BYTES
        for path, size in _newest_first(folder):
            left_files, left_bytes = left_files - 1, left_bytes - size
            if (left_files < 0 or left_bytes < 0) and path != keep:
                with suppress(OSError):
                    path.unlink()


def _newest_first(folder: Path) -> Iterator[tuple[Path, int]]:
    found: list[tuple[float, Path, int]] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if DRAWING.fullmatch(entry.name):
                with suppress(OSError):
                    state = entry.stat(follow_symlinks=False)
                    found.append((state.st_mtime, Path(entry.path), state.st_size))
    found.sort(reverse=True)
    for _, path, size in found:
        yield path, size


def _read(path: Path) -> bytes | None:
    # A link that somebody put there would lead to any file.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
        return file.read(_MOST_BYTES) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None


def _write(path: Path, data: bytes) -> None:
    # Nobody else's: what it shows may be private, and no link of somebody else's is followed.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


class DrawingAt:
    """The file that a person named; for more than one picture, files beside it by their numbers."""

    def __init__(self, path: Path, *, several: bool) -> None:
        self._path = path
        self._several = several

    async def save(self, png: bytes, number: int) -> Path:
        """Write the picture over what is there; return its path.

        Raises:
            RequestError: `bad_argument` where it cannot be written.
        """
        path = numbered(self._path, number) if self._several else self._path
        try:
            await anyio.to_thread.run_sync(path.write_bytes, png)
        except OSError as error:
            raise RequestError(
                "bad_argument",
                f"the picture of what changed cannot be written to {path}: {error.strerror}; name "
                "another file.",
            ) from None
        return path
