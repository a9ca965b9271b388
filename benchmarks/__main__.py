"""`python -m benchmarks`: fetch corpora, check every target on them, measure speed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.build_graph import measure_build
from benchmarks.corpora import CORPORA, CorpusError, ensure
from benchmarks.corpus_check import CHECKS, check_corpus, render
from benchmarks.cross_check_speed import measure_cross_check
from benchmarks.discovery_report import measure_discovery
from benchmarks.gateway_report import measure_gateway
from benchmarks.legacy_bootstrap import measure_legacy
from benchmarks.model_corpus import PACKAGES
from benchmarks.model_corpus_report import INTRODUCTION, measure_models
from benchmarks.newcomer import measure_newcomer
from benchmarks.process import ROOT, STATE, ProcessError
from benchmarks.registry_report import measure_registry
from benchmarks.speed import measure_speed
from benchmarks.speed_report import goals
from benchmarks.speed_report import render as speed_report
from tests.support.node import node_modules

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Run one subcommand, by default all that docs/ shows; 1 when a check fails, 2 when a tool is missing."""
    pages = [["speed", "--write", str(ROOT / "docs" / "benchmarks.md")]]
    pages += [["registry", "--write", str(ROOT / "docs" / "registry-benchmarks.md")]]
    pages += [["gateway", "--write", str(ROOT / "docs" / "gateway-benchmarks.md")]]
    pages += [["cross-check", "--write", str(ROOT / "docs" / "cross-check-benchmarks.md")]]
    pages += [["legacy", "--write", str(ROOT / "docs" / "legacy-benchmarks.md")]]
    pages += [["discovery", "--write", str(ROOT / "docs" / "discovery-benchmarks.md")]]
    pages += [["newcomer", "--write", str(ROOT / "docs" / "newcomer.md")]]
    try:
        return max(_run(_parser().parse_args(words)) for words in ([arguments] if arguments else pages))
    except (CorpusError, ProcessError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _run(chosen: argparse.Namespace) -> int:
    return int(chosen.run(chosen))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.epilog = (
        "Without a command: speed, registry, gateway, cross-check, legacy, discovery and newcomer, written to docs/"
    )
    commands = parser.add_subparsers(required=True)
    corpora = commands.add_parser("corpora", help="fetch and compile corpora")
    corpora.add_argument("corpus", nargs="*", choices=[*CORPORA, []], help="default: all")
    corpora.set_defaults(run=_corpora)
    check = commands.add_parser("corpus-check", help="generate for every file and verify all outputs")
    check.add_argument("corpus", nargs="+", choices=CORPORA)
    check.add_argument("--target", action="append", choices=CHECKS, help="default: all")
    check.add_argument("--show", type=int, default=10, help="how many failures of each target to show")
    check.set_defaults(run=_corpus_check)
    speed = commands.add_parser("speed", help="time every plugin side by side")
    speed.add_argument("corpus", nargs="*", default=list(CORPORA), help="default: all")
    speed.add_argument("--rounds", type=int, default=5)
    speed.add_argument("--write", type=Path, help="a Markdown page for the result")
    speed.set_defaults(run=_speed)
    registry = commands.add_parser("registry", help="time compatibility, the server and the store")
    registry.add_argument("--rounds", type=int, default=5)
    registry.add_argument("--write", type=Path, help="a Markdown page for the result")
    registry.set_defaults(run=_registry)
    models = commands.add_parser("model-corpus", help="hold static shapes against pydantic on real packages")
    models.add_argument("package", nargs="*", choices=[*(one.name for one in PACKAGES), []], help="default: all")
    models.add_argument("--show", type=int, default=50, help="how many wrong fields to list")
    models.set_defaults(run=_model_corpus)
    gateway = commands.add_parser("gateway", help="time commands, queries, stores, streams and search")
    gateway.add_argument("--rounds", type=int, default=5)
    gateway.add_argument("--scale", type=float, default=1.0, help="a part of the load, for a quick look")
    gateway.add_argument("--write", type=Path, help="a Markdown page for the result")
    gateway.set_defaults(run=_gateway)
    cross_check = commands.add_parser("cross-check", help="time the cross-check, and run model-corpus")
    cross_check.add_argument("--rounds", type=int, default=9)
    cross_check.add_argument("--write", type=Path, help="a Markdown page for the result")
    cross_check.set_defaults(run=_cross_check)
    legacy = commands.add_parser("legacy", help="time a bootstrap of a million rows, and kill it twice")
    legacy.add_argument("--rows", type=int, default=1_000_000)
    legacy.add_argument("--rounds", type=int, default=3)
    legacy.add_argument("--write", type=Path, help="a Markdown page for the result")
    legacy.set_defaults(run=_legacy)
    discovery = commands.add_parser("discovery", help="time the discovery, and judge what it finds")
    discovery.add_argument("--rounds", type=int, default=3)
    discovery.add_argument("--write", type=Path, help="a Markdown page for the result")
    discovery.set_defaults(run=_discovery)
    newcomer = commands.add_parser("newcomer", help="time the first steps, from the wheel to a live slice")
    newcomer.add_argument("--write", type=Path, help="a Markdown page for the result")
    newcomer.set_defaults(run=_newcomer)
    return parser


def _speed(chosen: argparse.Namespace) -> int:
    node_modules()
    corpora = [ensure(CORPORA[name]) for name in chosen.corpus]
    with tempfile.TemporaryDirectory(dir=STATE, prefix="bench-") as out:
        results = [measure_speed(corpus, chosen.rounds, Path(out), _say) for corpus in corpora]
    build = measure_build(ensure(CORPORA["large"]), chosen.rounds, _say) if "large" in chosen.corpus else None
    found = goals(results, build)
    page = speed_report(results, build, found, "python -m benchmarks speed")
    _show(page, chosen.write)
    return 0 if all(goal.met for goal in found) else 1


def _registry(chosen: argparse.Namespace) -> int:
    page, met = measure_registry(chosen.rounds, _say)
    _show(page, chosen.write)
    return 0 if met else 1


def _newcomer(chosen: argparse.Namespace) -> int:
    page, met = measure_newcomer(_say)
    _show(page, chosen.write)
    return 0 if met else 1


def _show(page: str, path: Path | None) -> None:
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page)
    sys.stdout.write(page)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _corpus_check(chosen: argparse.Namespace) -> int:
    node_modules()
    checks = [CHECKS[name] for name in chosen.target or CHECKS]
    outcomes = [check_corpus(ensure(CORPORA[name]), check) for name in chosen.corpus for check in checks]
    sys.stdout.write(render(outcomes, chosen.show) + "\n")
    return 1 if any(one.failures for one in outcomes) else 0


