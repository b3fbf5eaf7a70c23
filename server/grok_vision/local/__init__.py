"""The offline engine: reads text and measures pixels behind the same HTTP door as a provider.

It cannot see what a picture shows, and every answer says so. Importing this room loads nothing
heavy; the engine is loaded by the first request.
"""

from grok_vision.local.transport import MODEL, LocalTransport, missing

__all__ = ["MODEL", "LocalTransport", "missing"]
