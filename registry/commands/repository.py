"""Compiles the contracts of a repository as the registry sees them, and remembers what they compiled to."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from protogate import __version__
from protogate.build.contracts import find_contracts, read_contract
from protogate.config import load_config
from protogate.errors import UserError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protogate.build.contracts import Contract, ContractSet
    from registry.compiler import CompiledSchema

__all__ = ["Compiler", "Contents", "add_place_arguments", "contracts_of"]

_MEMORY = os.path.join(".protogate", "contents.json")
_FORMAT = f"protogate {__version__}"


def add_place_arguments(made: argparse.ArgumentParser) -> None:
    """Let the user name files and directories."""
    made.add_argument(
        "places",
        nargs="*",
        metavar="PLACE",
        help="a .proto file or a directory; default: all contracts that buf.gen.yaml generates from",
    )
    # As the first version of this program spelled it.
    made.add_argument("--proto", action="append", default=[], metavar="FILE", help="the same as PLACE")


def contracts_of(options: argparse.Namespace) -> ContractSet:
    """Return the contracts that the command line names, with all that they import."""
    return find_contracts([*options.places, *options.proto], template=load_config(".").template)


class Contents:
    """Remembers which content a contract compiled to, so that what did not change is not compiled again."""

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._known = dict(known or {})
        self._used: dict[str, str] = {}

    @classmethod
    def load(cls) -> Contents:
        """Read what earlier commands in this project found out; nothing when it cannot be read."""
        try:
            with open(_MEMORY, encoding="utf-8") as file:
                document = json.load(file)
            return cls(document["contents"]) if document["format"] == _FORMAT else cls()
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def get(self, contract: Contract) -> str | None:
        """Return the content id of a contract as it is now."""
        found = self._known.get(contract.digest)
        if found is not None:
            self._used[contract.digest] = found
        return found

    def put(self, contract: Contract, content_id: str) -> None:
        """Remember a content id."""
        self._used[contract.digest] = content_id

    def save(self, *, complete: bool) -> None:
        """Write what is known; `complete` drops what no contract has any more."""
        kept = self._used if complete else {**self._known, **self._used}
        if kept == self._known:
            return
        beside = f"{_MEMORY}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(_MEMORY), exist_ok=True)
            with open(beside, "w", encoding="utf-8") as file:
                json.dump({"format": _FORMAT, "contents": kept}, file)
            os.replace(beside, _MEMORY)
        except OSError:
            # Only a memory: without it the next command compiles once more.
            if os.path.exists(beside):
                os.unlink(beside)


class Compiler:
    """Compiles contracts, each once, after those that it imports."""

    def __init__(self, contracts: ContractSet, contents: Contents) -> None:
        self._contracts = {one.name: one for one in contracts.contracts}
        self._positions = {name: position for position, name in enumerate(self._contracts)}
        self._contents = contents
        self._schemas: dict[str, CompiledSchema] = {}
        self._files: dict[str, FileDescriptorProto] = {}

    def schema(self, name: str) -> CompiledSchema:
        """Return a contract, compiled; its references are still to be filled in."""
        for one in self._missing(name):
            contract = self._contracts[one]
            self._schemas[one] = schema = self._compile(contract)
            self._files[one] = _with_places(schema)
            self._contents.put(contract, schema.content_id)
        return self._schemas[name]

    def _missing(self, name: str) -> list[str]:
        """Give a contract and what it imports, as far as it is not compiled, imports first."""
        wanted = set() if name in self._schemas else {name}
        waiting = list(wanted)
        while waiting:
            fresh = [one for one in self._own_imports(waiting.pop()) if one not in wanted and one not in self._schemas]
            wanted.update(fresh)
            waiting += fresh
        return sorted(wanted, key=self._positions.__getitem__)

    def _own_imports(self, name: str) -> list[str]:
        return [one for one in self._contracts[name].imports if one in self._contracts]

    def _compile(self, contract: Contract) -> CompiledSchema:
        from registry.compiler import Imports, compile_schema
        from registry.errors import InvalidSchemaError
        from registry.service import LARGEST_SCHEMA

        self._require_imports(contract)
        own = self._own_imports(contract.name)
        files = {file.name: file for one in own for file in self._schemas[one].imports}
        files |= {one: self._files[one] for one in own}
        imports = Imports(files, {one: self._schemas[one].content_id for one in own})
        text = read_contract(contract)
        if len(text) > LARGEST_SCHEMA:
            raise UserError(
                f"{contract.path}: has {len(text):,} characters, the registry takes {LARGEST_SCHEMA:,}; split it"
            )
        try:
            schema = compile_schema(text, (), imports, file_name=contract.name)
        except InvalidSchemaError as error:
            # Beside errors with a place, protoc logs in a form of its own.
            told = [line for line in error.details if line.partition(":")[0] in self._contracts] or [str(error)]
            raise UserError("\n".join(map(self._placed, told))) from None
        if schema.file_name != contract.name:
            raise UserError(f"{contract.path}: has a name that cannot be imported; use letters, digits and _-./ only")
        return schema

    def _require_imports(self, contract: Contract) -> None:
        from registry.imports import built_in

        for one in contract.imports:
            if one in self._contracts:
                if one not in self._schemas:
                    raise UserError(f"{contract.path}: imports {one}, which imports it again; break the cycle")
            elif built_in(one) is None:
                raise UserError(
                    f"{contract.path}: imports {one}, which no module holds; name its module in buf.yaml, "
                    "after `buf export` for one of the Buf registry"
                )

    def _placed(self, line: str) -> str:
        name, colon, rest = line.partition(":")
        contract = self._contracts.get(name)
        return f"{contract.path}:{rest}" if colon and contract else line


def _with_places(schema: CompiledSchema) -> FileDescriptorProto:
    """Return a file that still knows its lines, for findings in what others import."""
    file = schema.file()
    file.source_code_info.ParseFromString(schema.source_info)
    return file
