"""The end of a batch, for people."""

import sys
from collections.abc import Iterator

from grok_vision.batch import Summary
from grok_vision.cli.terminal import on_a_line, printable, tell_error
from grok_vision.cli.wrapping import wrapped
from grok_vision.texts import counted, dollars, duration


def show(summary: Summary, out: str) -> None:
    """Print what has come of the batch, and how to go on."""
    for label, told in _told(summary, out):
        print(f"{label:8} {printable(told)}")


def tell_stop(summary: Summary) -> None:
    """Write to stderr why the batch ended early, and what to do."""
    stopped = summary.stopped
    if stopped is None:
        return
    message = stopped.message
    if summary.not_begun:
        message += f" {counted(summary.not_begun, 'job')} left; the same command goes on."
    if stopped.code == "disk":
        told = wrapped(f"error: {on_a_line(message)}", sys.stderr)
        sys.stderr.write(f"{told}\n")
    else:
        tell_error(stopped.code, message)


def exit_code(summary: Summary) -> int:
    """Return 0 where every job has a result that is on the disk, else 1."""
    return int(summary.done < summary.jobs or summary.stopped is not None)


def _told(summary: Summary, out: str) -> Iterator[tuple[str, str]]:
    yield "done", f"{summary.done:,} of {counted(summary.jobs, 'job')}"
    if summary.invalid:
        yield "", f"of {summary.invalid:,} of them the data does not fit its schema"
    if summary.failed:
        codes = ", ".join(f"{code} {count:,}" for code, count in summary.failed_by_code.items())
        yield "failed", f"{summary.failed:,}: {codes}"
    if summary.not_begun:
        yield "not done", f"{summary.not_begun:,}"
    yield "cost", _cost(summary)
    if summary.ended_now:
        rate = f"{summary.ended_now / max(summary.seconds, 0.001):.3g} a second"
        jobs = counted(summary.ended_now, "job")
        yield "time", f"{duration(summary.seconds)} for {jobs}, {rate}"
    yield "results", out
    if summary.failed:
        yield "next", "the same command with --retry-failed tries again what failed"


def _cost(summary: Summary) -> str:
    unknown = f", {summary.without_cost:,} of unknown cost" if summary.without_cost else ""
    tokens = f"{summary.input_tokens:,} tokens in, {summary.output_tokens:,} out"
    return f"{dollars(summary.cost_usd)}{unknown}, {tokens}"
