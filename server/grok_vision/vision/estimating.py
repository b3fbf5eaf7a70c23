"""What a call would use and cost, from the headers of its pictures."""

from collections.abc import Sequence

from grok_vision.chat import compose, words
from grok_vision.images import Images
from grok_vision.providers import Choice
from grok_vision.results import Estimate
from grok_vision.tokens import estimate
from grok_vision.vision.asking import Asking
from grok_vision.vision.expectation import check_count
from grok_vision.vision.parts import labels_of
from grok_vision.vocabulary import Detail


async def estimated(
    images: Images,
    asking: Asking,
    choice: Choice,
    sources: Sequence[str],
    *,
    prompt: str,
    detail: Detail,
    max_output_tokens: int,
) -> Estimate:
    """Return what a call of the model with these pictures would use and cost.

    Raises:
        VisionError: what is wrong with a picture, or that there are too many.
    """
    check_count(choice, len(sources))
    measured = await images.measure(
        sources, limits=choice.images, detail=detail, provider_fetches=choice.fetches_urls
    )
    request = compose(choice.provider, choice.profile, words=words("describe", prompt), pictures=())
    labels = labels_of([one.regions for one in measured])
    result = estimate(
        choice,
        measured,
        words=request.texts,
        labels=[label for of_picture in labels for label in of_picture],
        detail=detail,
        max_output_tokens=max_output_tokens,
        correction=await asking.correction(choice),
    )
    told = [warning for picture in measured for warning in picture.warnings]
    return result.model_copy(update={"warnings": [*result.warnings, *told]})
