"""`protogate vendor`: the contracts that other contracts import, as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from protogate.build import PROTOS_DIRECTORY
from protogate.build.project import YamlCache, modules_above
from protogate.console import enter_project, parser, print_json
from protogate.errors import EXIT_OK
from protogate.vendor import write_vendored_protos

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]

_OPTIONS = "protogate/options/v1/options.proto"


def run(command: str, arguments: Sequence[str]) -> int:
    """Write the contracts and name the files."""
    made = parser(
        command,
        "Write the buf/validate, google/api and protogate/options contracts from the installed\n"
        "packages; protogate/options only if the project has it not among its own.\n"
        f"A build does this by itself when buf.yaml names {PROTOS_DIRECTORY} as a module.",
        ["vendor", "vendor third_party/protos"],
    )
    made.add_argument("target", nargs="?", metavar="DIR", default=PROTOS_DIRECTORY)
    options = made.parse_args(arguments)
    enter_project(options.directory)
    own = [Path(module, _OPTIONS) for module in modules_above(".", YamlCache())]
    has_options = any(path.is_file() for path in own if not path.is_relative_to(Path(options.target).resolve()))
    written = [str(path) for path in write_vendored_protos(Path(options.target), options=not has_options)]
    if options.json:
        print_json({"directory": options.target, "files": written})
    else:
        print(f"{options.target}: {len(written)} contracts")
    return EXIT_OK
