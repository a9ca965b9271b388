from __future__ import annotations

import importlib
import itertools
import sys
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from protogate.crosscheck.python.workspace import Workspace
from protogate.findings import Finding
from tests.support.model_schemas import compare
from tests.support.pydantic_schemas import runtime_schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from protogate.crosscheck.shapes import Direction, Shape
    from tests.support.model_schemas import Verdict

_NUMBERS = itertools.count()


class Code:
    """Modules written in a test, read statically and imported at run time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = f"code{next(_NUMBERS)}"
        self.directory = root / self.package
        self.directory.mkdir()
        (self.directory / "__init__.py").touch()
        self.workspace = Workspace(str(root))

    def write(self, text: str, name: str = "models") -> str:
        """Write a module of the package; return its path."""
        path = self.directory / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return f"{self.package}/{name}.py"

    def shape(self, symbol: str, direction: Direction, name: str = "models") -> Shape:
        """Return what the static side says of a symbol."""
        found = self.workspace.symbol(f"{self.package}/{name}.py", symbol)
        assert not isinstance(found, Finding), found
        return self.workspace.shape_of(found, direction)

    def runtime(self, symbol: str, name: str = "models") -> Any:  # noqa: ANN401 - whatever the test wrote
        """Import the module and return the symbol."""
        dotted = f"{self.package}.{name.replace('/', '.')}"
        if dotted not in sys.modules:
            with warnings.catch_warnings():
                # Samples say on purpose what pydantic warns of.
                warnings.simplefilter("ignore")
                importlib.import_module(dotted)
        found: Any = sys.modules[dotted]
        for part in symbol.split("."):
            found = getattr(found, part)
        return found

    def verdicts(self, symbol: str, name: str = "models") -> list[Verdict]:
        """Return how both sides compare, in both directions."""
        found: list[Verdict] = []
        directions: tuple[Direction, Direction] = ("input", "output")
        for direction in directions:
            schema = runtime_schema(self.runtime(symbol, name), direction)
            verdicts = compare(self.shape(symbol, direction, name), schema)
            found += [one._replace(path=f"{direction} {symbol}{one.path}") for one in verdicts]
        return found

    def differences(self, *symbols: str, name: str = "models") -> list[str]:
        """Return what is not equal, as lines."""
        verdicts = [one for symbol in symbols for one in self.verdicts(symbol, name)]
        return [f"{one.outcome} {one.path}: {one.detail}" for one in verdicts if one.outcome != "equal"]


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Code]:
    """Modules in a directory of their own, which can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Code(tmp_path)
    yield made
    for name in [one for one in sys.modules if one.partition(".")[0] == made.package]:
        del sys.modules[name]
