"""What the tools return: the published output schemas. Others import from here only.

Fields that are unknown are left out (`None` here, absent on the wire), never null.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from grok_vision.results.answers import (
    Answered,
    Change,
    Description,
    Extracted,
    Extraction,
    SchemaProblem,
    Sent,
    SentImage,
    SentRegion,
    Usage,
    Worded,
)
from grok_vision.results.base import Result
from grok_vision.results.comparisons import (
    ChangedRegion,
    Comparison,
    PixelDifference,
    Region,
    SeenDifference,
    Severity,
    Shift,
    Verdict,
)
from grok_vision.results.estimates import Cheaper, Estimate, ImageEstimate
from grok_vision.results.models import (
    Difference,
    Differences,
    Fact,
    KnownName,
    ListedModel,
    ListedName,
    ModelFacts,
    ModelRow,
    ModelTable,
)
from grok_vision.results.spending import ModelSpending, Spending

if TYPE_CHECKING:
    from grok_vision.results.limits import (
        CallLimits,
        Limits,
        ReadingLimits,
        SendingLimits,
        SourceKind,
    )

__all__ = [
    "Answered",
    "CallLimits",
    "Change",
    "ChangedRegion",
    "Cheaper",
    "Comparison",
    "Description",
    "Difference",
    "Differences",
    "Estimate",
    "Extracted",
    "Extraction",
    "Fact",
    "ImageEstimate",
    "KnownName",
    "Limits",
    "ListedModel",
    "ListedName",
    "ModelFacts",
    "ModelRow",
    "ModelSpending",
    "ModelTable",
    "PixelDifference",
    "ReadingLimits",
    "Region",
    "Result",
    "SchemaProblem",
    "SeenDifference",
    "SendingLimits",
    "Sent",
    "SentImage",
    "SentRegion",
    "Severity",
    "Shift",
    "SourceKind",
    "Spending",
    "Usage",
    "Verdict",
    "Worded",
]

# Returned by no tool: a server that starts does not wait for them.
_LATER = {"CallLimits", "Limits", "ReadingLimits", "SendingLimits", "SourceKind"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.limits"), name)
