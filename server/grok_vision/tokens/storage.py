"""The file in which observations are kept: SQLite, shared by processes, safe to delete.

It is loaded with the first observation: SQLite takes 8 ms that starting must not pay.

A connection lives for one operation, so that a file that was deleted or replaced meanwhile is
never written to, and none is left open in a thread. The journal is SQLite's plain one. A
write-ahead log would be a second file, which may outlive the first when a person deletes that, and
does not work on network drives (sqlite.org/wal.html); one small row an answer gains nothing by it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from grok_vision.tokens.observation import Observation

Key = tuple[str, str, str]

# Newest observations of a model that are kept: enough for a line, few enough to forget.
NEWEST = 64
# Models that are kept: at most about 2 MB in all.
MODELS = 200

# Seconds to wait for other processes, since an answer waits with it: what is not kept is a small
# loss. A process holds the file for about a millisecond.
_WAIT = 0.05
_APPLICATION = 0x67_72_6F_6B  # "grok", in the header of the file
_SCHEMA = 1
_TABLES = (
    "CREATE TABLE observation (id INTEGER PRIMARY KEY, provider TEXT NOT NULL, "
    "model TEXT NOT NULL, rule TEXT NOT NULL, estimated INTEGER NOT NULL, "
    "reported INTEGER NOT NULL, parts INTEGER NOT NULL)",
    "CREATE INDEX by_model ON observation (provider, model, rule)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_SCHEMA}",
)
_NEWEST = (
    "SELECT estimated, reported, parts FROM observation "
    "WHERE provider = ? AND model = ? AND rule = ? ORDER BY id DESC LIMIT ?"
)
_INSERT = (
    "INSERT INTO observation (provider, model, rule, estimated, reported, parts) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
_KEPT = "SELECT count(*) FROM observation WHERE provider = ? AND model = ? AND rule = ?"
_FORGET_OLD = (
    "DELETE FROM observation WHERE provider = ? AND model = ? AND rule = ? "
    "AND id NOT IN (SELECT id FROM observation WHERE provider = ? AND model = ? AND rule = ? "
    "ORDER BY id DESC LIMIT ?)"
)
_FORGET_MODELS = (
    "DELETE FROM observation WHERE (provider, model, rule) NOT IN (SELECT provider, model, rule "
    "FROM observation GROUP BY provider, model, rule ORDER BY max(id) DESC LIMIT ?)"
)
# What SQLite says of a file that is damaged, or not what it seems; all else is the machine's.
_UNREADABLE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}


class _ForeignFileError(sqlite3.DatabaseError):
    """A database of another program, or of another version of this one."""


class Storage:
    """The observations in one file. All methods block, and may be called from any process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, key: Key, seen: Observation) -> None:
        """Keep the observation, and forget the oldest beyond the bounds.

        A file that cannot be read is set aside, in place of one that was before.

        Raises:
            OSError: the file cannot be written.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _told():
            try:
                self._insert(key, seen)
            except sqlite3.DatabaseError as error:
                if not _is_unreadable(error):
                    raise
                # Another process may have done the same.
                with suppress(FileNotFoundError):
                    self._path.replace(self._path.with_name(f"{self._path.name}.unreadable"))
                self._insert(key, seen)

    def newest(self, key: Key) -> tuple[Observation, ...]:
        """Return what is kept under the key, newest first.

        Raises:
            OSError: the file cannot be read.
        """
        if not self._path.is_file():
            return ()
        with _told(), self._open() as database:
            rows = database.execute(_NEWEST, (*key, NEWEST)).fetchall()
        # SQLite stores any type in any column.
        return tuple(seen for row in rows if (seen := Observation(*row)).is_plausible)

    def _insert(self, key: Key, seen: Observation) -> None:
        with self._open() as database:
            # At once: a reader that becomes a writer is refused instead of waiting.
            database.execute("BEGIN IMMEDIATE")
            self._prepare(database)
            database.execute(_INSERT, (*key, seen.estimated, seen.reported, seen.parts))
            database.execute(_FORGET_OLD, (*key, *key, NEWEST))
            [kept] = database.execute(_KEPT, key).fetchone()
            if kept == 1:
                database.execute(_FORGET_MODELS, (MODELS,))
            database.execute("COMMIT")

    def _prepare(self, database: sqlite3.Connection) -> None:
        [application] = database.execute("PRAGMA application_id").fetchone()
        [schema] = database.execute("PRAGMA user_version").fetchone()
        if (application, schema) == (_APPLICATION, _SCHEMA):
            return
        [tables] = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application or schema or tables:
            raise _ForeignFileError
        self._path.chmod(0o600)
        for statement in _TABLES:
            database.execute(statement)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=_WAIT, isolation_level=None)
        # What was not committed is rolled back by closing.
        with closing(connection):
            # What may be deleted need not survive a power failure; waiting for the disk costs more.
            connection.execute("PRAGMA synchronous = OFF")
            yield connection


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise OSError(str(error) or type(error).__name__) from error


def _is_unreadable(error: sqlite3.DatabaseError) -> bool:
    if isinstance(error, _ForeignFileError):
        return True
    # The low byte is the kind of failure, the rest its detail.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _UNREADABLE
