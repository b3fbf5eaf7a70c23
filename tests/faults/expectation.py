"""What the words of the table ask for, in the codes of this product."""

import re
from dataclasses import dataclass

RETRIES = 3
SUCCESS, TRUNCATED = "success", "truncated"

_UNAVAILABLE = frozenset({"unavailable"})
_BAD = frozenset({"unavailable", "rejected"})
_OUTAGE = frozenset({"unavailable", "rate_limited"})
_CODED = frozenset(
    {
        *("unauthorized", "out_of_credits", "model_not_found", "rejected", "rate_limited"),
        *("unavailable", "timeout", "refused", "empty_answer", "request_too_large"),
    }
)
_REFUSED = frozenset({"rejected", "unauthorized", "refused"})
# What a status means that is told at once; any other is refused in general.
_BY_STATUS = {
    "401": frozenset({"unauthorized"}),
    "402": frozenset({"out_of_credits"}),
    "403": frozenset({"unauthorized", "rejected"}),
    "404": frozenset({"model_not_found", "rejected"}),
    "413": frozenset({"request_too_large"}),
    "429": frozenset({"rate_limited", "out_of_credits"}),
    "525": _UNAVAILABLE,
    "526": _UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """How a call may end: `outcomes` are codes, `success` or `truncated`.

    Attributes:
        attempts: How many requests must be seen; None where that is not judged.
        at_once: Whether it must end long before its deadline.
        by_deadline: Whether it must last until its deadline.
        unseen: Whether no request of ours may be seen anywhere.
    """

    outcomes: frozenset[str]
    attempts: int | None = None
    at_once: bool = False
    by_deadline: bool = False
    unseen: bool = False


def expectation(fault: str, words: str) -> Expectation:
    """Return what the words ask of a fault.

    Raises:
        ValueError: for words that are not known.
    """
    told = words.split(" (", maxsplit=1)[0]
    if told in _KNOWN:
        return _KNOWN[told]
    if told in {"typed, no retry", "typed at once, no retry"}:
        return Expectation(_of_status(fault), 1, at_once=True)
    raise ValueError(f"{fault} is expected to end in words that are not known: {words}")


def _of_status(fault: str) -> frozenset[str]:
    found = re.search(r"\d{3}", fault)
    status = found[0] if found else ""
    return _BY_STATUS.get(status, _OUTAGE if status.startswith("5") else _REFUSED)


_RETRIED = RETRIES + 1
_KNOWN = {
    "success": Expectation(frozenset({SUCCESS})),
    "typed bad_response, no retry": Expectation(_BAD, 1, at_once=True),
    "typed bad_response": Expectation(_BAD),
    "success or typed bad_response": Expectation(_BAD | {SUCCESS}),
    "retry within budget then typed connection_error/bad_response": Expectation(_BAD, _RETRIED),
    "retry within budget then typed upstream_unavailable/rate_limited": Expectation(
        _OUTAGE, _RETRIED
    ),
    "retry within budget then typed upstream_unavailable": Expectation(_UNAVAILABLE, _RETRIED),
    "typed upstream_unavailable/rate_limited": Expectation(_OUTAGE),
    "typed empty_response": Expectation(frozenset({"empty_answer"}), 1),
    "typed empty_response or bad_response": Expectation(_BAD | {"empty_answer"}),
    "typed refused": Expectation(frozenset({"refused"}), 1),
    "result with truncated=true": Expectation(frozenset({TRUNCATED}), 1),
    "success or result with truncated=true": Expectation(frozenset({SUCCESS, TRUNCATED}), 1),
    "typed upstream_redirect, not followed, Authorization never re-sent": Expectation(
        frozenset({"rejected"}), 1, at_once=True
    ),
    "typed timeout by total deadline": Expectation(frozenset({"timeout"}), by_deadline=True),
    "typed response_too_large, RSS +<64 MiB": Expectation(_BAD),
    "typed request_too_large": Expectation(frozenset({"request_too_large"})),
    "typed request_too_large or connection_error": Expectation(
        frozenset({"request_too_large", "unavailable"})
    ),
    "typed or success; never raw exception": Expectation(_CODED | {SUCCESS, TRUNCATED}),
    "typed connection_error; TLS never downgraded or retried insecurely": Expectation(
        _UNAVAILABLE, unseen=True
    ),
}
