"""The options of batches, which are loaded only where they are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from grok_vision.errors import RequestError
from grok_vision.settings import Settings

Defaults = Mapping[str, JsonValue]
"""What the command line gives for all jobs."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the options ask for."""

    jobs: str
    out: str
    max_usd: float | None
    retry_failed: bool

    def run(
        self,
        tool: Literal["describe_image", "extract_json", "compare_images"],
        settings: Settings,
        defaults: Defaults,
        *,
        as_json: bool,
    ) -> int:
        """Do all jobs that are left, and print the summary; return the exit code.

        Raises:
            RequestError: `bad_argument`, before anything is sent.
        """
        # One call needs none of it.
        from grok_vision.cli.batch import run

        return run(self, tool, settings, defaults, as_json=as_json)


def wanted(
    jobs: str,
    out: str,
    *,
    max_usd: float | None,
    retry_failed: bool,
    images: object,
    alone: Mapping[str, object],
) -> Options | None:
    """Return what the options ask for, or None where they are for one call.

    `alone` are the options, with what was given of each, that are for one call only.

    Raises:
        RequestError: `bad_argument` where some are missing or exclude each other.
    """
    if not jobs:
        given = {
            "--out": out,
            "--max-usd": max_usd is not None,
            "--retry-failed": retry_failed,
        }
        _refuse(given, "goes with --batch only")
        if not images:
            raise RequestError(
                "bad_argument", "name a picture, or with --batch a file of jobs or a folder."
            )
        return None
    if images:
        raise RequestError(
            "bad_argument",
            "with --batch its jobs name the pictures: leave out IMAGE; what is to be asked of all "
            "of them is --prompt.",
        )
    _refuse(alone, "does not go with --batch, whose results are all in the file of --out")
    if max_usd is not None and not max_usd > 0:
        raise RequestError("bad_argument", "--max-usd is to be more than 0.")
    if not out:
        raise RequestError("bad_argument", "--batch needs --out, the file for its results.")
    return Options(jobs, out, max_usd, retry_failed)


def _refuse(given: Mapping[str, object], reason: str) -> None:
    for name, value in given.items():
        if value:
            raise RequestError("bad_argument", f"{name} {reason}.")
