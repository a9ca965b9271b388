"""Finds out what is stale; everything here is reading."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protogate.build import outputs, protos
from protogate.build.identity import TargetKeys, search_path
from protogate.build.plan import TargetPlan, plan_target
from protogate.build.project import Project, Target, YamlCache, load_project
from protogate.build.sources import Sources, scan_sources
from protogate.build.state import State, TargetState, load_state, state_stamp
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["Survey", "look"]


@dataclass(slots=True)
class Survey:
    """All that is known of a project before anything is generated."""

    root: str
    state: State
    stamp: tuple[object, ...]
    """Tells whether another build came between."""
    project: Project
    sources: Sources
    live: frozenset[str]
    """Import names of the contracts and of all that they import."""
    keys: Mapping[str, str]
    """The key of each target by its output directory."""
    plans: Mapping[str, TargetPlan]
    """What each target needs, by its output directory."""
    retired: tuple[str, ...]
    """Output directories that the template no longer names."""
    is_remembered: bool
    """Whether the state already says all that this survey found out."""

    @property
    def is_current(self) -> bool:
        """Tell whether there is nothing to do."""
        return not self.retired and all(plan.is_current for plan in self.plans.values())

    def is_outdated(self) -> bool:
        """Tell whether a build has ended since."""
        return self.stamp != state_stamp(self.root)


def look(
    root: str = ".",
    *,
    template: str = "buf.gen.yaml",
    select: Collection[str] | None = None,
    vendor: bool = True,
) -> Survey:
    """Compare the project with its last build.

    Args:
        root: the project's directory.
        template: the generation template, relative to it.
        select: short names of the targets to look at; none means all.
        vendor: write the vendored contracts when buf.yaml wants them and they are not there.
    """
    stamp = state_stamp(root)
    state = load_state(root)
    cache = YamlCache(state.yaml)
    project = load_project(root, cache, template)
    _require_protos(root, project, vendor=vendor)
    targets = _selected(project, select)
    sources = scan_sources(root, project, state.files)
    if not sources.contracts:
        raise UserError(
            f"{project.contracts_place()}: holds no .proto file; add one, for example contracts/acme/user/v1/user.proto"
        )
    live = sources.closure()
    target_keys = TargetKeys(root, project, search_path(os.environ))
    keys = {target.out: target_keys.key(target) for target in targets}
    known = {target.out for target in project.targets}
    return Survey(
        root,
        state,
        stamp,
        project,
        sources,
        live,
        keys,
        {
            out: plan_target(old, key, sources, live, _touched(root, out, key, old))
            for out, key in keys.items()
            for old in [state.targets.get(out)]
        },
        tuple(out for out in state.targets if out not in known) if select is None else (),
        is_remembered=not cache.has_news and state.files == sources.files and not state.note,
    )


def _require_protos(root: str, project: Project, *, vendor: bool) -> None:
    if not protos.wants_protos(project):
        return
    if vendor:
        protos.ensure_protos(root, project)
    elif not protos.are_protos_current(root, project):
        raise UserError(f"{protos.PROTOS_DIRECTORY}: not written yet; run `protogate vendor`")


def _selected(project: Project, select: Collection[str] | None) -> tuple[Target, ...]:
    if select is None:
        return project.targets
    known = {name for target in project.targets for name in target.names}
    unknown = sorted(set(select) - known)
    if unknown:
        raise UserError(
            f"{project.template_name}: no plugin for target '{unknown[0]}'; "
            f"the targets here are {', '.join(sorted(known))}"
        )
    return tuple(target for target in project.targets if set(select) & set(target.names))


def _touched(root: str, out: str, key: str, old: TargetState | None) -> list[str]:
    """Look at the outputs of a target, unless it is made in full anyway."""
    return outputs.touched_outputs(root, out, old) if old is not None and old.key == key else []
