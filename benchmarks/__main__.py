"""`python -m benchmarks`: fetch corpora, check every target on them, measure speed."""

from __future__ import annotations

import argparse
import sys

from benchmarks.corpora import CORPORA, CorpusError, ensure
from benchmarks.process import ProcessError

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
    return parser


def _corpora(chosen: argparse.Namespace) -> int:
    for name in chosen.corpus or CORPORA:
        corpus = ensure(CORPORA[name])
        sys.stdout.write(f"{name}: {corpus.package}, {corpus.files} files, {corpus.image.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
