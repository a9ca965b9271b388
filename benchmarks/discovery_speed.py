"""How long `protogate discovery` takes as a whole process, beside what others need to read the same files."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.discovery_corpora import CRUISER, HOME_ASSISTANT, WEB, dependency_cruiser, unpacked, web_monorepo
from benchmarks.discovery_figures import Section
from benchmarks.discovery_memory import Peaks, peaks
from benchmarks.gateway_figures import at_most, median_ratio
from benchmarks.process import Cost, ProcessError, finish, measure, tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.registry_speed import Goal

__all__ = ["Timed", "appended", "python_goals", "python_section", "spread", "timings", "web_goals", "web_section"]

_WARM: Final = 5
"""Rounds of what takes a second."""
_WHOLE: Final = 1.5
_CHANGED: Final = 0.25
_UNCHANGED: Final = 0.10
_MEMORY: Final = 600
_CRUISED: Final = 0.15
_FUNCTION: Final = "\n\ndef added_by_the_benchmark(value):\n    return value\n"
_LEAST_LINES: Final = 50
"""Of a module that is changed: one that somebody works on."""
_REPORTS: Final = "reports/migration-discovery"
_PARSE: Final = """
import ast, gc, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
if "without-gc" in sys.argv:
    gc.disable()
files = lines = refused = 0
for path in sorted(Path(".").rglob("*.py")):
    text = path.read_bytes()
    files, lines = files + 1, lines + text.count(b"\\n")
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        refused += 1
print(files, lines, refused)
"""
"""The least that a program in Python does which reads all files: one core, the parser of the interpreter, no answer."""
_GRIMP: Final = """
import sys, grimp
sys.path.insert(0, ".")
grimp.build_graph(sys.argv[1], cache_dir=None)
"""
_WITH_BYTECODE: Final = {"PYTHONDONTWRITEBYTECODE": ""}
"""As everywhere but in a test: compiled modules are kept."""


class Timed(NamedTuple):
    """One line of a table of timings."""

    what: str
    costs: Sequence[Cost]

    @property
    def wall(self) -> float:
        """Seconds."""
        return statistics.median(one.wall for one in self.costs)

    @property
    def cpu(self) -> float:
        """Seconds."""
        return statistics.median(one.cpu for one in self.costs)


def python_section(rounds: int, say: Callable[[str], object]) -> Section:
    """Time a million lines of Python: everything read, nothing, and one file."""
    floor, without_gc, graph, whole = [], [], [], []
    with _copied(unpacked(HOME_ASSISTANT)) as root:
        say(f"{HOME_ASSISTANT}: memory")
        # The first run of all writes bytecode and fills the cache of files; it is not timed.
        held = {"`protogate discovery`, from nothing": peaks(_discovery(root))}
        held["`ast.parse` over all files"] = peaks(_parse(), cwd=root)
        files, lines, refused = map(int, finish(_parse(), cwd=root).split())
        for number in range(rounds):
            say(f"{HOME_ASSISTANT}: round {number + 1} of {rounds}")
            floor.append(measure(_parse(), cwd=root))
            whole.append(_from_nothing(root))
            without_gc.append(measure([*_parse(), "without-gc"], cwd=root))
            graph.append(measure([sys.executable, "-c", _GRIMP, "homeassistant"], cwd=root))
        say(f"{HOME_ASSISTANT}: nothing changed, and one file changed")
        unchanged = [_run(root) for _ in range(_WARM)]
        modules = spread(_modules(root), _WARM)
        changed = [_with_one_changed(root, path, _FUNCTION) for path in modules]
        # Each imports the one before it, the first one the last.
        imports = [_import_of(root, modules[index - 1]) for index in range(_WARM)]
        tied = [_with_one_changed(root, path, text) for path, text in zip(modules, imports, strict=True)]
    rows = (
        Timed("`ast.parse` over all files, one core: F", floor),
        Timed("the same without garbage collection", without_gc),
        Timed("import graph alone: grimp without its cache", graph),
        Timed("`protogate discovery`, from nothing", whole),
        Timed("`protogate discovery`, one file changed", changed),
        Timed("`protogate discovery`, one file imports another module", tied),
        Timed("`protogate discovery`, nothing changed", unchanged),
    )
    text = (
        f"{HOME_ASSISTANT}: {files:,} files, {lines:,} lines, no history of git; {refused} files are refused\n"
        "by the parser of this Python. Whole processes, medians, with all documents and the page written. F\n"
        "reads and parses every file and makes nothing of it. It takes turns with the run from nothing, and\n"
        "their ratio is that of the middle round. One file changed: a function is appended to a module, to\n"
        "another one each time. Where a module imports one more, the graph and the boundaries are\n"
        "found anew, which takes longer: that line is not held to the limit. Memory was taken in runs of its own."
    )
    goals = python_goals(floor, whole, changed, unchanged, held["`protogate discovery`, from nothing"])
    return Section("Speed: Python", text, goals, (timings(rows, "F"), _memory(held)))


def python_goals(
    floor: Sequence[Cost], whole: Sequence[Cost], changed: Sequence[Cost], unchanged: Sequence[Cost], held: Peaks
) -> tuple[Goal, ...]:
    """Return what is promised in multiples of F, and of memory."""
    least = Timed("F", floor).wall
    ratio = median_ratio([one.wall for one in whole], [one.wall for one in floor])
    return (
        at_most("everything from nothing / F", _WHOLE, ratio),
        at_most("one file changed / F", _CHANGED, Timed("changed", changed).wall / least),
        at_most("nothing changed / F", _UNCHANGED, Timed("unchanged", unchanged).wall / least),
        at_most("from nothing: memory of the largest process", _MEMORY, held.largest / 1e6, "MB"),
        at_most("from nothing: memory of all processes together", _MEMORY, held.together / 1e6, "MB"),
    )


def web_section(rounds: int, say: Callable[[str], object]) -> Section:
    """Time two monorepos of TypeScript and JavaScript beside dependency-cruiser."""
    cruiser = dependency_cruiser()
    plain, typed, whole = [], [], []
    with _copied(web_monorepo()) as root:
        say("TypeScript: memory")
        held = {"`protogate discovery`, from nothing": peaks(_discovery(root))}
        held["depcruise"] = peaks(_cruise(cruiser), cwd=root)
        without = _cruised(root)
        files, lines = _counted(root / "packages")
        for number in range(rounds):
            say(f"TypeScript: round {number + 1} of {rounds}")
            plain.append(measure(_cruise(cruiser), cwd=root))
            whole.append(_from_nothing(root))
            typed.append(measure(_cruise(cruiser, "--ts-pre-compilation-deps"), cwd=root))
        with_types = _cruised(root)
        own = json.loads((root / _REPORTS / "migration-discovery.summary.json").read_text())["counts"]
    rows = (
        Timed("depcruise", plain),
        Timed("depcruise --ts-pre-compilation-deps", typed),
        Timed("`protogate discovery`, from nothing", whole),
    )
    found = (
        ("found by", "modules of the repository", "imports among them"),
        ("depcruise", f"{without[0]:,}", f"{without[1]:,}"),
        ("depcruise --ts-pre-compilation-deps", f"{with_types[0]:,}", f"{with_types[1]:,}"),
        ("`protogate discovery`", f"{own['modules']:,}", f"{own['edges']:,}, each with its line"),
    )
    text = (
        f"{files:,} files, {lines:,} lines of TypeScript and JavaScript: the sources of {len(WEB)} packages of\n"
        "Theia and WordPress, pinned in `benchmarks/discovery_corpora.py` and laid as a monorepo with\n"
        f"workspaces and aliases. The peer is {CRUISER[0]} with {CRUISER[1]}, told the same aliases; it\n"
        "answers which module imports which, as JSON, and Protogate writes all its documents and the page.\n"
        "Left to its defaults, which the limit speaks of, the peer sees no import that only types need. With\n"
        "`--ts-pre-compilation-deps` it sees them, as Protogate does, and is faster, because it does not\n"
        "compile: look at that line too."
    )
    return Section(
        "Speed: TypeScript", text, web_goals(plain, whole), (timings(rows, "depcruise"), found, _memory(held))
    )


def web_goals(plain: Sequence[Cost], whole: Sequence[Cost]) -> tuple[Goal, ...]:
    """Return what is promised in multiples of dependency-cruiser."""
    ratio = median_ratio([one.wall for one in whole], [one.wall for one in plain])
    return (at_most("everything from nothing / depcruise", _CRUISED, ratio),)


def timings(rows: Sequence[Timed], floor: str) -> list[tuple[str, ...]]:
    """Return a table of medians, each beside the first."""
    lines: list[tuple[str, ...]] = [("what", "n", "wall s", "CPU s", f"wall / {floor}")]
    for one in rows:
        ratio = one.wall / rows[0].wall
        lines.append((one.what, str(len(one.costs)), f"{one.wall:.2f}", f"{one.cpu:.2f}", f"{ratio:.2f}"))
    return lines


def spread(paths: Sequence[Path], count: int) -> list[Path]:
    """Return so many of the paths, evenly spread over them.

    Raises:
        ProcessError: there are fewer.
    """
    if len(paths) < count:
        raise ProcessError(f"{len(paths)} modules are too few to change {count}")
    return [paths[number * len(paths) // count] for number in range(count)]


@contextmanager
def appended(path: Path, text: str) -> Iterator[None]:
    """Have a file with more text at its end; afterwards it is what it was."""
    before = path.read_bytes()
    path.write_bytes(before + text.encode())
    try:
        yield
    finally:
        path.write_bytes(before)


@contextmanager
def _copied(corpus: Path) -> Iterator[Path]:
    """Have a copy of a corpus that may be changed, outside of every repository of git."""
    with tempfile.TemporaryDirectory(prefix="protogate-bench-") as name:
        root = Path(name) / corpus.name
        shutil.copytree(corpus, root, symlinks=True)
        yield root


def _discovery(root: Path) -> list[str]:
    return [tool("protogate"), "discovery", "--repo-root", str(root)]


def _run(root: Path) -> Cost:
    return measure(_discovery(root), env=_WITH_BYTECODE)


def _from_nothing(root: Path) -> Cost:
    shutil.rmtree(root / _REPORTS)
    return _run(root)


def _with_one_changed(root: Path, path: Path, text: str) -> Cost:
    with appended(path, text):
        cost = _run(root)
    # What is measured next finds a memory of the repository as it is.
    _run(root)
    return cost


def _import_of(root: Path, path: Path) -> str:
    name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    return f"\n\nimport {name} as added_by_the_benchmark\n\nprint(added_by_the_benchmark)\n"


def _modules(root: Path) -> list[Path]:
    paths = sorted((root / "homeassistant").rglob("*.py"))
    return [path for path in paths if path.read_bytes().count(b"\n") >= _LEAST_LINES]


def _parse() -> list[str]:
    return [sys.executable, "-c", _PARSE]


def _cruise(cruiser: str, *options: str) -> list[str]:
    words = [cruiser, "--no-config", "--ts-config", "tsconfig.json", *options]
    return [*words, "--output-type", "json", "--output-to", "cruised.json", "packages"]


def _cruised(root: Path) -> tuple[int, int]:
    """Return the modules of the repository that depcruise found, and the imports among them."""
    told = json.loads((root / "cruised.json").read_text())["modules"]
    modules = [one for one in told if one["source"].startswith("packages/")]
    found = [one for each in modules for one in each["dependencies"] if one["resolved"].startswith("packages/")]
    return len(modules), len(found)


def _counted(place: Path) -> tuple[int, int]:
    """Return the files of code and their lines."""
    paths = [path for path in place.rglob("*") if path.suffix in {".js", ".jsx", ".ts", ".tsx"}]
    return len(paths), sum(path.read_bytes().count(b"\n") for path in paths)


def _memory(held: dict[str, Peaks]) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = [("memory", "largest process MB", "all processes together MB")]
    return [*lines, *((who, f"{one.largest / 1e6:,.0f}", f"{one.together / 1e6:,.0f}") for who, one in held.items())]
