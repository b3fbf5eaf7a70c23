"""Batches: the same command for each line of a file, or for each picture of a folder."""

import logging
import sys
from contextlib import closing

import anyio

from grok_vision.batch import Batch, Job, Jobs, ResultsFile, ToolName, ask, lines_of
from grok_vision.cli.batch_options import Defaults, Options
from grok_vision.cli.batch_progress import shown
from grok_vision.cli.batch_summary import exit_code, show, tell_stop
from grok_vision.cli.ending import run_command
from grok_vision.cli.terminal import on_a_line, print_json
from grok_vision.cli.wrapping import wrapped
from grok_vision.results import Result
from grok_vision.settings import Settings
from grok_vision.texts import counted
from grok_vision.vision import OwnLimit, State, build_vision


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
    if "log_level" not in settings.model_fields_set:
        # Of attempts that are made again, nobody wants a line each.
        logging.getLogger("grok_vision.relay").setLevel(logging.ERROR)
    with closing(lines_of(options.jobs, tool)) as lines:
        jobs = Jobs(tool, lines, defaults)
        with ResultsFile(options.out, jobs, retry_failed=options.retry_failed) as results:
            for note in results.notes:
                _tell(f"warning: {on_a_line(note)}")
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
    limit = None
    if options.max_usd is not None:
        limit = OwnLimit("--max-usd", options.max_usd, spent_usd=tally.cost_usd)
    state = State(settings, own_limit=limit)
    async with build_vision(settings, any_file=True, state=state) as vision:

        async def answer(job: Job) -> Result:
            return await ask(vision, job)

        try:
            async with shown(batch):
                await batch.run(answer, concurrency=settings.concurrency)
        except anyio.get_cancelled_exc_class():
            ended = f"{tally.ended:,} of {counted(tally.jobs, 'job')}"
            _tell(f"interrupted: {ended} ended; the same command goes on.")
            raise


def _tell(message: str) -> None:
    sys.stderr.write(f"{wrapped(message, sys.stderr)}\n")
