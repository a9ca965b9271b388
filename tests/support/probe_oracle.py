"""Says of cases of the cross-check what pydantic and FastAPI say at run time; a process of its own runs it.

Reads from stdin a JSON list of cases, each `{name, root, contracts, calls}`; writes to stdout, by name of the case, the
findings of the enum rules that follow from the documents that really go in and out:
`{"findings": [[severity, rule, path, [values as JSON]]], "error": ""}`. A case `{name, root, layer}` is answered with
the schemas of what the layer names. It knows no line of the check.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydantic
from fastapi import APIRouter, FastAPI
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import ResponseValidationError
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Finding = tuple[str, str, str, list[str]]
STRUCTURES = {"array": "<array>", "object": "<object>"}
OPEN = {"<string>", "<number>", "<any>", *STRUCTURES.values()}
"""Stand for values that are not listed."""
KINDS = {
    "boolean": ("true", "false"),
    "null": ("null",),
    "string": ("<string>",),
    "integer": ("<number>",),
    "number": ("<number>",),
    "array": ("<array>",),
    "object": ("<object>",),
    "": ("<any>",),
}
"""What the types of JSON Schema hold."""


def main() -> None:
    cases = json.load(sys.stdin)
    answers = {}
    for case in cases:
        try:
            answers[case["name"]] = {**answer(case), "error": ""}
        except Exception as error:  # noqa: BLE001 - told to the test, which knows whether it was to be expected
            answers[case["name"]] = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answers))  # noqa: T201 - the answer


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """Import what a case names and compare, or say only what its schemas are."""
    os.chdir(case["root"])
    sys.path[:0] = [case["root"], str(Path(case["root"], "src"))]
    try:
        if "layer" in case:
            return {"schemas": {block: load(case["layer"], block)[1] for block in ("input", "output")}}
        found = [one for contract in case["contracts"] for one in contract_findings(contract, case["calls"])]
        return {"findings": sorted({(*rest, tuple(values)) for *rest, values in found})}
    finally:
        del sys.path[:2]
        forget(case["root"])


def forget(root: str) -> None:
    """Let the next case have modules of the same names."""
    for name, module in list(sys.modules.items()):
        paths = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", ())]
        if any(path.startswith(root) for path in paths):
            del sys.modules[name]
    importlib.invalidate_caches()


def contract_findings(contract: dict[str, Any], calls: list[str]) -> Iterator[Finding]:
    layers = {**contract.get("producers", {}), **contract["layers"]}
    name = contract.get("query") or contract.get("event")
    for block in ("input", "output", "payload"):
        layer = layers.get(f"python_{block}", layers.get("python", ""))
        if "::" not in layer or not contract.get(block):
            continue
        module, schema = load(layer, block)
        sent = list(all_documents(module, calls)) if block == "output" else []
        for path, wanted in listed(contract[block]):
            emitted = {value for at, value in sent if at == path}
            yield from compare(f"{name}.{block}", path, wanted, schema, emitted)
        yield from emissions(f"{name}.{block}", dict(listed(contract[block])), sent, schema)


def load_symbol(layer: str) -> tuple[Any, Any]:
    """Return the module of a layer and what its symbol names."""
    path, _, dotted = layer.partition("::")
    parts = list(Path(path).with_suffix("").parts)
    if parts[0] == "src":
        del parts[0]
    if parts[-1] == "__init__":
        del parts[-1]
    module = importlib.import_module(".".join(parts))
    found: Any = module
    for part in dotted.split("."):
        owner, found = found, getattr(found, part)
        if inspect.isclass(owner) and inspect.isfunction(found):
            found = getattr(owner(), part)
    return module, found


def load(layer: str, block: str) -> tuple[Any, dict[str, Any]]:
    """Return the module and the JSON Schema of one block."""
    module, symbol = load_symbol(layer)
    handler = not inspect.isclass(symbol) and callable(symbol) and hasattr(symbol, "__code__")
    if handler or inspect.ismethod(symbol):
        return module, handler_schema(module, symbol, block)
    mode: Any = "validation" if block == "input" else "serialization"
    return module, pydantic.TypeAdapter(symbol).json_schema(mode=mode)


def application(module: Any, handler: Callable[..., Any]) -> FastAPI:
    """Return an application with the one route of a handler: its own, or a bare one where it has none."""
    for holder in [*vars(module).values(), *(getattr(one, "router", None) for one in list(sys.modules.values()))]:
        if not isinstance(holder, APIRouter | FastAPI):
            continue
        for route in holder.routes:
            if isinstance(route, APIRoute) and route.endpoint == handler:
                made = FastAPI()
                made.router.routes.append(route)
                return made
    made = FastAPI()
    made.post("/probe")(handler)
    return made


def handler_schema(module: Any, handler: Callable[..., Any], block: str) -> dict[str, Any]:
    document = application(module, handler).openapi()
    (methods,) = document["paths"].values()
    operation = next(iter(methods.values()))
    if block == "output":
        codes = sorted(code for code in operation["responses"] if code.startswith("2"))
        found = operation["responses"][codes[0]].get("content", {"": {}})
        return {**next(iter(found.values())).get("schema", {}), "components": document.get("components", {})}
    properties = {one["name"]: one["schema"] for one in operation.get("parameters", [])}
    body = operation.get("requestBody", {}).get("content", {})
    parts = [next(iter(body.values()))["schema"]] if body else []
    if properties:
        parts.append({"properties": properties})
    return {"allOf": parts, "components": document.get("components", {})}


def listed(block: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """Yield the paths of a contract at which values are listed, and the values without null."""
    found: dict[tuple[str, ...], set[str]] = {}
    collect({"properties": block}, (), found)
    yield from found.items()


def collect(node: Any, path: tuple[str, ...], found: dict[tuple[str, ...], set[str]]) -> None:
    if not isinstance(node, dict):
        return
    values = node.get("enum", [node["const"]] if "const" in node else None)
    if values is not None and any(value is not None for value in values):
        found.setdefault(path, set()).update(as_json(value) for value in values if value is not None)
    if is_structure(node) and path in found:
        found[path].add(STRUCTURES["array" if "items" in node else "object"])
    for key, child in node.get("properties", {}).items():
        collect(child, (*path, key), found)
    if "items" in node:
        collect(node["items"], (*path, "[]"), found)
    if "additionalProperties" in node:
        collect(node["additionalProperties"], (*path, "{}"), found)
    # Those with values come first, so that a structure beside them is seen to be beside them.
    for branch in sorted([*node.get("oneOf", []), *node.get("anyOf", [])], key=is_structure):
        collect(branch, path, found)


def is_structure(node: Any) -> bool:
    return isinstance(node, dict) and bool({"properties", "items", "additionalProperties"} & node.keys())


def as_json(value: Any) -> str:
    """Return the value as JSON compares it: 1.0 is 1, true is not."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value)


