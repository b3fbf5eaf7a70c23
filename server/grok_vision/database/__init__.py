"""One SQLite file that processes share: private to its user, safe to delete, begun anew if damaged.

It is loaded with the first use of a file: SQLite takes 8 ms that starting must not pay.

A connection lives for one operation, so that a file that was deleted or replaced meanwhile is
never written to, and none is left open in a thread. The journal is SQLite's plain one. A
write-ahead log would be a second file, which may outlive the first when a person deletes that, and
does not work on network drives (sqlite.org/wal.html); small rows gain nothing by it.
"""

from grok_vision.database.failures import DamageError, UnreadableError, UnusableError, obstacle
from grok_vision.database.file import Database, number

__all__ = ["DamageError", "Database", "UnreadableError", "UnusableError", "number", "obstacle"]
