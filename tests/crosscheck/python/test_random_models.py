"""Models that nobody thought of: the static side and pydantic agree on them."""

from __future__ import annotations

import itertools
import sys
import tempfile
import types
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import PydanticUserError

from protogate.crosscheck.python.workspace import Workspace
from protogate.findings import Finding
from tests.crosscheck.python.test_types import DEFINITIONS
from tests.support.model_schemas import compare
from tests.support.pydantic_schemas import runtime_schema

if TYPE_CHECKING:
    from protogate.crosscheck.shapes import Direction

_NUMBERS = itertools.count()

# Without TypedDict and dataclasses: what they take over from models around them depends on which pydantic meets first.
LEAVES = st.sampled_from(
    [
        "int", "str", "bool", "float", "None", "Any", "bytes", "Literal['a', 'b']", "Literal['b', 'c', None]", "Color",
        "Literal[1, True]", "Level", "datetime.date", "decimal.Decimal", "Inner", "Other", "Names",
        "Alias", "Named", "UserId", "Literal[Color.RED]", "'Inner'", "Point", "list", "dict", "conint(gt=1)", "UUID4",
    ]
)  # fmt: skip
KEYS = st.sampled_from(["str", "int", "Color", "Literal['a', 'b']", "uuid.UUID", "Level"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        inner.map(lambda one: f"list[{one}]"),
        inner.map(lambda one: f"Optional[{one}]"),
        inner.map(lambda one: f"Sequence[{one}]"),
        inner.map(lambda one: f"Annotated[{one}, Field(description='x')]"),
        inner.map(lambda one: f"Page[{one}]"),
        inner.map(lambda one: f"Pair[{one}]"),
        inner.map(lambda one: f"tuple[{one}, ...]"),
        st.tuples(KEYS, inner).map(lambda parts: f"dict[{parts[0]}, {parts[1]}]"),
        st.tuples(inner, inner).map(lambda parts: f"Union[{parts[0]}, {parts[1]}]"),
        st.tuples(inner, inner).map(lambda parts: f"tuple[{parts[0]}, {parts[1]}]"),
    )


ANNOTATIONS = st.recursive(LEAVES, _grown, max_leaves=5)
ALIASES = st.sampled_from(
    [
        "",
        "alias='{0}A'",
        "validation_alias='{0}V'",
        "serialization_alias='{0}S'",
        "alias='{0}A', validation_alias='{0}V'",
    ]
)
CONFIGS = st.sampled_from(
    [
        "",
        "extra='forbid'",
        "extra='allow', populate_by_name=True",
        "alias_generator=to_camel",
        "alias_generator=AliasGenerator(validation_alias=to_pascal)",
        "alias_generator=lambda name: name.upper(), extra='forbid'",
    ]
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A model that inherits from another one; each has fields and a configuration."""
    lines = [DEFINITIONS, "from pydantic.alias_generators import to_camel, to_pascal"]
    if draw(st.booleans()):
        lines.insert(0, "from __future__ import annotations")
    for name, base in (("Parent", "BaseModel"), ("Child", "Parent")):
        lines.append(f"class {name}({base}):")
        config = draw(CONFIGS)
        lines.append(f"    model_config = ConfigDict({config})" if config else "    pass")
        for index in range(draw(st.integers(0, 6))):
            # Some override what the parent has.
            field = f"field_{index}" if draw(st.booleans()) else f"{name.lower()}_{index}"
            keywords = draw(ALIASES).format(field)
            has_default = draw(st.booleans())
            given_keywords = ", ".join(part for part in ("None" if has_default else "", keywords) if part)
            default = f" = Field({given_keywords})" if keywords else " = None" if has_default else ""
            lines.append(f"    {field}: {draw(ANNOTATIONS)}{default}")
    return "\n".join(lines) + "\n"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=programs())
def test_a_random_model_is_what_it_is_at_run_time(text: str) -> None:
    name = f"random_models_{next(_NUMBERS)}"
    module = types.ModuleType(name)
    sys.modules[name] = module
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                exec(compile(text, f"{name}.py", "exec", dont_inherit=True), module.__dict__)  # noqa: S102
            except (PydanticUserError, TypeError):
                # Pydantic or Python refuses the model: `Union[None, 'Inner']` and the like.
                assume(condition=False)
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / f"{name}.py").write_text(text)
            workspace = Workspace(directory)
            for symbol in ("Parent", "Child"):
                found = workspace.symbol(f"{name}.py", symbol)
                assert not isinstance(found, Finding)
                directions: tuple[Direction, Direction] = ("input", "output")
                for direction in directions:
                    schema = runtime_schema(getattr(module, symbol), direction)
                    verdicts = compare(workspace.shape_of(found, direction), schema)
                    assert [one for one in verdicts if one.outcome != "equal"] == []
    finally:
        del sys.modules[name]
