"""What the command lines of Protogate and of its servers share: parsers, output, and the edge of the process."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from protogate import __version__
from protogate.errors import EXIT_BUG, EXIT_OK, EXIT_USAGE, InternalError, UserError
from protogate.extras import missing_extra

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeVar

    from protogate.findings import Finding

    Item = TypeVar("Item")

__all__ = [
    "EXIT_INTERRUPTED",
    "FINDINGS_VARIABLE",
    "MODES",
    "add_verdict_options",
    "annotate",
    "counted",
    "enter_project",
    "finding_fields",
    "finding_line",
    "github_line",
    "guard",
    "located",
    "one_line",
    "parser",
    "print_json",
    "print_verdict",
    "red",
    "waiting",
]

EXIT_INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""
FINDINGS_VARIABLE = "PROTOGATE_FINDINGS"
"""Of the environment: a file to which every process of a CI run adds what it finds, one JSON object a line."""
_PLEASE_REPORT = f"protogate {__version__} has a defect; please report the lines above and what you ran"
MODES = (
    "NONE",
    "BACKWARD",
    "BACKWARD_TRANSITIVE",
    "FORWARD",
    "FORWARD_TRANSITIVE",
    "FULL",
    "FULL_TRANSITIVE",
)
"""Of `protogate.compat`, spelled out: to import it costs as much as checking a repository that did not change."""
_PATIENCE = 1.0
"""Seconds after which people wonder whether anything happens."""
_REFRESH = 0.2
"""Seconds between two looks at how far it has come."""


def guard(run: Callable[[list[str]], int], arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code, whatever happens."""
    try:
        code = run(list(arguments))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except UserError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except InternalError as error:
        # A plugin broke in a process of its own; the text carries its traceback.
        print(f"{error}\n{_PLEASE_REPORT}", file=sys.stderr)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the edge of the process
        return _report(error)
    return code


