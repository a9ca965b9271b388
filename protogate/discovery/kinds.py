"""What kind of file a path is: a test, or made by a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from protogate.discovery.facts import FileFacts

__all__ = ["is_generated", "is_test"]

_TEST_DIRECTORIES: Final = frozenset(
    {
        "test",
        "tests",
        "testing",
        "__tests__",
        "__mocks__",
        "e2e",
        "cypress",
        "spec",
        "specs",
        "testsuite",
        "regressiontests",
    }
)
_MARKS: Final = (".min.js", ".bundle.js", "_pb2.py", "_pb2_grpc.py", ".pb.ts", "_pb.js", "_pb.ts", ".gen.ts", ".d.ts")


def is_test(path: str) -> bool:
    """Tell whether a file tests others: by its directory, or by its name as pytest, unittest and jest have it."""
    *directories, file = path.split("/")
    if not _TEST_DIRECTORIES.isdisjoint(directories):
        return True
    stem, _, rest = file.partition(".")
    if file.endswith(".py"):
        return stem.startswith("test_") or stem.endswith("_test") or stem in {"conftest", "tests", "test"}
    return rest.startswith(("spec.", "test.", "stories.", "cy."))


def is_generated(path: str, facts: FileFacts) -> bool:
    """Tell whether a program wrote a file: by its name, by its place, or by what its first lines say."""
    *directories, file = path.split("/")
    if file.endswith(_MARKS) or "generated" in directories or "_gen" in directories:
        return True
    if dict(facts.features).get("generated") or dict(facts.features).get("minified"):
        return True
    return _is_migration(directories, file)


def _is_migration(directories: list[str], file: str) -> bool:
    """Tell a step between two versions of tables: numbered, or below `versions` of Alembic."""
    last = directories[-1] if directories else ""
    is_numbered = last in {"migrations", "versions", "south_migrations"} and file[:1].isdigit()
    return is_numbered or (last == "versions" and directories[-2:-1] in (["migrations"], ["alembic"]))
