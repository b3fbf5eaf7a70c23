"""Start one target with seeds in a temporary folder."""

import sys
import tempfile
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["grok_vision", "PIL"]):
    from tests.fuzz import targets


def main() -> None:
    warnings.simplefilter("ignore")  # Pillow warns of damaged metadata, once for each file
    name, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(targets.seeds(name)):
            Path(folder, str(number)).write_bytes(seed)
        # New inputs go to the first folder that is named.
        atheris.Setup([sys.argv[0], *options, folder], getattr(targets, name))
        atheris.Fuzz()


main()
