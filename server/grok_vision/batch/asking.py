"""A job on its way through the journey of its tool."""

from grok_vision.batch.arguments import CompareArguments, DescribeArguments, ExtractArguments
from grok_vision.batch.job import Job
from grok_vision.results import Result
from grok_vision.vision import Vision


async def ask(vision: Vision, job: Job) -> Result:
    """Return the result of the job, as its tool returns it.

    Raises:
        VisionError: every failure, with its code.
    """
    match job.arguments:
        case DescribeArguments() as describe:
            return await _describe(vision, describe)
        case ExtractArguments() as extract:
            return await _extract(vision, extract)
        case CompareArguments() as compare:
            return await _compare(vision, compare)


async def _describe(vision: Vision, given: DescribeArguments) -> Result:
    journey = await vision.journey()
    return await journey.describe_image(
        given.image,
        prompt=given.prompt,
        task=given.task,
        detail=given.detail,
        model=given.model,
        max_tokens=given.max_tokens,
        # What the deadline would cut off is asked for again as a whole.
        stream=False,
    )


async def _extract(vision: Vision, given: ExtractArguments) -> Result:
    journey = await vision.journey()
    return await journey.extract_json(
        given.images,
        schema=given.answer_schema,
        preset=given.preset or "",
        prompt=given.prompt,
        detail=given.detail,
        model=given.model,
    )


async def _compare(vision: Vision, given: CompareArguments) -> Result:
    journey = await vision.journey()
    outcome = await journey.compare_images(
        given.images,
        prompt=given.prompt,
        mode=given.mode,
        threshold=given.threshold,
        ignore=given.ignore,
        detail=given.detail,
        model=given.model,
    )
    return outcome.comparison
