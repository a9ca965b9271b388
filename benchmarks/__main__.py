"""`python -m benchmarks`: fetch corpora, check every target on them, measure speed."""

from __future__ import annotations

import argparse
import sys

from benchmarks.corpora import CORPORA, CorpusError, ensure
from benchmarks.corpus_check import CHECKS, check_corpus, render
from benchmarks.process import ProcessError
from tests.support.node import node_modules

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Run one subcommand; 1 when a check fails, 2 when something that it needs is missing."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except (CorpusError, ProcessError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True)
    corpora = commands.add_parser("corpora", help="fetch and compile corpora")
    corpora.add_argument("corpus", nargs="*", choices=[*CORPORA, []], help="default: all")
    corpora.set_defaults(run=_corpora)
    check = commands.add_parser("corpus-check", help="generate for every file and verify all outputs")
    check.add_argument("corpus", nargs="+", choices=CORPORA)
    check.add_argument("--target", action="append", choices=CHECKS, help="default: all")
    check.add_argument("--show", type=int, default=10, help="how many failures of each target to show")
    check.set_defaults(run=_corpus_check)
    return parser


def _corpus_check(chosen: argparse.Namespace) -> int:
    node_modules()
    checks = [CHECKS[name] for name in chosen.target or CHECKS]
    outcomes = [check_corpus(ensure(CORPORA[name]), check) for name in chosen.corpus for check in checks]
    sys.stdout.write(render(outcomes, chosen.show) + "\n")
    return 1 if any(one.failures for one in outcomes) else 0


def _corpora(chosen: argparse.Namespace) -> int:
    for name in chosen.corpus or CORPORA:
        corpus = ensure(CORPORA[name])
        sys.stdout.write(f"{name}: {corpus.package}, {corpus.files} files, {corpus.image.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
