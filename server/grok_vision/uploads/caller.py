"""On whose behalf something is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Who is nobody in particular: the user of this machine, and over HTTP everybody without tokens.
_owner: ContextVar[str] = ContextVar("grok_vision.owner", default="")


@contextmanager
def calling_as(owner: str) -> Iterator[None]:
    """Do what is within on behalf of this owner, tasks that are begun in it included."""
    token = _owner.set(owner)
    try:
        yield
    finally:
        _owner.reset(token)


def caller() -> str:
    """Return on whose behalf this is done."""
    return _owner.get()
