"""The one failure of what is shared, whatever was its cause."""

_MOST_LETTERS = 200
_QUOTED = "with args beginning with"


class UnavailableError(Exception):
    """What processes share cannot be reached; the text says why in plain words."""


def why(error: Exception) -> str:
    """Return why Redis did not do what was asked, for anyone to read."""
    from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError

    if isinstance(error, AuthenticationError):
        return "Redis refuses our name or password"
    if isinstance(error, NoPermissionError):
        return "Redis does not let our user do this"
    if isinstance(error, ResponseError):
        # What follows the code may quote what was sent.
        return f"Redis refuses ({str(error).partition(' ')[0][:_MOST_LETTERS]})"
    return "Redis cannot be reached"


def details(error: Exception) -> str:
    """Return what only the log is told: redis-py names host and port, never a password."""
    # Where AUTH is not known, what followed it is quoted.
    told = str(error).partition(_QUOTED)[0].rstrip(" ,")
    return " ".join(told.split())[:_MOST_LETTERS]
