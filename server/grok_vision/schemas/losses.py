"""What a schema loses on its way to a provider."""

from collections.abc import Sequence

from grok_vision.schemas.problems import pointer

_MOST_PLACES = 2


class Inexpressible(Exception):  # noqa: N818 - told as a loss, and never raised to callers
    """The provider takes no schema that says this, not even a looser one of use."""

    def __init__(self, path: Sequence[str | int], reason: str) -> None:
        super().__init__(reason)
        self.place = pointer(path)
        self.reason = reason


class Losses:
    """What was taken out of a schema, by keyword, each with the places where it stood.

    Attributes:
        matter: Whether the model should be told of them: without, it may answer otherwise.
    """

    def __init__(self) -> None:
        self._places: dict[str, dict[str, None]] = {}
        self.matter = False

    def add(self, keyword: str, path: Sequence[str | int], *, matters: bool = True) -> None:
        """Note that a keyword is not sent; noting it twice changes nothing."""
        self._places.setdefault(keyword, {})[pointer(path)] = None
        self.matter |= matters

    def __bool__(self) -> bool:
        return bool(self._places)

    def __str__(self) -> str:
        return "; ".join(f"{keyword} {_places(list(at))}" for keyword, at in self._places.items())


def _places(paths: list[str]) -> str:
    told = ", ".join(path or "its root" for path in paths[:_MOST_PLACES])
    more = len(paths) - _MOST_PLACES
    return f"at {told}" + (f" and {more} more" if more > 0 else "")
