"""How well one partition of modules agrees with another, and how well a ranking finds what is wanted.

MoJoFM: Z. Wen and V. Tzerpos, "An effectiveness measure for software clustering algorithms", IWPC 2004. Adjusted Rand:
L. Hubert and P. Arabie, "Comparing partitions", 1985. Boundary F1: of every true group the cluster that fits it best.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from math import comb
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = ["adjusted_rand", "average_precision", "boundary_f1", "mojo_fm"]


def mojo_fm(found: Mapping[str, str], true: Mapping[str, str]) -> float:
    """Return 100 less the share of moves and joins from `found` to `true`, of the most that any partition needs."""
    table = _table(found, true)
    clusters: dict[str, dict[str, int]] = defaultdict(dict)
    for (cluster, group), count in table.items():
        clusters[cluster][group] = count
    largest = {cluster: max(counts.values()) for cluster, counts in clusters.items()}
    tags = {
        cluster: sorted(group for group, count in counts.items() if count == largest[cluster])
        for cluster, counts in clusters.items()
    }
    moves = len(true) - sum(largest.values()) + len(clusters) - _matched(tags)
    # The worst partition: every group must be emptied but for one module a cluster.
    kept = 0
    for size in sorted(Counter(true.values()).values()):
        kept += kept < size
    most = len(true) - kept
    return 100.0 * (1.0 - moves / most) if most else 100.0


def _matched(tags: Mapping[str, Sequence[str]]) -> int:
    """Return how many clusters can each have a group of its own among those that it may stand for."""
    owner: dict[str, str] = {}

    def give(cluster: str, seen: set[str]) -> bool:
        for group in tags[cluster]:
            if group in seen:
                continue
            seen.add(group)
            if group not in owner or give(owner[group], seen):
                owner[group] = cluster
                return True
        return False

    return sum(give(cluster, set()) for cluster in sorted(tags))


def adjusted_rand(found: Mapping[str, str], true: Mapping[str, str]) -> float:
    """Return the share of pairs on which two partitions agree, less what chance gives; 1 when they are equal."""
    both = sum(comb(count, 2) for count in _table(found, true).values())
    left = sum(comb(count, 2) for count in Counter(found[name] for name in true).values())
    right = sum(comb(count, 2) for count in Counter(true.values()).values())
    chance = left * right / (comb(len(true), 2) or 1)
    most = (left + right) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def boundary_f1(
    found: Mapping[str, str], true: Mapping[str, str], background: Collection[str] = (), least: int = 3
) -> float:
    """Return the mean over true groups of the F1 of the cluster that fits each best.

    Args:
        found: cluster of each module.
        true: group of each module.
        background: groups that are no target, such as what stayed behind.
        least: modules of a group that counts.
    """
    table = _table(found, true)
    clusters = Counter(found[name] for name in true)
    groups = Counter(true.values())
    best: dict[str, float] = {}
    for (cluster, group), count in table.items():
        f1 = 2 * count / (clusters[cluster] + groups[group])
        best[group] = max(best.get(group, 0.0), f1)
    wanted = [best[group] for group, size in groups.items() if group not in background and size >= least]
    return sum(wanted) / len(wanted) if wanted else 1.0


def average_precision(ranking: Sequence[str], wanted: Collection[str]) -> float:
    """Return the mean, over what is wanted, of the share of wanted ones up to its place in the ranking."""
    hits, total = 0, 0.0
    for place, name in enumerate(ranking, start=1):
        if name in wanted:
            hits += 1
            total += hits / place
    return total / len(wanted) if wanted else 1.0


def _table(found: Mapping[str, str], true: Mapping[str, str]) -> Counter[tuple[str, str]]:
    return Counter((found[name], group) for name, group in true.items())
