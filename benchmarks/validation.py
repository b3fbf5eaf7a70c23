"""Holding answers against a schema: jsonschema-rs, which is used, against jsonschema.

`python benchmarks/validation.py`. Both are called in turn in one process: an invoice of 5 and of
500 lines that fits, against the preset; a check of the schema; and a pattern that backtracks.
Import is measured in processes of its own.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import jsonschema
import jsonschema_rs

from grok_vision.schemas import preset_text

ROUNDS = 30
SCHEMA = json.loads(preset_text("invoice"))


def invoice(lines: int) -> dict[str, object]:
    line = {"description": "Interface design", "quantity": 32, "unit_price": 95.0, "amount": 3040.0}
    return {"number": "INV-1", "date": "2026-07-17", "lines": [line] * lines, "total": 1.5}


def median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def imported(statement: str) -> float:
    def run() -> None:
        subprocess.run([sys.executable, "-c", statement], check=True)

    run()
    return median(run)


def compare(what: str, ours: Callable[[], object], other: Callable[[], object]) -> None:
    fast, slow = median(ours), median(other)
    print(f"{what:34} {fast * 1e6:10,.0f} us {slow * 1e6:12,.0f} us {slow / fast:9,.1f}")


def main() -> None:
    rust = jsonschema_rs.validator_for(SCHEMA, validate_formats=True, offline=True)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    python = jsonschema.Draft202012Validator(SCHEMA, format_checker=checker)
    print(f"{'':34} {'jsonschema-rs':>13} {'jsonschema':>15} {'ratio':>9}")
    for lines in (5, 500):
        data = invoice(lines)
        compare(
            f"an invoice of {lines} lines",
            lambda data=data: list(rust.iter_errors(data)),  # type: ignore[misc]
            lambda data=data: list(python.iter_errors(data)),  # type: ignore[misc]
        )
    compare(
        "the schema itself",
        lambda: jsonschema_rs.validator_for(SCHEMA, offline=True),
        lambda: jsonschema.Draft202012Validator.check_schema(SCHEMA),
    )
    bad = {"pattern": "^(a+)+$"}
    text = "a" * 20 + "!"
    compare(
        "a pattern that backtracks",
        lambda: jsonschema_rs.is_valid(bad, text),
        lambda: jsonschema.Draft202012Validator(bad).is_valid(text),
    )
    bare = imported("pass")
    fast = imported("import jsonschema_rs") - bare
    slow = imported("import jsonschema") - bare
    print(f"import {fast * 1e3:.0f} ms, {slow * 1e3:.0f} ms, {slow / fast:.1f}")


if __name__ == "__main__":
    main()
