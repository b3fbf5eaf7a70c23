"""The file in which answers are kept: no larger than it may be, the last used kept longest."""

import sqlite3
from contextlib import suppress
from pathlib import Path

from grok_vision.cache.entry import digest, is_complete, packed, unpacked
from grok_vision.database import DamageError, Database, UnreadableError, number
from grok_vision.relay import Completion

# Seconds to wait for other processes: an answer waits with it, but one that is not found costs
# seconds and money. A process holds the file for some milliseconds.
_PATIENCE = 0.25
# A larger answer would put too many others out.
_LARGEST = 1 / 4
# A file with one such answer fits into it.
_LEAST_BYTES = 64 * 1024
# The number of a row is the order of use: those with the lowest go first.
_TABLES = (
    "CREATE TABLE answer (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, "
    "digest BLOB NOT NULL, content BLOB NOT NULL)",
)
_FIND = "SELECT id < (SELECT max(id) FROM answer), digest, content FROM answer WHERE key = ?"
_USED = "UPDATE answer SET id = (SELECT max(id) + 1 FROM answer) WHERE key = ?"
_KEEP = "INSERT OR REPLACE INTO answer (key, digest, content) VALUES (?, ?, ?)"
_FORGET = "DELETE FROM answer WHERE id = (SELECT min(id) FROM answer)"


class Storage:
    """The answers in one file. All methods block, and may be called from any process."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        self._most_bytes = max(most_bytes, _LEAST_BYTES)
        self._database = Database(path, _TABLES, patience=_PATIENCE, worth_keeping=False)

    def find(self, key: str) -> Completion | None:
        """Return what is kept under the key, and count it as used.

        Raises:
            OSError: the file cannot be read, although it is not damaged.
        """
        try:
            return self._database.read(lambda database: self._found(database, key))
        except UnreadableError:
            # It is begun anew, and that is told, when the answer to this is kept.
            return None

    def keep(self, key: str, completion: Completion) -> None:
        """Keep a complete answer, and forget those that were not used for longest.

        Raises:
            OSError: the file cannot be written.
        """
        content = packed(completion) if is_complete(completion) else None
        if content is None or len(content) > self._most_bytes * _LARGEST:
            return

        def insert(database: sqlite3.Connection) -> None:
            database.execute(_KEEP, (key, digest(key, content), content))
            _make_room(database, self._most_bytes)

        self._database.write(insert)

    def _found(self, database: sqlite3.Connection, key: str) -> Completion | None:
        row = database.execute(_FIND, (key,)).fetchone()
        if row is None:
            return None
        was_used_before, written, content = row
        # SQLite stores any type in any column.
        if not isinstance(content, bytes) or written != digest(key, content):
            return None
        if was_used_before:
            # The answer is here: nothing is worth a wait, and the folder may be there to read only.
            with suppress(sqlite3.Error):
                self._mark_used(database, key)
        return unpacked(content)

    def _mark_used(self, database: sqlite3.Connection, key: str) -> None:
        database.execute("PRAGMA busy_timeout = 0")
        database.execute("BEGIN IMMEDIATE")
        database.execute(_USED, (key,))
        # A row that moves may need a page more.
        _make_room(database, self._most_bytes)
        database.execute("COMMIT")


def _make_room(database: sqlite3.Connection, most_bytes: int) -> None:
    most = most_bytes // number(database, "page_size")
    while number(database, "page_count") - number(database, "freelist_count") > most:
        if database.execute(_FORGET).rowcount == 0:
            raise DamageError("rows are counted that are not there")
    for _ in range(number(database, "page_count") - most):
        # One at a time: Python's module ends the statement after the first, whatever it is told.
        database.execute("PRAGMA incremental_vacuum(1)")
    if number(database, "page_count") > most:
        raise DamageError("pages are counted as free that are not")
