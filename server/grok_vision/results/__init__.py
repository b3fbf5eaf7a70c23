"""What the tools return: the published output schemas. Others import from here only.

Fields that are unknown are left out (`None` here, absent on the wire), never null.
"""

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

__all__ = [
    "Answered",
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
    "ListedModel",
    "ListedName",
    "ModelFacts",
    "ModelRow",
    "ModelSpending",
    "ModelTable",
    "PixelDifference",
    "Region",
    "Result",
    "SchemaProblem",
    "SeenDifference",
    "Sent",
    "SentImage",
    "SentRegion",
    "Severity",
    "Shift",
    "Spending",
    "Usage",
    "Verdict",
    "Worded",
]
