"""`protogate discovery` and its stages: what to take out of a legacy repository next, and exactly where to cut."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protogate.console import enter_project, parser, print_json
from protogate.errors import EXIT_OK, UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from protogate.discovery.repository import Hints
    from protogate.discovery.settings import Settings

__all__ = ["DISCOVERY_COMMANDS", "run"]

DISCOVERY_COMMANDS: Final = {
    "advise": "ask a language model for notes on the plan; needs OPENROUTER_API_KEY",
    "schema": "print the JSON Schema of one of the documents",
}
_OUTPUT: Final = "reports/migration-discovery"
_SUMMARY: Final = "migration-discovery.summary"
_LAST: list[object] = []
"""What the last run found: to take it apart takes a tenth of a second, and then the process ends anyway."""


def run(command: str, arguments: Sequence[str]) -> int:
    """Run the whole discovery, or one of its stages."""
    if command == "discovery" and arguments and arguments[0] in DISCOVERY_COMMANDS:
        from protogate.cli import discovery_advise, discovery_schema

        own = discovery_advise.run if arguments[0] == "advise" else discovery_schema.run
        return own(f"{command} {arguments[0]}", arguments[1:])
    return _COMMANDS[command](command, arguments)


class _Made(NamedTuple):
    """All that a stage may need."""

    documents: Mapping[str, Any]
    texts: Callable[[], Mapping[str, str]]


def _discovery(command: str, arguments: Sequence[str]) -> int:
    made = parser(
        command,
        "Find what to take out of a legacy repository next: read its code, builds and history, propose\n"
        "boundaries, rank candidates, and plan slices with every line to cut. Code is parsed, never run.\n"
        "Writes documents in JSON and Markdown, and migration-discovery.html to look at.\n\n"
        "Other commands: " + ", ".join(f"{command} {name}" for name in DISCOVERY_COMMANDS) + ".",
        [
            f"{command}                                         this repository",
            f"{command} --repo-root ../monolith --output-dir cuts",
            f"{command} --config discovery.json --delegation-limit 12",
            f"{command} --stdout                                the summary as JSON; the documents too",
        ],
    )
    _add_common(made)
    made.add_argument("--delegation-limit", type=_count, metavar="N", help="slices to plan; default: 8")
    made.add_argument("--top-services", type=_count, metavar="N", help="services to recommend; default: 4")
    made.add_argument("--stdout", action="store_true", help="print the summary as JSON")
    made.add_argument("--inventory", action="store_true", help="write repository-inventory.json too: every edge")
    options = made.parse_args(arguments)
    root, settings = _entered(options)
    settings = settings.with_values(delegation_limit=options.delegation_limit, top_services=options.top_services)
    output = root / options.output_dir
    summary = _whole(root, settings, output, fresh=options.fresh, with_inventory=options.inventory)
    if options.stdout or options.json:
        print_json(summary)
    else:
        _tell_summary(summary, output)
    return EXIT_OK


def _whole(root: Path, settings: Settings, output: Path, *, fresh: bool, with_inventory: bool) -> dict[str, Any]:
    """Write everything that changed and return the summary."""
    from protogate.discovery.beside import Beside
    from protogate.discovery.scanning import Scan, scan

    # Millions of values that are all still needed at the end: looking for circles among them costs a third of the time.
    gc.disable()
    scanning = Beside(lambda: scan(root, settings.of("ignore_dirs")).packed())
    # Loading the parsers takes as long as looking at ten thousand files.
    from protogate.discovery.analysis import Analysis, ranking
    from protogate.discovery.documents import inventory_document
    from protogate.discovery.memory import Memory, state_of, surroundings_of
    from protogate.discovery.reports import document_texts, page_texts, report, report_texts, table_texts
    from protogate.discovery.repository import Earlier, read_repository
    from protogate.discovery.writing import json_text, read_document, write_texts

    scanned = Scan.unpacked(scanning.result())
    memory = Memory(output)
    paths = (source.path for source in scanned.sources)
    surroundings = surroundings_of(root, paths, scanned.manifests, settings.table)
    state = state_of(surroundings, scanned.sources, with_inventory)
    if not fresh and memory.is_current(state):
        summary: dict[str, Any] = read_document(output / f"{_SUMMARY}.json")
        return summary
    earlier = Earlier() if fresh else Earlier(memory.facts(), lambda: memory.model(surroundings))
    read = read_repository(root, scanned, earlier, _Progress("read"), hints=_hints(settings))
    inventory = read.inventory
    _LAST[:] = [scanned, earlier, read]
    keeping = [] if read.patch else [Beside(lambda: memory.keep_model(read.kept, inventory, surroundings))]
    structure = memory.structure_of(read)
    if not read.patch:
        keeping.append(Beside(lambda: memory.keep_structure(structure)))
    ranked = ranking(inventory, structure, settings)
    table = Beside(lambda: write_texts(output, table_texts(ranked)))
    analysis = Analysis(inventory, structure, ranked, settings, begin=lambda work: Beside(work).result)
    documents = report(analysis, read.facts, settings, is_shown=True)
    _LAST.extend((structure, ranked, analysis, documents))
    page = Beside(lambda: write_texts(output, report_texts(documents)))
    files = document_texts(documents) | page_texts(documents)
    if with_inventory:
        files["repository-inventory.json"] = json_text(inventory_document(inventory))
    written = write_texts(output, files)
    for one in keeping:
        one.result()
    memory.keep_state(state, [*written, *table.result(), *page.result()])
    found: dict[str, Any] = documents[_SUMMARY]  # type: ignore[assignment]
    return found


def _stage(name: str) -> Callable[[str, Sequence[str]], int]:
    """Return the command that makes one document."""
    stage = _STAGES[name]

    def command(called: str, arguments: Sequence[str]) -> int:
        made = parser(called, stage.description, [called, *(f"{called} {one}" for one in stage.examples)])
        _add_common(made)
        stage.add(made)
        options = made.parse_args(arguments)
        root, settings = _entered(options)
        settings = settings.with_values(
            top_services=getattr(options, "top_services", None),
            delegation_limit=getattr(options, "limit", None) if name == "delegation-plan" else None,
            max_waves=getattr(options, "max_waves", None),
        )
        documents = _documents(root, settings, options)
        return stage.finish(root, options, documents)

    return command


def _documents(root: Path, settings: Settings, options: argparse.Namespace) -> dict[str, object]:
    """Return all documents; nothing is written but what the next run reads faster."""
    from protogate.discovery.analysis import analysed
    from protogate.discovery.memory import Memory
    from protogate.discovery.reports import report
    from protogate.discovery.repository import Earlier, read_repository
    from protogate.discovery.scanning import scan
    from protogate.discovery.shared_ts import shared_ts_candidates

    scanned = scan(root, settings.of("ignore_dirs"))
    earlier = Earlier() if options.fresh else Earlier(Memory(root / options.output_dir).facts())
    read = read_repository(root, scanned, earlier, _Progress("read"), hints=_hints(settings))
    only, clusters = _given(root, options)
    documents = report(analysed(read.inventory, settings, only, clusters), read.facts, settings)
    if "min_occurrences" in options:
        documents["shared-ts-candidates"] = shared_ts_candidates(
            read.inventory, read.facts, options.min_occurrences, options.min_modules_by_name
        )
    return documents


def _given(root: Path, options: argparse.Namespace) -> tuple[list[str], dict[str, object] | None]:
    """Return the candidates and the clusters that `delegation-plan` was given as files."""
    from protogate.discovery.writing import read_document

    only: list[str] = []
    clusters = None
    if getattr(options, "input", None):
        rows = read_document(root / options.input)
        if not isinstance(rows, list) or not all(isinstance(row, dict) and "module" in row for row in rows):
            raise UserError(f"{options.input}: is no list of candidates; module-candidates.json is wanted")
        only = [str(row["module"]) for row in rows if not row.get("excluded")]
    if getattr(options, "clusters", None):
        clusters = read_document(root / options.clusters)
        if not isinstance(clusters, dict) or "rows" not in clusters:
            raise UserError(f"{options.clusters}: has no rows; cqrs-pattern-clusters.json is wanted")
    return only, clusters


def _hints(settings: Settings) -> Hints:
    from protogate.discovery.repository import Hints

    roots, suffixes = settings.of("backend.route_roots"), settings.of("backend.extensions")
    return Hints(settings.of("frontend.alias_roots"), tuple(roots), tuple(suffixes))


class _Stage(NamedTuple):
    """One document, and what its command takes."""

    description: str
    examples: tuple[str, ...]
    add: Callable[[argparse.ArgumentParser], object]
    finish: Callable[[Path, argparse.Namespace, dict[str, object]], int]


def _write(*names: str) -> Callable[[Path, argparse.Namespace, dict[str, object]], int]:
    """Return what writes some documents, or prints the first."""

    def finish(root: Path, options: argparse.Namespace, documents: dict[str, object]) -> int:
        from protogate.discovery.reports import document_texts, page_texts
        from protogate.discovery.writing import write_texts

        if options.json or getattr(options, "stdout", False):
            print_json(documents[names[0]])
            return EXIT_OK
        base = getattr(options, "basename", None) or names[0]
        files = document_texts(documents) | page_texts(documents)
        wanted = {
            f"{base}{file.removeprefix(names[0])}" if file.startswith(f"{names[0]}.") else file: text
            for file, text in files.items()
            if any(file.startswith(f"{name}.") for name in names)
        }
        for name in write_texts(root / options.output_dir, wanted):
            print(_shown(root / options.output_dir / name))
        return EXIT_OK

    return finish


def _candidates(root: Path, options: argparse.Namespace, documents: dict[str, object]) -> int:
    """Write candidates to the file that was asked for, or print them."""
    from protogate.discovery.markdown import candidates_page
    from protogate.discovery.writing import json_text, write_texts

    rows: list[dict[str, object]] = documents["module-candidates"]  # type: ignore[assignment]
    if options.services_only:
        rows = [row for row in rows if row["service_candidate"]]
    rows = rows[: options.limit] if options.limit else rows
    if options.output == "-" or options.json:
        print_json(rows)
        return EXIT_OK
    target = root / (options.output or f"{options.output_dir}/module-candidates.json")
    files = {target.name: json_text(rows)}
    if options.with_markdown or not options.output:
        files[f"{target.stem}.md"] = candidates_page(rows)
    for name in write_texts(target.parent, files):
        print(_shown(target.parent / name))
    return EXIT_OK


def _add_boundaries(made: argparse.ArgumentParser) -> None:
    made.add_argument("--basename", metavar="NAME", help="of the files; default: service-boundaries")
    made.add_argument("--top-services", type=_count, metavar="N", help="services to recommend; default: 4")
    made.add_argument("--stdout", action="store_true", help="print the document instead of writing it")


def _add_candidates(made: argparse.ArgumentParser) -> None:
    made.add_argument("--output", metavar="FILE", help="where to; - prints")
    made.add_argument("--limit", type=_count, default=0, metavar="N", help="rows; default: all")
    made.add_argument("--services-only", action="store_true", help="only what may be a service of its own")
    made.add_argument("--with-markdown", action="store_true", help="write a page beside --output too")


def _add_clusters(made: argparse.ArgumentParser) -> None:
    made.add_argument("--stdout", action="store_true", help="print the document instead of writing it")


def _add_shared(made: argparse.ArgumentParser) -> None:
    made.add_argument("--min-occurrences", type=_count, default=2, metavar="N", help="declarations alike; default: 2")
    made.add_argument(
        "--min-modules-by-name", type=_count, default=3, metavar="N", help="modules with one name; default: 3"
    )
    made.add_argument("--stdout", action="store_true", help="print the document instead of writing it")


def _add_plan(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--input", metavar="FILE", help="module-candidates.json, as you edited it: only these are planned"
    )
    made.add_argument("--clusters", metavar="FILE", help="cqrs-pattern-clusters.json, as you edited it")
    made.add_argument("--limit", type=_count, metavar="N", help="slices; default: 8")


def _add_waves(made: argparse.ArgumentParser) -> None:
    made.add_argument("--max-waves", type=_count, metavar="N", help="waves after wave 0; 0 for all; default: 5")


_STAGES: Final = {
    "service-boundaries": _Stage(
        "Propose services: frontend modules, the backend routes that they ask, and how each is delivered.",
        ("--top-services 6", "--stdout"),
        _add_boundaries,
        _write("service-boundaries", "service-boundary-decisions"),
    ),
    "cqrs-clusters": _Stage(
        "Tell which modules are data grids, reports, managers or configuration, from what their code does.",
        ("--stdout",),
        _add_clusters,
        _write("cqrs-pattern-clusters"),
    ),
    "migration-candidates": _Stage(
        "Rank every package, boundary and module by how well it would come out, with the parts of each score.",
        ("--limit 20 --services-only", "--output - --limit 5"),
        _add_candidates,
        _candidates,
    ),
    "shared-ts-candidates": _Stage(
        "Find TypeScript that several modules of a frontend declare alike: what a shared package would hold.",
        ("--min-occurrences 3",),
        _add_shared,
        _write("shared-ts-candidates"),
    ),
    "delegation-plan": _Stage(
        "Plan slices: contract, routes, every line to cut with its remedy, tables, effort, parity and rollback.",
        ("--limit 3", "--input module-candidates.json --clusters cqrs-pattern-clusters.json"),
        _add_plan,
        _write("delegation-plan.generated", "delegation-decisions"),
    ),
    "wave-plan": _Stage(
        "Order slices in waves: none needs a later one; circles are named with the cheapest cut.",
        ("--max-waves 3",),
        _add_waves,
        _write("migration-wave-plan"),
    ),
}


def _add_common(made: argparse.ArgumentParser) -> None:
    made.add_argument("--repo-root", default=".", metavar="DIR", help="the repository; default: this directory")
    made.add_argument("--config", metavar="FILE", help="settings in JSON; see docs/discovery.md")
    made.add_argument("--output-dir", default=_OUTPUT, metavar="DIR", help=f"below the repository; default: {_OUTPUT}")
    made.add_argument("--fresh", action="store_true", help="read everything again")


def _entered(options: argparse.Namespace) -> tuple[Path, Settings]:
    from protogate.discovery.settings import read_settings

    enter_project(options.directory)
    root = Path(options.repo_root)
    if not root.is_dir():
        raise UserError(f"{options.repo_root}: is no directory; give the repository with --repo-root")
    return root, read_settings(Path(options.config) if options.config else None)


def _count(text: str) -> int:
    """Return a number from 0."""
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


_count.__name__ = "number from 0"


def _tell_summary(summary: Mapping[str, Any], output: Path) -> None:
    counts = summary["counts"]
    print(
        f"{counts['modules']:,} modules, {counts['edges']:,} references, {counts['candidate_modules']:,} candidates, "
        f"{counts['module_boundaries']:,} boundaries"
    )
    if counts["problems"]:
        print(f"{counts['problems']:,} files could not be read whole; see repository-profile.md")
    for title, key in (("slices", "top_service_candidates"), ("libraries", "top_shared_libraries")):
        rows = summary[key][:5]
        if rows:
            print(f"\n{title}:")
        for row in rows:
            print(f"  {row['score']:5.1f}  {row['module']}")
    waves = summary["top_migration_waves"]
    if waves:
        print("\nwaves:")
    for row in waves:
        print(f"  {row['wave_number']}  {row['wave_name']}")
    print(f"\n{_shown(output / 'migration-discovery.html')}")


def _shown(path: Path) -> str:
    return path.as_posix()


class _Progress:
    """Shows on a terminal how many files are read."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._is_watched = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        if self._is_watched and total:
            end = "\r\033[K" if done == total else ""
            print(f"\r\033[K{self._what} {done:,} of {total:,} files{end}", end="", file=sys.stderr, flush=True)


_COMMANDS: Final[Mapping[str, Callable[[str, Sequence[str]], int]]] = {
    "discovery": _discovery,
    **{name: _stage(name) for name in _STAGES},
}
