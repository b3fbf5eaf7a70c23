"""How well the offline engine reads screenshots: `python benchmarks/ocr_accuracy.py`.

Five pages with known words are drawn, light and dark, and read through `LocalTransport`. Both the
words drawn and the words read are put into rows by the same function from their boxes (columns are
not told apart on either side), runs of white space are made one space, and compared: CER is
Levenshtein distance by length of the truth, F1 is over words.

Limits: one typeface (Pillow's own, also for the code), ASCII, no photos, no scaling of the screen.
"""

import asyncio
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx2

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))

from make_examples import Sheet, Written, dashboard, measure
from pages import DARK, LIGHT, Theme
from reading import reader, readings, word_f1

from grok_vision.local.layout import Line, joined, rows

SETTINGS = (
    ("Full name", "Johanna Lindqvist"),
    ("E-mail address", "johanna.lindqvist@example.com"),
    ("Company", "Fjord & Field AB"),
    ("Time zone", "Europe/Stockholm (UTC+2)"),
    ("Phone", "+46 8 123 456 78"),
)
SWITCHES = (
    ("Weekly summary", "Every Monday at 09:00"),
    ("Security alerts", "Sign-ins from a new device"),
    ("Product news", "About once a month"),
)
CODE = (
    "from dataclasses import dataclass",
    "",
    "@dataclass(frozen=True)",
    "class Invoice:",
    '    """An invoice with its lines and the VAT rate."""',
    "    number: str",
    "    lines: tuple[Line, ...]",
    "    vat_rate: float = 0.19",
    "",
    "    def total(self) -> float:",
    "        net = sum(line.amount for line in self.lines)",
    "        return round(net * (1 + self.vat_rate), 2)",
    "",
    "def parse(text: str) -> list[dict[str, str]]:",
    '    if not text.startswith("{"):',
    '        raise ValueError(f"not JSON: {text[:20]!r}")',
    "    rows = json.loads(text)[\"rows\"]",
    "    return [row for row in rows if row[\"id\"] != 0]",
)  # fmt: skip
ARTICLE = (
    "The first lighthouse on this coast was a fire in an iron basket. It burned",
    "about four hundred tons of coal in a year, and on foggy nights nobody saw it.",
    "In 1823 a French engineer, Augustin Fresnel, put rings of glass around a lamp",
    "and threw its light more than 30 kilometres out to sea.",
    "",
    "His lens weighed less than a mirror and wasted almost nothing: of the light",
    "that left the lamp, 83 % reached the horizon. Within fifty years every large",
    'harbour in Europe had one. "It is as if the stars had come down to us," wrote',
    "a captain from Bergen in his log on 4 November 1861.",
    "",
    "Today most lamps are LEDs of 20 watts. The lenses stay where they are, since",
    "they weigh up to 2,700 kg and there is no better place to show them.",
)


@dataclass(frozen=True)
class Score:
    """What reading one page came to."""

    edits: int
    length: int
    f1: float
    seconds: float


def settings(theme: Theme) -> Sheet:
    sheet = Sheet(1440, 900, theme.page)
    sheet.text((320, 80), "Account settings", 30, theme.ink, bold=True)
    sheet.text((320, 112), "Changes are saved when you leave a field.", 15, theme.muted)
    for index, (name, value) in enumerate(SETTINGS):
        top = 150 + index * 84
        sheet.text((320, top + 18), name, 14, theme.muted)
        sheet.box((320, top + 28, 800, 42), theme.panel, radius=6, border=theme.border)
        sheet.text((334, top + 55), value, 16, theme.ink)
    for index, (name, words) in enumerate(SWITCHES):
        base = 620 + index * 62
        sheet.text((320, base), name, 16, theme.ink, bold=True)
        sheet.text((320, base + 22), words, 14, theme.muted)
        sheet.box((1076, base - 14, 44, 24), theme.accent, radius=12)
        sheet.box((1098, base - 12, 20, 20), "#ffffff", radius=10)
    sheet.box((320, 810, 140, 44), theme.accent, radius=8)
    sheet.text((390, 838), "Save changes", 16, "#ffffff", bold=True, anchor="ms")
    sheet.text((490, 838), "Cancel", 16, theme.accent)
    return sheet


def editor(theme: Theme) -> Sheet:
    sheet = Sheet(1600, 900, theme.page)
    sheet.box((0, 0, 1600, 40), theme.panel)
    sheet.text((290, 26), "invoice.py", 14, theme.ink)
    sheet.text((420, 26), "test_invoice.py", 14, theme.muted)
    sheet.box((0, 40, 260, 830), theme.panel)
    for index, name in enumerate(("EXPLORER", "src", "invoice.py", "parser.py", "README.md")):
        sheet.text((24 + 14 * (index > 1), 74 + index * 30), name, 14, theme.muted)
    for index, line in enumerate(CODE):
        base = 80 + index * 36
        sheet.text((310, base), str(index + 1), 15, theme.muted, anchor="rs")
        words = line.lstrip()
        if words:
            indent = (len(line) - len(words)) * 9
            colour = theme.accent if words.startswith(("from", "def", "class")) else theme.ink
            sheet.text((340 + indent, base), words, 16, colour)
    sheet.box((0, 870, 1600, 30), "#1f6feb")
    sheet.text((20, 890), "main", 13, "#ffffff")
    sheet.text((1580, 890), "Ln 12, Col 48   UTF-8   Python 3.11", 13, "#ffffff", anchor="rs")
    return sheet


