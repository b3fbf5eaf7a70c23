"""The file of a host: read as it is, kept in a backup, replaced whole or not at all."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grok_vision.errors import ConfigurationError
from grok_vision.texts import sendable

_READ_BY_OTHERS = 0o077
_PRIVATE, _USUAL = 0o600, 0o666
_BOM = "\ufeff"


@dataclass(frozen=True)
class HostFile:
    """A file as it was found.

    Attributes:
        path: As the host knows it; it may be a link, and stays one.
        content: Its bytes; None where there is no file.
    """

    path: Path
    content: bytes | None

    @classmethod
    def read(cls, path: Path) -> "HostFile":
        """Read the file.

        Raises:
            OSError: it is there and cannot be read.
        """
        try:
            return cls(path, path.read_bytes())
        except FileNotFoundError:
            return cls(path, None)

    def text(self) -> str:
        """Return what it says, without the mark that some editors put before it.

        Raises:
            ValueError: it is not text.
        """
        return (self.content or b"").decode().removeprefix(_BOM)

    def is_open_to_others(self) -> bool:
        """Tell whether other users of this machine may read it."""
        if self.content is None or os.name == "nt":
            return False
        return bool(self.path.stat().st_mode & _READ_BY_OTHERS)

    def replace(self, text: str, *, private: bool) -> Path | None:
        """Write `text` in its place and return the backup of what was there, if anything was.

        `private` makes a new file readable by its owner only; what was there keeps its mode.

        Raises:
            ConfigurationError: `bad_setting`, it cannot be written, or was changed meanwhile.
        """
        before = (self.content or b"").decode()
        mark = _BOM if before.startswith(_BOM) else ""
        # What was there may hold keys of others: nobody else reads it while it is written.
        mode = _USUAL if self.content is None and not private else _PRIVATE
        # What a link leads to is replaced, and not the link.
        target = Path(os.path.realpath(self.path))
        try:
            return self._replace(target, (mark + text).encode(), mode)
        except OSError as error:
            raise _trouble(self.path, f"cannot be written ({error.strerror})") from None

    def _replace(self, target: Path, content: bytes, mode: int) -> Path | None:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            _write_new(draft, content, mode)
            if self.content is not None:
                _keep_owner_and_mode(target, draft)
            if HostFile.read(target).content != self.content:
                raise _trouble(self.path, "was changed meanwhile")
            backup = None if self.content is None else _backed_up(target, self.content)
            draft.replace(target)
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()
        return backup


def _backed_up(path: Path, content: bytes) -> Path:
    """Keep the content beside the file, under a name that is free, and return where."""
    for backup in _backup_names(path):
        with suppress(FileExistsError):
            _write_new(backup, content, _PRIVATE)
            _keep_owner_and_mode(path, backup)
            break
    return backup


def _backup_names(path: Path) -> Iterator[Path]:
    yield path.with_name(f"{path.name}.bak")
    number = 2
    while True:
        yield path.with_name(f"{path.name}.bak{number}")
        number += 1


def _write_new(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(
        path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode
    )
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _keep_owner_and_mode(path: Path, copy: Path) -> None:
    if hasattr(os, "chown"):
        found = path.stat()
        # Only root may give files away, and only root meets files of others here.
        with suppress(PermissionError):
            os.chown(copy, found.st_uid, found.st_gid)
    shutil.copymode(path, copy)


def _trouble(path: Path, what: str) -> ConfigurationError:
    return ConfigurationError(
        "bad_setting",
        f"{sendable(str(path))} {what}; nothing was written. Mend that, or change it by hand.",
    )
