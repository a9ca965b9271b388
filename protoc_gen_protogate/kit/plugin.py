"""The process around a generator: stdin to request, files to response, failures to where the user sees them."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorResponse

import protogate
from protoc_gen_protogate.kit.options import Choice, Flag, Option, parse_options
from protoc_gen_protogate.kit.output import NotCarried, OutputFile, report_file
from protoc_gen_protogate.kit.request import parse_request
from protogate.descriptors.features import EDITION_2024, EDITION_PROTO2
from protogate.errors import EXIT_BUG, EXIT_OK, EXIT_USAGE, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from protogate.descriptors import Schema

__all__ = ["Plugin", "respond"]

_FEATURES: Final = CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL | CodeGeneratorResponse.FEATURE_SUPPORTS_EDITIONS


class Plugin(NamedTuple):
    """A target: its name, its options and its pure generator.

    `generate` takes the schema and the values of all options, and yields output files and entries for the report, in
    any order. It raises `UserError` for what the author of the contract can put right.
    """

    target: str
    summary: str
    options: tuple[Option, ...]
    generate: Callable[[Schema, Mapping[str, str | bool]], Iterable[OutputFile | NotCarried]]

    def main(self) -> int:
        """Run as an executable; returns the exit code."""
        return _run(self, sys.argv[1:])


def _run(plugin: Plugin, arguments: Sequence[str]) -> int:
    if arguments:
        return _answer_arguments(plugin, arguments)
    if sys.stdin.isatty():
        sys.stderr.write(_usage(plugin))
        return EXIT_USAGE
    # One request, one answer, then the process ends: collecting cycles would only cost time.
    gc.disable()
    data = sys.stdin.buffer.read()
    try:
        _dump(data)
        response = respond(plugin, data)
    except UserError as error:
        response = _refusal(plugin, error)
    except Exception:  # noqa: BLE001 - the edge of the process: a defect must never look like "no output"
        _report_defect(plugin)
        return EXIT_BUG
    sys.stdout.buffer.write(response)
    sys.stdout.buffer.flush()
    return EXIT_OK


def respond(plugin: Plugin, data: bytes) -> bytes:
    """The serialized response to a serialized request; a user's mistake is told inside it."""
    response = CodeGeneratorResponse(
        supported_features=_FEATURES, minimum_edition=EDITION_PROTO2, maximum_edition=EDITION_2024
    )
    try:
        schema, parameter = parse_request(data)
        options = parse_options(parameter, plugin.options)
        for file in _files(plugin, plugin.generate(schema, options)):
            response.file.add(name=file.name, content=file.content)
    except UserError as error:
        return _refusal(plugin, error)
    return response.SerializeToString()


def _refusal(plugin: Plugin, error: UserError) -> bytes:
    return CodeGeneratorResponse(
        supported_features=_FEATURES,
        minimum_edition=EDITION_PROTO2,
        maximum_edition=EDITION_2024,
        error=f"protoc-gen-protogate-{plugin.target}: {error}",
    ).SerializeToString()


def _files(plugin: Plugin, outputs: Iterable[OutputFile | NotCarried]) -> Iterable[OutputFile]:
    reports: dict[str, list[NotCarried]] = {}
    names: set[str] = set()
    for output in outputs:
        if isinstance(output, NotCarried):
            reports.setdefault(output.source, []).append(output)
            continue
        if output.name in names:
            raise UserError(f"{output.name}: two contracts lead to this one output; rename one of them")
        names.add(output.name)
        yield output
    for source, entries in sorted(reports.items()):
        yield report_file(plugin.target, source, entries)


def _dump(data: bytes) -> None:
    """Save the request for replay when the author asks for it; never changes the answer."""
    path = os.environ.get("PROTOGATE_DUMP")
    if path:
        try:
            with open(path, "wb") as file:  # noqa: PTH123 - pathlib costs 4 ms of start-up
                file.write(data)
        except OSError as error:
            raise UserError(f"PROTOGATE_DUMP: {path} cannot be written: {error.strerror}") from error


def _report_defect(plugin: Plugin) -> None:
    import traceback  # noqa: PLC0415 - only on the way out

    traceback.print_exc()
    sys.stderr.write(
        f"protoc-gen-protogate-{plugin.target} {protogate.__version__}: this is a defect of Protogate; please report "
        "it with the traceback above (PROTOGATE_DUMP=file saves the request)\n"
    )


def _answer_arguments(plugin: Plugin, arguments: Sequence[str]) -> int:
    if arguments[0] == "--version":
        sys.stdout.write(f"protoc-gen-protogate-{plugin.target} {protogate.__version__}\n")
        return EXIT_OK
    if arguments[0] in {"--help", "-h"}:
        sys.stdout.write(_usage(plugin))
        return EXIT_OK
    sys.stderr.write(f"argument '{arguments[0]}' is not known; use --help or --version\n")
    return EXIT_USAGE


def _usage(plugin: Plugin) -> str:
    no_options = "  none\n"
    options = "".join(f"  {_spelled(option):<32} {option.help}\n" for option in plugin.options)
    return (
        f"protoc-gen-protogate-{plugin.target}: {plugin.summary}\n\n"
        f"Run by buf (buf.gen.yaml):\n  plugins:\n    - local: protoc-gen-protogate-{plugin.target}\n"
        "      out: gen\n      strategy: all\n\n"
        f"or by protoc:\n  protoc --protogate-{plugin.target}_out=gen FILE.proto\n\n"
        f"Options:\n{options or no_options}"
    )


def _spelled(option: Option) -> str:
    if isinstance(option, Choice):
        return f"{option.name}={'|'.join(option.values)}"
    if isinstance(option, Flag):
        return f"{option.name}={str(option.default).lower()}"
    return f"{option.name}={option.default or 'TEXT'}"
