"""server.json, by which the MCP registry and hosts that read it know how to start the server."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from grok_vision import __version__
from grok_vision.settings import Settings

ROOT = Path(__file__).parent.parent
ENTRY: dict[str, Any] = json.loads((ROOT / "server.json").read_text("utf-8"))
KNOWN = json.loads((ROOT / "tests" / "data" / "registry_schema.json").read_text("utf-8"))
(PACKAGE,) = ENTRY["packages"]
SECRETS = {Settings.variable(name) for name in Settings.secret_files()}


def test_the_entry_fits_the_schema_of_the_registry() -> None:
    schema = KNOWN["schema"]
    Draft7Validator.check_schema(schema)
    validator = Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(ENTRY)] == []
    assert ENTRY["$schema"] == schema["$id"]


def test_the_readme_says_whose_package_it_is() -> None:
    # The registry looks for this line in the package's description before it takes the entry.
    told = re.findall(r"mcp-name: (\S+)", (ROOT / "README.md").read_text("utf-8"))
    assert told == [ENTRY["name"]]


def test_the_entry_has_the_name_and_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (PACKAGE["registryType"], PACKAGE["identifier"]) == ("pypi", project["name"])
    assert {ENTRY["version"], PACKAGE["version"]} == {__version__}


def test_the_entry_marks_each_secret_and_names_settings_that_exist() -> None:
    variables = {Settings.variable(name) for name in Settings.model_fields}
    named = {one["name"]: one.get("isSecret", False) for one in PACKAGE["environmentVariables"]}
    assert {name: name in SECRETS for name in named} == named
    assert set(named) <= variables
