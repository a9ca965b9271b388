"""The picture of the boundaries: which are in it, where they stand, and that Graphviz draws it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protogate.discovery.drawing import HEIGHT, MOST_NODES, WIDTH, drawn, grouped, ordered
from protogate.discovery.pictures import dot, mermaid
from tests.discovery.page_documents import HOSTILE, handmade, hostile, huge


def _documents(sizes: list[int], references: list[tuple[int, int, int]]) -> dict[str, Any]:
    return {
        "module-boundaries": {
            "boundaries": [
                {"name": f"b{index}", "modules": [f"b{index}.m{number}" for number in range(size)]}
                for index, size in enumerate(sizes)
            ],
            "references": [
                {"source": f"b{source}", "target": f"b{target}", "references": count}
                for source, target, count in references
            ],
        }
    }


@st.composite
def _boundaries(draw: st.DrawFn) -> dict[str, Any]:
    sizes = draw(st.lists(st.integers(1, 9), max_size=45))
    ends = st.integers(0, max(0, len(sizes) - 1))
    pairs = draw(st.lists(st.tuples(ends, ends, st.integers(1, 300)), max_size=120, unique_by=lambda row: row[:2]))
    return _documents(sizes, pairs if sizes else [])


@given(_boundaries())
def test_every_module_and_reference_is_in_some_node(documents: dict[str, Any]) -> None:
    groups = grouped(documents)
    listed = documents["module-boundaries"]["boundaries"]
    assert len(groups.nodes) <= MOST_NODES
    assert sum(node.stands_for for node in groups.nodes) == len(listed)
    assert sum(node.modules for node in groups.nodes) == sum(len(row["modules"]) for row in listed)
    crossing = sum(
        row["references"]
        for row in documents["module-boundaries"]["references"]
        if groups.of[row["source"]] != groups.of[row["target"]]
    )
    assert sum(tie.references for tie in groups.ties) == crossing


@given(_boundaries())
def test_no_two_nodes_overlap_and_lines_end_at_their_nodes(documents: dict[str, Any]) -> None:
    groups = grouped(documents)
    picture = drawn(groups)
    for (left, top), (other, below) in combinations(picture.places, 2):
        assert abs(left - other) >= WIDTH or abs(top - below) >= HEIGHT
    for x, y in picture.places:
        assert WIDTH // 2 <= x <= picture.width - WIDTH // 2
        assert HEIGHT // 2 <= y <= picture.height - HEIGHT // 2
    for line in picture.lines:
        first, last = line.points[0], line.points[-1]
        assert (first[0], last[0]) == (picture.places[line.tie.source][0], picture.places[line.tie.target][0])
        step = -1 if line.is_back else 1
        assert first[1] == picture.places[line.tie.source][1] + step * HEIGHT // 2
        assert last[1] == picture.places[line.tie.target][1] - step * HEIGHT // 2


@given(_boundaries())
def test_lines_run_down_but_for_those_that_close_circles(documents: dict[str, Any]) -> None:
    groups = grouped(documents)
    picture = drawn(groups)
    ends = {(line.tie.source, line.tie.target) for line in picture.lines if not line.is_back}
    order = ordered(len(groups.nodes), [line.tie for line in picture.lines])
    assert sorted(order) == list(range(len(groups.nodes)))
    assert all(order.index(source) < order.index(target) for source, target in ends)
    assert all(picture.places[source][1] < picture.places[target][1] for source, target in ends)


def test_an_order_without_circles_has_no_line_back() -> None:
    documents = _documents([1] * 6, [(0, 1, 5), (0, 2, 1), (1, 3, 2), (2, 3, 9), (3, 4, 1)])
    assert [line.is_back for line in drawn(grouped(documents)).lines] == [False] * 5


def test_slices_are_in_the_picture_however_little_they_are_tied() -> None:
    groups = grouped(huge())
    assert {name for node in groups.nodes for name in node.slices} == {f"slice_{number}" for number in range(8)}
    assert (len(groups.nodes), groups.nodes[-1].name) == (30, "971 others")
    assert all(971 not in {groups.nodes[end].stands_for for end in line.tie[:2]} for line in drawn(groups).lines)


def test_the_texts_for_graphviz_and_mermaid() -> None:
    assert dot(handmade()).splitlines()[4:-1] == [
        '  n0 [label="shop.billing\\n1 module"];',
        '  n1 [label="shop.catalog\\n2 modules\\nslice catalog", style="rounded,filled", fillcolor="#dff1ee"];',
        '  n2 [label="shop.orders\\n2 modules\\nslice orders", style="rounded,filled", fillcolor="#dff1ee"];',
        '  n0 -> n1 [label="1", penwidth=1];',
        '  n0 -> n2 [label="5", penwidth=3];',
        '  n1 -> n2 [label="1", penwidth=1, style=dashed, constraint=false];',
        '  n2 -> n1 [label="2", penwidth=2];',
    ]
    assert mermaid(handmade()).splitlines() == [
        "flowchart TB",
        '  n0["shop.billing<br/>1 module"]',
        '  n1["shop.catalog<br/>2 modules<br/>slice catalog"]:::slice',
        '  n2["shop.orders<br/>2 modules<br/>slice orders"]:::slice',
        "  n0 -->|1| n1",
        "  n0 -->|5| n2",
        "  n1 -.->|1| n2",
        "  n2 -->|2| n1",
        "  classDef slice fill:#dff1ee,stroke:#0b665f,color:#172126",
    ]


@pytest.mark.parametrize(
    "documents", [handmade(), hostile(handmade()), huge(), {}], ids=["shop", "hostile", "huge", "none"]
)
def test_graphviz_draws_it(documents: dict[str, Any]) -> None:
    program = shutil.which("dot")
    if program is None:
        pytest.skip("dot is not on the PATH; install Debian's package 'graphviz'")
    done = subprocess.run([program, "-Tjson"], input=dot(documents), capture_output=True, text=True, check=True)
    assert done.stderr == ""
    nodes = [one["label"] for one in json.loads(done.stdout).get("objects", [])]
    expected = [node.name for node in grouped(documents).nodes]
    assert [_unescaped(label)[0] for label in nodes] == [name.replace("\u2028", " ") for name in expected]


def _unescaped(label: str) -> list[str]:
    """The lines of a label of Graphviz."""
    return re.sub(r"\\(.)", lambda found: "\0" if found[1] == "n" else found[1], label).split("\0")


_MERMAID_NODE = re.compile(r'  n\d+\["(?:[\w ./:-]|#\d+;|<br/>)*"\](?::::slice)?', re.ASCII)
_MERMAID_LINE = re.compile(r"  n\d+ (?:-->|-\.->)\|\d+\| n\d+")


@pytest.mark.parametrize("documents", [handmade(), hostile(handmade()), huge()], ids=["shop", "hostile", "huge"])
def test_mermaid_is_given_nothing_but_nodes_and_lines(documents: dict[str, Any]) -> None:
    text = mermaid(documents)
    first, *middle, last = text.splitlines()
    assert (first, last[:16]) == ("flowchart TB", "  classDef slice")
    assert [line for line in middle if not (_MERMAID_NODE.fullmatch(line) or _MERMAID_LINE.fullmatch(line))] == []
    # What forges draw at most.
    assert len(text) < 50_000
    assert sum("|" in line for line in middle) < 500


def test_names_are_spelled_out_for_mermaid() -> None:
    line = mermaid(hostile(handmade())).splitlines()[1]
    spelled = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), line)
    assert f"shop.billing{HOSTILE}".replace("\u2028", " ") in spelled
