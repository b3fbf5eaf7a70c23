"""Batches: the same command for each line of a file, or for each picture of a folder."""

import logging
import sys
from contextlib import closing

import anyio

from grok_vision.batch import Batch, Job, Jobs, ResultsFile, Stopped, ToolName, ask, lines_of
from grok_vision.cli.batch_options import Defaults, Options
from grok_vision.cli.batch_progress import shown
from grok_vision.cli.batch_summary import exit_code, show, tell_stop
from grok_vision.cli.ending import run_command
from grok_vision.cli.terminal import on_a_line, print_json
from grok_vision.errors import RequestError
from grok_vision.results import Result
from grok_vision.settings import Settings
from grok_vision.texts import counted, dollars
from grok_vision.vision import build_vision


def run(
    options: Options,
    tool: ToolName,
    settings: Settings,
    defaults: Defaults,
    *,
    as_json: bool,
) -> int:
    """Do all jobs that are left, and print the summary; return the exit code.

    Raises:
        RequestError: `bad_argument`, before anything is sent.
    """
    _check_limit(options, settings)
    if "log_level" not in settings.model_fields_set:
        # Of attempts that are made again, nobody wants a line each.
        logging.getLogger("grok_vision.relay").setLevel(logging.ERROR)
    with closing(lines_of(options.jobs, tool)) as lines:
        jobs = Jobs(tool, lines, defaults)
        with ResultsFile(options.out, jobs, retry_failed=options.retry_failed) as results:
            for note in results.notes:
                sys.stderr.write(f"warning: {on_a_line(note)}\n")
            batch = Batch(jobs, results)
            if results.tally.ended < jobs.count:
                run_command(_run, batch, options, settings)
    summary = batch.summary()
    if as_json:
        print_json(summary)
    else:
        show(summary, options.out)
    tell_stop(summary)
    return exit_code(summary)


async def _run(batch: Batch, options: Options, settings: Settings) -> None:
    tally = batch.results.tally
    spent = tally.cost_usd
    if options.max_usd is not None and spent >= options.max_usd:
        batch.stopped = _over(options.max_usd, spent, "")
        return
    within = _within(options, settings, spent)
    async with build_vision(within, any_file=True) as vision:

        async def answer(job: Job) -> Result:
            return await ask(vision, job)

        try:
            async with shown(batch):
                await batch.run(answer, concurrency=settings.concurrency)
        except anyio.get_cancelled_exc_class():
            ended = f"{tally.ended:,} of {counted(tally.jobs, 'job')}"
            sys.stderr.write(f"interrupted: {ended} ended; the same command goes on.\n")
            raise
    is_ours = within.max_usd != settings.max_usd
    if is_ours and options.max_usd and batch.stopped and batch.stopped.code == "over_budget":
        batch.stopped = _over(options.max_usd, tally.cost_usd, batch.stopped.message)


def _within(options: Options, settings: Settings, spent: float) -> Settings:
    """Return the settings with what is left of the limit on the batch."""
    if options.max_usd is None:
        return settings
    left = options.max_usd - spent
    most = left if settings.max_usd is None else min(left, settings.max_usd)
    return settings.model_copy(update={"max_usd": most})


def _over(max_usd: float, spent: float, message: str) -> Stopped:
    # What follows names the setting, which is not what the person gave.
    why = message.partition(":")[0] or "nothing is left"
    return Stopped(
        code="over_budget",
        message=f"{why}. The results cost {dollars(spent)} of --max-usd {dollars(max_usd)}; give "
        "more, or ask a cheaper model whose price is known.",
    )


def _check_limit(options: Options, settings: Settings) -> None:
    if options.max_usd is not None and settings.redis_url is not None:
        raise RequestError(
            "bad_argument",
            "--max-usd does not go with GROK_VISION_REDIS_URL, where all processes have one limit: "
            "set GROK_VISION_MAX_USD, or unset GROK_VISION_REDIS_URL.",
        )
