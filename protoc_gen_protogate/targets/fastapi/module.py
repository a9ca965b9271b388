"""A Python module of routes for a `.proto` file with services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protoc_gen_protogate.kit import header_lines
from protoc_gen_protogate.kit.model_names import WITH_RUNTIME, class_names, models_path
from protoc_gen_protogate.kit.python_text import docstring, literal
from protoc_gen_protogate.targets.fastapi.routes import plan_routes
from protogate.descriptors import free_names
from protogate.descriptors.names import PYTHON_KEYWORDS, snake_case

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protoc_gen_protogate.kit import NotCarried
    from protoc_gen_protogate.targets.fastapi.routes import PlannedParameter, PlannedRoute
    from protogate.descriptors import File, Message, Method, Service

__all__ = ["module_text"]

_INDENT: Final = "    "
_RUNTIME: Final = "protogate.models.google_protobuf"
_TAKEN: Final = PYTHON_KEYWORDS | {"ROUTES"}


def module_text(file: File, import_prefix: str) -> tuple[str, list[NotCarried]]:
    """The module of a file, empty where no method has a route, and what HTTP cannot carry."""
    module = _Module(file, import_prefix)
    planned: dict[Service, list[tuple[Method, Sequence[PlannedRoute]]]] = {}
    gaps: list[NotCarried] = []
    for service in file.services:
        for method in service.methods:
            routes, missing = plan_routes(method)
            gaps += missing
            if routes:
                planned.setdefault(service, []).append((method, routes))
    if not planned:
        return "", gaps
    return module.text(planned), gaps


class _Module:
    """Names of one module, and the imports that they turn out to need."""

    def __init__(self, file: File, import_prefix: str) -> None:
        self._file: Final = file
        self._prefix: Final = f"{import_prefix}." if import_prefix else ""
        self._imports: Final[dict[str, str]] = {}
        self._services: Final = free_names([one.name for one in file.services], is_taken=_TAKEN.__contains__)

    def text(self, planned: Mapping[Service, Sequence[tuple[Method, Sequence[PlannedRoute]]]]) -> str:
        """The whole module."""
        first, second = header_lines("fastapi", self._file.name)
        services = [self._service(service, methods) for service, methods in planned.items()]
        tables = [self._table(service) for service in planned]
        body = "\n\n\n".join(services)
        listed = ", ".join(f"*{name}" for name in tables)
        doc = docstring(f"The routes of {self._file.name}.", "")
        return (
            f"# {first}\n# {second}\n# ruff: noqa\n# fmt: off\n{doc}\n"
            f"from __future__ import annotations\n\n{self._import_lines()}\n\n{body}\n\n\n"
            f"ROUTES: _t.Final[tuple[_h.Route, ...]] = ({listed},)\n"
            f'"""Every route of {self._file.name}."""\n'
        )

    def _import_lines(self) -> str:
        models = "".join(f"import {module} as {alias}\n" for module, alias in sorted(self._imports.items()))
        return (
            "import collections.abc as _c\nimport typing as _t\n\n"
            "import fastapi as _f\nimport protogate.cqrs.handling as _q\nimport protogate.http as _h\n" + models
        )

    def _table(self, service: Service) -> str:
        return f"_{snake_case(self._services[service.name]).upper()}_ROUTES"

    def _service(self, service: Service, methods: Sequence[tuple[Method, Sequence[PlannedRoute]]]) -> str:
        name = self._services[service.name]
        functions = free_names(
            [method.name for method, _ in methods], is_taken=PYTHON_KEYWORDS.__contains__, first_try=snake_case
        )
        table = self._table(service)
        rows: list[str] = []
        adds: list[str] = []
        for method, routes in methods:
            for route in routes:
                handler = f"handlers.{functions[method.name]}"
                adds.append(f"{_INDENT}runtime.{_adder(route)}(router, {table}[{len(rows)}], {handler})\n")
                rows.append(self._row(route))
        handlers = "\n".join(self._handler(method, routes[0], functions[method.name]) for method, routes in methods)
        doc = self._file.comments_at(service.path).text.strip() or f"What carries out the methods of {service.name}."
        return (
            f"{table}: _t.Final[tuple[_h.Route, ...]] = (\n{''.join(rows)})\n\n\n"
            f"class {name}Handlers(_t.Protocol):\n{docstring(doc, _INDENT)}\n{handlers}\n\n"
            f"def {snake_case(name)}_router(handlers: {name}Handlers, runtime: _h.Runtime) -> _f.APIRouter:\n"
            f"{docstring(f'Serve {service.full_name} at its routes.', _INDENT)}"
            f"{_INDENT}router = _f.APIRouter()\n{''.join(adds)}{_INDENT}return router"
        )

    def _handler(self, method: Method, route: PlannedRoute, function: str) -> str:
        request, response = self._class(method.input), self._class(method.output)
        doc = docstring(self._file.comments_at(method.path).text.strip() or f"Carry out {method.name}.", _INDENT * 2)
        if method.server_streaming:
            begin, context, result = "def", "_h.QueryContext", f"_c.AsyncIterator[{response}]"
        elif route.side == "command":
            begin, context, result = "async def", "_q.Context", f"_q.Decision[{response}]"
        else:
            begin, context, result = "async def", "_h.QueryContext", response
        head = f"{begin} {function}(self, request: {request}, context: {context}) -> {result}:"
        return f"{_INDENT}{head}\n{doc}{_INDENT * 2}...\n"

    def _row(self, route: PlannedRoute) -> str:
        method = route.method
        values = [
            ("service", literal(method.parent.full_name)),
            ("method", literal(method.name)),
            ("side", literal(route.side)),
            ("verb", literal(route.verb)),
            ("path", literal(route.path)),
            ("request", self._class(method.input)),
            ("response", self._class(method.output)),
        ]
        if route.parameters:
            values.append(("parameters", f"({', '.join(map(_parameter_text, route.parameters))},)"))
        values += [
            (name, literal(value))
            for name, value in (("body", route.body), ("response_body", route.response_body))
            if value
        ]
        if route.status != 200:  # noqa: PLR2004 - the default of Route
            values.append(("status", str(route.status)))
        if route.emits:
            values.append(("emits", f"({', '.join(map(literal, route.emits))},)"))
        if route.idempotency_key:
            values.append(("idempotency_key", literal(route.idempotency_key)))
        if method.server_streaming:
            values.append(("is_stream", "True"))
        summary = " ".join(self._file.comments_at(method.path).text.split("\n\n", 1)[0].split())
        if summary:
            values.append(("summary", literal(summary)))
        values.append(("source", literal(self._file.name)))
        lines = "".join(f"{_INDENT * 2}{name}={value},\n" for name, value in values)
        return f"{_INDENT}_h.Route(\n{lines}{_INDENT}),\n"

    def _class(self, message: Message) -> str:
        file = message.file
        if file.name in WITH_RUNTIME:
            module = f"{_RUNTIME}.{models_path(file.name).rpartition('/')[2]}"
        else:
            module = self._prefix + models_path(file.name)
        module = module.removesuffix(".py").replace("/", ".")
        alias = self._imports.setdefault(module, f"_m{len(self._imports) + 1}")
        return f"{alias}.{class_names(file)[message.full_name]}"


def _adder(route: PlannedRoute) -> str:
    if route.method.server_streaming:
        return "add_stream"
    return f"add_{route.side}"


def _parameter_text(parameter: PlannedParameter) -> str:
    flags = "".join(
        f", {name}=True"
        for name, is_on in (("is_repeated", parameter.is_repeated), ("is_required", parameter.is_required))
        if is_on
    )
    return f"_h.Parameter({literal(parameter.name)}, {literal(parameter.place)}, {literal(parameter.kind)}{flags})"
