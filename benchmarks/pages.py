"""Pages with known words as browsers show them, and photographs, all drawn with seeds.

A page is laid out in CSS pixels with text of 12 to 16 pixels and drawn at a scale, so that a page
at 2x has letters twice as large.
"""

import itertools
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))

from make_examples import Anchor, Sheet, measure

VOCABULARY = (
    "account address advance amount annual archive average balance before border branch bridge "
    "budget button camera carrier cabinet change channel charge client clock cloud coast colour "
    "column common copper corner county credit current customer daily danger delay deliver depth "
    "detail device differ distance district double draft early eastern effort engine equal error "
    "estimate evening exact export fabric factory failed figure filter finish forest formal "
    "freight garden general glass gravel growth harbour height history hourly image import income "
    "index initial inland invoice island journey kitchen label ladder language latest letter "
    "level lighthouse linear little margin market measure member metal middle minute mirror "
    "monthly morning narrow network normal northern notice number object office orange order "
    "output package paper parcel partner payment pending percent period picture plain pocket "
    "popular portion powder printer problem profile project provider quarter railway random "
    "record reduce region relay remain report request result return river sample season section "
    "server shadow signal silver simple single source southern station steady storage stream "
    "street summer supply surface switch system table target ticket timber total transfer travel "
    "unit update upper value vessel village visible volume warning water weather weekly western "
    "window winter"
)
WORDS = VOCABULARY.split()
SURNAMES = "Keller Okafor Lindqvist Moreau Haddad Novak Tanaka Ferreira Osei Larsen Duarte Byrne"
NAMES = SURNAMES.split()
STATES = ("Paid", "Pending", "Refunded", "Failed", "Shipped")

# Left, top, width and height in CSS pixels.
Area = tuple[int, int, int, int]


@dataclass(frozen=True)
class Theme:
    """The colours of a page."""

    page: str
    panel: str
    border: str
    ink: str
    muted: str
    accent: str


LIGHT = Theme("#f9fafb", "#ffffff", "#d1d5db", "#111827", "#6b7280", "#2563eb")
DARK = Theme("#0d1117", "#161b22", "#30363d", "#e6edf3", "#8b949e", "#58a6ff")


@dataclass
class Page:
    """A page in the making: it takes CSS pixels and draws them `scale` times as large."""

    width: int
    height: int
    theme: Theme
    scale: int = 1
    chance: random.Random = field(default_factory=lambda: random.Random(3))

    def __post_init__(self) -> None:
        self.sheet = Sheet(self.width * self.scale, self.height * self.scale, self.theme.page)

    def text(
        self,
        place: tuple[float, float],
        words: str,
        size: int,
        fill: str = "",
        *,
        bold: bool = False,
        anchor: Anchor = "ls",
    ) -> None:
        """Writes words on a baseline."""
        at = (place[0] * self.scale, place[1] * self.scale)
        colour = fill or self.theme.ink
        self.sheet.text(at, words, size * self.scale, colour, bold=bold, anchor=anchor)

    def box(self, area: Area, fill: str, *, radius: int = 0, border: str = "") -> None:
        """Draws a filled box, perhaps with round corners and a thin border."""
        x, y, width, height = (side * self.scale for side in area)
        self.sheet.box((x, y, width, height), fill, radius=radius * self.scale, border=border)

    def line(self, x: int, y: int, length: int) -> None:
        """Draws a thin horizontal line."""
        self.sheet.line(x * self.scale, y * self.scale, length * self.scale, self.theme.border)

    def photo(self, area: Area) -> None:
        """Pastes a photograph."""
        x, y, width, height = (side * self.scale for side in area)
        self.sheet.image.paste(photograph(width, height), (x, y))

    def words(self, count: int) -> str:
        """Returns some words, the first with a capital letter."""
        return " ".join(self.chance.choices(WORDS, k=count)).capitalize()

    def sentence(self) -> str:
        """Returns a sentence, now and then with a figure in it."""
        figure = f" {self.chance.randrange(3, 9999):,}" if self.chance.random() < 0.3 else ""
        tail = " ".join(self.chance.choices(WORDS, k=self.chance.randrange(3, 9)))
        return f"{self.words(self.chance.randrange(3, 8))}{figure} {tail}."


