"""Draws the pictures of this folder: `python examples/make_examples.py`.

Each picture shows words that are known (`DASHBOARD_TEXT` and its siblings), so whoever reads the
pictures can be checked. Pillow and its embedded font are all that is needed, and the package
for the picture of changes; drawing again gives the same pixels.
"""

import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image

# As a script, and where a benchmark imports it by its bare name, this folder is on the path but
# not the one above it. With that one, the drawing is always imported under the same name.
sys.path.insert(0, str(Path(__file__).parent.parent))

from examples.drawing.chart import CHART_TEXT, chart
from examples.drawing.dashboard import DASHBOARD_TEXT, dashboard
from examples.drawing.form import FORM_TEXT, form
from examples.drawing.invoice import INVOICE_TEXT, invoice
from examples.drawing.page import AFTER, BEFORE, page, page_text
from examples.drawing.receipt import RECEIPT_TEXT, receipt
from examples.drawing.sheet import Anchor, Sheet, Written, compact, measure
from examples.drawing.table import TABLE_TEXT, table
from grok_vision.pixels import compare, drawn

__all__ = [
    "AFTER",
    "BEFORE",
    "CHART_TEXT",
    "DASHBOARD_TEXT",
    "FORM_TEXT",
    "INVOICE_TEXT",
    "PICTURES",
    "RECEIPT_TEXT",
    "TABLE_TEXT",
    "Anchor",
    "Sheet",
    "Written",
    "changes",
    "chart",
    "dashboard",
    "form",
    "invoice",
    "measure",
    "page",
    "page_text",
    "receipt",
    "table",
]

PICTURES: dict[str, Callable[[], Sheet]] = {
    "chart.png": chart,
    "dashboard.png": dashboard,
    "form.png": form,
    "invoice.png": invoice,
    "page-before.png": lambda: page(BEFORE),
    "page-after.png": lambda: page(AFTER),
    "receipt.png": receipt,
    "table.png": table,
}


def changes() -> Image.Image:
    """Return what compare_images draws of the page before and after."""
    before, after = (page(state).image.convert("RGB") for state in (BEFORE, AFTER))
    compared = compare(before, after, number=2, threshold=0.1)
    return Image.open(BytesIO(drawn(before, after, compared)))


def main() -> None:
    folder = Path(__file__).parent
    for name, draw in PICTURES.items():
        compact(draw().image).save(folder / name, optimize=True)
        print(f"{name}: {(folder / name).stat().st_size / 1000:.0f} kB")
    changes().save(folder / "changes.png", optimize=True)


if __name__ == "__main__":
    main()
