"""Writes the answer: Markdown for people and models, JSON for programs.

What was read in a picture is data. It only ever stands in a fence that it cannot close, so no
link, picture or heading is made of it.
"""

import json
from dataclasses import asdict, dataclass

from grok_vision.local.facts import Code, Facts
from grok_vision.local.layout import Line
from grok_vision.local.reading import ordered, reading
from grok_vision.texts import fenced, printable

NOTICE = (
    "**No vision model was asked.** The offline engine read the text and measured the pixels; "
    "it cannot describe the scene. Set `XAI_API_KEY` for a description."
)
MOST_LINES = 200


@dataclass(frozen=True)
class Reading:
    """What was found in one picture."""

    facts: Facts
    lines: tuple[Line, ...]


def as_markdown(readings: tuple[Reading, ...]) -> str:
    """The answer for people: the notice, then each picture's text, facts and layout."""
    sections = [NOTICE]
    for number, found in enumerate(readings, 1):
        if len(readings) > 1:
            sections.append(f"# Image {number}")
        sections += [_text(found.lines), _facts(found.facts)]
        sections += [_codes(found.facts.codes)] if found.facts.codes else []
        sections += [_layout(found.lines)] if found.lines else []
    return "\n\n".join(sections)


def _text(lines: tuple[Line, ...]) -> str:
    if not lines:
        return "## Text\n\nNo text was found in this picture."
    return f"## Text\n\n{fenced(reading(lines))}"


def _facts(facts: Facts) -> str:
    tone = "light" if facts.brightness >= 0.5 else "dark"
    colours = ", ".join(f"`{colour.hex}` {colour.share:.0%}" for colour in facts.colours)
    lines = [
        f"- Size: {facts.width} x {facts.height} pixels",
        f"- Brightness: {tone} ({facts.brightness:.0%})",
        f"- Main colours: {colours or 'none stands out'}",
    ]
    if facts.blank:
        lines.append("- Blank: every pixel has nearly the same colour")
    if not facts.codes:
        lines.append("- QR and bar codes: none found")
    return "## Facts\n\n" + "\n".join(lines)


def _codes(codes: tuple[Code, ...]) -> str:
    listed = [f"{_box(code)}  {code.kind}  {printable(code.text)}" for code in codes]
    body = fenced("\n".join(listed))
    return f"## QR and bar codes\n\nEach as x,y,width,height, kind, content.\n\n{body}"


def _layout(lines: tuple[Line, ...]) -> str:
    listed = [f"{_box(line)}  {line.text}" for row in ordered(lines) for line in row]
    left_out = max(0, len(listed) - MOST_LINES)
    more = (
        f"\n\n{left_out} more lines are left out here; the text above has them." if left_out else ""
    )
    body = fenced("\n".join(listed[:MOST_LINES]))
    return f"## Layout\n\nEach line of text as x,y,width,height in pixels.\n\n{body}{more}"


def _box(item: Line | Code) -> str:
    return f"{item.x},{item.y},{item.width},{item.height}"


def as_json(readings: tuple[Reading, ...], unsupported: str = "") -> str:
    """The answer for programs: what was found, in a form of our own.

    Args:
        readings: What was found in each picture.
        unsupported: Why it is not in the form that was wanted, if another was.
    """
    images = [
        {
            "width": found.facts.width,
            "height": found.facts.height,
            "text": reading(found.lines),
            "lines": [_line(line) for row in ordered(found.lines) for line in row],
            "colours": [asdict(colour) for colour in found.facts.colours],
            "codes": [asdict(code) for code in found.facts.codes],
        }
        for found in readings
    ]
    excuse = {"supported": False, "reason": unsupported} if unsupported else {}
    return json.dumps({**excuse, "images": images}, ensure_ascii=False)


def _line(line: Line) -> dict[str, str | int]:
    return {
        "text": line.text,
        "x": line.x,
        "y": line.y,
        "width": line.width,
        "height": line.height,
    }