def parser(command: str, description: str, examples: Sequence[str], *, json: bool = True) -> argparse.ArgumentParser:
    """Return a parser with the options that every command has; `json` adds `--json`."""
    import argparse

    listed = "\n".join(f"  protogate {example}" for example in examples)
    made = argparse.ArgumentParser(
        prog=f"protogate {command}",
        description=description,
        epilog=f"examples:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("-C", "--directory", default=".", help="the project; default: here")
    if json:
        made.add_argument("--json", action="store_true", help="print what programs read")
    return made


def add_verdict_options(made: argparse.ArgumentParser, *, default_mode: str = "") -> None:
    """Let the user choose how contracts are compared and how the findings are printed.

    Args:
        made: the parser.
        default_mode: what the help says of a command line without `--mode`; empty where none can be asked for.
    """
    made.add_argument(
        "--profile",
        action="append",
        metavar="P",
        help="who must not break: wire, wire_json, confluent, source, buf:FILE, buf:PACKAGE, buf:WIRE_JSON, buf:WIRE;"
        " with :warn added it only warns; may be repeated; default: confluent, wire and wire_json:warn",
    )
    if default_mode:
        listed = f"{', '.join(MODES)}; default: {default_mode}"
        made.add_argument("--mode", type=str.upper, choices=MODES, metavar="M", help=listed)
    made.add_argument("--format", choices=("text", "json", "sarif", "github"), default="text", help="default: text")


def located(findings: Iterable[Finding], paths: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return findings whose places are files on disk rather than names of imports."""
    return tuple(
        one._replace(place=one.place._replace(file=paths.get(one.place.file, one.place.file))) for one in findings
    )


def print_verdict(findings: Sequence[Finding], form: str, summary: str) -> bool:
    """Print findings; tell whether none of them is an error.

    Args:
        findings: what was found, sorted.
        form: `text`, `json`, `sarif` or `github`.
        summary: the last line of the text.
    """
    from protogate.findings import Severity, findings_sarif

    compatible = all(one.severity < Severity.ERROR for one in findings)
    if form == "json":
        print_json({"compatible": compatible, "findings": [finding_fields(one) for one in findings]})
    elif form == "sarif":
        print_json(findings_sarif(findings, __version__))
    else:
        for one in findings:
            print(github_line(one) if form == "github" else finding_line(one))
        if form == "text":
            annotate(findings)
        print(summary)
    return compatible


def annotate(findings: Iterable[Finding]) -> None:
    """Hand findings to the CI run that we are part of, if we are part of one.

    In a job of GitHub Actions, GitHub shows them beside their lines; a run of `ci` collects them in the file that
    `FINDINGS_VARIABLE` names.
    """
    listed = tuple(findings)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for one in listed:
            print(github_line(one))
    file_name = os.environ.get(FINDINGS_VARIABLE)
    if file_name and listed:
        import json

        from protogate.findings import findings_json

        with open(file_name, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(f"{json.dumps(one)}\n" for one in findings_json(listed))


def finding_line(finding: Finding) -> str:
    """Return one line for people, which tells warnings from what fails the check."""
    from protogate.findings import Severity, render_finding

    line = one_line(render_finding(finding))
    return line if finding.severity is Severity.ERROR else f"{line} [{finding.severity.name.lower()}]"


def one_line(text: str) -> str:
    r"""Return a text that a terminal shows as it is; names of files and values may hold anything.

    >>> one_line("a\x1b[31m\nb")
    'a\\x1b[31m\\nb'
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def github_line(finding: Finding) -> str:
    """Return the command that makes GitHub show a finding beside its line.

    >>> from protogate.findings import Finding, Place
    >>> github_line(Finding("lint/X", Place("a.proto", 3), "no comment: bad", "write one"))
    '::error file=a.proto,line=3,title=lint/X::no comment: bad; write one'
    """
    from protogate.findings import Severity

    word = {Severity.ERROR: "error", Severity.WARNING: "warning"}.get(finding.severity, "notice")
    place = finding.place
    properties = {"file": place.file, "line": place.line, "col": place.column, "title": finding.rule}
    # GitHub decodes these few characters and no others.
    encoded = {
        name: _github_data(str(value)).replace(":", "%3A").replace(",", "%2C")
        for name, value in properties.items()
        if value
    }
    listed = ",".join(f"{name}={value}" for name, value in encoded.items())
    message = f"{finding.message}; {finding.hint}" if finding.hint else finding.message
    return one_line(f"::{word} {listed}::{_github_data(message)}")


def _github_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def finding_fields(finding: Finding) -> dict[str, object]:
    """Return what programs read; the keys are stable."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.name.lower(),
        "path": finding.path,
        "file": finding.place.file,
        "line": finding.place.line,
        "message": finding.message,
        "hint": finding.hint,
    }


def enter_project(directory: str) -> None:
    """Make the project the current directory, as all its paths are relative to it."""
    try:
        os.chdir(directory)
    except OSError as error:
        raise UserError(f"{directory}: {error.strerror}; give the project's directory") from None


def print_json(value: object) -> None:
    """Print one JSON document with stable layout."""
    import json

    text = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, from a name of a file or a literal
        text = json.dumps(value, indent=2)
    print(text)


def red(text: str) -> str:
    """Colour a failure when a person is watching."""
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        return f"\033[31m{text}\033[0m"
    return text


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show on a terminal what takes so long, once it does; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    from threading import Timer

    timer = Timer(_PATIENCE, lambda: print(f"\r\033[K{what} ...", end="", file=sys.stderr, flush=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def counted(items: Iterable[Item], what: str, total: int = 0) -> Iterator[Item]:
    """Yield items and show on a terminal how far the work has come, once it takes long; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield from items
        return
    from time import monotonic

    end = f" of {total:,}" if total else ""
    shown = False
    due = monotonic() + _PATIENCE
    try:
        for count, item in enumerate(items, 1):
            if monotonic() >= due:
                print(f"\r\033[K{what} {count:,}{end}", end="", file=sys.stderr, flush=True)
                shown, due = True, monotonic() + _REFRESH
            yield item
    finally:
        if shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _report(error: Exception) -> int:
    """Say what nobody expected: an extra that is not installed, or a defect of ours."""
    if isinstance(error, ModuleNotFoundError) and (line := missing_extra(error)):
        print(line, file=sys.stderr)
        return EXIT_USAGE
    import traceback

    traceback.print_exc()
    print(_PLEASE_REPORT, file=sys.stderr)
    return EXIT_BUG
