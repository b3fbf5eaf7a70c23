"""Who follows a call while it goes on."""

from typing import Protocol


class Watch(Protocol):
    """Is told at once what a call comes to, and is never waited for."""

    def stage(self, told: str) -> None:
        """Tell what begins now, such as `asking grok-4.7 at xAI`, in words for people."""

    def written(self, text: str) -> None:
        """Tell what was written since the last time: of an answer, word by word."""


class Nobody:
    """Follows nothing."""

    def stage(self, told: str) -> None:
        """Pass it over."""

    def written(self, text: str) -> None:
        """Pass it over."""


NOBODY: Watch = Nobody()
