"""The command `doctor`: whether all is in order, by the exit code, too."""

from grok_vision.cli.doctor import examine, show
from grok_vision.cli.ending import run_command
from grok_vision.cli.options import AsJson
from grok_vision.cli.starting import read_settings
from grok_vision.cli.terminal import print_json


def doctor(as_json: AsJson = False) -> int:
    """Check what is configured, and whether the endpoint answers."""
    settings = read_settings()
    diagnosis = run_command(examine, settings)
    if as_json:
        print_json(diagnosis)
    else:
        show(diagnosis)
    return 0 if diagnosis.ok else 1
