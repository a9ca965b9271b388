"""`python -m tests.agreement`: the table of how well each target agrees with the oracles."""

from __future__ import annotations

import argparse
import sys

from tests.agreement.candidates import TARGETS
from tests.agreement.oracles import decide
from tests.agreement.pool_development import DEVELOPMENT
from tests.agreement.pool_holdout import HOLDOUT
from tests.agreement.probes import Depth, probes_for
from tests.agreement.schemas import SCHEMAS, load
from tests.agreement.score import render, score
from tests.agreement.workspace import ToolError

_POOLS = {pool.name: pool for pool in (DEVELOPMENT, HOLDOUT)}


def main() -> int:
    """Score the chosen targets; exit 1 when one of them is below its threshold."""
    chosen = _arguments()
    scores = []
    for name in chosen.schema or list(SCHEMAS):
        try:
            schema = load(name)
        except ToolError as error:
            _say(f"{name}: {error}")
            continue
        for pool in chosen.pool or list(_POOLS):
            decisions = decide(schema, probes_for(schema, _POOLS[pool], Depth()))
            for target in chosen.target or list(TARGETS):
                try:
                    scores.append(score(schema, TARGETS[target], pool, decisions))
                except ToolError as error:
                    _say(f"{target} on {name}: {error}")
    sys.stdout.write(render(scores, chosen.show) + "\n")
    good = all(one.agreement >= TARGETS[one.target].must_agree and not one.count("canonical refused") for one in scores)
    return 0 if scores and good else 1


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.agreement", description=__doc__)
    parser.add_argument("--target", action="append", choices=TARGETS, help="default: all")
    parser.add_argument("--schema", action="append", choices=SCHEMAS, help="default: all")
    parser.add_argument(
        "--pool",
        action="append",
        choices=_POOLS,
        help="default: all; misses of the holdout pool are counted but never shown",
    )
    parser.add_argument("--show", type=int, default=20, help="how many groups of misses to show")
    return parser.parse_args()


sys.exit(main())
