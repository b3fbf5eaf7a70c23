"""One SQLite file that processes share: private to its user, safe to delete, begun anew if damaged.

It is loaded with the first use of a file: SQLite takes 8 ms that starting must not pay.

A connection lives for one operation, so that a file that was deleted or replaced meanwhile is
never written to, and none is left open in a thread. The journal is SQLite's plain one. A
write-ahead log would be a second file, which may outlive the first when a person deletes that, and
does not work on network drives (sqlite.org/wal.html); small rows gain nothing by it.
"""

import sqlite3
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_APPLICATION = 0x67_72_6F_6B  # "grok", in the header of the file
# What SQLite says of a file that is damaged, or not what it seems; all else is the machine's.
_UNREADABLE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}


class DamageError(sqlite3.DatabaseError):
    """Whoever reads found that the file cannot be as it was written."""


class _ForeignFileError(sqlite3.DatabaseError):
    """A database of another program, or of another version of this one."""


class Database:
    """The file at `path`. All methods block, and may be called in any thread and any process.

    `tables` are the statements that begin a new file, and `schema` is the number of that form.
    Other processes are waited for `patience` seconds. A file that cannot be read is set aside with
    the first write, in place of one that was before; unless `worth_keeping`, it is deleted where
    it is known to be no other program's.
    """

    def __init__(
        self,
        path: Path,
        tables: Sequence[str],
        *,
        schema: int = 1,
        patience: float,
        worth_keeping: bool = True,
    ) -> None:
        self._path = path
        self._tables = tables
        self._schema = schema
        self._patience = patience
        self._worth_keeping = worth_keeping

    def write(self, change: Callable[[sqlite3.Connection], None]) -> None:
        """Make the change all at once or not at all; in a new file where there is none to read.

        Raises:
            OSError: the file cannot be written.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _told():
            try:
                self._change(change)
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                if not _is_unreadable(error):
                    raise
                self._clear_away(foreign=isinstance(error, _ForeignFileError))
                self._change(change)

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T | None:
        """Return what the query finds, or None where there is no file.

        Raises:
            OSError: the file cannot be read.
        """
        if not self._path.is_file():
            return None
        with _told(), self._open() as database:
            return query(database)

    def _change(self, change: Callable[[sqlite3.Connection], None]) -> None:
        with self._open() as database:
            if number(database, "page_count") == 0:
                # Before its first byte, so that what is freed can be given back.
                database.execute("PRAGMA auto_vacuum = INCREMENTAL")
            # At once: a reader that becomes a writer is refused instead of waiting.
            database.execute("BEGIN IMMEDIATE")
            self._prepare(database)
            change(database)
            database.execute("COMMIT")

    def _prepare(self, database: sqlite3.Connection) -> None:
        application, schema = number(database, "application_id"), number(database, "user_version")
        if (application, schema) == (_APPLICATION, self._schema):
            return
        [tables] = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application or schema or tables:
            raise _ForeignFileError
        # Before the first row; the journal takes its mode from the file.
        self._path.chmod(0o600)
        for statement in self._tables:
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        database.execute(f"PRAGMA user_version = {self._schema}")

    def _clear_away(self, *, foreign: bool) -> None:
        # Another process may have done the same.
        with suppress(FileNotFoundError):
            if foreign or self._worth_keeping:
                self._path.replace(self._path.with_name(f"{self._path.name}.unreadable"))
            else:
                self._path.unlink()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._check()
        connection = sqlite3.connect(self._path, timeout=self._patience, isolation_level=None)
        # What was not committed is rolled back by closing.
        with closing(connection):
            # What may be deleted need not survive a power failure; waiting for the disk costs more.
            connection.execute("PRAGMA synchronous = OFF")
            yield connection

    def _check(self) -> None:
        # SQLite would follow a link to wherever it leads. The file is not opened to see: closing
        # it would free the locks that other threads of this process have on it.
        with suppress(FileNotFoundError):
            mode = self._path.lstat().st_mode
            if not stat.S_ISREG(mode):
                raise OSError(f"{self._path} is no plain file; move it away")


def number(database: sqlite3.Connection, pragma: str) -> int:
    """Return the number that SQLite tells by this name, such as `page_count`."""
    [found] = database.execute(f"PRAGMA {pragma}").fetchone()
    return int(found)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise OSError(str(error) or type(error).__name__) from error


def _is_unreadable(error: sqlite3.DatabaseError | UnicodeDecodeError) -> bool:
    # SQLite quotes a damaged schema in its message, which Python cannot read then.
    if isinstance(error, DamageError | _ForeignFileError | UnicodeDecodeError):
        return True
    # The low byte is the kind of failure, the rest its detail.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _UNREADABLE
