"""What the options of a method say: its side, its HTTP rule, the events it records."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from protoc_gen_protogate.kit.kinds import MessageKind, said_kind

if TYPE_CHECKING:
    from protogate.descriptors import File, Method, Service

__all__ = ["Binding", "MethodOptions", "Side", "bindings", "file_slice", "method_options", "service_slice", "side_of"]

Side: TypeAlias = Literal["command", "query"]

_FILE: Final = "protogate.options.v1.file"
_SERVICE: Final = "protogate.options.v1.service"
_METHOD: Final = "protogate.options.v1.method"
_HTTP: Final = "google.api.http"

_SAID: Final[dict[int, Side]] = {1: "command", 2: "query"}
"""Numbers of `protogate.options.v1.Side`."""
_KINDS: Final[dict[MessageKind, Side]] = {MessageKind.COMMAND: "command", MessageKind.QUERY: "query"}
_READING_VERBS: Final = frozenset({"GET", "HEAD"})
_ASKING: Final = re.compile(
    r"(?:BatchGet|Count|Describe|Fetch|Find|Get|List|Lookup|Query|Read|Search|Show|Stream|Watch)(?![a-z])"
)
"""How the names of methods begin that change nothing; `Getaway` is another word."""
_VARIABLE: Final = re.compile(r"\{([^}=]+)(?:=[^}]*)?\}")


class Binding(NamedTuple):
    """One way to call a method over HTTP."""

    verb: str
    path: str
    body: str
    response_body: str

    def variables(self, parent: str = "") -> frozenset[str]:
        """The fields that the path holds, or parts of them: of the request, or of its field `parent`.

        >>> sorted(Binding("GET", "/{shelf}/{book.id=books/*}", "", "").variables())
        ['book', 'shelf']
        """
        prefix = f"{parent}." if parent else ""
        names = (name.strip() for name in _VARIABLE.findall(self.path))
        return frozenset(n.removeprefix(prefix).partition(".")[0] for n in names if n.startswith(prefix))


class MethodOptions(NamedTuple):
    """`(protogate.options.v1.method)`, less the side."""

    success_status: int = 0
    emits: tuple[str, ...] = ()
    idempotency_key: str = ""


def side_of(method: Method) -> Side:
    """Whether the method changes or asks: by option, HTTP method, kind of the request, and name, in this order."""
    service = method.parent
    said = _said_side(service.file, method.proto, _METHOD) or _said_side(service.file, service.proto, _SERVICE)
    if said is not None:
        return said
    found = bindings(method)
    if found:
        return "query" if found[0].verb in _READING_VERBS else "command"
    by_request = _KINDS.get(said_kind(method.input))
    if by_request is not None:
        return by_request
    return "query" if _ASKING.match(method.name) else "command"


def _said_side(file: File, proto: Any, extension: str) -> Side | None:  # noqa: ANN401 - of a method or a service
    raw = _read(file, proto, extension)
    return None if raw is None else _SAID.get(raw.side)


def bindings(method: Method) -> tuple[Binding, ...]:
    """The ways to call the method over HTTP, the main one first; none without `google.api.http`."""
    raw = _read(method.parent.file, method.proto, _HTTP)
    if raw is None:
        return ()
    found = (_binding(rule) for rule in (raw, *raw.additional_bindings))
    return tuple(binding for binding in found if binding is not None)


def _binding(rule: Any) -> Binding | None:  # noqa: ANN401 - a dynamic HttpRule
    pattern = rule.WhichOneof("pattern")
    if pattern is None:
        return None
    if pattern == "custom":
        return Binding(rule.custom.kind.upper(), rule.custom.path, rule.body, rule.response_body)
    return Binding(pattern.upper(), getattr(rule, pattern), rule.body, rule.response_body)


def method_options(method: Method) -> MethodOptions:
    """What the contract says of the method."""
    raw = _read(method.parent.file, method.proto, _METHOD)
    if raw is None:
        return MethodOptions()
    return MethodOptions(raw.success_status, tuple(name.lstrip(".") for name in raw.emits), raw.idempotency_key)


def service_slice(service: Service) -> str:
    """The slice that the service names; empty for none."""
    raw = _read(service.file, service.proto, _SERVICE)
    return "" if raw is None else str(raw.slice)


def file_slice(file: File) -> str:
    """The slice that the file names; empty for none."""
    raw = _read(file, file.proto, _FILE)
    return "" if raw is None else str(raw.slice)


def _read(file: File, proto: Any, extension: str) -> Any | None:  # noqa: ANN401 - any descriptor with options
    if not proto.HasField("options"):
        return None
    reader = file.schema.options
    return reader.read(proto.options, extension) if reader.knows(extension) else None
