"""A monolith without folders: modular repositories whose packages are hidden, to see which ones are found again."""

from __future__ import annotations

import hashlib
import statistics
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from benchmarks.discovery_baselines import LOUVAIN, SEEDS, louvain, trivial
from benchmarks.discovery_corpora import unpacked
from benchmarks.discovery_figures import Section
from benchmarks.partition_metrics import adjusted_rand, boundary_f1, mojo_fm
from protogate.discovery.boundaries import boundaries
from protogate.discovery.graph import mixed_graph
from protogate.discovery.repository import Earlier, read_repository
from protogate.discovery.scanning import scan
from protogate.discovery.words import last_part, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from protogate.discovery.model import Inventory, Module

__all__ = ["REPOSITORIES", "Flat", "Repository", "flat_section", "flattened", "part_of"]

_LEAST: Final = 3
"""Modules of a part that counts."""
_MIGRATIONS: Final = frozenset({"migrations", "_migrations"})
"""Directories of what nobody would move by hand."""
_FOUND: Final = 0.5
"""F1 of the cluster that fits a part best, from where on the part was found again."""


class Repository(NamedTuple):
    """A modular repository."""

    package: str
    """Pinned, of PyPI."""
    root: str
    """Its package."""
    nested: tuple[str, ...] = ()
    """Packages whose packages are parts, each its own."""


REPOSITORIES: Final = (
    Repository("pretix==2026.8.0", "pretix", ("pretix.plugins",)),
    Repository("weblate==2026.10.1", "weblate"),
    Repository("prefect==3.9.1", "prefect"),
)
"""Two of Django, cut by domain and in part by layer, and one of neither. The weights of the graph never saw them."""


class Flat(NamedTuple):
    """A repository whose folders are hidden."""

    inventory: Inventory
    true: Mapping[str, str]
    """Part of each module that belongs to one with at least three."""


def part_of(module: Module, repository: Repository) -> str:
    """Return the part of the repository that a module lies in; empty for what lies beside them all."""
    package = module.name if module.is_init else module.name.rpartition(".")[0]
    for around in (*repository.nested, repository.root):
        if package.startswith(f"{around}."):
            return f"{around}.{package.removeprefix(f'{around}.').partition('.')[0]}"
    return ""


def flattened(inventory: Inventory, repository: Repository) -> Flat:
    """Return the code of a repository in one directory, under names that do not say from which part it is.

    Of a name stays its last part, less the words that its part is called by: all `models` are `models_NUMBER`. What
    resolved before still resolves, as if imports had been rewritten. Empty modules, steps of migrations, other
    languages and the history are left out.
    """
    kept = [one for one in inventory.modules if _counts(one, repository)]
    parts = {one.name: part_of(one, repository) for one in kept}
    named = _hidden({one.name: (_stem(one), parts[one.name]) for one in kept})
    modules = tuple(
        one._replace(name=named[one.name], path=f"{named[one.name]}.py", package="", is_init=False) for one in kept
    )
    flat = inventory._replace(
        root="flat",
        modules=_sorted(modules),
        edges=_sorted(
            one._replace(source=named[one.source], target=named[one.target], path=f"{named[one.source]}.py")
            for one in inventory.edges
            if one.source in named and one.target in named
        ),
        routes=_moved(inventory.routes, named),
        http_calls=_moved((one._replace(routes=()) for one in inventory.http_calls), named),
        tables=_moved(inventory.tables, named),
        table_uses=_moved(inventory.table_uses, named),
        events=_moved(inventory.events, named),
        entry_points=_moved(inventory.entry_points, named),
        manifests=(),
        co_changes=(),
        history={},
        commits=0,
        problems=(),
        symbols=_moved(inventory.symbols, named),
    )
    counted = [one for one in kept if not one.is_test and not one.is_generated]
    sizes = Counter(parts[one.name] for one in counted)
    true = {named[one.name]: parts[one.name] for one in counted if parts[one.name] and sizes[parts[one.name]] >= _LEAST}
    return Flat(flat, dict(sorted(true.items())))


