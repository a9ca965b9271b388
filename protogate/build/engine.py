"""Builds what is stale and nothing else; a failed or killed build leaves the last good outputs."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from protogate.build import buf, outputs
from protogate.build.identity import search_path
from protogate.build.lock import build_lock, try_build_lock
from protogate.build.plan import TargetPlan, Verdict, judge_staged
from protogate.build.project import YamlCache, load_project
from protogate.build.sources import scan_sources
from protogate.build.state import (
    NEVER_SETTLED,
    TargetState,
    announce_outputs,
    load_state,
    save_state,
    state_directory,
)
from protogate.build.survey import Survey, look
from protogate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from protogate.build.plan import Staged

__all__ = ["BuildResult", "Listener", "TargetResult", "build", "clean", "contracts_digest", "is_current"]


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What a build did to one target."""

    name: str
    out: str
    files: int
    """Outputs that are there now."""
    written: int
    removed: int
    not_carried: int
    """Rules of the contracts that the target cannot express; the reports name them."""


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did."""

    contracts: int
    rebuilt: tuple[str, ...]
    """The contracts that were stale for at least one target, sorted."""
    targets: tuple[TargetResult, ...]
    seconds: float
    messages: tuple[str, ...] = ()
    """Warnings of buf and the plugins."""


class Listener(Protocol):
    """Hears what a build has to say while it runs."""

    def say(self, line: str) -> None:
        """Take a line that a person should see."""

    def tick(self, seconds: float) -> None:
        """Note that buf has been running for so long; called about every second."""


class _Silent:
    def say(self, line: str) -> None:
        """Drop the line."""

    def tick(self, seconds: float) -> None:
        """Drop the time."""


@dataclass(slots=True)
class _Made:
    """The files of one run of one target, in staging."""

    plan: TargetPlan
    staging: str
    staged: Mapping[str, Staged]
    verdict: Verdict


def build(
    root: str = ".",
    *,
    template: str = "buf.gen.yaml",
    select: Collection[str] | None = None,
    listener: Listener | None = None,
    survey: Survey | None = None,
) -> BuildResult:
    """Bring the outputs up to date.

    Args:
        root: the project's directory; buf runs there.
        template: the generation template, relative to it.
        select: short names of the targets to build; none means all.
        listener: told about waiting, about a state that had to be thrown away, about the time.
        survey: a fresh survey with the same arguments; it is used unless a build came between.

    Raises:
        UserError: a contract, the configuration or the machine stopped the build.
    """
    started = time.monotonic()
    listener = listener or _Silent()
    with build_lock(root, listener.say):
        _remove_leftovers(root)
        if survey is None or survey.is_outdated():
            survey = look(root, template=template, select=select)
        if survey.state.note:
            listener.say(survey.state.note)
        staging = os.path.join(state_directory(root), f"staging-{os.getpid()}")
        try:
            made, messages = _make(survey, staging, listener.tick)
            results = _settle(survey, made)
        except OSError as error:
            raise UserError(_machine_trouble(error)) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    stale: set[str] = set().union(*(plan.stale for plan in survey.plans.values()))
    return BuildResult(
        len(survey.sources.contracts),
        tuple(sorted(stale)),
        results,
        time.monotonic() - started,
        messages,
    )


def is_current(
    root: str = ".",
    *,
    template: str = "buf.gen.yaml",
    select: Collection[str] | None = None,
) -> bool:
    """Tell whether a build would do nothing; a mistake in the project counts as work to do."""
    try:
        survey = look(root, template=template, select=select, vendor=False)
        remember(survey)
    except UserError:
        return False
    return survey.is_current


def remember(survey: Survey) -> None:
    """Write what a survey of a current project learned, so that the next one need not."""
    if not survey.is_current or survey.is_remembered:
        return
    with try_build_lock(survey.root) as held:
        if held and not survey.is_outdated():
            survey.state.files = survey.sources.files
            save_state(survey.root, survey.state)


def contracts_digest(root: str = ".", *, template: str = "buf.gen.yaml") -> str:
    """Return one digest over all contracts and the configuration of buf."""
    state = load_state(root)
    cache = YamlCache(state.yaml)
    sources = scan_sources(root, load_project(root, cache, template), state.files)
    parts = [*sorted(sources.digests.items()), *sorted((n, d) for n, (d, _) in cache.documents.items())]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def clean(root: str = ".") -> int:
    """Delete every output that builds made and everything they remember; return the files."""
    with build_lock(root, lambda _line: None):
        state = load_state(root)
        count = 0
        for out, target in state.targets.items():
            paths = [path for path, _ in target.paths()]
            count += len(outputs.remove_outputs(root, out, paths))
            _remove_if_empty(os.path.join(root, out))
        _remove_leftovers(root)
        for name in ("state", "pending"):
            path = os.path.join(state_directory(root), name)
            if os.path.exists(path):
                os.unlink(path)
    return count


def _make(survey: Survey, staging: str, tick: Callable[[float], None]) -> tuple[dict[str, _Made], tuple[str, ...]]:
    """Generate all that is stale into staging, then again in full what a partial run left open."""
    made: dict[str, _Made] = {}
    said: list[str] = []
    plans = {out: plan for out, plan in survey.plans.items() if plan.full or plan.stale}
    owners = outputs.Owners(survey.live.union(survey.sources.paths) if plans else ())
    for attempt in ("first", "full"):
        place = os.path.join(staging, attempt)
        said += _generate(survey, plans, place, tick)
        for out, plan in plans.items():
            staged = os.path.join(place, _staging_name(survey, out))
            made[out] = _judge(survey, out, plan, staged, owners)
        everything = TargetPlan(full=True, stale=survey.sources.contracts)
        plans = {out: everything for out, one in made.items() if one.verdict.doubtful}
        if not plans:
            break
    return made, tuple(dict.fromkeys(said))


def _generate(survey: Survey, plans: Mapping[str, TargetPlan], place: str, tick: Callable[[float], None]) -> list[str]:
    """Run buf once for each set of contracts that is stale for the same targets."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for out, plan in plans.items():
        groups.setdefault(_path_arguments(survey, plan), []).append(out)
    said: list[str] = []
    path = search_path(os.environ)
    for number, (paths, outs) in enumerate(groups.items()):
        os.makedirs(place, exist_ok=True)
        for out in outs:
            os.makedirs(os.path.join(place, _staging_name(survey, out)), exist_ok=True)
        run = buf.BufRun(
            _staged_template(survey, outs, place),
            os.path.abspath(os.path.join(place, f"template-{number}.json")),
            paths,
        )
        said += _warnings(buf.run_buf(survey.root, run, path, tick))
    return said


