"""Checks every target on every file of a corpus with the tools that its users would run."""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.databases import load_each_into_sqlite, load_into_postgres, load_into_sqlite
from benchmarks.process import NODE, ROOT, STATE, ProcessError, finish, tool
from protogate.crosscheck.contracts import read_contracts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.corpora import Corpus

__all__ = ["CHECKS", "Check", "Outcome", "check_corpus", "render"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one target on one corpus."""

    corpus: str
    check: str
    files: int
    """Outputs that were looked at."""
    failures: tuple[str, ...]
    generated: float
    """Seconds."""
    checked: float
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Check:
    """One target with options, and what its outputs must stand."""

    name: str
    plugin: str
    options: str
    verify: Callable[[Path], tuple[int, list[str]]]
    """The number of outputs and one line for each that fails."""


def check_corpus(corpus: Corpus, check: Check) -> Outcome:
    """Generate for every file of the corpus and verify all that came out."""
    out = STATE / "corpus-check" / corpus.name / check.name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    start = time.perf_counter()
    try:
        generate(corpus, check.plugin, check.options, out)
    except ProcessError as error:
        return Outcome(corpus.name, check.name, 0, (str(error),), time.perf_counter() - start, 0.0)
    generated = time.perf_counter()
    files, failures = check.verify(out)
    if not files:
        failures = [*failures, "nothing was generated"]
    return Outcome(corpus.name, check.name, files, tuple(failures), generated - start, time.perf_counter() - generated)


def generate(corpus: Corpus, plugin: str, options: str, out: Path) -> None:
    """Run one protogate plugin over the whole corpus."""
    plugins = [
        {
            "local": tool(f"protoc-gen-protogate-{plugin}"),
            "out": str(out),
            "strategy": "all",
            "opt": [options] if options else [],
        }
    ]
    template = json.dumps({"version": "v2", "plugins": plugins})
    finish([tool("buf"), "generate", str(corpus.image), "--template", template], cwd=corpus.place)


def _python_imports(out: Path) -> tuple[int, list[str]]:
    answer = finish([sys.executable, str(ROOT / "benchmarks" / "import_all.py"), str(out)])
    found = json.loads(answer)
    return found["modules"], found["failures"]


def _typescript(out: Path) -> tuple[int, list[str]]:
    (out / "node_modules").symlink_to(NODE / "node_modules")
    options = {
        "strict": True,
        "exactOptionalPropertyTypes": True,
        "noUncheckedIndexedAccess": True,
        "isolatedModules": True,
        "noEmit": True,
        "target": "es2022",
        "module": "nodenext",
        "types": [],
    }
    (out / "package.json").write_text('{"type": "module"}')
    (out / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["**/*.ts"]}))
    files = len(list(out.rglob("*.zod.ts")))
    try:
        finish([tool("tsc"), "-p", str(out)], cwd=out)
    except ProcessError as error:
        return files, [line for line in str(error).splitlines() if "error TS" in line] or [str(error)]
    return files, []


def _meta_schema(out: Path) -> tuple[int, list[str]]:
    import jsonschema_rs  # noqa: PLC0415 - of the test group, and only this check needs it

    files = sorted(out.rglob("*.schema.json"))
    failures = []
    for path in files:
        schema = json.loads(path.read_text())
        try:
            jsonschema_rs.meta.validate(schema)
        except jsonschema_rs.ValidationError as error:
            failures.append(f"{path.relative_to(out)}: {str(error)[:200]}")
    return len(files), [*failures, *_dangling(out, files)]


def _dangling(out: Path, files: Sequence[Path]) -> list[str]:
    """References that lead nowhere: a meta-schema does not look at them."""
    schemas = {path: json.loads(path.read_text()) for path in files}
    return [
        f"{path.relative_to(out)}: {reference} leads nowhere"
        for path, schema in schemas.items()
        for reference in sorted(set(_references(schema)))
        if not _leads(path, reference, schemas)
    ]


def _leads(path: Path, reference: str, schemas: Mapping[Path, object]) -> bool:
    file, _, pointer = reference.partition("#")
    node = schemas.get((path.parent / file).resolve() if file else path)
    for escaped in pointer.split("/")[1:]:
        step = escaped.replace("~1", "/").replace("~0", "~")
        node = node.get(step) if isinstance(node, dict) else None
    return node is not None


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    if isinstance(node, list):
        return [found for value in node for found in _references(value)]
    return []


def _compiles(out: Path) -> tuple[int, list[str]]:
    files = sorted(out.rglob("*.py"))
    failures = []
    for path in files:
        try:
            compile(path.read_text(), str(path), "exec")
        except SyntaxError as error:
            failures.append(f"{path.relative_to(out)}: {error}")
    return len(files), failures


def _contracts(out: Path) -> tuple[int, list[str]]:
    reading = read_contracts(str(out))
    return len(reading.contracts), [str(finding) for finding in reading.findings]


CHECKS = {
    check.name: check
    for check in (
        Check("pydantic", "pydantic", "", _python_imports),
        Check("zod", "zod", "", _typescript),
        Check("jsonschema", "jsonschema", "", _meta_schema),
        Check("jsonschema-2020-12", "jsonschema", "draft=2020-12", _meta_schema),
        Check("sql-sqlite", "sql", "dialect=sqlite", load_each_into_sqlite),
        # Hundreds of products in one database: only the long names keep their tables apart.
        Check("sql-sqlite-whole", "sql", "dialect=sqlite,names=package", load_into_sqlite),
        Check("sql-postgresql-whole", "sql", "dialect=postgresql,names=package", load_into_postgres),
        Check("grpc", "grpc", "", _compiles),
        # Many methods of one folder have the same name.
        Check("contract", "contract", "names=full", _contracts),
    )
}
"""The checks by name."""


def render(outcomes: Sequence[Outcome], show: int) -> str:
    """A table of all outcomes and the first failures of each."""
    head = f"{'corpus':8} {'target':20} {'outputs':>8} {'failures':>9} {'generate s':>11} {'check s':>8}"
    lines = [head, "-" * len(head)]
    lines += [
        f"{one.corpus:8} {one.check:20} {one.files:8} {len(one.failures):9} {one.generated:11.2f} {one.checked:8.2f}"
        for one in outcomes
    ]
    for one in outcomes:
        if one.failures:
            lines += ["", f"{one.check} on {one.corpus}:", *(f"  {line[:600]}" for line in one.failures[:show])]
    return "\n".join(lines)
