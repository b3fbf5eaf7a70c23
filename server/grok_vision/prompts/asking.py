"""The prompts: what people ask for by name, each leading to one call of a tool."""

import json
from collections.abc import Callable
from typing import Annotated

from grok_vision.errors import RequestError
from grok_vision.prompts.message import message
from grok_vision.texts import shortened
from grok_vision.vocabulary import PRESETS

DOCUMENT_PRESETS = tuple(name for name in PRESETS if name != "checklist")
"""The presets that read a document; a checklist has expectations, and a prompt of its own."""

Image = Annotated[
    str,
    "The picture: a path, a URL, or on this machine latest (the newest picture) or clipboard. "
    "A fragment selects a part: shot.png#xywh=10,20,300,200, scan.pdf#page=2.",
]
Pages = Annotated[
    str,
    "The pages, read as one document in this order: one path or URL, or several, one per line, or "
    'as a JSON list: ["scan.pdf#page=1", "scan.pdf#page=2"].',
]
Focus = Annotated[str, "What to look at above all, such as contrast or the checkout form."]
Question = Annotated[str, "What to find out from the chart; empty for all of it."]
PresetChoice = Annotated[
    str,
    f"What kind of document it is: {', '.join(DOCUMENT_PRESETS)}; empty for any other.",
]
Context = Annotated[str, "Where the picture will stand and what for, such as the page's subject."]
Expectations = Annotated[
    str, "What the screenshot is to show: one expectation per line, or separated by semicolons."
]


def critique_ui(image: Image, focus: Focus = "") -> str:
    """Ask for a review of a user interface."""
    looked_at = f"Look above all at this: {focus}" if focus.strip() else ""
    return message(
        "Review the user interface in a picture.",
        "describe_image",
        {"image": image, "task": "ui_critique", "prompt": looked_at},
        "Then tell me its problems, the worst first: for each the place, what is wrong, and the "
        "smallest change that mends it. Where the code of this interface is at hand, name the "
        "file and line to change, and ask me before you change any. Keep to what `text` says. Of "
        "what is too small to judge, call once more with a part: put #xywh=x,y,width,height "
        "after the image.",
    )


def read_chart(image: Image, question: Question = "") -> str:
    """Ask for the figures of a chart."""
    asked = f"Then answer this: {question}" if question.strip() else ""
    wanted = "Answer my question first. " if asked else ""
    return message(
        "Read the chart in a picture.",
        "describe_image",
        {"image": image, "task": "read_chart", "prompt": asked},
        f"Then give me what `text` says: {wanted}Show the data as a table with units, keep the ~ "
        "before values that were estimated from the scale, and end with the trend. Compute from "
        "these figures only where I ask, and show how. A program that goes on with them should "
        "call extract_json with preset=chart instead.",
    )


def extract_document(images: Pages, preset: PresetChoice = "") -> str:
    """Ask for the content of a document as data.

    Raises:
        RequestError: `bad_argument`.
    """
    pages = pages_of(images)
    chosen = preset.strip().lower()
    if chosen and chosen not in DOCUMENT_PRESETS:
        raise RequestError(
            "bad_argument",
            f"{shortened(preset)} is no preset for documents; pass one of "
            f"{', '.join(DOCUMENT_PRESETS)}, or leave it empty.",
        )
    return message(
        "Read a document as data.",
        "extract_json",
        {"images": pages, "preset": chosen},
        "Then show me `data`, and say whether `valid` is true. Where it is false, name each of "
        "the `errors` with its path, and do not mend the values yourself: show `raw` beside "
        "them. Sums that do not add up and fields that are missing are findings: tell me, and "
        "leave them as they are.",
    )


def alt_text(image: Image, context: Context = "") -> str:
    """Ask for alternative text."""
    place = f"Where it will stand: {context}" if context.strip() else ""
    return message(
        "Write alternative text for a picture.",
        "describe_image",
        {"image": image, "task": "alt_text", "prompt": place},
        "Then give me `text` alone, ready to be put into an alt attribute: with its quotes "
        "escaped where it goes into HTML, and not made longer. If the picture only decorates the "
        "page, say that an empty alt is better.",
    )


def moderate_image(image: Image) -> str:
    """Ask whether a picture is safe."""
    return message(
        "Judge whether a picture is safe for a general audience.",
        "describe_image",
        {"image": image, "task": "moderate"},
        "Then tell me the verdict in one word, safe, sensitive or unsafe, and below it each label "
        "with its reason, as `text` has them. Do not soften or add to it, and name no person. If "
        "the answer was refused or `truncated`, there is no verdict: say so, and that a person "
        "has to look.",
    )


def check_screenshot(image: Image, expectations: Expectations) -> str:
    """Ask whether a screenshot shows what it should.

    Raises:
        RequestError: `bad_argument`.
    """
    return message(
        "Test a screenshot against what it should show.",
        "extract_json",
        {"images": [image], "preset": "checklist", "prompt": "\n".join(_lines(expectations))},
        "Then tell me first how many of `data.checks` passed, failed and are unclear, then each "
        "with its evidence, those that failed first. For each that failed, say what in the code "
        "at hand most likely causes it, and ask me before you change anything. For each that is "
        "unclear, call once more with the part of the picture that would show it: put "
        "#xywh=x,y,width,height after the image. If `valid` is false, nothing was tested: say so.",
    )


PROMPTS: dict[Callable[..., str], tuple[str, str]] = {
    critique_ui: (
        "Critique a user interface",
        "Reviews a screenshot of a page or app as a designer would: concrete problems, the worst "
        "first, each with the change that mends it.",
    ),
    read_chart: (
        "Read a chart",
        "Reads the axes, legend and data of a chart as a table with its trend, or answers a "
        "question from it.",
    ),
    extract_document: (
        "Extract a document",
        "Reads scanned or photographed pages as data that was checked against a schema: an "
        "invoice, a receipt, a table, a form, or any other document.",
    ),
    alt_text: (
        "Write alt text",
        "Writes the alternative text of a picture for people who cannot see it: one or two plain "
        "sentences.",
    ),
    moderate_image: (
        "Moderate an image",
        "Judges whether a picture is safe for a general audience, with labels and reasons.",
    ),
    check_screenshot: (
        "Check a screenshot",
        "Tests a screenshot against expectations: each passes, fails or is unclear, with what in "
        "the picture decides it.",
    ),
}
"""Each prompt with its title and its description, in the order in which clients list them."""


def pages_of(images: str) -> list[str]:
    """Return the pages that a text names: a JSON list, or one per line.

    Neither commas nor spaces part them: names of files hold both.
    """
    try:
        listed = json.loads(images)
    except (ValueError, RecursionError):  # the latter where it is nested very deeply
        listed = None
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        listed = images.splitlines()
    pages = [page for page in listed if page.strip()]
    if not pages:
        raise RequestError("bad_argument", "images names no picture; pass a path or a URL.")
    return pages


def _lines(expectations: str) -> list[str]:
    """Return the expectations; forms of many hosts take one line only."""
    lines = [line for line in expectations.splitlines() if line.strip()]
    found = lines if len(lines) > 1 else expectations.split(";")
    kept = [one.strip() for one in found if one.strip()]
    if not kept:
        raise RequestError("bad_argument", "expectations names nothing to check; write one.")
    return kept
