"""How long a provider asks to wait, in every form in which it is told.

`retry-after-ms` (OpenAI, Azure) in milliseconds; `Retry-After` in seconds, also with a fraction,
or as a date (RFC 9110 §10.2.3). `x-should-retry` (OpenAI, Anthropic, xAI's grok-build) tells
whether another try is of use at all.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST_FIGURE = 40


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds to wait, or None where nothing sensible is told; a past date is 0."""
    milliseconds = figure(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    told = headers.get("retry-after", "")
    seconds = figure(told)
    return _until(told, now or datetime.now(UTC)) if seconds is None else seconds


def forbids_retry(headers: Mapping[str, str]) -> bool:
    """Tell whether the provider says that another try is of no use."""
    return headers.get("x-should-retry", "").strip().lower() == "false"


def figure(told: str) -> float | None:
    """Return a figure that is not negative, or None."""
    try:
        found = float(told[:_LONGEST_FIGURE])
    except ValueError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def _until(told: str, now: datetime) -> float | None:
    try:
        date = parsedate_to_datetime(told)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    # A date without a zone is meant as UTC (RFC 9110 §5.6.7).
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