def _path_arguments(survey: Survey, plan: TargetPlan) -> tuple[str, ...]:
    """Return the stale contracts as paths; none when everything is stale or they are too many."""
    if plan.full:
        return ()
    paths = tuple(sorted(survey.sources.paths[name] for name in plan.stale))
    return paths if buf.fits_arguments(paths) else ()


def _staged_template(survey: Survey, outs: Iterable[str], place: str) -> dict[str, object]:
    wanted = set(outs)
    plugins = [
        {
            "strategy": "all",  # one process per target; buf's default is one per directory
            **plugin,
            "out": os.path.abspath(os.path.join(place, _staging_name(survey, target.out))),
        }
        for target in survey.project.targets
        if target.out in wanted
        for plugin in target.plugins
    ]
    return {**survey.project.template, "plugins": plugins}


def _staging_name(survey: Survey, out: str) -> str:
    return str([target.out for target in survey.project.targets].index(out))


def _judge(survey: Survey, out: str, plan: TargetPlan, staging: str, owners: outputs.Owners) -> _Made:
    staged = outputs.read_staged(staging, owners)
    if not plan.full and not _path_arguments(survey, plan):
        plan = replace(plan, full=True, stale=survey.sources.contracts)
    verdict = judge_staged(survey.state.targets.get(out), plan, staged, survey.sources, survey.live)
    return _Made(plan, staging, staged, verdict)


def _settle(survey: Survey, made: Mapping[str, _Made]) -> tuple[TargetResult, ...]:
    """Move everything into place and remember it; nothing can fail here but the disk itself."""
    if not made and survey.is_current and survey.is_remembered:
        return tuple(_result(survey, out, 0, 0) for out in survey.plans)
    announce_outputs(survey.root, {out: _new_paths(survey, out, one) for out, one in made.items()})
    counts = {out: _settle_target(survey, out, made.get(out)) for out in survey.plans}
    for out in survey.retired:
        paths = [path for path, _ in survey.state.targets.pop(out).paths()]
        outputs.remove_outputs(survey.root, out, paths)
        _remove_if_empty(os.path.join(survey.root, out))
    survey.state.files = survey.sources.files
    save_state(survey.root, survey.state)
    return tuple(_result(survey, out, *counts[out]) for out in survey.plans)


def _new_paths(survey: Survey, out: str, made: _Made) -> list[str]:
    """Return the outputs that the state does not know for sure, those of a killed build included."""
    old = survey.state.targets.get(out)
    if old is None:
        return list(made.verdict.accepted)
    unsettled = [path for path, output in old.paths() if output.size == NEVER_SETTLED]
    return [*unsettled, *(path for path in made.verdict.accepted if old.get(path) is None)]


def _settle_target(survey: Survey, out: str, made: _Made | None) -> tuple[int, int]:
    """Place one target; return how many files were written and removed."""
    old = survey.state.targets.get(out)
    target = TargetState(survey.keys[out])
    target.built = {name: survey.sources.digests.get(name, "") for name in survey.live}
    if old is not None and not (made and made.plan.full):
        target.outputs = old.outputs
    dead = made.verdict.removed if made else survey.plans[out].dead
    written: list[str] = []
    if made:
        accepted = {path: made.staged[path] for path in made.verdict.accepted}
        placed, written = outputs.place_outputs(survey.root, out, made.staging, accepted, old)
        for path, output in placed.items():
            target.add(path, output)
    removed = outputs.remove_outputs(survey.root, out, dead)
    for path in dead:
        target.discard(path)
    survey.state.targets[out] = target
    return len(written), len(removed)


def _result(survey: Survey, out: str, written: int, removed: int) -> TargetResult:
    target = survey.state.targets[out]
    label = next(one.label for one in survey.project.targets if one.out == out)
    return TargetResult(label, out, target.count(), written, removed, target.not_carried())


def _warnings(said: str) -> list[str]:
    """Keep what deserves to be seen of a run that succeeded."""
    return [line for line in said.splitlines() if re.search(r"\bwarn(?:ing)?\b", line, re.IGNORECASE)]


def _remove_leftovers(root: str) -> None:
    """Delete the staging of builds that were killed: whoever holds the lock is alone."""
    directory = state_directory(root)
    for name in os.listdir(directory):
        if name.startswith("staging-"):
            shutil.rmtree(os.path.join(directory, name), ignore_errors=True)
        elif name.endswith(".tmp"):
            os.unlink(os.path.join(directory, name))


def _remove_if_empty(directory: str) -> None:
    try:
        os.rmdir(directory)
    except OSError:
        return


def _machine_trouble(error: OSError) -> str:
    place = error.filename or "disk"
    return f"{place}: {error.strerror}; the last good outputs are still in place"
