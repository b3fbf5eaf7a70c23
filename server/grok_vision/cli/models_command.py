"""The command `models`: what is known of models, and what a provider tells otherwise."""

from grok_vision.cli import differences as of_provider
from grok_vision.cli.ending import run_command
from grok_vision.cli.models import only, show
from grok_vision.cli.options import AsJson, Live, ProviderName
from grok_vision.cli.starting import read_settings
from grok_vision.cli.terminal import print_json
from grok_vision.tokens import known_models


def models(
    provider: ProviderName = "",
    live: Live = False,
    as_json: AsJson = False,
) -> int:
    """List known models: prices, limits, how each counts pictures."""
    settings = read_settings()
    if live:
        differences = run_command(of_provider.ask, settings, provider)
        if as_json:
            print_json(differences)
        else:
            of_provider.show(differences)
        return 0
    table = only(known_models(settings), provider)
    if as_json:
        print_json(table)
    else:
        show(table)
    return 0
