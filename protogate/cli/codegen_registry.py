"""`protogate codegen registry`: CQRS contracts checked, listed, and compared with the Python behind them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from protogate.config import Config, load_config
from protogate.console import annotate, enter_project, finding_line, github_line, one_line, parser, print_json, waiting
from protogate.crosscheck.contracts import layers_root_of
from protogate.crosscheck.contracts.discovery import find_contracts
from protogate.crosscheck.memory import Verdict, are_current, recall, remember
from protogate.errors import EXIT_FINDINGS, EXIT_OK, UserError
from protogate.findings import Finding, Severity, findings_json, findings_sarif, sort_findings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from protogate.cli.pfix import Pfix
    from protogate.crosscheck.drifts import Action, Fix
    from protogate.crosscheck.fixes import Repair
    from protogate.crosscheck.run import Options, Report

__all__ = ["run"]

_DEFAULT = Config().cqrs
_FORMS = ("text", "json", "sarif", "github")


class _Outcome(NamedTuple):
    """What a run found and did."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    """Of the verdict, and about what was generated and fixed."""
    fixed: tuple[Fix, ...] = ()
    """What was changed, or with `--check` would be."""
    written: tuple[str, ...] = ()


def run(command: str, arguments: Sequence[str]) -> int:
    """Check, fix and list contracts; exit 1 when an error is left."""
    options = _parse(command, arguments)
    enter_project(options.directory)
    asked = _asked(options)
    if asked is None:
        return _tell_none(f"{_DEFAULT}: no such directory, so there are", options)
    paths, problems = find_contracts(asked.directory)
    if not paths and not problems:
        return _tell_none(f"{asked.directory}:", options)
    actions, pfix = _actions(options)
    key = _key(asked, paths, problems)
    outcome = _warm(key, asked, actions, options) or _cold(key, asked, actions, pfix, options)
    if pfix is not None and pfix.git_commit and outcome.fixed and not options.check:
        _commit(outcome.fixed, pfix)
    return _tell(outcome, options)


def _parse(command: str, arguments: Sequence[str]) -> argparse.Namespace:
    made = parser(
        command,
        "Check the CQRS contracts of a directory (*.command.json, *.query.json, *.event.json) and write\n"
        "registry.json and REGISTRY.md. With --cross-check-pydantic, compare the values that they list with\n"
        "those of the Python code that their layers name; the code is read, never imported.\n"
        "Exit codes: 0 nothing but warnings, 1 errors are left, 2 usage.",
        [
            f"{command} contracts",
            f"{command} contracts --check --cross-check-pydantic --format github",
            f"{command} contracts --cross-check-pydantic --fix-safe",
        ],
        json=False,
    )
    made.add_argument(
        "contracts", metavar="CONTRACTS", nargs="?", help="where the contracts are; default: `cqrs` of the project"
    )
    made.add_argument("--output-dir", metavar="D", help="where to write the listings; default: CONTRACTS")
    made.add_argument(
        "--layers-root", metavar="R", help="what paths of layers are relative to; default: the parent of CONTRACTS"
    )
    made.add_argument("--check", action="store_true", help="write nothing; stale listings are errors")
    made.add_argument(
        "--cross-check-pydantic", action="store_true", help="compare listed values with the Python behind them"
    )
    made.add_argument("--drift", action="store_true", help="compare required keys, types, null and unknown keys too")
    made.add_argument("--fix-safe", action="store_true", help="take values out of contracts that the code never writes")
    made.add_argument(
        "--auto-expand-output", action="store_true", help="add values to contracts that the code may write"
    )
    made.add_argument("--format", choices=_FORMS, default="text", help="default: text")
    made.add_argument("--quiet", action="store_true", help="print errors only")
    return made.parse_args(arguments)


def _asked(options: argparse.Namespace) -> Options | None:
    """Return what is to be checked; nothing where nobody names a directory and the usual one is not there."""
    from protogate.crosscheck.run import Options

    config = load_config(".")
    directory = os.path.normpath(options.contracts or config.cqrs)
    if not os.path.isdir(directory):
        if not options.contracts and config.cqrs == _DEFAULT:
            return None
        raise UserError(f"{directory}: no such directory; give the directory of the contracts")
    root = options.layers_root or config.layers_root or layers_root_of(directory)
    if not os.path.isdir(root):
        raise UserError(f"{root}: no such directory; give what the paths of layers are relative to")
    cross_check = options.cross_check_pydantic or options.drift or options.fix_safe or options.auto_expand_output
    if cross_check and not options.cross_check_pydantic:
        _talk(options, "--cross-check-pydantic is on: --drift, --fix-safe and --auto-expand-output need it")
    return Options(directory, root, cross_check, options.drift, tuple(config.python_path))


def _actions(options: argparse.Namespace) -> tuple[frozenset[Action], Pfix | None]:
    """Return the kinds of fixes that are asked for, and how they are made."""
    wanted: dict[Action, bool] = {"remove_extra": options.fix_safe, "expand_contract": options.auto_expand_output}
    actions: frozenset[Action] = frozenset(action for action, on in wanted.items() if on)
    if not actions:
        return actions, None
    from protogate.cli.pfix import pfix_of

    pfix = pfix_of(os.environ)
    if pfix.enabled:
        return actions, pfix
    _talk(options, "PFIX_ENABLED is false: nothing is fixed")
    return frozenset(), None


def _key(asked: Options, paths: Sequence[str], problems: Sequence[Finding]) -> Sequence[object]:
    """Return what a verdict depends on but the content of files."""
    environment = [sys.version_info[:2], sys.prefix, os.environ.get("VIRTUAL_ENV", "")]
    return [*asked, paths, [str(one) for one in problems], environment]


def _warm(
    key: Sequence[object], asked: Options, actions: frozenset[Action], options: argparse.Namespace
) -> _Outcome | None:
    """Return what an earlier run found, where it still holds and there is nothing to write."""
    verdict = recall(key)
    if verdict is None or verdict.actions & actions or not are_current(_output(asked, options), verdict.listings):
        return None
    return _Outcome(verdict, verdict.findings)


def _cold(
    key: Sequence[object],
    asked: Options,
    actions: frozenset[Action],
    pfix: Pfix | None,
    options: argparse.Namespace,
) -> _Outcome:
    """Check everything; then fix and write what may be."""
    from protogate.crosscheck.contracts.registry_files import check_registry, write_registry

    report = _check(asked)
    repair = _repair(report, actions) if pfix is not None else None
    fixed: tuple[Fix, ...] = ()
    if repair is not None and pfix is not None:
        fixed = repair.done if options.check else _apply(report, repair, pfix, options)
        if fixed and not options.check:
            report = _check(asked)
    verdict = report.verdict()
    if verdict.listings:  # else something could not be read, and nobody knows when that changes
        remember(key, verdict, report.evidence, started=report.started)
    stale: tuple[Finding, ...] = ()
    written: tuple[str, ...] = ()
    if options.check:
        stale = check_registry(_output(asked, options), report.listings)
    else:
        written = write_registry(_output(asked, options), report.listings)
    refused = repair.refused if repair is not None else ()
    return _Outcome(verdict, sort_findings([*verdict.findings, *stale, *refused]), fixed, written)


def _check(asked: Options) -> Report:
    from protogate.crosscheck import run as checking

    with waiting("checking contracts"):
        return checking.check(asked)


def _repair(report: Report, actions: frozenset[Action]) -> Repair | None:
    """Return the fixes that are asked for; none while something could not be read."""
    from protogate.crosscheck.contracts.positions import locate_findings
    from protogate.crosscheck.fixes import repair
    from protogate.crosscheck.run import is_blocking

    if not actions or any(map(is_blocking, report.findings)):
        return None
    made = repair(report.drifts, report.texts, actions)
    return made._replace(refused=locate_findings(made.refused, report.texts))


def _apply(report: Report, repair: Repair, pfix: Pfix, options: argparse.Namespace) -> tuple[Fix, ...]:
    """Write the contracts that change, those that a person agrees to where one is to be asked."""
    from protogate.crosscheck.files import replace_files

    texts = dict(repair.texts)
    if texts and not pfix.auto_apply:
        texts = _agreed(repair, options)
    replace_files(texts, expected=report.texts)
    return tuple(fix for fix in repair.done if fix.place.file.partition("#")[0] in texts)


def _agreed(repair: Repair, options: argparse.Namespace) -> dict[str, str]:
    from protogate.cli.pfix import ask

    if not sys.stdin.isatty():
        _talk(options, "PFIX_AUTO_APPLY is false and there is no terminal to ask on: nothing is fixed")
        return {}
    agreed = {}
    for path, text in repair.texts.items():
        for fix in repair.done:
            if _file_of(fix) == path:
                print(one_line(_fix_line(fix)), file=sys.stderr)
        if ask(one_line(f"change {path}?")):
            agreed[path] = text
    return agreed


def _output(asked: Options, options: argparse.Namespace) -> str:
    directory: str = options.output_dir or asked.directory
    return directory


def _commit(fixed: Sequence[Fix], pfix: Pfix) -> None:
    from protogate.cli.pfix import commit

    paths = sorted({_file_of(fix) for fix in fixed})
    names = ", ".join(os.path.basename(path) for path in paths)
    commit(paths, f"{pfix.git_prefix}values of {names} as the code has them")


# What people and programs are told.


def _tell(outcome: _Outcome, options: argparse.Namespace) -> int:
    errors = sum(one.severity is Severity.ERROR for one in outcome.findings)
    if options.format == "json":
        print_json(_document(outcome, options))
    elif options.format == "sarif":
        from protogate import __version__

        print_json(findings_sarif(outcome.findings, __version__))
    else:
        _print_lines(outcome, options)
    return EXIT_FINDINGS if errors else EXIT_OK


def _print_lines(outcome: _Outcome, options: argparse.Namespace) -> None:
    line = github_line if options.format == "github" else finding_line
    for one in outcome.findings:
        if one.severity is Severity.ERROR or not options.quiet:
            print(line(one))
    if options.format == "text":
        annotate(outcome.findings)
    if options.quiet:
        return
    for fix in outcome.fixed:
        print(one_line(f"{'would fix' if options.check else 'fixed'} {_fix_line(fix)}"))
    for path in outcome.written:
        print(one_line(f"wrote {path}"))
    print(_summary(outcome))


def _summary(outcome: _Outcome) -> str:
    counts = outcome.verdict.counts
    kinds = (("commands", "command"), ("queries", "query"), ("events", "event"))
    parts = [_counted(counts[plural], one, plural) for plural, one in kinds]
    if "compared" in counts:
        parts.append(f"{counts['compared']:,} compared with code")
    for severity in (Severity.ERROR, Severity.WARNING):
        count = sum(one.severity is severity for one in outcome.findings)
        if count:
            word = severity.name.lower()
            parts.append(_counted(count, word, f"{word}s"))
    return ", ".join(parts)


def _document(outcome: _Outcome, options: argparse.Namespace) -> dict[str, object]:
    return {
        "compatible": all(one.severity < Severity.ERROR for one in outcome.findings),
        "counts": dict(outcome.verdict.counts),
        "findings": findings_json(outcome.findings),
        "would_fix" if options.check else "fixed": [_fix_fields(fix) for fix in outcome.fixed],
        "written": list(outcome.written),
    }


def _fix_fields(fix: Fix) -> dict[str, object]:
    return {
        "file": _file_of(fix),
        "block_kind": fix.block,
        "field_path": fix.path,
        "action": fix.action,
        "values": list(fix.values),
        "severity": fix.severity.name.lower(),
        "rationale": fix.rationale,
    }


def _fix_line(fix: Fix) -> str:
    from protogate.crosscheck.values import listed

    values = listed(fix.values)
    what = f"{values} added" if fix.action == "expand_contract" else f"{values} removed"
    return f"{_file_of(fix)}: {fix.block} '{fix.path}': {what}, as {fix.rationale}"


def _file_of(fix: Fix) -> str:
    return fix.place.file.partition("#")[0]


def _tell_none(where: str, options: argparse.Namespace) -> int:
    if options.format == "json":
        print_json({"compatible": True, "counts": {}, "findings": [], "fixed": [], "written": []})
    elif options.format == "sarif":
        from protogate import __version__

        print_json(findings_sarif((), __version__))
    elif not options.quiet:
        print(f"{where} no contracts (*.command.json, *.query.json, *.event.json)")
    return EXIT_OK


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _talk(options: argparse.Namespace, text: str) -> None:
    if not options.quiet:
        print(text, file=sys.stderr)
