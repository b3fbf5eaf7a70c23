"""What the documents, the manifest and the changelog say is what the package does."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops
from typer.main import get_command

from examples.make_examples import changes
from grok_vision import __version__
from grok_vision.cli import commands
from grok_vision.settings import ENV_FILE, Settings
from grok_vision.tools import all_tools

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text("utf-8") for page in PAGES}
README = TEXTS["README.md"]
MANIFEST: dict[str, Any] = json.loads((ROOT / "manifest.json").read_text("utf-8"))
# Those with an ending are run by Python.
SCRIPTS = sorted(f"scripts/{path.name}" for path in ROOT.glob("scripts/*") if not path.suffix)
TEST_COMMAND = 'pip install -e ".[dev]" && pytest'
SECRET_FILES = set(Settings.secret_files().values())
VARIABLES = {Settings.variable(name) for name in Settings.model_fields} | {ENV_FILE} | SECRET_FILES

needs_bash = pytest.mark.skipif(sys.platform == "win32", reason="the script is for bash")


def command_blocks(text: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def section(name: str, page: str = "README.md") -> str:
    return TEXTS[page].partition(f"<!-- {name}:begin -->")[2].partition(f"<!-- {name}:end -->")[0]


def anchors(text: str) -> set[str]:
    """Return what GitHub makes of the headings, so that links can lead to them."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def sync_docs(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = str(root / "scripts" / "sync-docs")
    return subprocess.run(
        [sys.executable, script, *arguments], capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the documents and of the scripts that read them."""
    scripts = ("scripts/sync-docs", ".ci/run")
    for name in (*TEXTS, "manifest.json", "server.json", "pyproject.toml", *scripts):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_the_documents_say_what_the_code_does() -> None:
    checked = sync_docs(ROOT, "--check")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_a_stale_table_fails_the_check_with_a_diff_and_the_command_that_mends_it(
    clone: Path,
) -> None:
    readme = clone / "README.md"
    readme.write_text(README.replace("`not_an_image`", "`no_image`"), "utf-8")
    checked = sync_docs(clone, "--check")
    assert checked.returncode == 1
    assert "-| `ImageError`" in checked.stdout
    assert checked.stdout.endswith("Run: scripts/sync-docs\n")
    assert sync_docs(clone).stdout == "README.md: written\n"
    assert readme.read_text("utf-8") == README


def test_a_readme_without_its_markers_is_refused(clone: Path) -> None:
    (clone / "README.md").write_text("# Another text\n", "utf-8")
    assert "no place for the tools" in sync_docs(clone, "--check").stderr


def test_every_tool_is_in_the_readme_and_in_the_manifest() -> None:
    names = [tool.name for tool in all_tools()]
    assert re.findall(r"^### (\w+)$", section("tools"), re.MULTILINE) == names
    assert [tool["name"] for tool in MANIFEST["tools"]] == names


def test_every_setting_is_in_the_table_of_the_readme_or_of_the_page_about_http() -> None:
    tables = section("settings") + section("settings", "docs/http.md")
    assert set(re.findall(r"^\| `(\w+)`", tables, re.MULTILINE)) - SECRET_FILES == (
        VARIABLES - SECRET_FILES
    )


@pytest.mark.parametrize("page", TEXTS)
def test_a_document_names_no_setting_that_does_not_exist(page: str) -> None:
    assert set(re.findall(r"GROK_VISION_[A-Z_]*[A-Z]", TEXTS[page])) <= VARIABLES


@pytest.mark.parametrize("page", TEXTS)
def test_every_link_of_a_document_into_the_repository_leads_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", TEXTS[page]):
        name, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = ((ROOT / page).parent / name).resolve() if name else ROOT / page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text("utf-8")), link


@pytest.mark.parametrize("page", TEXTS)
def test_a_configuration_in_a_document_can_be_read_by_its_parser(page: str) -> None:
    for kind, text in re.findall(
        r"^```(json|toml)\n(.*?)^```$", TEXTS[page], re.MULTILINE | re.DOTALL
    ):
        assert (json.loads if kind == "json" else tomllib.loads)(text)


def test_every_command_is_in_the_page_about_the_command_line() -> None:
    table = re.findall(r"^\| `grok-vision-mcp (\w+)", TEXTS["docs/command-line.md"], re.MULTILINE)
    assert sorted(table) == sorted(get_command(commands.app).commands)


def test_the_first_command_of_the_readme_describes_a_picture_that_is_there() -> None:
    first = command_blocks(README)[0].strip()
    assert first == 'pip install ".[local]" && grok-vision-mcp describe examples/dashboard.png'
    assert (ROOT / "examples" / "dashboard.png").is_file()


def test_the_second_command_of_the_readme_installs_and_runs_the_tests() -> None:
    assert command_blocks(README)[1].strip() == TEST_COMMAND


def test_fresh_knows_every_command_block_of_the_readme() -> None:
    told = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "fresh"), "--list", "README.md"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (told.stdout.count("README.md:"), told.stderr) == (len(command_blocks(README)), "")


@needs_bash
@pytest.mark.parametrize(
    ("command", "key"), [("estimate", "unused"), ("extract", ""), ("compare", "")]
)
def test_an_example_in_the_documents_is_what_the_command_prints(
    command: str, key: str, tmp_path: Path
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    starts = "warning|image|failed|{"
    block = rf"^```console\n\$ grok-vision-mcp ({command} .*?)\n((?:{starts}).*?)^```$"
    shown = re.search(block, TEXTS["docs/command-line.md"], re.MULTILINE | re.DOTALL)
    assert shown
    ran = subprocess.run(
        ["bash", "-c", f'"$0" -m grok_vision {shown[1]}', sys.executable],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "XAI_API_KEY": key},
    )
    assert ran.stderr + ran.stdout == shown[2]


@pytest.mark.parametrize("path", sorted(ROOT.glob("docs/*.svg")), ids=lambda path: path.name)
def test_a_picture_of_a_terminal_is_small_and_names_nothing_of_a_machine_or_a_network(
    path: Path,
) -> None:
    picture = path.read_text("utf-8")
    assert len(picture.encode()) < 60_000
    assert f"docs/{path.name}" in README
    assert re.findall(r"url\((?!#)|/(?:home|root|tmp|Users)/", picture) == []
    commands = re.findall(r"grok-vision-mcp&#160;(\w+)", picture)
    assert commands
    assert all(f"grok-vision-mcp {name} " in TEXTS["docs/command-line.md"] for name in commands)


def test_the_picture_of_changes_is_what_a_comparison_draws() -> None:
    with Image.open(ROOT / "examples" / "changes.png") as committed:
        difference = ImageChops.difference(committed.convert("RGB"), changes().convert("RGB"))
    assert difference.getbbox() is None, "run examples/make_examples.py"


@needs_bash
@pytest.mark.parametrize("status", [0, 3])
def test_ci_runs_the_second_command_of_the_readme_and_reports_how_it_went(
    clone: Path, status: int
) -> None:
    tools = clone / "tools"
    tools.mkdir()
    stand_in(tools / "python3", 'mkdir -p "$3"')
    stand_in(tools / "chromium", "")
    stand_in(tools / "pip", 'echo "pip got $*"')
    stand_in(tools / "pytest", f"echo pytest ran; exit {status}")
    ran = subprocess.run(
        ["bash", str(clone / ".ci" / "run")],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"},
    )
    expected = f"$ {TEST_COMMAND}\npip got install -e .[dev]\npytest ran\n"
    assert (ran.returncode, ran.stdout) == (status, expected)


def stand_in(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize("script", [".ci/run", *SCRIPTS])
@needs_bash
def test_a_script_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)


def test_the_page_for_contributors_names_scripts_that_are_there() -> None:
    assert set(re.findall(r"\bscripts/[\w-]+", TEXTS["CONTRIBUTING.md"])) <= set(SCRIPTS)


def test_the_manifest_has_the_version_of_the_package() -> None:
    assert MANIFEST["version"] == __version__


def test_the_manifest_starts_the_package_from_its_own_folder() -> None:
    server = MANIFEST["server"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (ROOT / server["entry_point"]).is_file()
    # Hosts run their own uv with these arguments, so `run` has to come first.
    assert server["mcp_config"]["args"][:3] == ["run", "--project", "${__dirname}"]
    # A list is filled in as arguments of its own only where it stands alone; so it comes last.
    script, command, folders = server["mcp_config"]["args"][-3:]
    assert script in project["scripts"]
    assert (command, folders) == ("serve", "${user_config.folders}")
    assert MANIFEST["compatibility"]["runtimes"]["python"] == project["requires-python"]


def test_the_manifest_fills_in_each_option_that_it_asks_for_and_no_other() -> None:
    used = re.findall(r"\$\{user_config\.(\w+)\}", json.dumps(MANIFEST["server"]))
    assert sorted(used) == sorted(MANIFEST["user_config"])


def test_the_manifest_sets_variables_that_exist() -> None:
    assert set(MANIFEST["server"]["mcp_config"]["env"]) <= VARIABLES


def test_an_option_that_may_be_left_out_has_a_default_or_is_a_number() -> None:
    # Without one, hosts pass `${user_config.NAME}` as it stands, which counts as unset. A text has
    # one all the same, so that people see an empty field; no number is empty.
    options = MANIFEST["user_config"].values()
    bare = [option for option in options if not option["required"] and "default" not in option]
    assert [option["type"] for option in bare] == ["number"]


def test_the_icon_of_the_manifest_is_a_square_png() -> None:
    with Image.open(ROOT / MANIFEST["icon"]) as icon:
        assert (icon.format, icon.size) == ("PNG", (512, 512))


def test_the_changelog_begins_with_what_is_unreleased_or_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headings = re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert __version__ in changelog


def test_the_lock_names_the_public_index_only() -> None:
    lock = (ROOT / "uv.lock").read_text("utf-8")
    hosts = set(re.findall(r'"\w+://([^/"]+)', lock))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}
    assert set(re.findall(r"source = \{ (\w+)", lock)) == {"registry", "editable"}