def _model_corpus(chosen: argparse.Namespace) -> int:
    page, met = measure_models(chosen.package, _say, chosen.show)
    sys.stdout.write(page)
    return 0 if met else 1


def _gateway(chosen: argparse.Namespace) -> int:
    page, met = measure_gateway(chosen.rounds, _say, scale=chosen.scale)
    _show(page, chosen.write)
    return 0 if met else 1


def _cross_check(chosen: argparse.Namespace) -> int:
    speed, fast = measure_cross_check(chosen.rounds, _say)
    models, exact = measure_models((), _say)
    _show(f"{speed}\n\n## Real models\n\n{INTRODUCTION}\n{models}", chosen.write)
    return 0 if fast and exact else 1


def _legacy(chosen: argparse.Namespace) -> int:
    page, met = measure_legacy(chosen.rows, chosen.rounds, _say)
    _show(page, chosen.write)
    return 0 if met else 1


def _discovery(chosen: argparse.Namespace) -> int:
    page, met = measure_discovery(chosen.rounds, _say)
    _show(page, chosen.write)
    return 0 if met else 1


def _corpora(chosen: argparse.Namespace) -> int:
    for name in chosen.corpus or CORPORA:
        corpus = ensure(CORPORA[name])
        sys.stdout.write(f"{name}: {corpus.package}, {corpus.files} files, {corpus.image.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
