"""The boundaries as texts that Graphviz and Mermaid draw: at most 30 nodes, those of planned slices marked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from protogate.discovery.drawing import drawn, grouped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogate.discovery.drawing import Node

__all__ = ["dot", "mermaid"]

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PLAIN: Final = re.compile(r"[^\w ./:-]", re.ASCII)
_THICKEST: Final = 6


def dot(documents: Mapping[str, object]) -> str:
    """Return `module-boundaries.dot`: draw it with `dot -Tsvg`."""
    groups = grouped(documents)
    lines = [
        "digraph boundaries {",
        '  graph [rankdir=TB, fontname="sans-serif"];',
        '  node [shape=box, style=rounded, fontname="sans-serif", fontsize=11];',
        '  edge [fontname="sans-serif", fontsize=9, color="#5f6f76"];',
    ]
    for index, node in enumerate(groups.nodes):
        label = "\\n".join(_dot_text(part) for part in _label(node))
        marked = ', style="rounded,filled", fillcolor="#dff1ee"' if node.slices else ""
        dashed = ', style="rounded,dashed"' if node.stands_for > 1 else ""
        lines.append(f'  n{index} [label="{label}"{marked}{dashed}];')
    for line in drawn(groups).lines:
        source, target, references = line.tie
        dashed = ", style=dashed, constraint=false" if line.is_back else ""
        lines.append(f'  n{source} -> n{target} [label="{references}", penwidth={_thickness(references)}{dashed}];')
    return "\n".join([*lines, "}", ""])


def mermaid(documents: Mapping[str, object]) -> str:
    """Return `module-boundaries.mmd`: a flowchart of Mermaid, which code forges draw in Markdown."""
    groups = grouped(documents)
    lines = ["flowchart TB"]
    lines += [
        f'  n{index}["{"<br/>".join(_mermaid_text(part) for part in _label(node))}"]{":::slice" if node.slices else ""}'
        for index, node in enumerate(groups.nodes)
    ]
    for line in drawn(groups).lines:
        source, target, references = line.tie
        lines.append(f"  n{source} {'-.->' if line.is_back else '-->'}|{references}| n{target}")
    return "\n".join([*lines, "  classDef slice fill:#dff1ee,stroke:#0b665f,color:#172126", ""])


def _label(node: Node) -> list[str]:
    modules = f"{node.modules} module{'s' if node.modules != 1 else ''}"
    return [node.name, modules, *([f"slice {', '.join(node.slices)}"] if node.slices else [])]


def _thickness(references: int) -> int:
    """Return the width of a line: a step for each doubling."""
    return min(_THICKEST, max(1, references.bit_length()))


def _dot_text(text: str) -> str:
    """Return a text for between quotation marks; a backslash would begin an escape."""
    return _CONTROL.sub(" ", text).replace("\\", "\\\\").replace('"', '\\"')


def _mermaid_text(text: str) -> str:
    """Return a text for a label, where Mermaid reads HTML: all but plain characters by their numbers."""
    return _PLAIN.sub(lambda found: f"#{ord(found[0])};", _CONTROL.sub(" ", text))
