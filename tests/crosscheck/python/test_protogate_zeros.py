"""Which fields of generated models must be there: by their text, and by the models themselves."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from protoc_gen_protogate.targets.pydantic import PLUGIN
from protogate.crosscheck.python.handlers import interface
from protogate.crosscheck.python.workspace import Workspace
from protogate.crosscheck.shapes import Record
from protogate.models import Message
from tests.support.compiler import run_plugin
from tests.targets.pydantic.generated import importable

if TYPE_CHECKING:
    from collections.abc import Iterator

PROTOS = Path(__file__).parents[2] / "agreement/protos/rules"
CEL = "rules/v1/cel.proto"
"""Rules in CEL are not judged: what they say is for the server to find out."""


def models(root: Path, path: str) -> Iterator[tuple[type[Message], Record]]:
    """The models of a generated module, with what their text says of documents that they take."""
    workspace = Workspace(str(root))
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    for name, thing in vars(module).items():
        if isinstance(thing, type) and issubclass(thing, Message) and thing.__module__ == module.__name__:
            found = interface(workspace, path, name)
            shape = getattr(found, "input", None)
            assert isinstance(shape, Record), found
            yield thing, shape


def refused_without(model: type[Message], shape: Record) -> set[str]:
    """The keys that an empty document breaks a rule of."""
    keys = {field.python_name: field.name for field in shape.fields}
    try:
        model.model_validate({})
    except ValidationError as error:
        return {keys.get(str(one["loc"][0]), str(one["loc"][0])) for one in error.errors() if one["loc"]}
    return set()


@pytest.mark.parametrize("name", sorted(path.relative_to(PROTOS).as_posix() for path in PROTOS.rglob("*.proto")))
def test_what_must_be_there_is_what_the_model_refuses_to_be_without(name: str) -> None:
    outputs = run_plugin(PLUGIN, {name: (PROTOS / name).read_text(encoding="utf-8")})
    seen: set[str] = set()
    with importable({path: text for path, text in outputs.items() if path.endswith(".py")}) as root:
        for path in outputs:
            for model, shape in models(root, path) if path.endswith(".py") else ():
                required = {field.name for field in shape.fields if field.required}
                refused = refused_without(model, shape)
                if name == CEL:
                    assert required <= refused, model
                else:
                    assert required == refused, model
                seen |= required
    assert name == CEL or seen
