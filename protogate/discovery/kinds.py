"""What kind of file a path is: a test, or made by a program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from protogate.discovery.facts import FileFacts

__all__ = ["BROWSER_EVENTS", "is_generated", "is_test"]

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


BROWSER_EVENTS: Final = frozenset(
    "abort animationend beforeunload blur change click close contextmenu copy cut dblclick drag dragend dragenter"
    " dragleave dragover dragstart drop error focus focusin focusout hashchange hide input invalid keydown keypress"
    " keyup load message mousedown mouseenter mouseleave mousemove mouseout mouseover mouseup open paste popstate ready"
    " reset resize scroll select show storage submit touchend touchmove touchstart transitionend unload wheel".split()
)
"""Events of browsers: whoever tells one to an element is not heard by the listeners of all others."""
_BUILT: Final = frozenset({"dist", "generated", "_gen", "immutable", "third_party", "thirdparty", "vendor", "vendors"})
"""Directories of what a program wrote, or somebody else."""
_WEB: Final = (".js", ".mjs", ".cjs")
_LIBRARIES: Final = ("bootstrap", "jquery", "lodash", "moment", "underscore")
"""Libraries of the web that people copy beside their own scripts."""
_HASHED: Final = re.compile(r"[-.](?=[^.]*\d)(?=[^.]*[A-Z])[A-Za-z0-9_-]{8}$")
"""The end of a name that a bundler gave: `index-BH25Padw.js`."""


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
    if file.endswith(_MARKS) or not _BUILT.isdisjoint(directories) or _is_copied(file):
        return True
    if dict(facts.features).get("generated") or dict(facts.features).get("minified"):
        return True
    return _is_migration(directories, file)


def _is_copied(file: str) -> bool:
    """Tell a script of a library, or of a bundler, by its name."""
    stem, dot, suffix = file.rpartition(".")
    return dot + suffix in _WEB and (stem.lower().startswith(_LIBRARIES) or bool(_HASHED.search(stem)))


def _is_migration(directories: list[str], file: str) -> bool:
    """Tell a step between two versions of tables: numbered, or below `versions` of Alembic."""
    last = directories[-1] if directories else ""
    is_numbered = last in {"migrations", "versions", "south_migrations"} and file[:1].isdigit()
    around = directories[directories.index("versions") - 1] if "versions" in directories[1:] else ""
    return is_numbered or around.strip("_") in {"migrations", "alembic"}
