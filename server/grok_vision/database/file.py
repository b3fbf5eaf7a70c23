"""The file itself: opened for each operation, and begun anew where it cannot be read."""

import logging
import sqlite3
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from grok_vision.database.failures import (
    NO_PLAIN_FILE,
    ForeignFileError,
    UnusableError,
    is_unreadable,
    told,
)

_log = logging.getLogger(__name__)

T = TypeVar("T")

_APPLICATION = 0x67_72_6F_6B  # "grok", in the header of the file


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
            UnusableError: the file cannot be written.
        """
        with told(self._path):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                self._change(change)
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                if not is_unreadable(error):
                    raise
                self._clear_away(foreign=isinstance(error, ForeignFileError))
                self._change(change)

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T | None:
        """Return what the query finds, or None where there is no file, or an empty one.

        Raises:
            UnreadableError: the file is damaged, or another program's.
            UnusableError: the file cannot be read for another reason.
        """
        with told(self._path):
            if not self._is_begun():
                return None
            with self._open() as database:
                return query(database)

    def _is_begun(self) -> bool:
        with suppress(FileNotFoundError, NotADirectoryError):
            found = self._path.stat()
            # Empty it is while another process begins it.
            return stat.S_ISREG(found.st_mode) and found.st_size > 0
        return False

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
            raise ForeignFileError
        # Before the first row; the journal takes its mode from the file.
        self._path.chmod(0o600)
        for statement in self._tables:
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        database.execute(f"PRAGMA user_version = {self._schema}")

    def _clear_away(self, *, foreign: bool) -> None:
        was = "was another program's or version's" if foreign else "was damaged"
        # Another process may have done the same.
        with suppress(FileNotFoundError):
            if foreign or self._worth_keeping:
                aside = self._path.with_name(f"{self._path.name}.unreadable")
                self._path.replace(aside)
                _log.warning("%s %s and is begun anew; it is now %s.", self._path, was, aside)
            else:
                self._path.unlink()
                _log.warning("%s %s and is begun anew; what it held is lost.", self._path, was)

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
                raise UnusableError(NO_PLAIN_FILE.format(self._path))


def number(database: sqlite3.Connection, pragma: str) -> int:
    """Return the number that SQLite tells by this name, such as `page_count`."""
    [found] = database.execute(f"PRAGMA {pragma}").fetchone()
    return int(found)
