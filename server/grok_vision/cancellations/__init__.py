"""Over HTTP without sessions, a client of the 2025 protocols can cancel what it asked for.

It does so by a message of its own, `notifications/cancelled`, and keeps the connection of its
request open (measured 2026-11-21 with the TypeScript SDKs 1.32 and 2.4, the Python SDK 2.3 and
fastmcp 4.1). A server without sessions cannot tell whose request is meant: ids are counted by each
client from 0. So the call ran on, and was paid for.

Others import from here only.
"""

from grok_vision.cancellations.by_name import SESSION_HEADER, CancelByName, is_at
from grok_vision.cancellations.callers import Principal, principal
from grok_vision.cancellations.in_flight import InFlight

__all__ = ["SESSION_HEADER", "CancelByName", "InFlight", "Principal", "is_at", "principal"]
