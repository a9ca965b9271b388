"""Decides what is stale: a pure comparison of what was built with what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from protogate.build.sources import Sources
    from protogate.build.state import Output, TargetState

__all__ = ["Staged", "TargetPlan", "Verdict", "judge_staged", "plan_target"]


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """What one target needs; nothing when it is current."""

    full: bool = False
    """Everything is generated anew."""
    stale: frozenset[str] = frozenset()
    """Import names of the contracts to generate; all of them when `full`."""
    dead: tuple[str, ...] = ()
    """Outputs whose contracts are gone."""

    @property
    def is_current(self) -> bool:
        """Tell whether there is nothing to do."""
        return not (self.full or self.stale or self.dead)


class Staged(NamedTuple):
    """One file that a plugin just made."""

    size: int
    digest: str
    owners: tuple[str, ...]
    not_carried: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with the files of one run of one target."""

    accepted: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    doubtful: str = ""
    """The file for which a partial run cannot be trusted: the target is then made in full."""


def plan_target(
    old: TargetState | None,
    key: str,
    sources: Sources,
    live: frozenset[str],
    touched: Iterable[str],
) -> TargetPlan:
    """Compare a target with its last build.

    Args:
        old: what the last good build left, if there was one.
        key: the key of the target now.
        sources: the contracts now.
        live: everything that the contracts reach by imports.
        touched: outputs that are missing or were changed by hand.
    """
    everything = TargetPlan(full=True, stale=sources.contracts)
    if old is None or old.key != key:
        return everything
    stale = {name for name in sources.contracts if old.built.get(name) != sources.digests.get(name)}
    dead: list[str] = []
    for path, lost in _with_lost_owners(old, live):
        survivors = live.intersection(lost.owners)
        if survivors:
            stale.update(survivors)
        else:
            dead.append(path)
    gone = set(dead)
    for path in touched:
        if path in gone:
            continue
        remembered = old.get(path)
        owners = remembered.owners if remembered else ()
        if not owners or not sources.contracts.issuperset(owners):
            # Only a full run is known to bring back a file that names no contract of ours.
            return everything
        stale.update(owners)
    stale = _whole_packages(stale & sources.contracts, sources)
    return TargetPlan(stale == sources.contracts, frozenset(stale), tuple(dead))


def _with_lost_owners(old: TargetState, live: frozenset[str]) -> Iterable[tuple[str, Output]]:
    if live.issuperset(old.built):
        return ()
    return [(path, one) for path, one in old.paths() if not live.issuperset(one.owners)]


def _whole_packages(stale: set[str], sources: Sources) -> set[str]:
    """Add the other files of each package: some targets write one file for a whole package."""
    if not stale:
        return stale
    packages = {sources.package(name) for name in stale}
    return {name for name in sources.contracts if sources.package(name) in packages}


def judge_staged(
    old: TargetState | None,
    plan: TargetPlan,
    staged: Mapping[str, Staged],
    sources: Sources,
    live: frozenset[str],
) -> Verdict:
    """Decide which files of a run replace the old ones and which old ones go.

    A plugin may write files for imports too (betterproto2 does), and in a partial run it saw only
    some of them; such a file must not replace the one that a full run made.
    """
    if plan.full or old is None:
        before = {path for path, _ in old.paths()} if old else set()
        return Verdict(tuple(staged), tuple(sorted(before.difference(staged))))
    accepted: list[str] = []
    for path, new in staged.items():
        output = old.get(path)
        if output is None or output.digest == new.digest:
            accepted.append(path)
        elif not new.owners:
            return Verdict(doubtful=path)
        elif plan.stale.isdisjoint(new.owners):
            if not _is_partial_view(new.owners, output, old, sources):
                return Verdict(doubtful=path)
        elif live.intersection(output.owners) - plan.stale - set(new.owners):
            return Verdict(doubtful=path)
        else:
            accepted.append(path)
    return _with_removed(old, plan, staged, accepted, live)


def _is_partial_view(owners: Sequence[str], output: Output, old: TargetState, sources: Sources) -> bool:
    """Tell whether the old file already holds all that the new one says."""
    return set(owners) <= set(output.owners) and all(
        old.built.get(name) == sources.digests.get(name, "") for name in owners
    )


def _with_removed(
    old: TargetState,
    plan: TargetPlan,
    staged: Mapping[str, Staged],
    accepted: list[str],
    live: frozenset[str],
) -> Verdict:
    removed = [path for path in plan.dead if path not in staged]
    for path, output in old.paths():
        if path in staged or not output.owners or plan.stale.isdisjoint(output.owners):
            continue
        if live.intersection(output.owners) <= plan.stale:
            removed.append(path)
        else:
            return Verdict(doubtful=path)
    return Verdict(tuple(accepted), tuple(dict.fromkeys(removed)))