def article(theme: Theme) -> Sheet:
    sheet = Sheet(1280, 1000, theme.page)
    sheet.text((270, 110), "How lighthouses learned to shine", 44, theme.ink, bold=True)
    sheet.text((270, 156), "By Ines Moreau, 12 March 2026, 4 minutes to read", 16, theme.muted)
    sheet.line(270, 186, 740, theme.border)
    for index, line in enumerate(ARTICLE):
        if line:
            sheet.text((270, 240 + index * 36), line, 20, theme.ink)
    sheet.box((270, 690, 6, 90), theme.accent)
    sheet.text((300, 728), "Light is the only cargo", 28, theme.ink, bold=True)
    sheet.text((300, 766), "that arrives before the ship.", 28, theme.ink, bold=True)
    sheet.text((270, 850), "Share", 15, theme.accent)
    sheet.text((340, 850), "Save for later", 15, theme.accent)
    sheet.text((1010, 850), "128 comments", 15, theme.muted, anchor="rs")
    return sheet


def dialog(theme: Theme) -> Sheet:
    sheet = Sheet(1920, 1080, theme.page)
    sheet.text((40, 50), "Projects", 20, theme.ink, bold=True)
    for index, name in enumerate(("atlas-web", "atlas-api", "billing-worker", "docs")):
        sheet.box((40, 90 + index * 84, 1840, 68), theme.panel, radius=8, border=theme.border)
        sheet.text((64, 130 + index * 84), name, 17, theme.ink)
        sheet.text((1856, 130 + index * 84), f"{index + 2} days ago", 14, theme.muted, anchor="rs")
    sheet.box((610, 400, 700, 330), theme.panel, radius=14, border=theme.border)
    sheet.text((650, 462), "Delete project atlas-api?", 26, theme.ink, bold=True)
    sheet.text(
        (650, 510), "This removes 3 environments, 41 deployments and all logs.", 17, theme.ink
    )
    sheet.text((650, 540), "It cannot be undone.", 17, "#f85149")
    sheet.text((650, 590), "Type the name of the project to confirm", 15, theme.muted)
    sheet.box((650, 604, 620, 44), theme.page, radius=6, border=theme.border)
    sheet.text((664, 632), "atlas-api", 16, theme.ink)
    sheet.text((1060, 694), "Cancel", 16, theme.ink, anchor="rs")
    width = round(measure("Delete project", 16, bold=True)) + 40
    sheet.box((1090, 666, width, 44), "#da3633", radius=8)
    sheet.text((1110, 694), "Delete project", 16, "#ffffff", bold=True)
    return sheet


PAGES: dict[str, Callable[[], Sheet]] = {
    "dashboard, light": dashboard,
    "settings, light": lambda: settings(LIGHT),
    "settings, dark": lambda: settings(DARK),
    "code editor, dark": lambda: editor(DARK),
    "article, light": lambda: article(LIGHT),
    "article, dark": lambda: article(DARK),
    "dialog, light": lambda: dialog(LIGHT),
    "dialog, dark": lambda: dialog(DARK),
}


def in_rows(lines: list[Line]) -> str:
    """The text by rows, runs of white space made one space."""
    return " ".join(" ".join(joined(row) for row in rows(lines)).split())


def truth(written: list[Written]) -> str:
    return in_rows([_as_line(words) for words in written])


def _as_line(words: Written) -> Line:
    width, ascent = round(measure(words.text, words.size)), round(words.size * 0.85)
    return Line(words.text, round(words.x), round(words.y) - ascent, width, round(words.size * 1.1))


def levenshtein(one: str, other: str) -> int:
    previous = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        current = [i]
        for j, b in enumerate(other, 1):
            current.append(min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (a != b)))
        previous = current
    return previous[-1]


async def read(client: httpx2.AsyncClient, sheet: Sheet) -> str:
    """Reads one page."""
    png = BytesIO()
    sheet.image.save(png, "PNG")
    return in_rows((await readings(client, [png.getvalue()]))[0])


async def main() -> None:
    verbose = "-v" in sys.argv
    scores: list[Score] = []
    async with reader() as client:
        started = time.perf_counter()
        await read(client, Sheet(64, 64))
        print(f"load: {time.perf_counter() - started:.2f} s")
        await read(client, dialog(LIGHT))  # the first run is slower: the runtime sets itself up
        print(f"{'page':20} {'CER':>7} {'word F1':>8} {'seconds':>8}")
        for name, draw in PAGES.items():
            sheet = draw()
            started = time.perf_counter()
            found = await read(client, sheet)
            seconds = time.perf_counter() - started
            expected = truth(sheet.written)
            edits = levenshtein(expected, found)
            f1 = word_f1(expected.split(), found.split())
            scores.append(Score(edits, len(expected), f1, seconds))
            print(f"{name:20} {edits / len(expected):7.2%} {f1:8.2%} {seconds:8.2f}")
            if verbose and edits:
                print(f"  expected: {expected}\n  read:     {found}")
    cer = sum(score.edits for score in scores) / sum(score.length for score in scores)
    f1 = sum(score.f1 for score in scores) / len(scores)
    print(
        f"{'overall':20} {cer:7.2%} {f1:8.2%} {sum(s.seconds for s in scores) / len(scores):8.2f}"
    )
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    asyncio.run(main())
