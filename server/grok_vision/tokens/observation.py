"""What one answer told of how its model counts pictures."""

from dataclasses import dataclass

_MOST = 2**31


@dataclass(frozen=True, slots=True)
class Observation:
    """The pictures of one answer: tokens by the uncorrected rule and as reported, and parts sent.

    A part is one element of the message; a long page is sent as several.
    """

    estimated: int
    reported: int
    parts: int

    @property
    def is_plausible(self) -> bool:
        """Whether it tells anything: a report of zero is a model that saw no picture."""
        values: tuple[object, ...] = (self.estimated, self.reported, self.parts)
        return all(isinstance(value, int) and 0 < value < _MOST for value in values)
