"""What all rules share: how a finding of buf becomes a verdict, and where it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogate.compat.changes import Spot
from protogate.compat.profiles import Verdict
from protogate.findings import Severity

if TYPE_CHECKING:
    from protogate.descriptors import Field

__all__ = ["broken", "spot_in"]


def broken(rule: str, spot: Spot, element: str, what: str, hint: str = "") -> Verdict:
    """The verdict that a rule of buf is broken; buf knows no milder one."""
    return Verdict(rule, Severity.ERROR, spot, element, what, hint=hint)


def spot_in(field: Field, *inside: int) -> Spot:
    """A part of a field, such as its name; the fields of a map entry are written nowhere but in the map."""
    parent = field.parent
    if parent is not None and parent.is_map_entry and parent.parent is not None:
        for one in parent.parent.fields:
            if one.type_name == parent.full_name:
                return spot_in(one, *inside)
    return Spot(field.file, (*field.path, *inside), field.path if inside else None)
