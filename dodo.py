"""The build of this repository: `doit list` shows its tasks, plain `doit` generates what is stale."""

import sys
from pathlib import Path

from doit.action import CmdAction

from protogate.tasks import (  # noqa: F401 - doit finds tasks by their names
    DOIT_CONFIG,
    ci_task,
    command_task,
    task_bootstrap_legacy,
    task_contracts,
    task_cross_check,
    task_diff_legacy,
    task_gateway,
    task_generate,
    task_generate_incremental,
    task_json,
    task_legacy_list,
    task_legacy_register,
    task_legacy_report,
    task_lint,
    task_proto,
    task_proto_changed,
    task_python,
    task_registry_check,
    task_registry_list,
    task_registry_register,
    task_sql,
    task_sync_check,
    task_testql,
    task_vendor,
    task_watch,
    task_zod,
)
from protogate.tasks.pipeline import TaskDict

PYTHON = sys.executable
TOOL = [PYTHON, "-m"]
PYTEST = [*TOOL, "pytest", "-q", "-n", "2", "--dist", "loadfile"]


def task_test() -> TaskDict:
    """The whole test suite but the slow tests."""
    return command_task("the whole test suite but the slow tests", [*PYTEST, "-m", "not slow", "tests"])


def task_test_slow() -> TaskDict:
    """The tests that take minutes."""
    return command_task("the tests that take minutes", [*PYTEST, "-m", "slow", "tests"])


def task_check() -> TaskDict:
    """Format, lint, types, import contracts, documents."""
    return command_task(
        "format, lint, types, import contracts, documents",
        [*TOOL, "ruff", "format", "--check", "--quiet", "."],
        [*TOOL, "ruff", "check", "--quiet", "."],
        [*TOOL, "mypy"],
        [*TOOL, "pyright"],
        [str(Path(PYTHON).with_name("lint-imports"))],
        [*TOOL, "pytest", "-q", "tests/e2e/test_docs.py"],
    )


def task_bench() -> TaskDict:
    """Corpora and timings, written to docs/."""
    return command_task("corpora and timings, written to docs/", [*TOOL, "benchmarks"])


def task_docs() -> TaskDict:
    """The documentation site, in .protogate/site; any warning fails."""
    return command_task(
        "the documentation site, in .protogate/site; any warning fails",
        [*TOOL, "drawings"],
        [*TOOL, "mkdocs", "build", "--strict"],
    )


def task_release_version() -> TaskDict:
    """The next version, and which commits ask for it."""
    return command_task("the next version, and which commits ask for it", [*TOOL, "releases", "version"])


def task_release_notes() -> TaskDict:
    """What the changelog says of the next version."""
    return command_task("what the changelog says of the next version", [*TOOL, "releases", "notes"])


def task_release_build() -> TaskDict:
    """Wheel, sdist, bill of materials and sums in dist/, checked."""
    return command_task("wheel, sdist, bill of materials and sums in dist/, checked", [*TOOL, "releases", "build"])


def task_release_prepare() -> TaskDict:
    """Write the next version and its day into the files that say it."""
    return command_task("write the next version into the files that say it", [*TOOL, "releases", "prepare"])


def task_release_tag() -> TaskDict:
    """Mark the commit that holds a prepared release."""
    return command_task("mark the commit that holds a prepared release", [*TOOL, "releases", "tag"])


def task_release() -> TaskDict:
    """All of a release but its tag, which `--tag` makes too."""
    return {
        "doc": "write, commit, build and check the next release; --tag marks it too",
        "actions": [CmdAction(_release, shell=False)],
        "params": [
            {"name": "tag", "long": "tag", "type": bool, "default": False, "help": "mark the commit with its version"}
        ],
    }


def _release(*, tag: bool) -> list[str]:
    return [*TOOL, "releases", "all", *(["--tag"] if tag else [])]


def task_ci() -> TaskDict:
    """What a CI server runs; later stages are added at the end."""
    # The CQRS contracts are generated, and so are their listings: none of them is in git.
    return ci_task("lint", "generate", "check", "test", "registry_check", "contracts", "cross_check", "gateway")
