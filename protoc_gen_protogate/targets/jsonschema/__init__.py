"""JSON Schema for ProtoJSON documents: draft-07, or 2020-12 by option."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit import Choice, NotCarried, OutputFile, Plugin, Text
from protoc_gen_protogate.targets.jsonschema.documents import (
    Identity,
    file_documents,
    message_documents,
    package_documents,
)
from protoc_gen_protogate.targets.jsonschema.values import Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protogate.descriptors import Schema

__all__ = ["PLUGIN", "main"]

_BUNDLES: Final = {"file": file_documents, "message": message_documents, "package": package_documents}


def main() -> int:
    """Run as an executable; returns the exit code."""
    return PLUGIN.main()


def _generate(schema: Schema, options: Mapping[str, str | bool]) -> Iterable[OutputFile | NotCarried]:
    style = Style(is_2020=options["draft"] == "2020-12", is_canonical=options["mode"] == "canonical")
    identity = Identity(str(options["id_prefix"]), str(options["registry_id"]), str(options["proto_version"]))
    return _BUNDLES[str(options["bundle"])](schema, style, identity)


PLUGIN = Plugin(
    target="jsonschema",
    summary="JSON Schema for the ProtoJSON documents of every message",
    options=(
        Choice("draft", ("draft-07", "2020-12"), "the dialect to write"),
        Choice("bundle", ("file", "message", "package"), "what one document holds; message and package stand alone"),
        Choice("mode", ("input", "canonical"), "accept all that parsers take, or what serialisers write"),
        Text("id_prefix", "put before the path of a document to make its $id"),
        Text("registry_id", "written to every document as x-registry-id"),
        Text("proto_version", "written to every document as x-proto-version"),
    ),
    generate=_generate,
)
