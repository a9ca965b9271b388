"""Generated modules, imported into the test process."""

from __future__ import annotations

import importlib
import sys
import tempfile
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pool, message_factory

from protoc_gen_protogate.targets.pydantic import PLUGIN
from protogate.models import Message
from tests.support.compiler import compile_protos, run_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from google.protobuf.message import Message as ProtoMessage

__all__ = ["Contract", "importable", "models"]


@contextmanager
def importable(files: Mapping[str, str]) -> Iterator[Path]:
    """A folder with `files` (path to text) on the import path.

    What is imported stays: pydantic looks names up in the modules of classes long after that.
    """
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        sys.path.insert(0, name)
        importlib.invalidate_caches()
        try:
            yield root
        finally:
            sys.path.remove(name)


_NUMBERS = count()


def models(text: str, *, parameter: str = "") -> ModuleType:
    """The module for the text of one proto file."""
    folder = f"case{next(_NUMBERS)}"
    with importable(run_plugin(PLUGIN, {f"{folder}/t.proto": text}, parameter=parameter)):
        return importlib.import_module(f"{folder}.t_models")


class Contract:
    """Models and protobuf classes of the same files."""

    def __init__(self, files: Mapping[str, str], *, parameter: str = "") -> None:
        self.pool = descriptor_pool.DescriptorPool()
        for file in compile_protos(files).file:
            self.pool.Add(file)
        self.models: dict[str, type[Message]] = {}
        outputs = run_plugin(PLUGIN, files, parameter=parameter)
        with importable({path: text for path, text in outputs.items() if path.endswith(".py")}):
            for path in outputs:
                if path.endswith(".py"):
                    self._add(importlib.import_module(path.removesuffix(".py").replace("/", ".")))

    def _add(self, module: ModuleType) -> None:
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, Message) and thing.__module__ == module.__name__:
                self.models[thing.__proto__] = thing

    def message_class(self, full_name: str) -> type[ProtoMessage]:
        """The protobuf class of a message."""
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(full_name))
