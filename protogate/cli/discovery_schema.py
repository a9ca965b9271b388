"""`protogate discovery schema`: the JSON Schemas of the documents."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from protogate.console import parser, print_json
from protogate.errors import EXIT_OK, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run", "schemas"]


def run(command: str, arguments: Sequence[str]) -> int:
    """Print one schema, or the names of all."""
    made = parser(
        command,
        "Print the JSON Schema (2020-12) of a document of `protogate discovery`; without a name, list them.",
        [command, f"{command} delegation-plan.generated"],
        json=False,
    )
    made.add_argument("name", nargs="?", help="of the document, without .json")
    options = made.parse_args(arguments)
    known = schemas()
    if options.name is None:
        for name in known:
            print(name)
        return EXIT_OK
    if options.name not in known:
        raise UserError(f"{options.name!r} is no document; use one of {', '.join(known)}")
    print_json(known[options.name])
    return EXIT_OK


def schemas() -> dict[str, Any]:
    """Return every schema by the name of its document."""
    place = files("protogate.discovery") / "schemas"
    found = {one.name.removesuffix(".schema.json"): one for one in place.iterdir() if one.name.endswith(".json")}
    return {name: json.loads(found[name].read_text("utf-8")) for name in sorted(found)}
