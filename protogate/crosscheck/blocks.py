"""Which code stands for which block of a contract.

`layers.python_input`, `python_output` and `python_payload` say so themselves. A handler in `layers.python` gives input
and output. A model that is named directly stands for the block whose keys it shares: for `output` where a query's
blocks are alike, for `payload` of an event. An event without Python layers is compared with what produces it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, cast

from protogate.crosscheck.contracts.facts import block_shape
from protogate.crosscheck.contracts.model import Event, Query
from protogate.crosscheck.contracts.positions import pointer_place
from protogate.crosscheck.views import field_named, lists_values, look
from protogate.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from protogate.crosscheck.contracts.model import Contract
    from protogate.crosscheck.drifts import Block
    from protogate.crosscheck.python.handlers import Interface
    from protogate.crosscheck.shapes import Record, Shape
    from protogate.findings import Place

__all__ = ["Code", "Writer", "code_of"]

_WARNING: Final = Severity.WARNING


class Writer(NamedTuple):
    """A handler or model whose code writes a block."""

    path: str
    name: str
    block: Block
    also: tuple[str, ...] = ()
    """Of a model, further files that make it: what produces an event."""


class Code(NamedTuple):
    """The code behind one contract."""

    contract: Mapping[Block, Record]
    """What the contract says of its blocks."""
    shapes: Mapping[Block, Shape]
    """What the code says of those that it stands for."""
    writers: tuple[Writer, ...]
    findings: tuple[Finding, ...]
    has_python: bool


def code_of(contract: Contract, interpret: Callable[[str, str], Interface | Finding], *, thorough: bool) -> Code:
    """Return what stands behind a contract.

    Args:
        contract: the contract.
        interpret: returns what a symbol of a file takes and writes.
        thorough: whether blocks that list no values matter too.
    """
    reading = _Reading(contract, interpret, thorough=thorough)
    reading.read()
    return Code(reading.blocks, reading.shapes, tuple(reading.writers), tuple(reading.findings), bool(reading.layers))


class _Reading:
    """Reads the Python layers of one contract."""

    def __init__(
        self, contract: Contract, interpret: Callable[[str, str], Interface | Finding], *, thorough: bool
    ) -> None:
        self._contract = contract
        self._interpret = interpret
        self.blocks: dict[Block, Record] = {
            cast("Block", name): block_shape(contract, name) for name in contract.blocks
        }
        self._matters = {
            block for block, shape in self.blocks.items() if (thorough and shape.fields) or lists_values((shape,))
        }
        self.layers = _python_layers(contract)
        self.shapes: dict[Block, Shape] = {}
        self.writers: list[Writer] = []
        self.findings: list[Finding] = []

    def read(self) -> None:
        """Find the code of each block."""
        for (section, layer), text in self.layers.items():
            path, _, name = text.partition("::")
            if not name:
                self._file_only(section, layer, path)
                continue
            found = self._interpret(path, name)
            if isinstance(found, Finding):
                self.findings.append(self._not_read(found, section, layer))
            elif layer == "python":
                self._main(section, path, name, found)
            else:
                self._own(cast("Block", layer.removeprefix("python_")), path, name, found)
        if self.layers and not self.findings:
            self._left_over()

    def _not_read(self, finding: Finding, section: str, layer: str) -> Finding:
        """Return why code could not be read; a name that is not there is a mistake of the contract."""
        if finding.rule != "crosscheck/symbol-not-found":
            return finding
        return finding._replace(place=self._place(section, layer), path=self._contract.name)

    def _place(self, section: str, layer: str) -> Place:
        return pointer_place(self._contract.document.path, (section, layer))

    def _own(self, block: Block, path: str, name: str, found: Interface) -> None:
        shape = found.input if block == "input" else found.output
        if shape is not None and block in self.blocks:
            self.shapes[block] = shape
            self._written(block, path, name)

    def _main(self, section: str, path: str, name: str, found: Interface) -> None:
        if found.kind == "model":
            block = self._block_of(section, found)
            if block is not None:
                self._take(block, found.input if block == "input" else found.output)
                self._written(block, path, name)
            return
        written: Block = "payload" if "payload" in self.blocks else "output"
        if written == "payload" and not self._may_write(found):
            return
        self._take(written, found.output)
        self._take("input", found.input)
        self._written(written, path, name)

    def _written(self, block: Block, path: str, name: str) -> None:
        if block != "input":
            self.writers.append(Writer(path, name, block, self._producers()))

    def _producers(self) -> tuple[str, ...]:
        producers = self._contract.producers if isinstance(self._contract, Event) else {}
        path = producers.get("python", "").partition("::")[0]
        return (path,) if path.endswith(".py") else ()

    def _take(self, block: Block, shape: Shape | None) -> None:
        if shape is not None and block in self.blocks and f"python_{block}" not in self._named():
            self.shapes[block] = shape

    def _may_write(self, found: Interface) -> bool:
        """Tell whether what a producer returns is the event: most return an answer, and publish on the way."""
        is_model = found.output is not None and bool(look((found.output,)).records)
        return not is_model or _shared(self.blocks["payload"], found.output) > 0

    def _named(self) -> set[str]:
        return {layer for _, layer in self.layers}

    def _block_of(self, section: str, model: Interface) -> Block | None:
        """Return the block that a model stands for: the one that it shares most keys with."""
        named = self._named()
        free: list[Block] = [
            block for block, shape in self.blocks.items() if shape.fields and f"python_{block}" not in named
        ]
        if not any(block in self._matters for block in free):
            return None
        if len(free) == 1:
            return free[0]
        if not any(look((shape,)).records for shape in (model.input, model.output) if shape is not None):
            # A mapping, or what cannot be worked out: it has no keys that could decide.
            return next((block for block in reversed(free) if block in self._matters), None)
        shared = {
            block: _shared(self.blocks[block], model.input if block == "input" else model.output) for block in free
        }
        best: list[Block] = [block for block in free if shared[block] == max(shared.values())]
        if len(best) == 1:
            return best[0]
        if any(shared.values()) and isinstance(self._contract, Query):
            return "output"
        how = "as many keys with input as with output" if any(shared.values()) else "no key with input or output"
        self._ambiguous(section, f"{model.name} ({model.place}) shares {how}")
        return None

    def _ambiguous(self, section: str, message: str) -> None:
        names = " or ".join(f"layers.python_{block}" for block in self.blocks)
        self._find("ambiguous-model", section, "python", message, f"name the model of each block in {names}", _WARNING)

    def _file_only(self, section: str, layer: str, path: str) -> None:
        """Tell that a layer names no symbol, where something could be compared with it."""
        if self._matters:
            hint = "add ::Symbol, a handler or a model"
            self._find("no-symbol", section, layer, f"{path} names a file, so nothing is compared", hint, _WARNING)

    def _left_over(self) -> None:
        """Tell which blocks list values that nothing was compared with."""
        for block in self.blocks:
            if block in self._matters and block not in self.shapes:
                section, layer = next(iter(self.layers))
                message = f"{block} is not compared: nothing in {section}.{layer} says which code stands for it"
                hint = f"name the model in layers.python_{block}"
                self._find("not-compared", section, layer, message, hint, Severity.NOTE)

    def _find(self, rule: str, section: str, layer: str, message: str, hint: str, severity: Severity) -> None:  # noqa: PLR0913, PLR0917 - as a finding has
        place, name = self._place(section, layer), self._contract.name
        self.findings.append(Finding(f"crosscheck/{rule}", place, message, hint, severity, name))


def _python_layers(contract: Contract) -> dict[tuple[str, str], str]:
    """Return the Python layers of a contract; those of single blocks last, so that they win."""
    layers = {("layers", name): text for name, text in contract.layers.items() if name.startswith("python")}
    if not layers and isinstance(contract, Event) and "python" in contract.producers:
        return {("producers", "python"): contract.producers["python"]}
    return dict(sorted(layers.items()))


def _shared(block: Record, shape: Shape | None) -> int:
    """Return how many keys of a block a shape has."""
    records = look((shape,)).records if shape is not None else ()
    return sum(any(field_named(record, field.name) for record in records) for field in block.fields)
