"""The tasks on contracts: each one calls the build graph, and only when it has something to do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from protogate.tasks.pipeline import command_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from doit.exceptions import BaseFail

    from protogate.build import Survey
    from protogate.build.project import Project
    from protogate.build.summary import Progress
    from protogate.tasks.pipeline import TaskDict

__all__ = [
    "digest_of_contracts",
    "generation_task",
    "task_generate",
    "task_generate_incremental",
    "task_json",
    "task_lint",
    "task_proto",
    "task_proto_changed",
    "task_python",
    "task_sql",
    "task_vendor",
    "task_watch",
    "task_zod",
]

_ROOT = "."
"""doit runs in the directory of dodo.py."""


def generation_task(doc: str, *targets: str) -> TaskDict:
    """Return a task that builds some targets by their short plugin names; none means all."""
    return _Generation(frozenset(targets) or None).task(doc)


def task_generate() -> TaskDict:
    """Everything that buf.gen.yaml lists."""
    return generation_task("everything that buf.gen.yaml lists")


def task_generate_incremental() -> TaskDict:
    """The same, naming what is stale."""
    return _Generation(None, name_stale=True).task("the same, naming each contract that is stale")


def task_watch() -> TaskDict:
    """Everything, whenever a contract is saved."""
    return command_task(
        "generate whenever a contract is saved, until it is interrupted", [sys.executable, "-m", "protogate", "watch"]
    )


def task_proto() -> TaskDict:
    """Messages and gRPC stubs."""
    return generation_task("protobuf messages and gRPC stubs for Python", "grpc")


def task_python() -> TaskDict:
    """Pydantic models."""
    return generation_task("pydantic models", "pydantic")


def task_zod() -> TaskDict:
    """Zod schemas."""
    return generation_task("zod schemas for TypeScript", "zod")


def task_json() -> TaskDict:
    """JSON Schemas."""
    return generation_task("JSON Schemas", "jsonschema")


def task_sql() -> TaskDict:
    """Table definitions."""
    return generation_task("SQL table definitions", "sql")


def task_vendor() -> TaskDict:
    """Contracts that other contracts import."""
    return {
        "doc": "buf/validate and google/api contracts in .protogate/protos",
        "actions": [_vendor],
        "uptodate": [_is_vendored],
    }


def task_lint() -> TaskDict:
    """Rules and format of the contracts."""
    return {
        "doc": "buf's lint rules and format, for the contracts",
        "actions": [_lint],
        "uptodate": [_contracts_unchanged],
        "verbosity": 2,
    }


def task_proto_changed() -> TaskDict:
    """Contracts that differ from a git revision."""
    return {
        "doc": "list the contracts that differ from a git revision (--ref)",
        "actions": [_list_changed],
        "params": [
            {
                "name": "ref",
                "long": "ref",
                "default": "",
                "help": "revision to compare with; without it, where this branch left the base",
            }
        ],
        "verbosity": 2,
    }


class _Generation:
    """One task over the build graph: doit asks whether it is current, then runs it."""

    def __init__(self, select: frozenset[str] | None, *, name_stale: bool = False) -> None:
        self._select = select
        self._name_stale = name_stale
        self._survey: Survey | None = None

    def task(self, doc: str) -> TaskDict:
        return {
            "doc": doc,
            "actions": [self.run],
            "uptodate": [self.is_current],
            "clean": [_clean],
            "verbosity": 2,
        }

    def is_current(self) -> bool:
        """Look at the project; what was seen serves the run that may follow."""
        from protogate.build import look, remember
        from protogate.config import load_config
        from protogate.errors import UserError

        try:
            template = load_config(_ROOT).template
            self._survey = look(_ROOT, template=template, select=self._select)
            remember(self._survey)
        except UserError:
            return False  # the run meets it again, and tells
        return self._survey.is_current

    def run(self) -> BaseFail | None:
        """Build what is stale and say what was made."""
        from protogate.build.summary import Progress

        progress = Progress()
        return _told(lambda: self._build(progress), progress.clear)

    def _build(self, progress: Progress) -> None:
        from protogate.build import build
        from protogate.build.summary import summary_lines
        from protogate.config import load_config

        result = build(
            _ROOT,
            template=load_config(_ROOT).template,
            select=self._select,
            listener=progress,
            survey=self._survey,
        )
        progress.clear()
        stale = [f"stale: {name}" for name in result.rebuilt] if self._name_stale else []
        print("\n".join([*stale, *summary_lines(result)]))


def _clean() -> None:
    from protogate.build import clean

    print(f"{clean(_ROOT):,} generated files removed")


def _vendor() -> BaseFail | None:
    from protogate.build import ensure_protos

    return _told(lambda: ensure_protos(_ROOT, _project()))


def _is_vendored() -> bool:
    from protogate.build.protos import are_protos_current
    from protogate.errors import UserError

    try:
        return are_protos_current(_ROOT, _project())
    except UserError:
        return False


def _project() -> Project:
    from protogate.build.project import YamlCache, load_project
    from protogate.config import load_config

    return load_project(_ROOT, YamlCache(), load_config(_ROOT).template)


def _lint() -> BaseFail | None:
    from doit.exceptions import TaskFailed

    from protogate.build.lint import lint
    from protogate.config import load_config
    from protogate.console import annotate
    from protogate.findings import render_finding

    lines: list[str] = []

    def run() -> None:
        found = lint(_ROOT, load_config(_ROOT).template)
        lines.extend(map(render_finding, found))
        annotate(found)

    outcome = _told(run)
    return TaskFailed("\n".join(lines)) if lines else outcome


def _contracts_unchanged(task: Any, values: dict[str, object]) -> bool:  # noqa: ANN401 - doit's Task has no types
    """Compare the contracts with those of the last good run, as doit's `uptodate` wants it."""
    # Saved after the run, which may have written the vendored contracts.
    task.value_savers.append(lambda: {"contracts": digest_of_contracts()})
    digest = digest_of_contracts()
    return digest is not None and values.get("contracts") == digest


def digest_of_contracts() -> str | None:
    """Return one digest over all contracts and the configuration of buf; None where there is a mistake in them."""
    from protogate.build import contracts_digest
    from protogate.config import load_config
    from protogate.errors import UserError

    try:
        return contracts_digest(_ROOT, template=load_config(_ROOT).template)
    except UserError:
        return None


def _list_changed(ref: str) -> BaseFail | None:
    from protogate.build.changes import changed_contracts
    from protogate.config import load_config

    def run() -> None:
        for path in changed_contracts(_ROOT, ref or None, load_config(_ROOT).base):
            print(path)

    return _told(run)


def _told(run: Callable[[], object], tidy: Callable[[], None] = lambda: None) -> BaseFail | None:
    """Run; an error of ours becomes doit's: its message only, exit 2."""
    from doit.exceptions import TaskError

    from protogate.errors import ProtogateError

    try:
        run()
    except ProtogateError as error:
        return TaskError(str(error))
    finally:
        tidy()
    return None
