"""The file in which observations are kept."""

import sqlite3
from pathlib import Path

from grok_vision.database import Database
from grok_vision.tokens.observation import Observation

Key = tuple[str, str, str]

# Newest observations of a model that are kept: enough for a line, few enough to forget.
NEWEST = 64
# Models that are kept: at most about 2 MB in all.
MODELS = 200

# Seconds to wait for other processes, since an answer waits with it: what is not kept is a small
# loss. A process holds the file for about a millisecond.
_PATIENCE = 0.05
_TABLES = (
    "CREATE TABLE observation (id INTEGER PRIMARY KEY, provider TEXT NOT NULL, "
    "model TEXT NOT NULL, rule TEXT NOT NULL, estimated INTEGER NOT NULL, "
    "reported INTEGER NOT NULL, parts INTEGER NOT NULL)",
    "CREATE INDEX by_model ON observation (provider, model, rule)",
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


class Storage:
    """The observations in one file. All methods block, and may be called from any process."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, _TABLES, patience=_PATIENCE)

    def add(self, key: Key, seen: Observation) -> None:
        """Keep the observation, and forget the oldest beyond the bounds.

        A file that cannot be read is set aside, in place of one that was before.

        Raises:
            OSError: the file cannot be written.
        """

        def insert(database: sqlite3.Connection) -> None:
            database.execute(_INSERT, (*key, seen.estimated, seen.reported, seen.parts))
            database.execute(_FORGET_OLD, (*key, *key, NEWEST))
            [kept] = database.execute(_KEPT, key).fetchone()
            if kept == 1:
                database.execute(_FORGET_MODELS, (MODELS,))

        self._database.write(insert)

    def newest(self, key: Key) -> tuple[Observation, ...]:
        """Return what is kept under the key, newest first.

        Raises:
            OSError: the file cannot be read.
        """
        rows = self._database.read(
            lambda database: database.execute(_NEWEST, (*key, NEWEST)).fetchall()
        )
        # SQLite stores any type in any column.
        return tuple(seen for row in rows or () if (seen := Observation(*row)).is_plausible)