def compare(
    name: str, path: tuple[str, ...], wanted: set[str], schema: dict[str, Any], emitted: set[str]
) -> Iterator[Finding]:
    """Apply the directional rules to one place; what a handler was seen to emit is not dead."""
    is_input = name.endswith(".input")
    structures, wanted = wanted & OPEN, wanted - OPEN
    for depth in range(1, len(path) + 1):
        above = descend(schema, path[: depth - 1])
        # A model that takes any key in vain, or keeps it unread, does not have the key.
        unread = is_input and all(path[depth - 1] not in node.get("properties", {}) for node in above)
        unread = unread and any(node.get("additionalProperties") is True for node in above)
        if unread or not descend(schema, path[:depth]):
            forbidden = is_input and any(node.get("additionalProperties") is False for node in above)
            severity, rule = ("error", "contract-beyond-input") if forbidden else ("warning", "no-such-field")
            yield (severity, f"crosscheck/{rule}", spell(name, path[:depth]), [])
            return
    written = {value for node in descend(schema, path) for value in values_of(node)} - {"null"} - structures
    where = spell(name, path)
    unused = sorted(value for value in wanted - written if not any(stands_for(one, value) for one in written))
    if is_input:
        if unused:
            yield ("error", "crosscheck/contract-beyond-input", where, unused)
        return
    beyond = sorted(value for value in written - wanted if value not in OPEN)
    # A type that can hold none of the values goes beyond them, whichever value it holds.
    alien = [one for one in written & OPEN if not any(stands_for(one, value) for value in wanted)]
    if beyond or alien:
        yield ("error", "crosscheck/output-beyond-contract", where, beyond)
    if unused := [value for value in unused if value not in emitted]:
        yield ("warning", "crosscheck/contract-beyond-output", where, unused)
    if (written & OPEN) - set(alien):
        yield ("warning", "crosscheck/unrestricted-output", where, [])


def stands_for(kind: str, value: str) -> bool:
    """Tell whether an open type can hold a value."""
    is_text, is_number = value.startswith('"'), value not in {"true", "false"} and not value.startswith('"')
    return kind == "<any>" or (kind == "<string>" and is_text) or (kind == "<number>" and is_number)


def spell(name: str, path: tuple[str, ...]) -> str:
    return name + "".join(part if part in {"[]", "{}"} else f".{part}" for part in path)


