"""What the arguments may be, once their types are right and the model is known."""

from collections.abc import Callable
from typing import Any

from tests.fake_xai.catalogue import Model
from tests.fake_xai.recorded import messages, parts
from tests.fake_xai.response import flat, invalid_argument
from tests.fake_xai.schemas import check_schema
from tests.fake_xai.shape import check_keys

Arguments = dict[str, Any]

# Refused on every model of 2026. `logprobs` is not here: it is ignored in silence.
REFUSED = ("presence_penalty", "frequency_penalty", "logit_bias")

# Lowest and highest; None where there is no such end. Temperature: docs.x.ai; the others: openai.
RANGES: dict[str, tuple[float, float | None]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "max_tokens": (1, None),
    "max_completion_tokens": (1, None),
}


def check_arguments(body: Arguments, model: Model) -> None:
    """Refuse the first argument that this model does not take."""
    _check_search(body)
    check_keys(body)
    for check in _CHECKS:
        check(body, model)
    check_schema(body)


def _check_search(body: Arguments) -> None:
    # Before the unknown keys, of which it is one: this one xAI remembers.
    if "search_parameters" in body:
        raise flat(410, "gone", "Live search is deprecated. Use the Agent Tools API instead.")


def _check_refused(body: Arguments, _: Model) -> None:
    for name in REFUSED:
        if body.get(name) is not None:
            raise invalid_argument(f"Argument not supported: {name}")


def _check_stop(body: Arguments, model: Model) -> None:
    if body.get("stop") is not None and not model.takes_stop:
        raise invalid_argument(f"Model {model.id} does not support parameter stop.")


def _check_effort(body: Arguments, model: Model) -> None:
    effort = body.get("reasoning_effort")
    if effort is None:
        return
    if not model.efforts:
        raise invalid_argument(f"Model {model.id} does not support parameter reasoningEffort.")
    if effort not in model.efforts:
        raise invalid_argument(f"Model {model.id} does not support reasoning effort {effort}.")


def _check_ranges(body: Arguments, _: Model) -> None:
    for name, (low, high) in RANGES.items():
        value = body.get(name)
        if value is not None and (value < low or (high is not None and value > high)):
            raise invalid_argument(f"Argument out of range: {name}")


def _check_messages(body: Arguments, _: Model) -> None:
    if not messages(body):
        raise invalid_argument("Messages cannot be empty.")
    # `developer` is another name for `system` on xAI.
    roles = [message["role"] in ("system", "developer") for message in messages(body)]
    if any(roles[1:]):
        raise invalid_argument("stand-in: the system message is not single and first")


def _check_details(body: Arguments, _: Model) -> None:
    for part in parts(body):
        if part["type"] == "image_url":
            detail = part["image_url"].get("detail", "auto")
            if detail not in ("auto", "low", "high"):
                raise invalid_argument(f"stand-in: xAI has no image detail {detail}")


def _check_single_answer(body: Arguments, _: Model) -> None:
    if body.get("n") not in (None, 1):
        raise invalid_argument("stand-in: n must be 1")


def _check_stream_options(body: Arguments, _: Model) -> None:
    if body.get("stream_options") is not None and not body.get("stream"):
        raise invalid_argument("stand-in: stream_options without stream")


_CHECKS: tuple[Callable[[Arguments, Model], None], ...] = (
    _check_refused,
    _check_stop,
    _check_effort,
    _check_ranges,
    _check_messages,
    _check_details,
    _check_single_answer,
    _check_stream_options,
)
