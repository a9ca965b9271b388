"""The contracts of a file: commands and queries of its services, events of its messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protoc_gen_protogate.kit import NotCarried, OutputFile, header_lines
from protoc_gen_protogate.kit.kinds import MessageKind, kind_by_name, said_kind
from protoc_gen_protogate.kit.methods import (
    bindings,
    file_slice,
    method_options,
    service_slice,
    side_of,
)
from protoc_gen_protogate.targets.contract.calls import request_of, response_of
from protoc_gen_protogate.targets.contract.layers import EVENT_LAYERS, METHOD_LAYERS, Models, python_class
from protoc_gen_protogate.targets.contract.messages import Messages, Part
from protoc_gen_protogate.targets.contract.naming import (
    event_name,
    event_reference,
    method_names,
    slice_of,
    version_of,
)
from protoc_gen_protogate.targets.contract.text import json_text
from protogate.descriptors import json_name, snake_case

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protoc_gen_protogate.kit.methods import Binding, MethodOptions
    from protoc_gen_protogate.targets.contract.calls import Content
    from protoc_gen_protogate.targets.contract.fields import Gap
    from protoc_gen_protogate.targets.contract.messages import Block
    from protoc_gen_protogate.targets.contract.naming import ContractName
    from protoc_gen_protogate.targets.contract.settings import Settings
    from protoc_gen_protogate.targets.contract.values import Node
    from protogate.descriptors import File, Message, Method, Schema

__all__ = ["Writer"]

_NO_CHANNEL: Final = "—"
_KINDS: Final = {"command": "CQRS_COMMAND", "query": "CQRS_QUERY"}


class Writer:
    """Writes the contracts of the files of one schema."""

    def __init__(self, schema: Schema, settings: Settings) -> None:
        self._settings: Final = settings
        self._messages: Final = Messages(schema)

    def file(self, file: File) -> Iterator[OutputFile | NotCarried]:
        """The contracts of one file, and what they leave out."""
        gaps: dict[Gap, None] = {}
        contracts = _FileWriter(file, self._settings, self._messages, gaps)
        for service in file.services:
            for method in service.methods:
                yield contracts.of_method(method)
        for message in contracts.events():
            yield contracts.of_event(message)
        for gap in gaps:
            yield NotCarried(file.name, *gap)


class _FileWriter:
    """Writes the contracts of one file."""

    def __init__(self, file: File, settings: Settings, messages: Messages, gaps: dict[Gap, None]) -> None:
        self._file: Final = file
        self._settings: Final = settings
        self._messages: Final = messages
        self._gaps: Final = gaps
        self._names: Final[Mapping[str, ContractName]] = method_names(file, settings.names)
        self._python: Final[dict[str, str]] = {}
        """Where the code of each method is that was written so far, without the symbol."""
        self._options: Final[Mapping[str, MethodOptions]] = {
            method.full_name: method_options(method) for service in file.services for method in service.methods
        }

    def of_method(self, method: Method) -> OutputFile:
        """The contract of a command or a query."""
        side = side_of(method)
        name = self._names[method.full_name]
        routes = bindings(method)
        options = self._options[method.full_name]
        request = request_of(method, routes[0] if routes else None)
        response = response_of(method, routes[0] if routes else None)
        taken, given = self._blocks(request, response)
        slice_name = slice_of(self._file, (service_slice(method.parent), file_slice(self._file)))
        layers = self._layers(method, _model_of(request, taken), response.message, slice_name)
        self._python[method.full_name] = layers.get("python", "").partition("::")[0]
        document = {
            **self._head(side, name.name, _KINDS[side], slice_name, method.doc),
            "input": taken.fields,
            "output": given.fields,
            "transport": _transport(method, routes, options),
            "layers": layers,
        }
        if options.emits and side == "command":
            events = [event_reference(one, self._file, self._settings.names) for one in options.emits]
            document["events"] = {"success": events[0] if len(events) == 1 else events}
        if options.idempotency_key:
            document["x-idempotency-key"] = _idempotency_key(options.idempotency_key, routes)
        return _output(f"{name.path}.{side}.json", document, {**taken.definitions, **given.definitions})

    def events(self) -> Iterator[Message]:
        """The messages of the file that are events."""
        emitted = frozenset(name for options in self._options.values() for name in options.emits)
        methods = [method.proto for service in self._file.services for method in service.methods]
        exchanged = frozenset(name[1:] for method in methods for name in (method.input_type, method.output_type))
        return (message for message in self._file.all_messages() if _is_event(message, emitted, exchanged))

    def of_event(self, message: Message) -> OutputFile:
        """The contract of an event."""
        name = event_name(message, self._settings.names)
        payload = self._messages.block([Part(message)], "output")
        self._gaps.update(dict.fromkeys(payload.gaps))
        slice_name = slice_of(self._file, (file_slice(self._file),))
        names = {**self._file_names(slice_name), "message": python_class(message)}
        document = {
            **self._head("event", name.name, self._settings.event_kind, slice_name, message.doc),
            "payload": payload.fields,
            "producers": self._producers(message),
            "layers": self._settings.templates.layers(EVENT_LAYERS, names, Models(payload=message)),
        }
        return _output(f"{name.path}.event.json", document, payload.definitions)

    def _head(self, word: str, name: str, kind: str, slice_name: str, doc: str) -> dict[str, Any]:
        head: dict[str, Any] = {
            "$comment": " ".join(header_lines("contract", self._file.name)),
            word: name,
            "kind": kind,
            "version": self._settings.version or version_of(self._file.package),
        }
        if slice_name:
            head["module"] = slice_name
        if doc:
            head["description"] = doc
        return head

    def _blocks(self, request: Content, response: Content) -> tuple[Block, Block]:
        taken = self._messages.block(request.parts, "input")
        given = self._messages.block(response.parts, "output")
        if any(given.definitions.get(name, text) != text for name, text in taken.definitions.items()):
            # Callers are asked for more, or for other fields, than they are given.
            taken = self._messages.block(request.parts, "input", suffix="-input")
            given = self._messages.block(response.parts, "output", suffix="-output")
        self._gaps.update(dict.fromkeys((*request.gaps, *taken.gaps, *response.gaps, *given.gaps)))
        return taken, given

    def _layers(
        self, method: Method, request: Message | None, response: Message | None, slice_name: str
    ) -> dict[str, str]:
        names = {
            **self._file_names(slice_name),
            "service": method.parent.name,
            "method": method.name,
            "method_snake": snake_case(method.name),
            "input": "" if request is None else python_class(request),
            "output": "" if response is None else python_class(response),
        }
        return self._settings.templates.layers(METHOD_LAYERS, names, Models(input=request, output=response))

    def _file_names(self, slice_name: str) -> dict[str, str]:
        folder, _, stem = self._file.stem.rpartition("/")
        return {"dir": folder, "stem": stem, "package": self._file.package, "slice": slice_name}

    def _producers(self, message: Message) -> dict[str, str]:
        """The methods of the file that may record the event, by the names of their contracts, and their code."""
        methods = [method for method, options in self._options.items() if message.full_name in options.emits]
        files = {self._python[method] for method in methods} - {""}
        # There is one place for it.
        python = {"python": files.pop()} if len(files) == 1 else {}
        return {**python, **{self._names[method].name: method for method in methods}}


def _is_event(message: Message, emitted: frozenset[str], exchanged: frozenset[str]) -> bool:
    """Whether the contract says that it is one, a method records it, or its name is that of one.

    By their names, nested messages are parts of others, and what methods take and give is a request or a response.
    """
    said = said_kind(message)
    if said is not MessageKind.UNSPECIFIED or message.full_name in emitted:
        return said in {MessageKind.UNSPECIFIED, MessageKind.EVENT}
    is_apart = message.parent is None and message.full_name not in exchanged
    return is_apart and kind_by_name(message.name) is MessageKind.EVENT


def _model_of(content: Content, block: Block) -> Message | None:
    """The message whose model takes what callers send.

    Where path and query hold values of a list, the model of the body cannot be held against the contract.
    """
    beside = [node for name, node in block.fields.items() if name in content.beside]
    lists_values = any(_lists_values(node, block.definitions) for node in beside)
    return None if lists_values else content.message


def _lists_values(node: Node, definitions: Node) -> bool:
    seen: set[str] = set()
    waiting: list[object] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            if "enum" in one:
                return True
            name = str(one.get("$ref", "")).removeprefix("#/$defs/")
            if name and name not in seen:
                seen.add(name)
                waiting.append(definitions[name])
            waiting += one.values()
    return False


def _transport(method: Method, routes: tuple[Binding, ...], options: MethodOptions) -> dict[str, Any]:
    transport: dict[str, Any] = {}
    if routes:
        http: dict[str, Any] = {"method": routes[0].verb, "endpoint": routes[0].path}
        if options.success_status:
            http["status"] = options.success_status
        if routes[1:]:
            http["additional"] = [{"method": route.verb, "endpoint": route.path} for route in routes[1:]]
        transport["http"] = http
    grpc: dict[str, Any] = {"method": f"{method.parent.full_name}/{method.name}"}
    if method.client_streaming or method.server_streaming:
        sides = {"client": method.client_streaming, "server": method.server_streaming}
        grpc["streams"] = [side for side, is_streaming in sides.items() if is_streaming]
    transport["grpc"] = grpc
    transport["ws"] = {"channel": _NO_CHANNEL}
    return transport


def _idempotency_key(path: str, routes: tuple[Binding, ...]) -> str:
    """The path of the field in `input`, where the fields of the body stand at the top."""
    body = routes[0].body if routes else ""
    return ".".join(json_name(part) for part in path.removeprefix(f"{body}.").split("."))


def _output(path: str, document: dict[str, Any], definitions: Mapping[str, Any]) -> OutputFile:
    if definitions:
        document["$defs"] = definitions
    return OutputFile(path, json_text(document))
