"""Finds what protoc needs to compile loose contracts: the root of their imports, and where the imports are."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from protogate.build.lexer import read_header
from protogate.build.project import YamlCache, modules_above
from protogate.build.protos import PROTOS_DIRECTORY
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "PROTOC",
    "compiler_messages",
    "import_root",
    "include_roots",
    "read_imports",
    "well_known_protos",
]

PROTOC = "import sys; from grpc_tools.protoc import main; sys.exit(main(['protoc', *sys.argv[1:]]))"
"""What `python -c` runs: grpc_tools as a module would add its own include directory first."""

_OUT_PREFIX = re.compile(r"^--[\w-]+_out:\s*(?:protoc-gen-protogate:\s*)?")
_VENDORED = ("buf/validate/", "google/api/", "protogate/options/")


def import_root(directory: str, contracts: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Find the directory that the imports count from, and the contracts relative to it.

    `protogate generate-zod contracts/user out` meets imports such as `user/v1/user.proto`: they
    count from the module of buf.yaml, or without one from the first directory above that has them.
    """
    base = Path(directory).resolve()
    modules = [Path(place).resolve() for place in modules_above(str(base), YamlCache())]
    parents = [base, *base.parents]
    root = next((place for place in parents if place in modules), None) or next(
        (place for place in parents if _resolves(place, base, contracts)), base
    )
    return str(root), tuple(str((base / one).relative_to(root)) for one in contracts)


def read_imports(path: str) -> tuple[str, ...]:
    """Return what a contract imports; nothing for one that cannot be read: the compiler names the reason."""
    try:
        with open(path, "rb") as file:
            return read_header(file.read().decode("utf-8", "replace")).imports
    except OSError:
        return ()


def include_roots(root: str, headers: Mapping[str, tuple[str, ...]], staging: str) -> tuple[str, ...]:
    """Return the roots of imports: this one, its neighbours in buf.yaml, the vendored contracts.

    Args:
        root: where the contracts themselves count from.
        headers: imports by contract.
        staging: where the vendored contracts are written, when one is missing.
    """
    places = [root, *filter(os.path.isdir, modules_above(root, YamlCache()))]
    wanted = {name for names in headers.values() for name in names if name.startswith(_VENDORED)}
    if any(not _exists_in(places, name) for name in wanted):
        from protogate.vendor import write_vendored_protos

        protos = os.path.join(staging, os.path.basename(PROTOS_DIRECTORY))
        write_vendored_protos(Path(protos), options=not _exists_in(places, "protogate/options/v1/options.proto"))
        places.append(protos)
    return tuple(dict.fromkeys(map(os.path.realpath, places)))


def well_known_protos() -> str:
    """Return the directory that holds google/protobuf."""
    from importlib.util import find_spec

    spec = find_spec("grpc_tools")
    if spec is None or not spec.submodule_search_locations:
        raise UserError("grpc_tools: not installed; run `pip install grpcio-tools`")
    return os.path.join(next(iter(spec.submodule_search_locations)), "_proto")


def compiler_messages(complaint: str) -> list[str]:
    """Return the lines of protoc that say something, without its decoration."""
    return [_OUT_PREFIX.sub("", line) for line in complaint.splitlines() if line.strip()]


def _resolves(place: Path, base: Path, contracts: Sequence[str]) -> bool:
    imported = {name for one in contracts for name in read_imports(str(base / one))}
    ours = {name for name in imported if not name.startswith((*_VENDORED, "google/protobuf/"))}
    return any((place / name).is_file() for name in ours)


def _exists_in(places: Iterable[str], name: str) -> bool:
    return any(os.path.isfile(os.path.join(place, name)) for place in places)
