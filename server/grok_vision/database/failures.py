"""Why a file cannot be used, in plain words."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What SQLite says of a file that is damaged, or not what it seems; all else is the machine's.
_UNREADABLE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
_HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DENIED = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY}

_NOT_WRITTEN = "{} cannot be written; allow it, or name another folder"
NO_PLAIN_FILE = "{} is no plain file; move it away, or name another folder"
_UNKNOWN = "{} cannot be used ({}); name another folder if it stays so"


class UnusableError(OSError):
    """The file cannot be used; its text says why, and what to do."""


class UnreadableError(UnusableError):
    """The file is damaged or another program's, and is begun anew with the next write."""


class DamageError(sqlite3.DatabaseError):
    """Whoever reads found that the file cannot be as it was written."""


class ForeignFileError(sqlite3.DatabaseError):
    """A database of another program, or of another version of this one."""


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Raise what fails inside in plain words.

    Raises:
        UnreadableError: the file is damaged, or another program's.
        UnusableError: anything else, about the file at this path.
    """
    try:
        yield
    except UnusableError:
        raise
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if is_unreadable(error):
            why = f"{path} is damaged ({error}) and is begun anew by what is kept next"
            raise UnreadableError(why) from error
        raise UnusableError(_reason(path, error)) from error
    except OSError as error:
        why = obstacle(path) or _UNKNOWN.format(path, error.strerror or error)
        raise UnusableError(why) from error


def obstacle(path: Path) -> str | None:
    """Return what is in the way of a file at this path, and what to do; None where nothing is seen.

    Nothing is made to find out.
    """
    folder = path.absolute().parent
    there = next((each for each in (folder, *folder.parents) if os.path.lexists(each)), None)
    if there is None:
        return f"there is no {folder.anchor}; name another folder"
    if not there.is_dir():
        what = "a link that leads nowhere" if there.is_symlink() else "no folder"
        return f"{there} is {what}; move it away, or name another folder"
    if not os.access(there, os.W_OK | os.X_OK):
        return _NOT_WRITTEN.format(there)
    if not os.path.lexists(path):
        return None
    if path.is_symlink() or not path.is_file():
        return NO_PLAIN_FILE.format(path)
    return None if os.access(path, os.R_OK | os.W_OK) else _NOT_WRITTEN.format(path)


def is_unreadable(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    """Tell whether the file is damaged, or not what it seems."""
    # SQLite quotes a damaged schema in its message, which Python cannot read then.
    if isinstance(error, DamageError | ForeignFileError | UnicodeDecodeError):
        return True
    # The low byte is the kind of failure, the rest its detail.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _UNREADABLE


def _reason(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> str:
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if kind in _HELD:
        return f"another process holds {path}; this passes"
    if kind in _DENIED:
        return obstacle(path) or _NOT_WRITTEN.format(path)
    if kind == sqlite3.SQLITE_FULL:
        return f"there is no room for {path}; make some, or name another folder"
    return _UNKNOWN.format(path, error)
