"""A process of its own that imports a user's modules and writes down the JSON Schemas of their models.

Run as `python -P -m protogate.codegen.json_schema_worker REQUEST ANSWER`. The request is a file, and so is the answer:
user code may print, read standard input, leave threads behind or fork without coming between the two processes.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    Answer = dict[str, Any]

__all__ = ["main"]


def main(request_path: str, answer_path: str) -> None:
    """Answer a request: `{"root", "mode", "modules": [[module, null or [[name, output_name], ...]], ...]}`."""
    with open(request_path, encoding="utf-8") as stream:
        request = json.load(stream)
    sys.path.insert(0, request["root"])
    answer: Answer = {"models": [], "failures": []}
    seen: set[int] = set()
    for name, wanted in request["modules"]:
        # Read by the other process when this one hangs or dies.
        _write(f"{answer_path}.busy", name)
        module = _imported(name, request["root"], answer["failures"])
        if module is not None:
            answer["models"] += _models(module, wanted, request, seen, answer["failures"])
    _write(answer_path, json.dumps(answer))


def _imported(name: str, root: str, failures: list[Answer]) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except BaseException as error:  # noqa: BLE001 - whatever user code raises, SystemExit among it
        failures.append({"module": name, "problem": f"cannot be imported: {_one_line(error)}{_where(error, root)}"})
        return None


def _models(
    module: ModuleType,
    wanted: Sequence[Sequence[str]] | None,
    request: Answer,
    seen: set[int],
    failures: list[Answer],
) -> Iterator[Answer]:
    found = _public_models(module) if wanted is None else _named(module, wanted, failures)
    for name, attribute, value in found:
        if wanted is None and id(value) in seen:
            continue
        seen.add(id(value))
        yield {
            "name": name,
            "origin": f"{getattr(value, '__module__', module.__name__)}.{attribute}",
            "file": _file_of(value, module, request["root"]),
            **_schema(value, request["mode"]),
        }


def _public_models(module: ModuleType) -> Iterator[tuple[str, str, Any]]:
    from pydantic import BaseModel

    exported = frozenset(getattr(module, "__all__", ()))
    for attribute, value in sorted(vars(module).items()):
        # pydantic itself puts `Page[int]` into the module, under that name.
        if (
            attribute.startswith("_")
            or not attribute.isidentifier()
            or not isinstance(value, type)
            or not issubclass(value, BaseModel)
        ):
            continue
        own = value.__module__ == module.__name__ or value.__module__.startswith(f"{module.__name__}.")
        if value is BaseModel or not (own or attribute in exported):
            continue
        yield (value.__name__ if value.__name__.isidentifier() else attribute), attribute, value


def _named(
    module: ModuleType, wanted: Sequence[Sequence[str]], failures: list[Answer]
) -> Iterator[tuple[str, str, Any]]:
    for name, output_name in wanted:
        value: Any = module
        try:
            for part in name.split("."):
                value = getattr(value, part)
        except AttributeError:
            known = ", ".join(sorted(one for one in vars(module) if not one.startswith("_")))
            failures.append(
                {"module": module.__name__, "problem": f"has no {name}; it has {known or 'no public name'}"}
            )
            continue
        yield output_name or name.rpartition(".")[2], name, value


def _schema(value: Any, mode: str) -> Answer:  # noqa: ANN401 - whatever a user's module holds
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            schema = _json_schema(value, mode)
            json.dumps(schema, allow_nan=False)
        except BaseException as error:  # noqa: BLE001 - models run the code of their users
            return {"schema": None, "error": _one_line(error)}
    about_schema = (one for one in caught if one.category.__name__ == "PydanticJsonSchemaWarning")
    return {"schema": schema, "warnings": list(dict.fromkeys(_first_line(str(one.message)) for one in about_schema))}


def _json_schema(value: Any, mode: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    from pydantic import BaseModel, TypeAdapter

    if isinstance(value, type) and issubclass(value, BaseModel):
        return value.model_json_schema(mode=mode)
    return TypeAdapter(value).json_schema(mode=mode)


def _file_of(value: Any, module: ModuleType, root: str) -> str:  # noqa: ANN401 - as above
    owner = sys.modules.get(getattr(value, "__module__", ""), module)
    return _relative(getattr(owner, "__file__", None) or module.__name__, root)


def _where(error: BaseException, root: str) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        return f" ({_relative(error.filename, root)}:{error.lineno})"
    # The import system has frames of its own, and so have we; the last one of a file is where it happened.
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith("<") and frame.filename not in {__file__, importlib.__file__}:
            return f" ({_relative(frame.filename, root)}:{frame.lineno})"
    return ""


def _relative(path: str, root: str) -> str:
    inside = os.path.abspath(path).startswith(os.path.join(os.path.abspath(root), ""))
    return os.path.relpath(path, root) if inside else path


def _one_line(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"it calls sys.exit({error.code!r})"
    text = error.msg if isinstance(error, SyntaxError) else _first_line(str(error))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _write(path: str, text: str) -> None:
    with open(f"{path}.tmp", "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(f"{path}.tmp", path)


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that a user's module started would keep the process alive for ever.
    os._exit(0)
