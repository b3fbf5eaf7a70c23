"""The bundle that desktop hosts install, packed by the tool that makers of bundles use."""

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MCPB = shutil.which("mcpb")

# What `uv run` needs to build and start the server, and what hosts show.
NEEDED = ("LICENSE", "README.md", "icon.png", "manifest.json", "pyproject.toml", "uv.lock")
LEFT_OUT = (
    ".ci/run",
    ".coverage",
    ".mypy_cache/3.11/cache.db",
    ".pytest_cache/README.md",
    ".venv/bin/python",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "benchmarks/startup.py",
    "dist/grok_vision_mcp.whl",
    "examples/dashboard.png",
    "scripts/check",
    "server/grok_vision/__pycache__/app.cpython-311.pyc",
    "tests/test_mcpb.py",
)


@pytest.mark.skipif(MCPB is None, reason="mcpb is not installed (npm: @anthropic-ai/mcpb)")
def test_the_bundle_holds_the_package_and_nothing_else(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    package = clone / "server" / "grok_vision"
    shutil.copytree(
        ROOT / "server" / "grok_vision", package, ignore=shutil.ignore_patterns("__pycache__")
    )
    files = (path for path in package.rglob("*") if path.is_file())
    # The page is in the package as it was built, without its sources.
    modules = {
        path.relative_to(clone).as_posix()
        for path in files
        if not path.is_relative_to(package / "apps" / "page")
    }
    for name in (*NEEDED, ".mcpbignore"):
        shutil.copy(ROOT / name, clone)
    for name in LEFT_OUT:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text("left out", "utf-8")

    bundle = tmp_path / "bundle.mcpb"
    subprocess.run([str(MCPB), "pack", str(clone), str(bundle)], check=True, timeout=120)
    with zipfile.ZipFile(bundle) as archive:
        assert set(archive.namelist()) == {*NEEDED, *modules}
