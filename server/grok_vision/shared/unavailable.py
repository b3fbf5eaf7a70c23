"""The one failure of what is shared, whatever was its cause."""

_MOST_LETTERS = 200


class UnavailableError(Exception):
    """What processes share cannot be reached; the text says why in plain words."""


def why(error: Exception) -> str:
    """Return why Redis did not do what was asked, for anyone to read."""
    from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError

    if isinstance(error, AuthenticationError | NoPermissionError):
        return "Redis refuses our name or password"
    if isinstance(error, ResponseError):
        # What follows the code may quote what was sent.
        return f"Redis refuses ({str(error).partition(' ')[0][:_MOST_LETTERS]})"
    return "Redis cannot be reached"


def details(error: Exception) -> str:
    """Return what only the log is told: redis-py names host and port, never a password."""
    return " ".join(str(error).split())[:_MOST_LETTERS]