def flat_section(say: Callable[[str], object]) -> Section:
    """Hide the folders of each repository, and tell what is found again."""
    head = ("repository", "answer", "clusters", "parts found again", "boundary F1", "MoJoFM", "adjusted Rand")
    table: list[tuple[str, ...]] = [head]
    for repository in REPOSITORIES:
        say(f"{repository.package}: without its folders")
        root = unpacked(repository.package)
        inventory = read_repository(root, scan(root), Earlier(), lambda _done, _total: None).inventory
        table += _rows(repository, flattened(inventory, repository))
    text = (
        "Modular repositories as one flat directory: their packages, the parts below, are hidden, and of a\n"
        "module's name only the last part is left, less the words of its part; imports are as if they had\n"
        "been rewritten. Nothing here was used to find the weights, and nothing is promised. A part counts\n"
        f"from three modules on and is found again when some cluster fits it with an F1 of {_FOUND:g}. Louvain\n"
        f"is that of networkx over the same modules, medians of {len(SEEDS)} seeds; *counted* weighs a pair by\n"
        "how often it refers. Texts that name modules, tables and words of names are evidence here,\n"
        "directories and history are not. A part is what its authors made a package, which is not what would\n"
        "leave: `base`, `utils` and `api` are parts, and Protogate puts what they say of one thing with the\n"
        "rest of that thing, and cuts the large ones in pieces. Adjusted Rand counts pairs of modules, most\n"
        "of them in the largest parts, and takes both amiss; boundary F1 counts each part once."
    )
    return Section("A flattened monolith", text, (), (table,))


def _rows(repository: Repository, flat: Flat) -> list[tuple[str, ...]]:
    own = boundaries(flat.inventory, mixed_graph(flat.inventory)).of
    answers: dict[str, list[Mapping[str, str]]] = {"Protogate": [own]}
    answers[LOUVAIN] = [louvain(flat.inventory, seed) for seed in SEEDS]
    answers[f"{LOUVAIN}, counted"] = [louvain(flat.inventory, seed, is_weighted=True) for seed in SEEDS]
    answers |= {name: [found] for name, found in trivial(flat.inventory).items() if name != "each directory its own"}
    sizes = f"{repository.package}: {len(flat.true)} modules, {len(set(flat.true.values()))} parts"
    return [(sizes, name, *_figures(found, flat.true)) for name, found in answers.items()]


def _figures(answers: list[Mapping[str, str]], true: Mapping[str, str]) -> tuple[str, ...]:
    """Return the medians of the measures over the answers."""
    clusters = statistics.median(len({found[name] for name in true}) for found in answers)
    again = statistics.median(_again(found, true) for found in answers)
    f1 = statistics.median(boundary_f1(found, true) for found in answers)
    moves = statistics.median(mojo_fm(found, true) for found in answers)
    rand = statistics.median(adjusted_rand(found, true) for found in answers)
    return f"{clusters:.0f}", f"{again:.0f}", f"{f1:.2f}", f"{moves:.1f}", f"{rand:.2f}"


def _again(found: Mapping[str, str], true: Mapping[str, str]) -> int:
    """Return how many parts were found again."""
    parts = set(true.values())
    return sum(boundary_f1(found, true, parts - {part}, _LEAST) >= _FOUND for part in parts)


def _counts(module: Module, repository: Repository) -> bool:
    is_inside = f"{module.name}.".startswith(f"{repository.root}.")
    is_migration = not _MIGRATIONS.isdisjoint(module.path.split("/"))
    return module.language == "python" and module.code_lines > 0 and is_inside and not is_migration


def _stem(module: Module) -> str:
    return "package" if module.is_init else last_part(module.name)


def _hidden(known: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return new names; their numbers are in no order that tells anything, but the same each time."""
    stems: dict[str, list[str]] = defaultdict(list)
    for name, (stem, part) in known.items():
        told = {word for piece in part.split(".") for word in words(piece)}
        stems["_".join(word for word in words(stem) if word not in told) or "module"].append(name)
    return {
        name: f"{stem}_{number}"
        for stem, names in sorted(stems.items())
        for number, name in enumerate(sorted(names, key=lambda name: hashlib.blake2b(name.encode()).digest()))
    }


def _moved(rows: Iterable[Any], named: Mapping[str, str]) -> tuple[Any, ...]:
    """Return the rows about modules that were kept, under their new names."""
    return _sorted(
        one._replace(module=named[one.module], file=f"{named[one.module]}.py") for one in rows if one.module in named
    )


def _sorted(rows: Iterable[Any]) -> tuple[Any, ...]:
    # By their texts: what may be missing has no order.
    return tuple(sorted(rows, key=repr))
