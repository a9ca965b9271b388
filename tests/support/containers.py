"""Dockerfiles and compose files as data, without Docker."""

from __future__ import annotations

import fnmatch
import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COMPOSE", "DOCKERFILES", "ROOT", "Image", "compose", "context_files", "read_image"]

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILES = ("gateway/Dockerfile", "Dockerfile.generator")
COMPOSE = ROOT / "docker-compose.yml"
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\}")


class Image(NamedTuple):
    """What the last stage of a Dockerfile says."""

    bases: tuple[str, ...]
    """Of all stages."""
    instructions: tuple[tuple[str, str], ...]
    """Of the last stage, in order."""

    def all(self, name: str) -> list[str]:
        """What stands behind each instruction of this name."""
        return [value for found, value in self.instructions if found == name]

    def one(self, name: str) -> str:
        """What stands behind the only one."""
        (value,) = self.all(name)
        return value

    def words(self, name: str) -> list[str]:
        """An instruction in exec form."""
        found: list[str] = json.loads(self.one(name))
        return found

    @property
    def environment(self) -> dict[str, str]:
        """Its variables."""
        pairs = [word.partition("=") for value in self.all("ENV") for word in value.split()]
        return {name: value for name, _, value in pairs}

    @property
    def health_command(self) -> list[str]:
        """The words of HEALTHCHECK."""
        words: list[str] = json.loads(self.one("HEALTHCHECK").partition(" CMD ")[2])
        return words


def read_image(path: str) -> Image:
    """Read a Dockerfile."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / path).read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found = [(name, value.strip()) for name, _, value in (line.partition(" ") for line in text.splitlines() if line)]
    starts = [place for place, (name, _) in enumerate(found) if name == "FROM"]
    bases = tuple(found[place][1].split()[0] for place in starts)
    return Image(bases, tuple((name, re.sub(r"\s{2,}", " ", value)) for name, value in found[starts[-1] + 1 :]))


def compose(environment: dict[str, str] | None = None) -> dict[str, Any]:
    """The compose file with its variables put in, as in an environment."""
    set_ones = environment or {}
    text = _VARIABLE.sub(lambda found: set_ones.get(found["name"]) or found["default"] or "", COMPOSE.read_text())
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def context_files(names: Sequence[str] | None = None) -> list[str]:
    """Those of the repository's files, or of these names, that .dockerignore lets into an image."""
    if names is None:
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    return [name for name in names if not _is_ignored(name, rules)]


def _is_ignored(name: str, rules: Sequence[str]) -> bool:
    """The last rule that matches the path, or a folder above it, decides."""
    parts = name.split("/")
    above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    ignored = False
    for rule in rules:
        pattern = rule.removeprefix("!")
        anywhere = pattern.removeprefix("**/")
        matched = any(
            fnmatch.fnmatchcase(path.rpartition("/")[2], anywhere)
            if pattern.startswith("**/")
            else path.count("/") == pattern.count("/") and fnmatch.fnmatchcase(path, pattern)
            for path in above
        )
        if matched:
            ignored = not rule.startswith("!")
    return ignored
