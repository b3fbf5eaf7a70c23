"""Environments of other people's packages, made once in a folder outside of the repository."""

import json
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from pathlib import Path

CACHE = Path.home() / ".cache" / "grok-vision-mcp-clients"
"""Where environments are kept unless another folder is named."""

# The suite and the Inspector need Node 22; as a package it is the same one everywhere.
NODE = "node@22.23.3"
_MADE_OF = "made-of.json"


class Environment(ABC):
    """Packages in a folder of their own.

    Args:
        name: The name of the folder in `cache`.
        packages: What is installed, each at a fixed version.
    """

    def __init__(self, cache: Path, name: str, *packages: str) -> None:
        self.folder = cache / name
        self._packages = packages

    def install(self) -> None:
        """Install the packages, unless the same are there already."""
        made_of = self.folder / _MADE_OF
        if made_of.exists() and json.loads(made_of.read_text("utf-8")) == list(self._packages):
            return
        sys.stdout.write(f"Installing {' '.join(self._packages)} into {self.folder}\n")
        sys.stdout.flush()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._install(self._packages)
        made_of.write_text(json.dumps(self._packages), "utf-8")

    @property
    @abstractmethod
    def interpreter(self) -> str:
        """The path of what runs programs here."""

    @abstractmethod
    def _install(self, packages: tuple[str, ...]) -> None: ...

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


class NodePackages(Environment):
    """Packages of npm, and the Node that runs them."""

    def __init__(self, cache: Path, name: str, *packages: str) -> None:
        super().__init__(cache, name, NODE, *packages)

    @property
    def interpreter(self) -> str:
        """The path of Node."""
        return str(self.folder / "node_modules" / ".bin" / "node")

    def path(self, *parts: str) -> str:
        """Return the path of a file of a package."""
        return str(self.folder.joinpath("node_modules", *parts))

    def _install(self, packages: tuple[str, ...]) -> None:
        (self.folder / "package.json").write_text('{"private": true}', "utf-8")
        self._run("npm", "install", "--no-audit", "--no-fund", *packages)


class PythonPackages(Environment):
    """Packages of PyPI in a virtual environment."""

    @property
    def interpreter(self) -> str:
        """The path of Python."""
        inner = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
        return str(self.folder.joinpath(*inner))

    def _install(self, packages: tuple[str, ...]) -> None:
        self._run(sys.executable, "-m", "venv", "--clear", str(self.folder))
        self._run(self.interpreter, "-m", "pip", "install", "--quiet", *packages)
