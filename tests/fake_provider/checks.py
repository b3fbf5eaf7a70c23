"""What a sound request is, beyond its types."""

from typing import Any

from tests.fake_provider.quirks import Quirks, nested
from tests.fake_xai import Recorded
from tests.fake_xai.arrival import Arrival
from tests.fake_xai.recorded import messages, parts
from tests.fake_xai.response import RefusalError

CAPS = frozenset({"max_tokens", "max_completion_tokens"})
DETAILS = ("auto", "low", "high")


def own(message: str) -> RefusalError:
    """A refusal that is the stand-in's own."""
    return RefusalError(nested(400, f"stand-in: {message}"))


def without_extras(body: dict[str, Any], quirks: Quirks) -> dict[str, Any]:
    """The body without those keys that are the provider's own and soundly set."""
    return {
        key: value
        for key, value in body.items()
        if key not in quirks.extras or value != quirks.extras[key]
    }


def check_parameters(body: dict[str, Any], quirks: Quirks) -> None:
    """Refuse what the provider refuses, and a cap that it would ignore."""
    if "bad_parameter" in quirks.failures and quirks.refused & body.keys():
        raise RefusalError(quirks.failures["bad_parameter"])
    for name in (CAPS - quirks.caps | quirks.refused) & body.keys():
        raise own(f"{name} is not for {quirks.brand}")
    effort = body.get("reasoning_effort")
    if "reasoning_effort" in body and effort not in quirks.efforts:
        raise own(f"{quirks.brand} takes no reasoning_effort {effort}")


def check_messages(seen: Recorded, quirks: Quirks) -> None:
    """Refuse more than one system message, or one where pictures and it go ill together.

    After the question, answers and further questions may follow in turn.
    """
    roles = [message["role"] for message in messages(seen.body)]
    while roles[-3:] == ["user", "assistant", "user"]:
        del roles[-2:]
    no_system = seen.body["model"] in quirks.no_system
    if no_system and "system" in roles:
        # vllm-project/vllm#8854, and jakobdylanc/llmcord#66 of Groq
        raise RefusalError(
            nested(400, "Prompting with images is incompatible with system messages.")
        )
    if roles != (["user"] if no_system else ["system", "user"]):
        raise own(f"messages from {roles}")
    for part in parts(seen.body):
        if part["type"] == "image_url" and part["image_url"].get("detail", "auto") not in DETAILS:
            raise own("detail is auto, low or high")


def check_pictures(arrival: Arrival, quirks: Quirks) -> None:
    """Refuse pictures of other formats, URLs where none is fetched, and too many of them."""
    seen = arrival.seen
    if arrival.bad_image:
        # Its words are those of the stand-in of xAI, which is as strict.
        raise own(str(arrival.bad_image.response.body))
    if seen.links and not quirks.fetches_urls:
        raise RefusalError(quirks.failures["bad_image"])
    if len(seen.images) + len(seen.links) > (quirks.max_images or 1_000_000):
        raise RefusalError(quirks.failures["too_many_images"])
