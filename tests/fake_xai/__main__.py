"""Serve the stand-in until interrupted: `python -m tests.fake_xai --port 8000`."""

import argparse
import contextlib
import sys
import threading

from tests.fake_xai.app import FakeXAI


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.fake_xai", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--key", default="test", help="the key that is accepted")
    arguments = parser.parse_args()
    fake = FakeXAI(key=arguments.key)
    with contextlib.suppress(KeyboardInterrupt), fake.serve(arguments.port) as base_url:
        sys.stdout.write(base_url + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
