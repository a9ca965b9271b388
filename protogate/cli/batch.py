"""`protogate generate-pydantic|-zod|-json-schema|-sql`: one directory into another."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from protogate.build.batch import find_contracts, generate_batch
from protogate.console import parser, print_json, red
from protogate.errors import EXIT_FINDINGS, EXIT_OK, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogate.build.batch import BatchResult

__all__ = ["run"]

_PLUGINS = {
    "generate-pydantic": "pydantic",
    "generate-zod": "zod",
    "generate-json-schema": "jsonschema",
    "generate-sql": "sql",
}


def run(command: str, arguments: Sequence[str]) -> int:
    """Generate every contract of a directory; exit 1 when one failed or there is none."""
    made = parser(
        command,
        f"Generate every contract of a directory with protoc-gen-protogate-{_PLUGINS[command]}.\n"
        "A broken contract fails alone. An empty `contracts` falls back to its sibling `proto`,\n"
        "then to the newest reports/**/swop/proto.",
        [f"{command} contracts out", f"{command} contracts out --opt NAME=VALUE"],
    )
    made.add_argument("input", metavar="INPUT_DIR")
    made.add_argument("output", metavar="OUTPUT_DIR")
    made.add_argument("--opt", action="append", default=[], help="an option of the plugin")
    options = made.parse_args(arguments)
    os.chdir(options.directory)
    try:
        directory, contracts = find_contracts(options.input)
    except UserError as error:
        # The one mistake that scripts test for with exit code 1 since the first version.
        print(red(str(error)))
        return EXIT_FINDINGS
    plugin, joined = _PLUGINS[command], ",".join(options.opt)
    result = generate_batch(directory, contracts, options.output, plugin, joined)
    if options.json:
        print_json(_plain(result, options.output))
    else:
        print("\n".join(_lines(result, options.output)))
    return EXIT_FINDINGS if result.failures else EXIT_OK


def _lines(result: BatchResult, out: str) -> list[str]:
    outputs = [path for paths in result.generated.values() for path in paths]
    lines = [f"  generated → {os.path.join(out, path)}" for path in outputs]
    lines += [f"  nothing to generate in {name}" for name, paths in result.generated.items() if not paths]
    lines += [f"  {red('failed')} → {failure.message}" for failure in result.failures]
    return [*lines, f"Done: {len(result.generated)} ok, {len(result.failures)} failed"]


def _plain(result: BatchResult, out: str) -> dict[str, object]:
    return {
        "output": out,
        "generated": {name: list(paths) for name, paths in result.generated.items()},
        "shared": list(result.shared),
        "failed": [{"contract": failure.contract, "message": failure.message} for failure in result.failures],
    }