def branches(node: Any, root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the schemas without references and unions that a schema stands for."""
    if node is True or node == {}:
        yield {}
    elif isinstance(node, dict):
        if "$ref" in node:
            target: Any = root
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            yield from branches(target, root)
            return
        parts = [*node.get("anyOf", []), *node.get("oneOf", []), *node.get("allOf", [])]
        for part in parts:
            yield from branches(part, root)
        if not parts:
            yield node


def descend(schema: dict[str, Any], path: tuple[str, ...]) -> list[dict[str, Any]]:
    nodes = list(branches(schema, schema))
    for part in path:
        children: list[Any] = []
        for node in nodes:
            if not node.keys() & {"type", "enum", "const", "properties"}:
                children.append(True)  # any value at all, at any place below
            elif part == "[]":
                children += [*node.get("prefixItems", [])]
                children += [node["items"]] if "items" in node else []
            elif part == "{}":
                children += [node["additionalProperties"]] if "additionalProperties" in node else []
                children += [*node.get("patternProperties", {}).values(), *node.get("properties", {}).values()]
            elif part in node.get("properties", {}):
                children.append(node["properties"][part])
            elif isinstance(node.get("additionalProperties"), dict) or node.get("additionalProperties") is True:
                children.append(node["additionalProperties"])
        nodes = [one for child in children for one in branches(child, schema)]
    return nodes


def values_of(node: dict[str, Any]) -> Iterator[str]:
    """Yield the values of a schema without references, or what stands for values that it does not list."""
    if "const" in node:
        yield as_json(node["const"])
    elif "enum" in node:
        yield from (as_json(value) for value in node["enum"])
    else:
        yield from KINDS[node.get("type", "")]


def emissions(
    name: str, allowed: dict[tuple[str, ...], set[str]], sent: list[tuple[tuple[str, ...], str]], schema: dict[str, Any]
) -> Iterator[Finding]:
    """Yield what a handler was seen to emit outside its type or the contract."""
    found: dict[tuple[str, ...], set[str]] = {}
    for path, value in sent:
        known = {one for node in descend(schema, path) for one in values_of(node)}
        is_open = any(stands_for(one, value) for one in known)
        inside_type = value in known or is_open
        inside_contract = path not in allowed or value in allowed[path]
        # What the type allows beyond the contract is told once, of the type.
        told = path in allowed and inside_type and not is_open
        if not (inside_type and inside_contract) and not told:
            found.setdefault(path, set()).add(value)
    for path, values in found.items():
        yield ("error", "crosscheck/emitted-value", spell(name, path), sorted(values))


def all_documents(module: Any, calls: list[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Run a handler; yield paths and values of the documents that it wants to send, whether they are refused or not."""
    for call in calls:
        yield from documents(module, call)


def documents(module: Any, call: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield paths and values of what a call sends, or tries to send."""
    handler = getattr(module, call.partition("(")[0].removeprefix("await "))
    app = application(module, handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = eval(call.removeprefix("await "), vars(module))  # noqa: S307 - written in the case
            if inspect.iscoroutine(value):
                value = asyncio.run(value)
            replay(app, value)
            sent = json.loads(TestClient(app).request(*first_route(app)).content)
    except pydantic.ValidationError as error:
        yield from refused(error.errors())
    except ResponseValidationError as error:
        yield from refused(error.errors())
        return
    else:
        yield from leaves(sent, ())


def first_route(app: FastAPI) -> tuple[str, str]:
    route = next(one for one in app.routes if isinstance(one, APIRoute))
    return min(route.methods or ()), route.path


def replay(app: FastAPI, value: Any) -> None:
    """Let the route of an application answer with a value, whatever it is asked."""
    route = next(one for one in app.routes if isinstance(one, APIRoute))
    made = FastAPI()
    made.add_api_route(
        "/probe",
        lambda: value,
        response_model=route.response_model,
        response_model_by_alias=route.response_model_by_alias,
        methods=["GET"],
    )
    app.router.routes[:] = made.router.routes


def refused(errors: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    for error in errors:
        if error["type"] in {"literal_error", "enum"}:
            location = error["loc"][1:] if error["loc"][:1] == ("response",) else error["loc"]
            parts = tuple("[]" if isinstance(part, int) else str(part) for part in location)
            yield parts, as_json(jsonable_encoder(error["input"]))


def leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from leaves(child, (*path, key))
    elif isinstance(value, list):
        for child in value:
            yield from leaves(child, (*path, "[]"))
    elif value is not None:
        yield path, as_json(value)


if __name__ == "__main__":
    main()
