"""What git says: which files changed together, how often, and by whom."""

from __future__ import annotations

import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from protogate.discovery.model import CoChange, ModuleHistory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["MOST_FILES", "Commit", "co_changes", "module_histories", "parse_log", "read_history"]

MOST_FILES: Final = 30
"""A commit of more files says nothing of what belongs together; the same bound as in code-maat."""
_MOST_AUTHORS: Final = 3
_START: Final = "\x1e"
_LOG: Final = (
    "git", "-c", "core.quotePath=false", "-c", "log.showSignature=false", "log",
    "--no-merges", "--no-renames", "--name-only", "--relative", "-z", f"--format={_START}%aN",
)  # fmt: skip


class Commit(NamedTuple):
    """Who changed which files at once."""

    author: str
    paths: tuple[str, ...]
    """Relative to the root that was asked about, with `/`."""


def read_history(root: Path) -> tuple[Commit, ...]:
    """Return the commits that changed files below a directory, newest first; empty without git or without history."""
    try:
        done = subprocess.run([*_LOG, "--", "."], cwd=root, capture_output=True, check=False)
    except OSError:
        return ()
    return tuple(parse_log(done.stdout.decode("utf-8", "replace"))) if done.returncode == 0 else ()


def parse_log(text: str) -> Iterator[Commit]:
    """Yield the commits of what `git log -z --name-only` prints."""
    for block in text.split(_START)[1:]:
        author, _, rest = block.partition("\n")
        yield Commit(author.strip("\0"), tuple(path for path in rest.lstrip("\n").split("\0") if path.strip()))


def co_changes(commits: Iterable[Commit], modules: Mapping[str, str]) -> tuple[CoChange, ...]:
    """Return the pairs of modules that change together, sorted by name.

    Args:
        commits: the history.
        modules: the module of each path that is one today; other paths count for the size of a commit only.
    """
    weights: dict[tuple[str, str], float] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for commit in commits:
        if not 1 < len(commit.paths) <= MOST_FILES:
            continue
        changed = sorted({modules[path] for path in commit.paths if path in modules})
        for index, left in enumerate(changed):
            for right in changed[index + 1 :]:
                weights[left, right] = weights.get((left, right), 0.0) + 1.0 / (len(commit.paths) - 1)
                counts[left, right] += 1
    return tuple(CoChange(*pair, weight, counts[pair]) for pair, weight in sorted(weights.items()))


def module_histories(commits: Iterable[Commit], modules: Mapping[str, str]) -> dict[str, ModuleHistory]:
    """Return how often each module changed, and who changed it most."""
    authors: dict[str, Counter[str]] = {}
    for commit in commits:
        for path in set(commit.paths) & modules.keys():
            authors.setdefault(modules[path], Counter())[commit.author] += 1
    return {
        module: ModuleHistory(
            counted.total(), tuple(sorted(counted, key=lambda name: (-counted[name], name))[:_MOST_AUTHORS])
        )
        for module, counted in sorted(authors.items())
    }
