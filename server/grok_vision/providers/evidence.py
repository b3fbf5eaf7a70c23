"""How a fact is known."""

from dataclasses import dataclass
from typing import Literal

Grade = Literal["recorded", "vendor source", "documented", "third party", "assumed"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a fact comes from, how good that is, and the day it was last true."""

    grade: Grade
    source: str
    date: str

    @property
    def is_firm(self) -> bool:
        """Whether the vendor or its answers say so, and not only others."""
        return self.grade not in {"third party", "assumed"}