@dataclass(frozen=True)
class Picture:
    """A page that is drawn: its pixels and the words that stand on it."""

    image: Image.Image
    words: tuple[str, ...]


def table(page: Page, area: Area) -> None:
    """Figures in cards and a table of orders, text of 12 and 13 pixels."""
    left, top, width, height = area
    chance, theme = page.chance, page.theme
    for index in range(4):
        x = left + index * (width // 4)
        page.box((x, top, width // 4 - 16, 84), theme.panel, radius=8, border=theme.border)
        page.text((x + 16, top + 26), page.words(2), 13, theme.muted)
        page.text((x + 16, top + 52), f"${chance.randrange(10**4, 10**6):,}", 22, bold=True)
        change = f"+{chance.randrange(10, 400) / 10} % {page.words(2).lower()}"
        page.text((x + 16, top + 72), change, 12, theme.accent)
    ends = [left + 16 + round(width * part) for part in (0, 0.1, 0.28, 0.56, 0.7, 0.84)]
    heads = ("Order", "Customer", "Address", "Date", "Status", "Items")
    for x, name in zip(ends, heads, strict=True):
        page.text((x, top + 118), name, 12, theme.muted, bold=True)
    page.text((left + width - 16, top + 118), "Amount", 12, theme.muted, bold=True, anchor="rs")
    for base in range(top + 150, top + height - 10, 32):
        page.line(left, base - 21, width)
        _row(page, ends, base, left + width - 16)


def _row(page: Page, ends: Sequence[int], base: int, right: int) -> None:
    chance, name = page.chance, page.chance.choice(NAMES)
    cells = (
        f"#{chance.randrange(10**4, 10**5)}",
        f"{chance.choice(NAMES)} {name}",
        f"{name.lower()}{chance.randrange(10, 99)}@{chance.choice(WORDS)}.example",
        f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
        chance.choice(STATES),
        f"{chance.randrange(1, 40)}",
    )
    for x, words in zip(ends, cells, strict=True):
        page.text((x, base), words, 13, page.theme.accent if x == ends[0] else "")
    page.text((right, base), f"{chance.randrange(10**3, 10**6) / 100:,.2f}", 13, anchor="rs")


def article(page: Page, area: Area) -> None:
    """Columns of running text of 16 pixels, with a photograph and its caption of 12."""
    left, top, width, height = area
    page.text((left, top + 40), page.words(5), 32, bold=True)
    page.text((left, top + 68), f"By {page.words(2)}, 12 March 2026", 13, page.theme.muted)
    count = max(1, width // 600)
    column = width // count - 40
    for index in range(count):
        x, base = left + index * (column + 40), top + 110
        if index == 0:
            page.photo((x, base - 14, column, 200))
            page.text((x, base + 206), page.words(9), 12, page.theme.muted)
            base += 246
        _running(page, (x, base, column, top + height - base))


def _running(page: Page, area: Area) -> None:
    x, base, width, height = area
    line = ""
    for word in itertools.chain.from_iterable(page.sentence().split() for _ in itertools.count()):
        longer = f"{line} {word}".strip()
        if measure(longer, 16) <= width:
            line = longer
            continue
        page.text((x, base), line, 16)
        base, line = base + 26, word
        if base > area[1] + height - 12:
            return


def code(page: Page, area: Area) -> None:
    """An editor with a sidebar, code of 13 pixels on lines of 20."""
    left, top, width, height = area
    page.box((left, top, 220, height), page.theme.panel)
    for base in range(top + 26, top + height - 8, 26):
        page.text((left + 20, base), f"{'_'.join(page.chance.choices(WORDS, k=2))}.py", 13)
    count = max(1, (width - 220) // 700)
    column = (width - 220) // count
    for index in range(count):
        x = left + 270 + index * column
        for number, base in enumerate(range(top + 24, top + height - 6, 20), 1):
            page.text((x - 12, base), str(number), 12, page.theme.muted, anchor="rs")
            indent, words = _statement(page)
            colour = page.theme.accent if indent == 0 else ""
            page.text((x + 30 * indent, base), words, 13, colour)


def _statement(page: Page) -> tuple[int, str]:
    chance = page.chance
    one, two, three, four = chance.sample(WORDS, 4)
    figure = chance.randrange(2, 5000)
    return chance.choice(
        (
            (0, f"def {one}_{two}({three}: str, {four}: int = {figure}) -> bool:"),
            (0, f"class {one.capitalize()}{two.capitalize()}(Protocol):"),
            (1, f"{one} = {two}.{three}({four}, {figure})"),
            (1, f'if {one} != "{two}" and {three} > {figure / 100}:'),
            (2, f'raise ValueError(f"{one} {two}: {{{three}}}")'),
            (2, f"return [{one}.{two} for {one} in {three}[:{figure}]]"),
            (1, f"# {one} {two} {three} {four}"),
        )
    )


def form(page: Page, area: Area) -> None:
    """A form: labels of 13 pixels, values of 14, help of 12."""
    left, top, width, height = area
    theme = page.theme
    page.text((left, top + 30), page.words(2), 22, bold=True)
    count = max(1, width // 480)
    column = width // count
    for x in range(left, left + count * column, column):
        for base in range(top + 70, top + height - 80, 92):
            page.text((x, base), page.words(2), 13, bold=True)
            page.box((x, base + 10, column - 40, 36), theme.panel, radius=6, border=theme.border)
            page.text((x + 12, base + 33), page.words(3), 14)
            page.text((x, base + 64), page.words(6), 12, theme.muted)


KINDS: dict[str, Callable[[Page, Area], None]] = {
    "table": table,
    "article": article,
    "code": code,
    "form": form,
}


def draw(kind: str, theme: Theme, scale: int) -> Picture:
    """Draws a page of 1920x1080 CSS pixels, full of one kind of content."""
    page = Page(1920, 1080, theme, scale)
    page.box((0, 0, 1920, 48), theme.panel)
    for index in range(7):
        page.text((40 + index * 150, 30), page.words(1), 14)
    KINDS[kind](page, (40, 70, 1840, 1000))
    return _finished(page)


def tall(height: int, theme: Theme, scale: int) -> Picture:
    """Draws a page of 1280 CSS pixels across and `height` down, with every kind of content."""
    page = Page(1280, height, theme, scale)
    kinds = itertools.cycle(KINDS.values())
    for top in range(0, height, 750):
        next(kinds)(page, (40, top + 20, 1200, min(710, height - top - 40)))
    return _finished(page)


def _finished(page: Page) -> Picture:
    words = " ".join(written.text for written in page.sheet.written).split()
    return Picture(page.sheet.image, tuple(words))


def photograph(width: int, height: int) -> Image.Image:
    """Returns what a camera may have seen: patches of all sizes, and grain."""
    chance = random.Random(1)
    image = Image.new("RGB", (width, height))
    for step, share in ((512, 1.0), (128, 0.5), (32, 0.35), (8, 0.15)):
        size = (width // step + 2, height // step + 2)
        coarse = Image.frombytes("RGB", size, chance.randbytes(size[0] * size[1] * 3))
        fine = coarse.resize((width, height), Image.Resampling.BICUBIC)
        image = Image.blend(image, fine, share)
    tile = Image.frombytes("RGB", (1024, 1024), chance.randbytes(1024 * 1024 * 3))
    grain = Image.new("RGB", (width, height))
    for x, y in itertools.product(range(0, width, 1024), range(0, height, 1024)):
        grain.paste(tile, (x, y))
    return Image.blend(image, grain, 0.05)
